import { parse } from "lossless-json";
import { base64, bytesOf, fromWire, type Item, NotAValue, numberProblem, parseDynamoJSON, recordOf, toDynamoJSON, toWire, type Type, types, type Value } from "../model/value";
import { NotReadable, pathsIn, treeOf } from "./expression";
import { NotAPath, type Path, readPath, readPaths, showPath } from "./path";
import { allOf, arity, isAlways, isTest, operators, type Operator, simplify, type Test, type Tree } from "./tree";

export type Mode = "auto" | "query" | "scan";

// An Operand is a value as it is typed. What has no type of its own here is typed
// as DynamoDB JSON.
export interface Operand {
  type: OperandType;
  text: string;
}

export const operandTypes = ["S", "N", "B", "BOOL", "NULL", "JSON"] as const;
export type OperandType = (typeof operandTypes)[number];

export interface Leaf {
  id: number;
  not: boolean;
  path: string;
  size: boolean;
  operator: Operator;
  operands: Operand[];
}

export interface Group {
  id: number;
  not: boolean;
  join: "and" | "or";
  parts: (Leaf | Group)[];
}

// Raw is a query in DynamoDB's expressions.
export interface Raw {
  key: string; // makes it a Query
  filter: string;
  projection: string;
  names: string; // JSON: attributes by their placeholders
  values: string; // DynamoDB JSON by placeholders
}

// A Query is what is asked for, as it is typed.
export interface Query {
  mode: Mode;
  source?: string; // an index, or "" for the table; undefined is whatever is best
  where: Group;
  projection: string; // paths with commas between; empty is all
  descending: boolean;
  page: number;
  consistent: boolean;
  segments: number; // of a Scan, that are read at once
  raw?: Raw;
}

export const pageSizes = [25, 100, 300, 1000];

// A web browser asks six things at once, however many there are.
export const mostSegments = 64;
export const segmentCounts = [1, 2, 4, 6];

let serial = 0;

export function emptyLeaf(): Leaf {
  serial++;
  return { id: serial, not: false, path: "", size: false, operator: "=", operands: [{ type: "S", text: "" }] };
}

export function emptyGroup(join: Group["join"] = "and"): Group {
  serial++;
  return { id: serial, not: false, join, parts: [emptyLeaf()] };
}

export function emptyQuery(): Query {
  return { mode: "auto", where: emptyGroup(), projection: "", descending: false, page: 100, consistent: false, segments: 1 };
}

export function isGroup(part: Leaf | Group): part is Group {
  return "parts" in part;
}

// operandOf is how a value is typed.
export function operandOf(v: Value): Operand {
  if ("S" in v) return { type: "S", text: v.S };
  if ("N" in v) return { type: "N", text: v.N };
  if ("B" in v) return { type: "B", text: base64(v.B) };
  if ("BOOL" in v) return { type: "BOOL", text: String(v.BOOL) };
  if ("NULL" in v) return { type: "NULL", text: "" };
  return { type: "JSON", text: JSON.stringify(toWire(v)) };
}

// valueOf is the inverse of operandOf. It throws a NotAValue.
export function valueOf({ type, text }: Operand): Value {
  switch (type) {
    case "S":
      return { S: text };
    case "N": {
      const problem = text.trim() === "" ? "a number is missing" : numberProblem(text);
      if (problem) throw new NotAValue(problem);
      return { N: text.trim() };
    }
    case "B":
      return { B: bytesOf(text.trim()) };
    case "BOOL":
      return { BOOL: text !== "false" };
    case "NULL":
      return { NULL: true };
    case "JSON":
      try {
        return fromWire(parse(text));
      } catch (err) {
        throw err instanceof NotAValue ? err : new NotAValue("this is no DynamoDB JSON");
      }
  }
}

// operandsFor returns operands as an operator takes them.
export function operandsFor(operator: Operator, operands: readonly Operand[]): Operand[] {
  const blank: Operand = { type: operands[0]?.type ?? "S", text: "" };
  if (operator === "attribute_type") {
    const now = operands[0]?.text ?? "";
    return [{ type: "S", text: types.includes(now as Type) ? now : "S" }];
  }
  const n = arity(operator) ?? Math.max(1, operands.length);
  return Array.from({ length: n }, (_, i) => operands[i] ?? blank);
}

// isBlank tells whether nothing was typed yet.
export function isBlank(leaf: Leaf): boolean {
  return leaf.path.trim() === "" && leaf.operands.every((o) => o.text === "");
}

// formOf shows a condition as it is typed. Not is a switch of a group or a test;
// the outermost group has none.
export function formOf(tree: Tree | undefined): Group {
  const part = (t: Tree, not: boolean): Leaf | Group => {
    serial++;
    const id = serial;
    if (isTest(t)) return { id, not, path: showPath(t.path), size: t.size ?? false, operator: t.operator, operands: t.values.map(operandOf) };
    if ("not" in t) return part(t.not, !not);
    const parts = "and" in t ? t.and : t.or;
    return { id, not, join: "and" in t ? "and" : "or", parts: parts.map((p) => part(p, false)) };
  };
  if (!tree || isAlways(tree)) return emptyGroup();
  const all = part(tree, false);
  return isGroup(all) && !all.not ? all : { ...emptyGroup(), parts: [all] };
}

// problemOf says what is wrong in a message of ours; any other error is a defect.
export function problemOf(err: unknown): string {
  if (err instanceof NotAValue || err instanceof NotAPath || err instanceof NotReadable || err instanceof SyntaxError) return err.message;
  throw err;
}

// conditionOf returns the condition that was typed, without what is blank, and
// what is wrong with its parts by their ids.
export function conditionOf(group: Group): { tree: Tree; problems: Map<number, string> } {
  const problems = new Map<number, string>();
  const test = (leaf: Leaf): Tree[] => {
    try {
      const path = readPath(leaf.path);
      const values = leaf.operands.map(valueOf);
      const t: Test = { path, operator: leaf.operator, values, ...(leaf.size ? { size: true } : {}) };
      return [leaf.not ? { not: t } : t];
    } catch (err) {
      problems.set(leaf.id, problemOf(err));
      return [];
    }
  };
  const parts = (g: Group): Tree[] =>
    g.parts.flatMap((p) => {
      if (!isGroup(p)) return isBlank(p) ? [] : test(p);
      const inner = parts(p);
      if (inner.length === 0) return [];
      const joined: Tree = p.join === "and" ? { and: inner } : { or: inner };
      return [p.not ? { not: joined } : joined];
    });
  const all = parts(group);
  return { tree: all.length === 0 ? allOf([]) : group.join === "and" ? { and: all } : { or: all }, problems };
}

// An ItemsSearch is a query in a URL. Whatever is in it, decode makes a query of it.
export interface ItemsSearch {
  mode?: unknown;
  index?: unknown; // "-" is the table
  where?: unknown;
  show?: unknown;
  order?: unknown;
  page?: unknown;
  consistent?: unknown;
  segments?: unknown;
  expressions?: unknown;
}

const searchNames = ["mode", "index", "where", "show", "order", "page", "consistent", "segments", "expressions"] as const;

// searchOf is what of a URL is the query.
export function searchOf(search: Record<string, unknown>): ItemsSearch {
  return recordOf(searchNames.filter((name) => search[name] !== undefined).map((name) => [name, search[name]] as const));
}

// encode returns a query for the URL; what is as usual is not in it.
export function encode(query: Query): ItemsSearch {
  const tree = simplify(conditionOf(query.where).tree);
  const raw = query.raw;
  return searchOf({
    ...(query.mode === "auto" ? {} : { mode: query.mode }),
    ...(query.source === undefined ? {} : { index: query.source || "-" }),
    ...(raw ? { expressions: recordOf(Object.entries(raw).filter(([, text]) => text.trim() !== "")) } : {}),
    ...(raw || isAlways(tree) ? {} : { where: encodeTree(tree) }),
    ...(raw || query.projection.trim() === "" ? {} : { show: query.projection.trim() }),
    ...(query.descending ? { order: "desc" } : {}),
    ...(query.page === 100 ? {} : { page: query.page }),
    ...(query.consistent ? { consistent: true } : {}),
    ...(query.segments === 1 ? {} : { segments: query.segments }),
  });
}

// In a URL a test is [operator, path, value…], and a join {"and": […]}.
function encodeTree(tree: Tree): unknown {
  if (isTest(tree)) return [tree.size ? `size ${tree.operator}` : tree.operator, showPath(tree.path), ...tree.values.map(toWire)];
  if ("not" in tree) return { not: encodeTree(tree.not) };
  return "and" in tree ? { and: tree.and.map(encodeTree) } : { or: tree.or.map(encodeTree) };
}

const deepest = 50;

function decodeTree(json: unknown, depth = 0): Tree {
  if (depth > deepest) throw new NotAValue("it is nested too deep");
  if (Array.isArray(json)) {
    const [name, path, ...values] = json as unknown[];
    const size = typeof name === "string" && name.startsWith("size ");
    const operator = operators.find((o) => o === (size ? name.slice(5) : name));
    if (!operator) throw new NotAValue(`there is no operator ${JSON.stringify(name)}`);
    if (typeof path !== "string") throw new NotAValue(`${operator} has no attribute`);
    const n = arity(operator);
    if (n === undefined ? values.length === 0 : values.length !== n) throw new NotAValue(`${operator} cannot have ${values.length} values`);
    return { path: readPath(path), operator, values: values.map((v) => fromWire(v)), ...(size ? { size: true } : {}) };
  }
  const [[join, inner] = ["", undefined], ...more] = typeof json === "object" && json !== null ? Object.entries(json) : [];
  if (more.length === 0 && join === "not") return { not: decodeTree(inner, depth + 1) };
  if (more.length === 0 && (join === "and" || join === "or") && Array.isArray(inner)) {
    const parts = inner.map((t) => decodeTree(t, depth + 1));
    return join === "and" ? { and: parts } : { or: parts };
  }
  throw new NotAValue(`a condition is like ["=", "name", {"S": "value"}]`);
}

// decode returns the query of a URL, and what of the URL was not understood.
export function decode(search: ItemsSearch): { query: Query; notices: string[] } {
  const query = emptyQuery();
  const notices: string[] = [];
  const text = (value: unknown) => (typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined);
  const { mode, index, where, show, order, page, consistent, segments, expressions } = search;
  const refuse = (name: string, why: string) => notices.push(`“${name}” in the address is left out: ${why}.`);
  if (mode === "auto" || mode === "query" || mode === "scan") query.mode = mode;
  else if (mode !== undefined) refuse("mode", "it is auto, query or scan");
  if (index !== undefined) {
    const name = text(index);
    if (name === undefined) refuse("index", "it is the name of an index");
    else query.source = name === "-" ? "" : name;
  }
  if (where !== undefined) {
    try {
      query.where = formOf(decodeTree(where));
    } catch (err) {
      refuse("where", problemOf(err));
    }
  }
  if (show !== undefined) {
    try {
      const paths = text(show);
      if (paths === undefined) throw new NotAPath("it is a list of attributes");
      readPaths(paths);
      query.projection = paths;
    } catch (err) {
      refuse("show", problemOf(err));
    }
  }
  if (order === "desc") query.descending = true;
  else if (order !== undefined && order !== "asc") refuse("order", "it is asc or desc");
  if (page !== undefined) {
    const n = Number(text(page));
    if (Number.isInteger(n) && n >= 1 && n <= 10_000) query.page = n;
    else refuse("page", "it is a number from 1 to 10000");
  }
  if (consistent === true) query.consistent = true;
  else if (consistent !== undefined && consistent !== false) refuse("consistent", "it is true or false");
  if (segments !== undefined) {
    const n = Number(text(segments));
    if (Number.isInteger(n) && n >= 1 && n <= mostSegments) query.segments = n;
    else refuse("segments", `it is a number from 1 to ${mostSegments}`);
  }
  if (expressions !== undefined) {
    const given = typeof expressions === "object" && expressions !== null && !Array.isArray(expressions) ? (expressions as Record<string, unknown>) : undefined;
    if (given && Object.entries(given).every(([name, t]) => rawNames.includes(name as keyof Raw) && typeof t === "string")) query.raw = { ...emptyRaw, ...given };
    else refuse("expressions", `it has texts for ${rawNames.join(", ")}`);
  }
  return { query, notices };
}

export const emptyRaw: Raw = { key: "", filter: "", projection: "", names: "", values: "" };
const rawNames = Object.keys(emptyRaw) as (keyof Raw)[];

// placeholdersOf reads the names and values that are beside expressions. It throws
// what problemOf understands.
export function placeholdersOf(raw: Raw): { names: Map<string, string>; values: Item } {
  const names: unknown = raw.names.trim() === "" ? {} : JSON.parse(raw.names);
  if (typeof names !== "object" || names === null || Array.isArray(names) || !Object.values(names).every((n) => typeof n === "string")) {
    throw new NotAValue(`names are like {"#name": "attribute"}`);
  }
  return { names: new Map(Object.entries(names as Record<string, string>)), values: raw.values.trim() === "" ? {} : parseDynamoJSON(raw.values) };
}

// fromRaw shows expressions as conditions. It throws what problemOf understands if
// that is not possible.
export function fromRaw(query: Query, raw: Raw): Query {
  const { names, values } = placeholdersOf(raw);
  const trees = [raw.key, raw.filter].filter((text) => text.trim() !== "").map((text) => treeOf(text, names, values));
  const paths: Path[] = raw.projection.trim() === "" ? [] : pathsIn(raw.projection, names);
  const { raw: _, ...rest } = query;
  return { ...rest, where: formOf(allOf(trees)), projection: paths.map(showPath).join(", ") };
}

// toRaw writes what stands for names and values beside expressions.
export function toRaw(expressions: { key?: string; filter?: string; projection?: string; names?: Record<string, string>; values?: Record<string, Value> }): Raw {
  return {
    key: expressions.key ?? "",
    filter: expressions.filter ?? "",
    projection: expressions.projection ?? "",
    names: expressions.names ? JSON.stringify(expressions.names) : "",
    values: expressions.values ? toDynamoJSON(expressions.values) : "",
  };
}

