import { keyNames, type Source } from "../model/table";
import type { Item, Value } from "../model/value";
import { literal, quoted } from "./statements";

export interface Example {
  title: string;
  text: string;
}

// examplesOf returns statements to begin with: they are of a table that is there,
// and read what an item of it has.
export function examplesOf(table: string, sources: readonly Source[], sample: Item | undefined): Example[] {
  const own = sources[0];
  if (!own) return [];
  const value = (name: string, type: string): string => shown(sample?.[name]) ?? (type === "N" ? "1" : type === "B" ? "?" : literal("…"));
  const where = (source: Source, names = keyNames(source)) => [...source.hash, ...source.range].filter((a) => names.includes(a.name)).map((a) => `${quoted(a.name)} = ${value(a.name, a.type)}`).join(" AND ");
  const hash = own.hash.map((a) => a.name);
  const index = sources.find((s) => s.index !== undefined);
  const fresh = [...own.hash, ...own.range].map((a) => `${literal(a.name)}: ${a.type === "N" ? "1" : a.type === "B" ? "?" : literal("new")}`).join(", ");
  return [
    { title: "Some items", text: `SELECT *\nFROM ${quoted(table)};\n` },
    { title: own.range.length > 0 ? "The items of one partition" : "One item", text: `SELECT *\nFROM ${quoted(table)}\nWHERE ${where(own, hash)};\n` },
    ...(index?.index ? [{ title: `By the index ${index.index}`, text: `SELECT *\nFROM ${quoted(table)}.${quoted(index.index)}\nWHERE ${where(index, index.hash.map((a) => a.name))};\n` }] : []),
    { title: "A new item", text: `INSERT INTO ${quoted(table)}\nVALUE {${fresh}, 'note': 'hello'};\n` },
    { title: "A change of an item", text: `UPDATE ${quoted(table)}\nSET note = ?\nWHERE ${where(own)}\nRETURNING ALL NEW *;\n` },
    { title: "Deletion of an item", text: `DELETE FROM ${quoted(table)}\nWHERE ${where(own)}\nRETURNING ALL OLD *;\n` },
  ];
}

function shown(v: Value | undefined): string | undefined {
  if (!v) return undefined;
  if ("S" in v) return literal(v.S);
  return "N" in v ? v.N : undefined;
}
