import { itemFromPlain } from "../model/plain";
import { bytesOf, fromWire, NotAValue, numberProblem, parseJSON, toWire, type Type, types, type Value } from "../model/value";
import type { Field } from "./csv";

// What a cell of a CSV file says, without being told: digits are a number, true and
// false are what they are, null is NULL, nothing is no attribute. In quotation marks
// all these are text, and "" is the empty string. Everything else is text, but for
// values in JSON: {"SS": ["a"]} is one in DynamoDB JSON, other objects and lists are
// plain. Text that would be taken for one of these is written as {"S": "…"}.
const json = /^\s*[{[]/;

// fieldOf returns how a value is written, so that valueOf returns it.
export function fieldOf(v: Value): Field {
  if ("S" in v) {
    if (json.test(v.S) && parsed(v.S) !== undefined) return { text: JSON.stringify(v), quoted: true };
    return { text: v.S, quoted: v.S === "" || v.S !== v.S.trim() || /^(true|false|null)$/.test(v.S) || numberProblem(v.S) === undefined };
  }
  if ("N" in v) return { text: v.N, quoted: false };
  if ("BOOL" in v) return { text: String(v.BOOL), quoted: false };
  if ("NULL" in v) return { text: "null", quoted: false };
  return { text: JSON.stringify(toWire(v)), quoted: true };
}

function parsed(text: string): unknown {
  try {
    return parseJSON(text);
  } catch {
    return undefined;
  }
}

// valueOf returns what a field says; none is no attribute.
export function valueOf({ text, quoted }: Field): Value | undefined {
  if (text === "") return quoted ? { S: "" } : undefined;
  if (json.test(text)) {
    const value = jsonValue(text);
    if (value) return value;
  }
  if (quoted) return { S: text };
  if (text === "true" || text === "false") return { BOOL: text === "true" };
  if (text === "null") return { NULL: true };
  if (numberProblem(text) === undefined) return { N: text.trim() };
  return { S: text };
}

function jsonValue(text: string): Value | undefined {
  const value = parsed(text);
  if (value === undefined) return undefined;
  const tags = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  if (tags.length === 1 && types.includes(tags[0] as Type)) {
    try {
      return fromWire(value);
    } catch {
      // Then it is a map with such an attribute.
    }
  }
  try {
    return itemFromPlain({ it: value })["it"];
  } catch {
    return undefined;
  }
}

// How the cells of a column are to be taken.
export type ColumnType = "auto" | "S" | "N" | "B" | "BOOL" | "JSON" | "none";

// typedValue returns what a field says in a column of a type. It throws a NotAValue.
export function typedValue(field: Field, type: ColumnType): Value | undefined {
  const { text, quoted } = field;
  if (type === "none" || (text === "" && !quoted)) return undefined;
  if (type === "auto") return valueOf(field);
  // What was annotated is what it says.
  const marked = json.test(text) ? jsonValue(text) : undefined;
  switch (type) {
    case "S":
      return marked && "S" in marked ? marked : { S: text };
    case "N": {
      const problem = numberProblem(text);
      if (problem) throw new NotAValue(problem);
      return { N: text.trim() };
    }
    case "B":
      return marked && "B" in marked ? marked : { B: bytesOf(text.trim()) };
    case "BOOL":
      if (!/^(true|false)$/i.test(text.trim())) throw new NotAValue(`“${text}” is neither true nor false`);
      return { BOOL: text.trim().toLowerCase() === "true" };
    case "JSON":
      if (!marked) {
        const scalar = parsed(text);
        if (scalar === undefined) throw new NotAValue("this is no JSON");
        return itemFromPlain({ it: scalar })["it"];
      }
      return marked;
  }
}

