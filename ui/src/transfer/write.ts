import { toPlainJSON } from "../model/plain";
import { type Item, toDynamoJSON } from "../model/value";
import { fieldOf } from "./cell";
import { padded, writeField } from "./csv";

// A Format is how items are in a file.
export type Format = "NDJSON" | "DynamoDB JSON" | "JSON" | "CSV";

export const formats: Record<Format, { extension: string; type: string; about: string }> = {
  NDJSON: { extension: "ndjson", type: "application/x-ndjson", about: "An item in DynamoDB JSON in each line. Nothing is lost." },
  "DynamoDB JSON": { extension: "json", type: "application/json", about: "A list of items with the type of each value. Nothing is lost." },
  JSON: { extension: "json", type: "application/json", about: "A list of plain objects. Sets and binary are objects like {\"$SS\": [\"a\"]} and {\"$B\": \"AQI=\"}, which Import reads again." },
  CSV: { extension: "csv", type: "text/csv", about: "A column for each attribute. Lists, maps, sets and binary are DynamoDB JSON in their cells; text that looks like a number is in quotation marks. Import reads all of it again." },
};

// So much text is held at once: the browser keeps the rest as it likes, also on disk.
const held = 1 << 20;

// A Writer makes a file of items that come in any number.
export class Writer {
  readonly #format: Format;
  readonly #columns: string[];
  readonly #known: Set<string>;
  #parts: { blob: Blob; columns: number }[] = [];
  #text: string[] = [];
  #size = 0;
  #width = 0; // columns of the rows that are held
  count = 0;

  // columns are those of a CSV file, as far as they are known.
  constructor(format: Format, columns: readonly string[] = []) {
    this.#format = format;
    this.#columns = [...columns];
    this.#known = new Set(columns);
  }

  add(items: readonly Item[]): void {
    for (const item of items) {
      if (this.#format === "CSV") this.#widen(item);
      this.#write(this.#line(item));
      this.count++;
    }
  }

  #line(item: Item): string {
    switch (this.#format) {
      case "NDJSON":
        return `${toDynamoJSON(item)}\n`;
      case "DynamoDB JSON":
        return `${this.count > 0 ? ",\n" : "[\n"}${toDynamoJSON(item)}`;
      case "JSON":
        return `${this.count > 0 ? ",\n" : "[\n"}${toPlainJSON(item)}`;
      case "CSV":
        return `${this.#columns
          .map((name) => {
            const v = Object.hasOwn(item, name) ? item[name] : undefined;
            return v ? writeField(fieldOf(v)) : "";
          })
          .join(",")}\n`;
    }
  }

  // widen adds the columns that an item has and those before have not.
  #widen(item: Item): void {
    const before = this.#columns.length;
    for (const name of Object.keys(item)) {
      if (this.#known.has(name)) continue;
      this.#known.add(name);
      this.#columns.push(name);
    }
    if (this.#columns.length > before) this.#seal();
    this.#width = this.#columns.length;
  }

  #write(text: string): void {
    this.#text.push(text);
    this.#size += text.length;
    if (this.#size > held) this.#seal();
  }

  #seal(): void {
    if (this.#text.length > 0) this.#parts.push({ blob: new Blob(this.#text), columns: this.#width });
    this.#text = [];
    this.#size = 0;
  }

  // finish returns the file.
  async finish(): Promise<Blob> {
    const { type } = formats[this.#format];
    this.#seal();
    if (this.#format === "CSV") {
      const parts: (string | Blob)[] = [`${this.#columns.map((name) => writeField({ text: name, quoted: name === "" || name !== name.trim() })).join(",")}\n`];
      for (const { blob, columns } of this.#parts) {
        const missing = this.#columns.length - columns;
        parts.push(missing > 0 ? new Blob([padded(await blob.text(), missing)]) : blob);
      }
      return new Blob(parts, { type });
    }
    const all = this.#parts.map((p) => p.blob);
    if (this.#format === "NDJSON") return new Blob(all, { type });
    return new Blob(this.count > 0 ? [...all, "\n]\n"] : ["[]\n"], { type });
  }
}

// textIn returns items as a text.
export async function textIn(format: Format, items: readonly Item[], columns: readonly string[]): Promise<string> {
  const writer = new Writer(format, columns);
  writer.add(items);
  return (await writer.finish()).text();
}

// download gives a file to the person.
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has to have begun with it.
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
