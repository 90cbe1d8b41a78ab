import { expect, it } from "vitest";
import type { Item } from "../model/value";
import { follow, type Path, pathsOf, readPath, readPaths, showPath } from "./path";

const paths: [Path, string][] = [
  [["a"], "a"],
  [["a", "b", 0, 12, "c"], "a.b[0][12].c"],
  [["a.b"], `"a.b"`],
  [["a", "b.c", 0], `a."b.c"[0]`],
  [['"'], `""""`],
  [['say "x"', "y"], `"say ""x""".y`],
  [["a[0]"], `"a[0]"`],
  [[" a"], `" a"`],
  [["a b"], "a b"],
  [["a,b"], `"a,b"`],
  [["a#b/c?%'\n-"], "a#b/c?%'\n-"],
  [["😀", "ü"], "😀.ü"],
  [["__proto__"], "__proto__"],
  [["a", ""], `a.""`],
];

it.each(paths)("%j is written as %s", (path, text) => {
  expect(showPath(path)).toBe(text);
  expect(readPath(text)).toEqual(path);
});

it("reads several paths, with spaces", () => {
  expect(readPaths(` a , b . c [ 1 ] ,"x,y"`)).toEqual([["a"], ["b", "c", 1], ["x,y"]]);
  expect(readPaths("  ")).toEqual([]);
});

it.each([
  ["", "an attribute is missing"],
  ["a.", "in “a.” a name is missing"],
  ["a,b", "“a,b” is more than one attribute"],
  ["a[x]", "in “a[x]” there is something wrong at “[x]”; a name with such characters stands in quotes"],
  ['"a', "in “\"a” a quotation mark is not closed"],
  ["a]b", "in “a]b” there is something wrong at “]b”; a name with such characters stands in quotes"],
])("refuses %j", (text, message) => expect(() => readPath(text)).toThrow(message));

it("follows a path", () => {
  const item = { a: { M: { b: { L: [{ S: "x" }, { M: { "c.d": { N: "1" } } }] } } } };
  expect(follow(["a", "b", 1, "c.d"], item)).toEqual({ N: "1" });
  expect(follow(["a", "b", 2], item)).toBeUndefined();
  expect(follow(["a", 0], item)).toBeUndefined();
  expect(follow(["toString"], item)).toBeUndefined();
});

it("finds the paths in items, with the type that they mostly have", () => {
  const items: Item[] = [{ a: { M: { "b.c": { L: [{ N: "1" }] } } }, n: { N: "1" } }, { n: { S: "x" } }, { n: { S: "y" } }];
  expect([...pathsOf(items)]).toEqual([
    ["a", "M"],
    [`a."b.c"`, "L"],
    [`a."b.c"[0]`, "N"],
    ["n", "S"],
  ]);
});
