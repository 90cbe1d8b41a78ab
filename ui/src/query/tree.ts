import { base64, compare, equal, type Item, textOf, typeOf, type Value } from "../model/value";
import { follow, type Path, showPath } from "./path";

export const comparators = ["=", "<>", "<", "<=", ">", ">="] as const;
export const operators = [...comparators, "BETWEEN", "IN", "begins_with", "contains", "attribute_exists", "attribute_not_exists", "attribute_type"] as const;

export type Operator = (typeof operators)[number];

// A Test is a condition on one value, or with size on how large that is.
export interface Test {
  path: Path;
  operator: Operator;
  values: readonly Value[];
  size?: true;
}

// A Tree is a condition: tests, and what joins them. And of nothing is always
// true, or of nothing never.
export type Tree = Test | { and: readonly Tree[] } | { or: readonly Tree[] } | { not: Tree };

export const always: Tree = { and: [] };
export const never: Tree = { or: [] };

export function isTest(tree: Tree): tree is Test {
  return "path" in tree;
}

export function isAlways(tree: Tree): boolean {
  return "and" in tree && tree.and.length === 0;
}

export function isNever(tree: Tree): boolean {
  return "or" in tree && tree.or.length === 0;
}

// arity returns how many values an operator takes; undefined is one or more.
export function arity(operator: Operator): number | undefined {
  switch (operator) {
    case "IN":
      return undefined;
    case "BETWEEN":
      return 2;
    case "attribute_exists":
    case "attribute_not_exists":
      return 0;
    default:
      return 1;
  }
}

// simplify returns a tree that means the same, without groups of one, groups in
// groups of their kind, and what is always or never true.
export function simplify(tree: Tree): Tree {
  if (isTest(tree)) return tree;
  if ("not" in tree) {
    const inner = simplify(tree.not);
    if (isAlways(inner)) return never;
    if (isNever(inner)) return always;
    return "not" in inner ? inner.not : { not: inner };
  }
  const parts = ("and" in tree ? tree.and : tree.or).map(simplify);
  if ("and" in tree) {
    const flat = parts.flatMap((p) => ("and" in p ? p.and : [p]));
    if (flat.some(isNever)) return never;
    return flat.length === 1 && flat[0] ? flat[0] : { and: flat };
  }
  const flat = parts.flatMap((p) => ("or" in p ? p.or : [p]));
  if (flat.some(isAlways)) return always;
  return flat.length === 1 && flat[0] ? flat[0] : { or: flat };
}

// conjuncts returns what must all hold for a tree to hold.
export function conjuncts(tree: Tree): readonly Tree[] {
  const simple = simplify(tree);
  return "and" in simple ? simple.and : [simple];
}

export function allOf(trees: readonly Tree[]): Tree {
  return simplify({ and: trees });
}

export function testsOf(tree: Tree): Test[] {
  if (isTest(tree)) return [tree];
  if ("not" in tree) return testsOf(tree.not);
  return ("and" in tree ? tree.and : tree.or).flatMap(testsOf);
}

// attributesOf returns the names of the attributes that a tree asks about.
export function attributesOf(tree: Tree): Set<string> {
  return new Set(testsOf(tree).map((t) => t.path[0]));
}

// given returns what remains of a tree if these attributes have these values.
export function given(tree: Tree, known: Item): Tree {
  const replace = (t: Tree): Tree => {
    if (isTest(t)) return Object.hasOwn(known, t.path[0]) ? (matches(t, known) ? always : never) : t;
    if ("not" in t) return { not: replace(t.not) };
    return "and" in t ? { and: t.and.map(replace) } : { or: t.or.map(replace) };
  };
  return simplify(replace(tree));
}

// matches tells whether a condition holds for an item, as DynamoDB decides it:
// what is not there differs from everything and has no order, and neither have
// values of different types.
export function matches(tree: Tree, item: Item): boolean {
  if (!isTest(tree)) {
    if ("not" in tree) return !matches(tree.not, item);
    return "and" in tree ? tree.and.every((t) => matches(t, item)) : tree.or.some((t) => matches(t, item));
  }
  const found = follow(tree.path, item);
  const v = tree.size ? sizeOf(found) : found;
  const [first, second] = tree.values;
  switch (tree.operator) {
    case "attribute_exists":
      return v !== undefined;
    case "attribute_not_exists":
      return v === undefined;
    case "=":
      return v !== undefined && equal(v, first);
    case "<>":
      return v === undefined || !equal(v, first);
    case "IN":
      return v !== undefined && tree.values.some((w) => equal(v, w));
    case "BETWEEN":
      return ordered(v, first, (c) => c >= 0) && ordered(v, second, (c) => c <= 0);
    case "<":
      return ordered(v, first, (c) => c < 0);
    case "<=":
      return ordered(v, first, (c) => c <= 0);
    case ">":
      return ordered(v, first, (c) => c > 0);
    case ">=":
      return ordered(v, first, (c) => c >= 0);
    case "begins_with":
      return begins(v, first);
    case "contains":
      return contains(v, first);
    case "attribute_type":
      return v !== undefined && first !== undefined && "S" in first && typeOf(v) === first.S;
  }
}

// sizeOf is what size() is; a string's counts UTF-16, as JavaScript does.
function sizeOf(v: Value | undefined): Value | undefined {
  if (!v || "N" in v || "BOOL" in v || "NULL" in v) return undefined;
  const inner = Object.values(v)[0] as string | Uint8Array | unknown[] | Item;
  const length = typeof inner === "string" || Array.isArray(inner) || inner instanceof Uint8Array ? inner.length : Object.keys(inner).length;
  return { N: String(length) };
}

function ordered(v: Value | undefined, w: Value | undefined, holds: (c: number) => boolean): boolean {
  if (!v || !w || typeOf(v) !== typeOf(w) || !("S" in v || "N" in v || "B" in v)) return false;
  return holds(compare(v, w));
}

// Bytes are looked for as characters of one byte each.
const binary = (b: Uint8Array) => Array.from(b, (c) => String.fromCharCode(c)).join("");

function begins(v: Value | undefined, w: Value | undefined): boolean {
  if (!v || !w) return false;
  if ("S" in v) return "S" in w && v.S.startsWith(w.S);
  return "B" in v && "B" in w && binary(v.B).startsWith(binary(w.B));
}

function contains(v: Value | undefined, w: Value | undefined): boolean {
  if (!v || !w) return false;
  if ("S" in v) return "S" in w && v.S.includes(w.S);
  if ("B" in v) return "B" in w && binary(v.B).includes(binary(w.B));
  if ("SS" in v) return "S" in w && v.SS.includes(w.S);
  if ("NS" in v) return "N" in w && v.NS.some((n) => equal({ N: n }, w));
  if ("BS" in v) return "B" in w && v.BS.some((b) => base64(b) === base64(w.B));
  return "L" in v && v.L.some((e) => equal(e, w));
}

// show writes a tree for people to read.
export function show(tree: Tree): string {
  if (isTest(tree)) return showTest(tree);
  if ("not" in tree) return `NOT ${tight(tree.not)}`;
  if ("and" in tree) return tree.and.map(tight).join(" AND ");
  return tree.or.map(show).join(" OR ");
}

function tight(tree: Tree): string {
  return "or" in tree || "and" in tree ? `(${show(tree)})` : show(tree);
}

// showValue writes a value in few characters.
export function showValue(v: Value): string {
  const text = "S" in v && v.S === "" ? "“”" : textOf(v);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

export function showTest({ path, operator, values, size }: Test): string {
  const subject = size ? `size(${showPath(path)})` : showPath(path);
  const [first, second] = values.map(showValue);
  switch (operator) {
    case "BETWEEN":
      return `${subject} BETWEEN ${first} AND ${second}`;
    case "IN":
      return `${subject} IN (${values.map(showValue).join(", ")})`;
    case "attribute_exists":
    case "attribute_not_exists":
      return `${operator}(${subject})`;
    case "begins_with":
    case "contains":
    case "attribute_type":
      return `${operator}(${subject}, ${first})`;
    default:
      return `${subject} ${operator} ${first}`;
  }
}
