import type { Source } from "../model/table";
import { base64, compareNumbers, type Item, itemSize, maxItemSize, numberProblem, type Type, typeNames, typeOf, type Value } from "../model/value";

// A Problem is why the server would refuse an item, and the path of the value that
// it is about; none is the item itself.
export interface Problem {
  path: readonly string[];
  text: string;
}

const maxDepth = 32;
const maxHash = 2048;
const maxRange = 1024;

const lengthOf = (v: Value) => ("S" in v ? new TextEncoder().encode(v.S).length : "B" in v ? v.B.length : 0);

// problemsOf checks an item as the server does, for a table and its indexes.
export function problemsOf(item: Item, [table, ...indexes]: readonly Source[]): Problem[] {
  const problems: Problem[] = [];
  const say = (path: readonly string[], text: string) => problems.push({ path, text });
  const get = (name: string) => (Object.hasOwn(item, name) ? item[name] : undefined);

  for (const { hash, range, index } of [...(table ? [table] : []), ...indexes]) {
    const what = index === undefined ? "The key of the table" : `The key of the index ${index}`;
    for (const key of [...hash, ...range]) {
      const v = get(key.name);
      const max = hash.includes(key) ? maxHash : maxRange;
      if (!v) {
        if (index === undefined) say([], `The key attribute ${key.name} is missing`);
      } else if (typeOf(v) !== key.type) {
        say([key.name], `${what} is of the type ${typeNames[key.type]}`);
      } else if (("S" in v && v.S === "") || ("B" in v && v.B.length === 0)) {
        say([key.name], `${what} cannot be empty`);
      } else if (lengthOf(v) > max) {
        say([key.name], `${what} has at most ${max} bytes here`);
      }
    }
  }

  const name = (path: readonly string[], text: string) => {
    if (text === "") say(path, "An attribute has a name");
    else if (!text.isWellFormed()) say(path, "The name has half of a character");
  };
  const twice = (path: readonly string[], keys: string[]) => {
    if (keys.length === 0) say(path, "A set has at least one element");
    const seen = new Set<string>();
    for (const [i, key] of keys.entries()) {
      if (seen.has(key)) say([...path, String(i)], "This is in the set already");
      seen.add(key);
    }
  };
  const text = (path: readonly string[], s: string) => {
    if (!s.isWellFormed()) say(path, "The text has half of a character");
  };
  const number = (path: readonly string[], n: string) => {
    const problem = numberProblem(n) ?? (n === n.trim() ? undefined : "a number has no spaces around it");
    if (problem) say(path, problem.charAt(0).toUpperCase() + problem.slice(1));
    return problem === undefined;
  };
  const check = (path: readonly string[], v: Value, depth: number) => {
    if (depth > maxDepth) {
      say(path, `Lists and maps are nested at most ${maxDepth - 1} deep`);
      return;
    }
    if ("S" in v) text(path, v.S);
    if ("N" in v) number(path, v.N);
    if ("SS" in v) {
      for (const [i, s] of v.SS.entries()) text([...path, String(i)], s);
      twice(path, v.SS);
    }
    if ("BS" in v) twice(path, v.BS.map(base64));
    if ("NS" in v && v.NS.map((n, i) => number([...path, String(i)], n)).every(Boolean)) {
      // Equal are numbers of the same value, however they are written.
      const sorted = v.NS.toSorted(compareNumbers);
      const equalOf = new Map<string, string>();
      for (const [i, n] of sorted.entries()) {
        const before = sorted[i - 1];
        equalOf.set(n, before !== undefined && compareNumbers(before, n) === 0 ? (equalOf.get(before) ?? before) : n);
      }
      twice(path, v.NS.map((n) => equalOf.get(n) ?? n));
    }
    if ("L" in v) for (const [i, e] of v.L.entries()) check([...path, String(i)], e, depth + 1);
    if ("M" in v) members(path, v.M, depth + 1);
  };
  const members = (path: readonly string[], map: Item, depth: number) => {
    for (const [n, v] of Object.entries(map)) {
      name([...path, n], n);
      check([...path, n], v, depth);
    }
  };
  members([], item, 1);

  const size = itemSize(item);
  if (size > maxItemSize) say([], "The item has more than 400 KB");
  return problems;
}

// lockOf says why an attribute cannot be changed in an item that is there already.
export function lockOf(name: string, [table]: readonly Source[]): string | undefined {
  if (table?.hash.some((k) => k.name === name)) return "The partition key tells items apart: with another one this is another item";
  if (table?.range.some((k) => k.name === name)) return "The sort key tells items apart: with another one this is another item";
  return undefined;
}

// indexedBy returns for attributes that are keys of the table or of an index, which
// type they have.
export function keyTypes(sources: readonly Source[]): Map<string, Type> {
  return new Map(sources.flatMap((s) => [...s.hash, ...s.range]).map((k) => [k.name, k.type]));
}
