import { describe, expect, test } from "vitest";
import { equalItems, type Item, type Type, type Value } from "../model/value";
import { type Source } from "../model/table";
import { problemsOf } from "./check";
import { add, edit, find, itemOf, newNode, nodeOf, Refusal, reorder, retype, valueOf, way } from "./node";

const digits = "12345678901234567890123456789012345678";

const everything: Item = {
  pk: { S: "a" },
  empty: { S: "" },
  n: { N: digits },
  b: { B: new Uint8Array([0, 255]) },
  yes: { BOOL: true },
  nothing: { NULL: true },
  ss: { SS: ["b", "a"] },
  ns: { NS: ["1", digits] },
  bs: { BS: [new Uint8Array([1]), new Uint8Array()] },
  l: { L: [{ N: "0.1" }, { L: [] }, { M: {} }] },
  m: { M: { deep: { M: { deeper: { SS: ["s"] } } } } },
};

test("an item comes back from its nodes", () => {
  expect(itemOf(nodeOf({ M: everything }))).toEqual({ item: everything, problems: new Map() });
});

test("a change leaves the others as they are", () => {
  const root = nodeOf({ M: everything });
  const [l, m] = [find(root, ["l"])!, find(root, ["m"])!];
  const zero = find(root, ["l", "0"])!;
  const next = edit(root, zero.id, (n) => ({ ...n, text: "7" }));
  expect(itemOf(next).item).toEqual({ ...everything, l: { L: [{ N: "7" }, { L: [] }, { M: {} }] } });
  expect(find(next, ["m"])).toBe(m);
  expect(way(next, zero.id).map((n) => n.name)).toEqual(["", "l", ""]);
  expect(itemOf(reorder(next, l.id, zero.id, 1)).item.l).toEqual({ L: [{ L: [] }, { N: "7" }, { M: {} }] });
  expect(itemOf(reorder(next, l.id, zero.id, 2)).item.l).toEqual({ L: [{ L: [] }, { M: {} }, { N: "7" }] });
  expect(reorder(next, l.id, zero.id, -1)).toEqual(next);
  expect(itemOf(edit(next, l.id, () => undefined)).item).not.toHaveProperty("l");
  expect(itemOf(add(next, m.id, newNode("NULL", "x"))).item.m).toEqual({ M: { deep: { M: { deeper: { SS: ["s"] } } }, x: { NULL: true } } });
});

test("what is typed need not be a value", () => {
  const root = add(add(nodeOf({ M: {} }), 0, newNode()), 0, newNode());
  expect(itemOf(root).item).toEqual({});
  const number = { ...newNode("N", "n"), text: "1.2.3" };
  const binary = { ...newNode("B", "b"), text: "?" };
  const twice = newNode("S", "n");
  const { problems } = itemOf({ ...newNode("M"), children: [number, binary, twice, newNode("N", "none")] });
  expect([...problems.values()]).toEqual(["“1.2.3” is not a number", "This is not base64", "There are two attributes called n", "A number is needed"]);
});

describe("types are changed without loss, or not at all", () => {
  const to = (v: Value, type: Type) => valueOf(retype(nodeOf(v), type), new Map());
  test.each<[Value, Type, Value]>([
    [{ S: "" }, "M", { M: {} }],
    [{ S: "" }, "BOOL", { BOOL: false }],
    [{ NULL: true }, "S", { S: "" }],
    [{ M: {} }, "SS", { SS: [] }],
    [{ S: digits }, "N", { N: digits }],
    [{ N: "1.50" }, "S", { S: "1.50" }],
    [{ BOOL: true }, "S", { S: "true" }],
    [{ S: " True" }, "BOOL", { BOOL: true }],
    [{ S: "é" }, "B", { B: new Uint8Array([0xc3, 0xa9]) }],
    [{ B: new Uint8Array([0xc3, 0xa9]) }, "S", { S: "é" }],
    [{ S: "a" }, "SS", { SS: ["a"] }],
    [{ N: "1" }, "SS", { SS: ["1"] }],
    [{ S: "1" }, "NS", { NS: ["1"] }],
    [{ N: "1" }, "L", { L: [{ N: "1" }] }],
    [{ SS: ["1", "2"] }, "NS", { NS: ["1", "2"] }],
    [{ NS: ["1", "2"] }, "L", { L: [{ N: "1" }, { N: "2" }] }],
    [{ L: [{ S: "a" }, { N: "2" }] }, "SS", { SS: ["a", "2"] }],
    [{ SS: ["a"] }, "S", { S: "a" }],
    [{ S: `{"a": [${digits}], "s": {"$SS": ["x"]}}` }, "M", { M: { a: { L: [{ N: digits }] }, s: { SS: ["x"] } } }],
    [{ S: '[1, "a"]' }, "L", { L: [{ N: "1" }, { S: "a" }] }],
    [{ M: { a: { N: digits } } }, "S", { S: `{"a":${digits}}` }],
    [{ L: [{ SS: ["x"] }] }, "S", { S: '[{"$SS":["x"]}]' }],
  ])("%j to %s", (from, type, want) => expect(to(from, type)).toEqual(want));
  test.each<[Value, Type, string]>([
    [{ S: "abc" }, "N", "“abc” is not a number. Empty it first to have a number instead."],
    [{ S: "maybe" }, "BOOL", "It is neither true nor false."],
    [{ S: "x" }, "M", "A map has attributes with names, and this is no JSON of one."],
    [{ S: "x" }, "NULL", "Null has no value, and this has one."],
    [{ B: new Uint8Array([255]) }, "S", "These bytes are no text."],
    [{ BOOL: true }, "N", "A boolean cannot become a number without loss."],
    [{ M: { a: { S: "x" } } }, "L", "A map cannot become a list without loss."],
    [{ L: [{ NULL: true }] }, "SS", "A set has no null in it."],
    [{ SS: ["a", "b"] }, "S", "It has 2 elements."],
    [{ SS: ["a"] }, "NS", "“a” is not a number."],
  ])("%j to %s", (from, type, why) => {
    expect(() => to(from, type)).toThrow(Refusal);
    expect(() => to(from, type)).toThrow(why);
  });
  test("its place and its name stay", () => {
    const node = nodeOf({ S: '{"a":1}' }, "x");
    expect(retype(node, "M")).toMatchObject({ id: node.id, name: "x" });
    expect(retype(nodeOf({ SS: ["a"] }, "x"), "S")).toMatchObject({ name: "x", text: "a" });
  });
});

const sources: Source[] = [
  { local: false, hash: [{ name: "pk", type: "S" }], range: [{ name: "sk", type: "N" }], items: 0, status: "ACTIVE" },
  { index: "ix", local: false, hash: [{ name: "who", type: "S" }], range: [], items: 0, status: "ACTIVE" },
];
const key: Item = { pk: { S: "a" }, sk: { N: "1" } };
const nested = (levels: number): Value => (levels === 0 ? { S: "x" } : levels % 2 === 0 ? { L: [nested(levels - 1)] } : { M: { a: nested(levels - 1) } });

describe("what the server would refuse is told before", () => {
  test.each<[string, Item, string[]]>([
    ["nothing", key, []],
    ["32 levels", { ...key, v: nested(31) }, []],
    ["33 levels", { ...key, v: nested(32) }, ["v.0.a.0.a.0.a.0.a.0.a.0.a.0.a.0.a.0.a.0.a.0.a.0.a.0.a.0.a.0.a.0.a: Lists and maps are nested at most 31 deep"]],
    ["no key", { pk: { S: "a" } }, [": The key attribute sk is missing"]],
    ["another type", { ...key, sk: { S: "1" } }, ["sk: The key of the table is of the type Number"]],
    ["an empty key", { ...key, pk: { S: "" } }, ["pk: The key of the table cannot be empty"]],
    ["a long key", { ...key, pk: { S: "é".repeat(1025) } }, ["pk: The key of the table has at most 2048 bytes here"]],
    ["an index", { ...key, who: { S: "" } }, ["who: The key of the index ix cannot be empty"]],
    ["an index of another type", { ...key, who: { NULL: true } }, ["who: The key of the index ix is of the type String"]],
    ["an empty set", { ...key, s: { SS: [] } }, ["s: A set has at least one element"]],
    ["what is twice in a set", { ...key, s: { NS: ["1", "2", "1.0"] }, t: { SS: ["", ""] } }, ["s.2: This is in the set already", "t.1: This is in the set already"]],
    ["39 digits", { ...key, n: { N: `${digits}9` } }, ["n: A number has at most 38 significant digits"]],
    ["spaces", { ...key, n: { N: " 1" } }, ["n: A number has no spaces around it"]],
    ["no name", { ...key, m: { M: { "": { S: "x" } } } }, ["m.: An attribute has a name"]],
    ["half of a character", { ...key, s: { S: "\ud83d" } }, ["s: The text has half of a character"]],
    ["400 KB", { ...key, s: { S: "x".repeat(400 * 1024) } }, [": The item has more than 400 KB"]],
  ])("%s", (_, item, problems) => expect(problemsOf(item, sources).map((p) => `${p.path.join(".")}: ${p.text}`)).toEqual(problems));
  test("what has all types is fine", () => {
    expect(problemsOf({ ...everything, ...key }, sources)).toEqual([]);
    expect(equalItems(itemOf(nodeOf({ M: { v: nested(31) } })).item, { v: nested(31) })).toBe(true);
  });
});
