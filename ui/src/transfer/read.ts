import { itemFromPlain, problemOf } from "../model/plain";
import { type Item, itemFromWire, NotAValue, parseJSON, recordOf, type Value } from "../model/value";
import { type ColumnType, typedValue } from "./cell";
import { CsvReader, type Field, type Row, separatorOf } from "./csv";

// A Shape is how a file is to be read.
export interface Shape {
  kind: "csv" | "lines" | "json"; // lines are of JSON, each for itself
  separator: string; // of CSV
  wire: boolean; // DynamoDB JSON, not plain
  allQuoted: boolean; // in CSV all is in quotation marks, so they say nothing
}

// An Entry is what a file has of one item, and where.
export interface Entry {
  line: number;
  raw: string;
  item?: Item;
  problem?: string; // why there is none
}

// JsonPieces finds the texts of JSON objects that stand one after another, or in a
// list, with the line that each begins in. It takes text as it comes.
export class JsonPieces {
  #rest = "";
  #at = 0; // how far #rest was looked at
  #line = 1;
  #depth = 0;
  #inString = false;
  #start = -1; // of the object that is open
  #startLine = 1;

  *push(text: string, ended = false): Generator<{ line: number; raw: string }> {
    this.#rest += text;
    const all = this.#rest;
    let i = this.#at;
    let done = 0;
    for (; i < all.length; i++) {
      const c = all[i];
      if (c === "\n") this.#line++;
      if (this.#inString) {
        if (c === "\\") i++;
        else if (c === '"') this.#inString = false;
      } else if (this.#start < 0) {
        done = i;
        if (c === "{") {
          this.#start = i;
          this.#startLine = this.#line;
          this.#depth = 1;
        } else if (c !== undefined && !/[\s,[\]\uFEFF]/.test(c)) {
          // Something that should not be there, up to the end of its line.
          const end = all.indexOf("\n", i);
          if (end < 0 && !ended) break;
          const raw = all.slice(i, end < 0 ? undefined : end);
          yield { line: this.#line, raw: raw.trim() };
          i += raw.length - 1;
          done = i + 1;
        }
      } else if (c === '"') {
        this.#inString = true;
      } else if (c === "{" || c === "[") {
        this.#depth++;
      } else if (c === "}" || c === "]") {
        this.#depth--;
        if (this.#depth > 0) continue;
        yield { line: this.#startLine, raw: all.slice(this.#start, i + 1) };
        this.#start = -1;
        done = i + 1;
      }
    }
    if (this.#start < 0) done = Math.max(done, Math.min(i, all.length));
    else done = this.#start;
    if (ended && this.#start >= 0) yield { line: this.#startLine, raw: all.slice(this.#start) };
    this.#rest = all.slice(done);
    this.#at = i - done;
    if (this.#start >= 0) this.#start -= done;
  }
}

const preview = 256 * 1024;

// shapeOf looks at the beginning of a file.
export async function shapeOf(file: Blob, keys: readonly string[]): Promise<Shape> {
  const head = (await file.slice(0, preview).text()).replace(/^\uFEFF/, "");
  const first = head.trimStart()[0];
  if (first !== "{" && first !== "[") {
    const separator = separatorOf(head.trimStart());
    const all = new CsvReader(separator).push(head);
    const allQuoted = all.length > 1 && all.every((row) => row.fields.every((f) => f.quoted || f.text === ""));
    return { kind: "csv", separator, wire: false, allQuoted };
  }
  const whole = file.size > preview ? head.slice(0, head.lastIndexOf("\n") + 1) || head : head;
  const lines = whole.split("\n").filter((l) => l.trim() !== "");
  const isObject = (text: string) => {
    try {
      return text.trim().startsWith("{") && parseJSON(text) !== undefined;
    } catch {
      return false;
    }
  };
  // One item in lines of its own is not an item in each line.
  const kind = first === "{" && lines.length > 0 && isObject(lines[0] ?? "") ? "lines" : "json";
  const pieces = kind === "lines" ? lines.slice(0, 50) : [...new JsonPieces().push(head)].slice(0, 50).map((p) => p.raw);
  // One that is wrong does not make the others plain.
  const wire = pieces.filter((raw) => isWire(raw, keys)).length > pieces.length / 2;
  return { kind, separator: ",", wire, allQuoted: false };
}

// isWire tells whether text is an item in DynamoDB JSON, or nothing that can be read.
function isWire(raw: string, keys: readonly string[]): boolean {
  let json: unknown;
  try {
    json = parseJSON(raw);
  } catch {
    return true;
  }
  return itemsIn(json, keys).every((one) => {
    try {
      itemFromWire(one);
      return true;
    } catch {
      return false;
    }
  });
}

function member(json: unknown, name: string): unknown {
  return typeof json === "object" && json !== null && Object.hasOwn(json, name) ? (json as Record<string, unknown>)[name] : undefined;
}

// itemsIn returns what an object has in it: exports have each item under Item, and
// what a Scan answers has a list of them under Items.
function itemsIn(json: unknown, keys: readonly string[]): unknown[] {
  const names = typeof json === "object" && json !== null ? Object.keys(json) : [];
  if (names.length === 1 && names[0] === "Item" && !keys.includes("Item") && typeof member(json, "Item") === "object") return [member(json, "Item")];
  const items = member(json, "Items");
  if (Array.isArray(items) && member(json, "Count") !== undefined && !keys.includes("Items")) return items;
  return [json];
}

function* entriesOf(raw: string, line: number, shape: Shape, keys: readonly string[]): Generator<Entry> {
  let all: unknown[];
  try {
    all = itemsIn(parseJSON(raw), keys);
  } catch (err) {
    yield { line, raw, problem: problemOf(err) };
    return;
  }
  for (const json of all) {
    try {
      yield { line, raw, item: shape.wire ? itemFromWire(json) : itemFromPlain(json) };
    } catch (err) {
      yield { line, raw, problem: problemOf(err) };
    }
  }
}

async function* chunks(file: Blob): AsyncGenerator<string> {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

// read returns what is in a file, as it is read. types are those of CSV columns.
export async function* read(file: Blob, shape: Shape, keys: readonly string[], types: ReadonlyMap<string, ColumnType>): AsyncGenerator<Entry> {
  if (shape.kind === "csv") {
    let header: string[] | undefined;
    for await (const row of rows(file, shape.separator)) {
      if (!header) header = row.fields.map((f) => f.text);
      else yield entryOf(row, header, types, shape.allQuoted);
    }
    return;
  }
  if (shape.kind === "lines") {
    let rest = "";
    let line = 0;
    for await (const text of chunks(file)) {
      const all = (rest + text).split("\n");
      rest = all.pop() ?? "";
      for (const raw of all) {
        line++;
        if (raw.trim() !== "") yield* entriesOf(raw.trim(), line, shape, keys);
      }
    }
    if (rest.trim() !== "") yield* entriesOf(rest.trim(), line + 1, shape, keys);
    return;
  }
  const pieces = new JsonPieces();
  for await (const text of chunks(file)) {
    for (const { raw, line } of pieces.push(text)) yield* entriesOf(raw, line, shape, keys);
  }
  for (const { raw, line } of pieces.push("", true)) yield* entriesOf(raw, line, shape, keys);
}

// rows reads CSV: the first row is the header.
export async function* rows(file: Blob, separator: string): AsyncGenerator<Row> {
  const reader = new CsvReader(separator);
  for await (const text of chunks(file)) yield* reader.push(text);
  yield* reader.end();
}

// meant returns a field as it was meant in a file where all is in quotation marks.
export function meant(field: Field, allQuoted: boolean): Field {
  return allQuoted && field.text !== "" ? { ...field, quoted: false } : field;
}

function entryOf(row: Row, header: readonly string[], types: ReadonlyMap<string, ColumnType>, allQuoted: boolean): Entry {
  const { line, raw } = row;
  if (row.fields.length > header.length) return { line, raw, problem: `the row has ${row.fields.length} fields, the header ${header.length}` };
  const attributes: [string, Value][] = [];
  for (const [i, field] of row.fields.entries()) {
    const name = header[i] ?? "";
    try {
      const value = typedValue(meant(field, allQuoted), types.get(name) ?? "auto");
      if (value) attributes.push([name, value]);
    } catch (err) {
      if (!(err instanceof NotAValue)) throw err;
      return { line, raw, problem: `${name}: ${err.message}` };
    }
  }
  return { line, raw, item: recordOf(attributes) };
}

