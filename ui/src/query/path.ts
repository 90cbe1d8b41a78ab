import { type Item, type Type, typeOf, type Value } from "../model/value";

// A Path leads to a value: the name of an attribute, then names of members and
// numbers of elements.
export type Path = readonly [string, ...(string | number)[]];

// A NotAPath says what is wrong with text that should have been a path.
export class NotAPath extends Error {}

// A name stands as it is unless it could be read as something else.
const plain = /^[^\s.[\]",]([^.[\]",]*[^\s.[\]",])?$/;

// showPath writes a path as people type it: address.city, tags[0]. A name with a
// dot or bracket in it stands in quotes.
export function showPath(path: Path): string {
  return path.map((step, i) => (typeof step === "number" ? `[${step}]` : `${i > 0 ? "." : ""}${plain.test(step) ? step : `"${step.replaceAll('"', '""')}"`}`)).join("");
}

// readPath is the inverse of showPath. It throws a NotAPath.
export function readPath(text: string): Path {
  const [path, ...more] = readPaths(text);
  if (!path || more.length > 0) {
    throw new NotAPath(path ? `“${text}” is more than one attribute` : "an attribute is missing");
  }
  return path;
}

// readPaths reads paths with commas between them.
export function readPaths(text: string): Path[] {
  const paths: Path[] = [];
  let at = 0;
  const space = () => {
    while (/\s/.test(text[at] ?? "")) at++;
  };
  const name = (): string => {
    space();
    if (text[at] !== '"') {
      const bare = /^[^.[\]",]*/.exec(text.slice(at))?.[0] ?? "";
      at += bare.length;
      if (bare.trim() === "") throw new NotAPath(`in “${text}” a name is missing`);
      return bare.trim();
    }
    const quoted = /^"((?:[^"]|"")*)"/.exec(text.slice(at));
    if (!quoted) throw new NotAPath(`in “${text}” a quotation mark is not closed`);
    at += quoted[0].length;
    return (quoted[1] ?? "").replaceAll('""', '"');
  };
  space();
  if (at === text.length) return [];
  for (;;) {
    const path: [string, ...(string | number)[]] = [name()];
    for (;;) {
      space();
      if (text[at] === ".") {
        at++;
        path.push(name());
        continue;
      }
      const index = /^\[\s*(\d{1,9})\s*\]/.exec(text.slice(at));
      if (!index) break;
      at += index[0].length;
      path.push(Number(index[1]));
    }
    paths.push(path);
    if (at === text.length) return paths;
    if (text[at] !== ",") throw new NotAPath(`in “${text}” there is something wrong at “${text.slice(at)}”; a name with such characters stands in quotes`);
    at++;
  }
}

// follow returns what a path leads to.
export function follow(path: Path, item: Item): Value | undefined {
  const [first, ...rest] = path;
  let v = member(item, first);
  for (const step of rest) {
    if (!v) return undefined;
    v = typeof step === "number" ? ("L" in v ? v.L[step] : undefined) : "M" in v ? member(v.M, step) : undefined;
  }
  return v;
}

function member(item: Item, name: string): Value | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

const deepest = 4;
const most = 500;

// pathsOf returns the paths that there are in items, as text, with the type that
// each has most: of lists the first element stands for all.
export function pathsOf(items: readonly Item[]): Map<string, Type> {
  const seen = new Map<string, Map<Type, number>>();
  const visit = (path: Path, v: Value) => {
    const text = showPath(path);
    const types = seen.get(text) ?? new Map<Type, number>();
    if (types.size === 0 && seen.size >= most) return;
    seen.set(text, types.set(typeOf(v), (types.get(typeOf(v)) ?? 0) + 1));
    if (path.length === deepest) return;
    if ("M" in v) {
      for (const [name, e] of Object.entries(v.M)) visit([...path, name], e);
    } else if ("L" in v && v.L[0]) {
      visit([...path, 0], v.L[0]);
    }
  };
  for (const item of items) {
    for (const [name, v] of Object.entries(item)) visit([name], v);
  }
  return new Map([...seen].map(([text, types]) => [text, [...types].sort(([, n], [, m]) => m - n)[0]?.[0] ?? "S"]));
}
