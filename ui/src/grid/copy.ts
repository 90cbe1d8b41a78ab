import { stringify } from "lossless-json";
import { toast } from "sonner";
import { itemToPlain, toPlainJSON } from "../model/plain";
import { itemToWire, type Item, own, textOf, toDynamoJSON, type Value } from "../model/value";
import type { Entry } from "../parts/menu";
import { fieldOf } from "../transfer/cell";
import { writeField } from "../transfer/csv";

// copyText puts text into the clipboard and says so.
export async function copyText(text: string, what: string): Promise<void> {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyByHand(text);
    toast.success(`${what} ${what.startsWith("The ") ? "is" : "are"} copied`);
  } catch (err) {
    toast.error("Nothing is copied", { description: err instanceof Error ? err.message : String(err) });
  }
}

// copyByHand copies where there is no clipboard, as on a page that came over plain
// HTTP from another machine.
function copyByHand(text: string): void {
  const listen = (e: ClipboardEvent) => {
    e.clipboardData?.setData("text/plain", text);
    e.preventDefault();
  };
  document.addEventListener("copy", listen, { once: true });
  // There is no other way where it is needed.
  if (!document.execCommand("copy")) throw new Error("the browser does not allow it");
}

export const copyFormats = ["TSV", "CSV", "JSON", "DynamoDB JSON", "Markdown", "PartiQL INSERT", "put-item"] as const;
export type CopyFormat = (typeof copyFormats)[number];

// formatted returns items as text.
export function formatted(format: CopyFormat, items: readonly Item[], columns: readonly string[], table = "TABLE"): string {
  const used = columns.filter((name) => items.some((item) => own(item, name)));
  switch (format) {
    case "TSV":
      return [used, ...items.map((item) => used.map((name) => { const v = own(item, name); return v ? fieldOf(v).text : ""; }))].map((cells) => cells.map(tsv).join("\t")).join("\n");
    case "CSV":
      return [used.map((text) => writeField({ text, quoted: false })), ...items.map((item) => used.map((name) => { const v = own(item, name); return v ? writeField(fieldOf(v)) : ""; }))].map((cells) => cells.join(",")).join("\n");
    case "JSON":
      return items.length === 1 ? toPlainJSON(items[0] as Item, 2) : (stringify(items.map(itemToPlain), null, 2) ?? "");
    case "DynamoDB JSON":
      return items.length === 1 ? toDynamoJSON(items[0] as Item, 2) : JSON.stringify(items.map(itemToWire), null, 2);
    case "Markdown": {
      const number = (name: string) => items.every((item) => { const v = own(item, name); return !v || "N" in v; });
      return [used.map(cell), used.map((name) => (number(name) ? "---:" : "---")), ...items.map((item) => used.map((name) => { const v = own(item, name); return v ? cell(textOf(v)) : ""; }))].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
    }
    case "PartiQL INSERT":
      return items.map((item) => (hasBinary({ M: item }) ? `-- Left out, for PartiQL cannot say what is binary: ${toDynamoJSON(item)}` : `INSERT INTO "${table.replaceAll('"', '""')}" VALUE ${literal({ M: item })};`)).join("\n");
    case "put-item":
      return items.map((item) => `aws dynamodb put-item --endpoint-url ${window.location.origin} --table-name ${quoted(table)} --item ${quoted(toDynamoJSON(item))}`).join("\n");
  }
}

// tsv returns a cell that a spreadsheet takes for one cell.
function tsv(text: string): string {
  return /[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// cell returns text as one cell of a table in Markdown.
function cell(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("|", "\\|").replaceAll(/\r\n|\r|\n/g, "<br>");
}

function hasBinary(v: Value): boolean {
  if ("L" in v) return v.L.some(hasBinary);
  if ("M" in v) return Object.values(v.M).some(hasBinary);
  return "B" in v || "BS" in v;
}

// literal returns a value as PartiQL has it in a statement.
function literal(v: Value): string {
  const text = (s: string) => `'${s.replaceAll("'", "''")}'`;
  if ("N" in v) return v.N;
  if ("BOOL" in v) return String(v.BOOL);
  if ("NULL" in v) return "NULL";
  if ("SS" in v) return `<<${v.SS.map(text).join(", ")}>>`;
  if ("NS" in v) return `<<${v.NS.join(", ")}>>`;
  if ("L" in v) return `[${v.L.map(literal).join(", ")}]`;
  if ("M" in v) return `{${Object.entries(v.M).map(([name, e]) => `${text(name)}: ${literal(e)}`).join(", ")}}`;
  return text(textOf(v));
}

// quoted returns text as one word of a shell.
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// copyEntries are the lines of a menu that copies items.
export function copyEntries(items: () => readonly Item[], columns: () => readonly string[], table?: string): Entry[] {
  return copyFormats.map((format) => ({ text: format, do: () => { const all = items(); void copyText(formatted(format, all, columns(), table), all.length === 1 ? "The item" : `${all.length} items`); } }));
}
