import { isLosslessNumber, LosslessNumber, stringify } from "lossless-json";
import { base64, bytesOf, type Item, NotAValue, numberProblem, parseJSON, recordOf, type Value } from "./value";

// Plain JSON is what people write: a string, a number with all of its digits, a list.
// What JSON has no literals for is an object whose only member is a marker:
//
//	{"$SS": ["a"]}  {"$NS": [1]}  {"$BS": ["base64"]}  {"$B": "base64"}
//
// A map that looks like one gets a "$" more, and so does one that looks like that.
const marker = /^\$(SS|NS|BS|B|N)$/;
const markerOrEscaped = /^\$+(SS|NS|BS|B|N)$/;
const escaped = /^\$\$+(SS|NS|BS|B|N)$/;

const literal = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

// numberToPlain returns a number as JSON writes it. What somebody types need not
// look like that: "+.5" is a number for DynamoDB.
function numberToPlain(n: string): unknown {
  if (literal.test(n)) return new LosslessNumber(n);
  const match = /^([+-]?)0*(\d*)(?:\.(\d*))?([eE][+-]?\d+)?$/.exec(n);
  if (!match || numberProblem(n)) return { $N: n };
  const [, sign, whole, fraction, exponent] = match;
  return new LosslessNumber(`${sign === "-" ? "-" : ""}${whole || "0"}${fraction ? `.${fraction}` : ""}${exponent ?? ""}`);
}

// toPlain returns a value for lossless-json's stringify.
export function toPlain(v: Value): unknown {
  if ("S" in v) return v.S;
  if ("N" in v) return numberToPlain(v.N);
  if ("B" in v) return { $B: base64(v.B) };
  if ("BOOL" in v) return v.BOOL;
  if ("NULL" in v) return null;
  if ("SS" in v) return { $SS: v.SS };
  if ("NS" in v) return { $NS: v.NS.map(numberToPlain) };
  if ("BS" in v) return { $BS: v.BS.map(base64) };
  if ("L" in v) return v.L.map(toPlain);
  const [first, ...more] = Object.keys(v.M);
  const [inner] = Object.values(v.M);
  if (first !== undefined && inner && more.length === 0 && markerOrEscaped.test(first)) return { [`$${first}`]: toPlain(inner) };
  return itemToPlain(v.M);
}

// itemToPlain returns an item's attributes; an item is never taken for a marker.
export function itemToPlain(item: Item): Record<string, unknown> {
  return recordOf(Object.entries(item).map(([name, v]) => [name, toPlain(v)]));
}

export function toPlainJSON(item: Item, indent?: number): string {
  return stringify(itemToPlain(item), null, indent) ?? "{}";
}

// parsePlainJSON reads an item from plain JSON. It throws a SyntaxError if that is
// no JSON and a NotAValue if it is no item: positionOf tells where.
export function parsePlainJSON(text: string): Item {
  return itemFromPlain(parseJSON(text));
}

export function itemFromPlain(json: unknown, path: readonly string[] = []): Item {
  if (!isObject(json)) {
    throw new NotAValue("here must be an object of attributes", path);
  }
  return recordOf(Object.entries(json).map(([name, v]) => [name, fromPlain(v, [...path, name])]));
}

export function fromPlain(json: unknown, path: readonly string[] = []): Value {
  if (typeof json === "string") return { S: json };
  if (typeof json === "boolean") return { BOOL: json };
  if (json === null) return { NULL: true };
  if (isLosslessNumber(json)) return { N: numberOf(json, path) };
  if (Array.isArray(json)) return { L: json.map((e, i) => fromPlain(e, [...path, String(i)])) };
  if (!isObject(json)) throw new NotAValue("this is no value", path);
  const [name, ...more] = Object.keys(json);
  if (name === undefined || more.length > 0) return { M: itemFromPlain(json, path) };
  const inner = json[name];
  if (escaped.test(name)) return { M: recordOf([[name.slice(1), fromPlain(inner, [...path, name])]]) };
  const of = marker.exec(name)?.[1];
  const list = <T>(element: (x: unknown, path: readonly string[]) => T): T[] => {
    if (!Array.isArray(inner)) throw new NotAValue(`${name} must be a list`, path);
    return inner.map((x) => element(x, path));
  };
  if (of === "SS") return { SS: list(stringOf) };
  if (of === "NS") return { NS: list(numberOf) };
  if (of === "BS") return { BS: list(binaryOf) };
  if (of === "B") return { B: binaryOf(inner, path) };
  if (of === "N") return { N: numberOf(inner, path) };
  return { M: itemFromPlain(json, path) };
}

function stringOf(x: unknown, path: readonly string[]): string {
  if (typeof x !== "string") throw new NotAValue("here must be a string", path);
  return x;
}

function numberOf(x: unknown, path: readonly string[]): string {
  if (!isLosslessNumber(x) && typeof x !== "string") throw new NotAValue("here must be a number", path);
  const n = isLosslessNumber(x) ? x.value : x;
  const problem = numberProblem(n);
  if (problem) throw new NotAValue(problem, path);
  return n;
}

function binaryOf(x: unknown, path: readonly string[]): Uint8Array {
  if (typeof x !== "string") throw new NotAValue("here must be base64 in a string", path);
  try {
    return bytesOf(x);
  } catch (err) {
    throw err instanceof NotAValue ? new NotAValue(err.message, path) : err;
  }
}

function isObject(x: unknown): x is Record<string, unknown> {
  return typeof x === "object" && x !== null && !Array.isArray(x) && !isLosslessNumber(x);
}

// A Position is a place in a text.
export interface Position {
  offset: number;
  line: number; // from 1
  column: number; // from 1
}

function position(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { offset, line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

// positionOf returns where in a text is what an error of its reader is about.
export function positionOf(text: string, err: unknown, form: "plain" | "wire"): Position | undefined {
  if (err instanceof NotAValue) return locate(text, err.path, form);
  if (!(err instanceof SyntaxError)) return undefined;
  const match = /at position (\d+)$/.exec(err.message);
  return match ? position(text, Math.min(Number(match[1]), text.length)) : undefined;
}

// problemOf says what is wrong, without the position.
export function problemOf(err: unknown): string {
  if (err instanceof NotAValue) return err.toString();
  return err instanceof Error ? err.message.replace(/ at position \d+$/, "") : String(err);
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

// locate returns where the value at a path begins, in text that is JSON. In DynamoDB
// JSON, each step goes through the type of what it is in.
export function locate(text: string, path: readonly string[], form: "plain" | "wire"): Position {
  // The way to the value, member by member.
  const steps = form === "plain" ? path : path.flatMap((name, i) => (i === 0 ? [name] : ["", name]));
  let at = text.search(/\S/);
  const next = (from: number) => {
    token.lastIndex = from;
    return token.exec(text);
  };
  // skip returns where the value ends that begins at from.
  const skip = (from: number): number => {
    let depth = 0;
    for (let t = next(from); t; t = next(token.lastIndex)) {
      if (t[0] === "{" || t[0] === "[") depth++;
      if (t[0] === "}" || t[0] === "]") depth--;
      if (depth === 0) return t.index + t[0].length;
    }
    return text.length;
  };
  for (const [depth, step] of steps.entries()) {
    const type = form === "wire" && depth % 2 === 1; // whatever it is called
    const open = next(at);
    let found: number | undefined;
    let cursor = at + 1;
    for (let n = 0; found === undefined; n++) {
      let t = next(cursor);
      if (t?.[0] === ",") t = next(token.lastIndex);
      if (!t || t[0] === "}" || t[0] === "]") return position(text, Math.max(at, 0));
      let value = t.index;
      let name = String(n);
      if (open?.[0] === "{") {
        name = JSON.parse(t[0]) as string;
        next(token.lastIndex); // the colon
        value = next(token.lastIndex)?.index ?? text.length;
      }
      if (type || name === step) found = value;
      cursor = skip(value);
    }
    at = found;
  }
  return position(text, Math.max(at, 0));
}
