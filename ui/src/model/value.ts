import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { isLosslessNumber, parse } from "lossless-json";

// A Value is an attribute's value without loss: a number is the text of its
// digits, binary is bytes, a set is a set.
export type Value =
  | { S: string }
  | { N: string }
  | { B: Uint8Array }
  | { BOOL: boolean }
  | { NULL: true }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: Uint8Array[] }
  | { L: Value[] }
  | { M: Item };

export interface Item {
  [attribute: string]: Value;
}

export type Type = "S" | "N" | "B" | "BOOL" | "NULL" | "SS" | "NS" | "BS" | "L" | "M";

export const typeNames: Record<Type, string> = {
  S: "String",
  N: "Number",
  B: "Binary",
  BOOL: "Boolean",
  NULL: "Null",
  SS: "String set",
  NS: "Number set",
  BS: "Binary set",
  L: "List",
  M: "Map",
};

export const types = Object.keys(typeNames) as Type[];

// maxItemSize is how many bytes an item may have.
export const maxItemSize = 400 * 1024;

export function typeOf(v: Value): Type {
  return Object.keys(v)[0] as Type;
}

// itemOf takes what the SDK returned for what it is.
export function itemOf(attributes: Record<string, AttributeValue>): Item {
  return attributes as Item;
}

// recordOf returns an object with these members, whatever they are called: by
// assignment the one called __proto__ would be lost.
export function recordOf<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries(entries);
}

// own returns an attribute of an item; what every object inherits, like constructor,
// is none.
export function own(item: Item, name: string): Value | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

export function base64(b: Uint8Array): string {
  let text = "";
  for (let i = 0; i < b.length; i += 0x8000) {
    text += String.fromCharCode(...b.subarray(i, i + 0x8000));
  }
  return btoa(text);
}

// bytesOf is the inverse of base64. It throws a NotAValue of text that is none.
export function bytesOf(text: string): Uint8Array {
  let raw: string;
  try {
    raw = atob(text);
  } catch {
    throw new NotAValue("this is not base64");
  }
  if (btoa(raw) !== text.replaceAll(/\s/g, "")) {
    throw new NotAValue("this is not base64");
  }
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

// NotAValue is what is wrong with something that should have been a value, and
// where in the item it is.
export class NotAValue extends Error {
  readonly path: readonly string[];

  constructor(message: string, path: readonly string[] = []) {
    super(message);
    this.path = path;
  }

  override toString(): string {
    return this.path.length > 0 ? `${this.path.join(".")}: ${this.message}` : this.message;
  }
}

// toWire returns a value in DynamoDB JSON, for JSON.stringify.
export function toWire(v: Value): unknown {
  if ("B" in v) return { B: base64(v.B) };
  if ("BS" in v) return { BS: v.BS.map(base64) };
  if ("L" in v) return { L: v.L.map(toWire) };
  if ("M" in v) return { M: itemToWire(v.M) };
  return v;
}

export function itemToWire(item: Item): Record<string, unknown> {
  return recordOf(Object.entries(item).map(([name, v]) => [name, toWire(v)]));
}

export function toDynamoJSON(item: Item, indent?: number): string {
  return JSON.stringify(itemToWire(item), null, indent);
}

// parseJSON reads JSON without loss: its numbers are LosslessNumbers. It throws a
// SyntaxError that tells the position.
export function parseJSON(text: string): unknown {
  return parse(text, null, {
    onDuplicateKey: ({ key, position }) => {
      throw new SyntaxError(`“${key}” is there twice at position ${position}`);
    },
  });
}

// parseDynamoJSON reads an item from DynamoDB JSON. It throws a SyntaxError if
// that is no JSON and a NotAValue if it is no item.
export function parseDynamoJSON(text: string): Item {
  return itemFromWire(parseJSON(text));
}

export function itemFromWire(json: unknown, path: readonly string[] = []): Item {
  if (!isObject(json)) {
    throw new NotAValue("here must be an object of attributes", path);
  }
  return recordOf(Object.entries(json).map(([name, v]) => [name, fromWire(v, [...path, name])]));
}

export function fromWire(json: unknown, path: readonly string[] = []): Value {
  const tags = isObject(json) ? Object.keys(json) : [];
  if (!isObject(json) || tags.length !== 1) {
    throw new NotAValue(`a value is an object with its type, like {"S": "text"}`, path);
  }
  const tag = tags[0] as Type;
  const inner = json[tag];
  const text = (x: unknown): string => {
    if (typeof x !== "string") throw new NotAValue(`in ${tag} here must be a string`, path);
    return x;
  };
  const list = (): unknown[] => {
    if (!Array.isArray(inner)) throw new NotAValue(`${tag} must be a list`, path);
    return inner;
  };
  const number = (x: unknown): string => {
    const n = isLosslessNumber(x) ? x.value : text(x);
    const problem = numberProblem(n);
    if (problem) throw new NotAValue(problem, path);
    return n;
  };
  const binary = (x: unknown): Uint8Array => {
    try {
      return bytesOf(text(x));
    } catch (err) {
      throw err instanceof NotAValue ? new NotAValue(err.message, path) : err;
    }
  };
  switch (tag) {
    case "S":
      return { S: text(inner) };
    case "N":
      return { N: number(inner) };
    case "B":
      return { B: binary(inner) };
    case "BOOL":
      if (typeof inner !== "boolean") throw new NotAValue("BOOL must be true or false", path);
      return { BOOL: inner };
    case "NULL":
      if (inner !== true) throw new NotAValue("NULL must be true", path);
      return { NULL: true };
    case "SS":
      return { SS: list().map(text) };
    case "NS":
      return { NS: list().map(number) };
    case "BS":
      return { BS: list().map(binary) };
    case "L":
      return { L: list().map((e, i) => fromWire(e, [...path, String(i)])) };
    case "M":
      return { M: itemFromWire(inner, path) };
    default:
      throw new NotAValue(`there is no type ${tag}`, path);
  }
}

function isObject(x: unknown): x is Record<string, unknown> {
  return typeof x === "object" && x !== null && !Array.isArray(x) && !isLosslessNumber(x);
}

const numeral = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?$/;

// A decimal is a number as digits: sign × 0.DIGITS × 10^exponent, without zeros
// at either end; zero has no digits.
interface Decimal {
  negative: boolean;
  digits: string;
  exponent: number;
}

function decimal(text: string): Decimal | undefined {
  const match = numeral.exec(text);
  if (!match) return undefined;
  const [whole = "", fraction = ""] = (match[2] ?? "").split(".");
  const all = whole + fraction;
  const digits = all.replace(/^0+/, "");
  const exponent = whole.length + Number(match[3] ?? 0) - (all.length - digits.length);
  const short = digits.replace(/0+$/, "");
  return short === "" ? { negative: false, digits: "", exponent: 0 } : { negative: match[1] === "-", digits: short, exponent };
}

// numberProblem says why text is no number of DynamoDB's; undefined if it is.
export function numberProblem(text: string): string | undefined {
  const d = decimal(text.trim());
  if (!d) return `“${text}” is not a number`;
  if (d.digits.length > 38) return "a number has at most 38 significant digits";
  // Of zero the exponent counts that is written.
  const [, written = "0"] = /[eE](.*)$/.exec(text.trim()) ?? [];
  const exponent = d.digits === "" ? Number(written) + 1 : d.exponent;
  if (exponent > 126) return "a number is less than 1E+126";
  if (exponent < -129) return "a number is at least 1E-130 away from zero";
  return undefined;
}

// compareNumbers orders numbers by their value, whatever digits they have.
export function compareNumbers(a: string, b: string): number {
  const x = decimal(a);
  const y = decimal(b);
  if (!x || !y) return a < b ? -1 : a > b ? 1 : 0;
  const sign = (d: Decimal) => (d.digits === "" ? 0 : d.negative ? -1 : 1);
  if (sign(x) !== sign(y)) return sign(x) - sign(y);
  const size = x.exponent - y.exponent || (x.digits < y.digits ? -1 : x.digits > y.digits ? 1 : 0);
  return x.negative ? 0 - size : size;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const d = (a[i] ?? 0) - (b[i] ?? 0);
    if (d !== 0) return d;
  }
  return a.length - b.length;
}

const encoder = new TextEncoder();

// compare orders values for people who sort a column: by type, then as DynamoDB
// orders keys of that type.
export function compare(a: Value | undefined, b: Value | undefined): number {
  if (!a || !b) return a ? -1 : b ? 1 : 0;
  const [ta, tb] = [typeOf(a), typeOf(b)];
  if (ta !== tb) return types.indexOf(ta) - types.indexOf(tb);
  if ("N" in a && "N" in b) return compareNumbers(a.N, b.N);
  if ("S" in a && "S" in b) return compareBytes(encoder.encode(a.S), encoder.encode(b.S));
  if ("B" in a && "B" in b) return compareBytes(a.B, b.B);
  if ("BOOL" in a && "BOOL" in b) return Number(a.BOOL) - Number(b.BOOL);
  const [x, y] = [JSON.stringify(toWire(a)), JSON.stringify(toWire(b))];
  return x < y ? -1 : x > y ? 1 : 0;
}

// numberKey returns a text that numbers have in common only if they are equal.
export function numberKey(n: string): string {
  const d = decimal(n);
  return d ? `${d.negative ? "-" : ""}${d.digits}E${d.exponent}` : n;
}

// equal tells whether two values are the same for DynamoDB: the order of a set's
// elements and how a number is written do not matter.
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (!a || !b) return a === b;
  const set = <T>(x: T[], y: T[], key: (e: T) => string) => {
    const keys = new Set(x.map(key));
    return x.length === y.length && y.every((e) => keys.has(key(e)));
  };
  if ("S" in a) return "S" in b && a.S === b.S;
  if ("N" in a) return "N" in b && numberKey(a.N) === numberKey(b.N);
  if ("B" in a) return "B" in b && compareBytes(a.B, b.B) === 0;
  if ("BOOL" in a) return "BOOL" in b && a.BOOL === b.BOOL;
  if ("NULL" in a) return "NULL" in b;
  if ("SS" in a) return "SS" in b && set(a.SS, b.SS, (e) => e);
  if ("NS" in a) return "NS" in b && set(a.NS, b.NS, numberKey);
  if ("BS" in a) return "BS" in b && set(a.BS, b.BS, base64);
  if ("L" in a) return "L" in b && a.L.length === b.L.length && a.L.every((e, i) => equal(e, b.L[i]));
  return "M" in b && equalItems(a.M, b.M);
}

export function equalItems(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]));
}

function numberSize(n: string): number {
  const d = decimal(n);
  if (!d || d.digits === "") return 1;
  // Digits before and after the point, each half a byte and rounded up.
  const whole = Math.min(Math.max(d.exponent, 0), d.digits.length);
  const fraction = d.digits.length - whole;
  return 1 + Math.ceil(whole / 2) + Math.ceil(fraction / 2) + (d.negative ? 1 : 0);
}

// sizeOf returns how many bytes a value counts for in an item.
export function sizeOf(v: Value): number {
  const sum = (sizes: number[]) => sizes.reduce((a, b) => a + b, 0);
  if ("S" in v) return encoder.encode(v.S).length;
  if ("N" in v) return numberSize(v.N);
  if ("B" in v) return v.B.length;
  if ("SS" in v) return sum(v.SS.map((e) => encoder.encode(e).length));
  if ("NS" in v) return sum(v.NS.map(numberSize));
  if ("BS" in v) return sum(v.BS.map((e) => e.length));
  if ("L" in v) return 3 + sum(v.L.map((e) => 1 + sizeOf(e)));
  if ("M" in v) return 3 + sum(Object.entries(v.M).map(([name, e]) => 1 + encoder.encode(name).length + sizeOf(e)));
  return 1;
}

// itemSize returns how many bytes an item counts for.
export function itemSize(item: Item): number {
  return Object.entries(item).reduce((sum, [name, v]) => sum + encoder.encode(name).length + sizeOf(v), 0);
}

// textOf returns a value in one line, for a cell or a title.
export function textOf(v: Value): string {
  if ("S" in v) return v.S;
  if ("N" in v) return v.N;
  if ("B" in v) return base64(v.B);
  if ("BOOL" in v) return String(v.BOOL);
  if ("NULL" in v) return "null";
  if ("SS" in v) return `{${v.SS.join(", ")}}`;
  if ("NS" in v) return `{${v.NS.join(", ")}}`;
  if ("BS" in v) return `{${v.BS.map(base64).join(", ")}}`;
  return JSON.stringify(toWire(v));
}

// keyOf returns the attributes of an item that are its key.
export function keyOf(item: Item, names: readonly string[]): Item {
  return recordOf(names.flatMap((name) => { const v = own(item, name); return v ? [[name, v] as const] : []; }));
}

// identity returns a text that items have in common only if they have the same
// key.
export function identity(item: Item, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => { const v = own(item, name); return v ? toWire(v) : null; }));
}
