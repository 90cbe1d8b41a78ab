import { describe, expect, it } from "vitest";
import { type Value } from "../model/value";
import { expressionOf, NotReadable, Placeholders, treeOf } from "./expression";
import { conditionOf, decode, emptyGroup, emptyQuery, emptyRaw, encode, formOf, fromRaw, type ItemsSearch, operandOf, type Query, valueOf } from "./model";
import { addPart, replacePart } from "./forms";
import { allOf, conjuncts, matches, show, simplify, type Tree } from "./tree";

const values: Value[] = [
  { S: "" },
  { S: "a, / # ? % \" ' \n 😀" },
  { N: "-12345678901234567890.123456789012345678" },
  { B: new Uint8Array([0, 255, 10]) },
  { BOOL: false },
  { NULL: true },
  { SS: ["a", ""] },
  { NS: ["1", "12345678901234567890123456789012345678"] },
  { L: [{ M: { x: { B: new Uint8Array([1]) } } }] },
];

const trees: Tree[] = [
  ...values.map((v): Tree => ({ path: ["odd.name", 3, "#"], operator: "=", values: [v] })),
  { not: { path: ["a"], operator: "attribute_exists", values: [] } },
  { path: ["a"], operator: "BETWEEN", values: [{ N: "1" }, { N: "2" }], size: true },
  { path: ["a"], operator: "IN", values: [{ N: "1" }, { S: "x" }, { NULL: true }] },
  { path: ["a"], operator: "attribute_type", values: [{ S: "NS" }] },
  { and: [{ path: ["a"], operator: "contains", values: [{ S: "x" }] }, { or: [{ path: ["b"], operator: "<", values: [{ N: "1" }] }, { not: { and: [{ path: ["c"], operator: ">=", values: [{ N: "1" }] }, { path: ["d"], operator: "<>", values: [{ S: "" }] }] } }] }] },
  { or: [{ path: ["a"], operator: "begins_with", values: [{ S: "x" }] }, { path: ["a"], operator: "=", values: [{ S: "y" }] }] },
];

// inURL is what comes back of a search when an address is loaded again.
const inURL = (search: ItemsSearch) => JSON.parse(JSON.stringify(search)) as ItemsSearch;

describe("a query in the URL", () => {
  it.each(trees.map((t) => [show(t), t] as const))("%s", (_, tree) => {
    const query: Query = { ...emptyQuery(), where: formOf(tree) };
    const back = decode(inURL(encode(query)));
    expect(back.notices).toEqual([]);
    expect(conjuncts(conditionOf(back.query.where).tree)).toEqual(conjuncts(tree));
    expect(encode(back.query)).toEqual(encode(query));
  });

  it("has all else, too", () => {
    const query: Query = { ...emptyQuery(), mode: "query", source: "", projection: "a, b.c", descending: true, page: 25, consistent: true };
    expect(encode(query)).toEqual({ mode: "query", index: "-", show: "a, b.c", order: "desc", page: 25, consistent: true });
    expect(encode(decode(inURL(encode(query))).query)).toEqual(encode(query));
    const raw: Query = { ...emptyQuery(), source: "ix", raw: { ...emptyRaw, key: "pk = :p", values: `{":p":{"S":"x"}}` } };
    expect(decode(inURL(encode(raw))).query.raw).toEqual(raw.raw);
  });

  it("is nothing for the usual query", () => expect(encode(emptyQuery())).toEqual({}));

  it("leaves out blank conditions and groups", () => {
    const query = emptyQuery();
    query.where.parts.push({ ...emptyGroup(), not: true });
    expect(encode(query)).toEqual({});
  });

  const deep = JSON.parse(`${'{"not":'.repeat(60)}["=","a",{"S":""}]${"}".repeat(60)}`) as unknown;
  const broken: [string, ItemsSearch, RegExp][] = [
    ["mode", { mode: "guess" }, /^“mode” in the address is left out/],
    ["index", { index: {} }, /index/],
    ["text for conditions", { where: "a = 1" }, /a condition is like/],
    ["an operator", { where: ["like", "a", { S: "x" }] }, /there is no operator "like"/],
    ["no path", { where: ["=", 1, { S: "x" }] }, /= has no attribute/],
    ["a bad path", { where: ["=", "a[", { S: "x" }] }, /in “a\[” there is something wrong/],
    ["too many values", { where: ["=", "a", { S: "x" }, { S: "y" }] }, /= cannot have 2 values/],
    ["no values of IN", { where: ["IN", "a"] }, /IN cannot have 0 values/],
    ["no value", { where: ["=", "a", "x"] }, /a value is an object with its type/],
    ["a bad number", { where: ["=", "a", { N: "x" }] }, /“x” is not a number/],
    ["null", { where: null }, /a condition is like/],
    ["two joins", { where: { and: [], or: [] } }, /a condition is like/],
    ["what is nested too deep", { where: deep }, /nested too deep/],
    ["show", { show: "a..b" }, /a name is missing/],
    ["order", { order: 1 }, /asc or desc/],
    ["page", { page: "many" }, /a number from 1/],
    ["consistent", { consistent: "yes" }, /true or false/],
    ["expressions", { expressions: { key: 1 } }, /texts/],
    ["other expressions", { expressions: { update: "x" } }, /texts/],
  ];
  it.each(broken)("says what is wrong with %s", (_, search, message) => {
    const { query, notices } = decode(search);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(message);
    expect(encode(query)).toEqual({});
  });
});

it.each(values)("a value is typed and read: %j", (v) => expect(valueOf(operandOf(v))).toEqual(v));

it.each([
  [{ type: "N", text: " " }, "a number is missing"],
  [{ type: "N", text: "1x" }, "“1x” is not a number"],
  [{ type: "B", text: "!" }, "this is not base64"],
  [{ type: "JSON", text: "{" }, /.+/],
  [{ type: "JSON", text: `{"S":"a"},"x":{"S":"b"}` }, /.+/],
] as const)("refuses the value %j", (operand, message) => expect(() => valueOf(operand)).toThrow(message));

describe("expressions", () => {
  it.each(trees.map((t) => [show(t), t] as const))("are read as they are written: %s", (_, tree) => {
    const p = new Placeholders();
    const text = expressionOf(tree, p);
    expect(simplify(treeOf(text, new Map([...p.names].map(([name, placeholder]) => [placeholder, name])), Object.fromEntries(p.values)))).toEqual(simplify(tree));
  });

  it("become conditions, in whatever way they are written", () => {
    const raw = {
      key: "pk=:p and (:low<=sk)",
      filter: "not (#x . y[ 0 ] in (:p,:low) or Size(tags) > :n) AND attribute_exists(z)",
      projection: "pk, #x.y[0]",
      names: `{"#x":"odd name"}`,
      values: `{":p":{"S":"a"},":low":{"S":"b"},":n":{"N":"1"}}`,
    };
    const query = fromRaw(emptyQuery(), raw);
    expect(show(conditionOf(query.where).tree)).toBe("pk = a AND sk >= b AND NOT (odd name.y[0] IN (a, b) OR size(tags) > 1) AND attribute_exists(z)");
    expect(query.projection).toBe("pk, odd name.y[0]");
  });

  it.each(["a = b", "a = :nope", "#nope = :v", "a = :v OR", "(a = :v", "a == :v", "size(a)", "begins_with(a)", "a BETWEEN :v", "a IN ()", "a = :v b", "", "a[x] = :v", "if_not_exists(a, :v) = :v"])("are left as they are where that is not possible: %s", (filter) => {
    expect(() => treeOf(filter, new Map(), { ":v": { S: "x" } })).toThrow(NotReadable);
  });
});

describe("what is typed", () => {
  it("is replaced and taken away", () => {
    const { where } = { where: formOf(trees.at(-2)) };
    const [first, second] = where.parts;
    if (!first || !second || !("parts" in second) || !second.parts[0]) throw new Error("not the form of this tree");
    expect(show(conditionOf(replacePart(where, second.parts[0].id, undefined)).tree)).toBe("contains(a, x) AND (NOT (c >= 1 AND d <> “”))");
    expect(conjuncts(conditionOf(replacePart(replacePart(where, second.id, undefined), first.id, undefined)).tree)).toEqual([]);
  });

  it("is joined with one more condition by AND", () => {
    const more = formOf({ path: ["z"], operator: "=", values: [{ N: "1" }] }).parts[0];
    if (!more) throw new Error("no condition");
    expect(show(conditionOf(addPart(emptyQuery().where, more)).tree)).toBe("z = 1");
    expect(show(conditionOf(addPart(formOf(trees.at(-1)), more)).tree)).toBe("(begins_with(a, x) OR a = y) AND z = 1");
  });
});

describe("a condition", () => {
  const item = { s: { S: "a😀" }, n: { N: "1.0" }, ss: { SS: ["b", "a"] }, l: { L: [{ N: "1" }] }, b: { B: new Uint8Array([1, 2, 3]) }, m: { M: { x: { NULL: true as const } } } };
  it.each<[Tree, boolean]>([
    [{ path: ["n"], operator: "=", values: [{ N: "1" }] }, true],
    [{ path: ["nope"], operator: "=", values: [{ N: "1" }] }, false],
    [{ path: ["nope"], operator: "<>", values: [{ N: "1" }] }, true],
    [{ path: ["n"], operator: "<>", values: [{ S: "1" }] }, true],
    [{ path: ["nope"], operator: "<>", values: [{ N: "1" }], size: true }, true],
    [{ path: ["nope"], operator: "<", values: [{ N: "1" }] }, false],
    [{ path: ["n"], operator: "<", values: [{ S: "2" }] }, false],
    [{ path: ["s"], operator: "=", values: [{ N: "3" }], size: true }, true],
    [{ path: ["ss"], operator: "=", values: [{ SS: ["a", "b"] }] }, true],
    [{ path: ["ss"], operator: "contains", values: [{ S: "a" }] }, true],
    [{ path: ["l"], operator: "contains", values: [{ N: "1.00" }] }, true],
    [{ path: ["b"], operator: "begins_with", values: [{ B: new Uint8Array([1, 2]) }] }, true],
    [{ path: ["b"], operator: "contains", values: [{ B: new Uint8Array([2, 3]) }] }, true],
    [{ path: ["s"], operator: "contains", values: [{ S: "😀" }] }, true],
    [{ path: ["m", "x"], operator: "attribute_type", values: [{ S: "NULL" }] }, true],
    [{ path: ["m", "y"], operator: "attribute_not_exists", values: [] }, true],
    [{ path: ["n"], operator: "BETWEEN", values: [{ N: "0" }, { N: "1" }] }, true],
    [{ path: ["n"], operator: "IN", values: [{ N: "0" }, { N: "1" }] }, true],
    [allOf([]), true],
    [{ or: [] }, false],
  ])("%j is %s", (tree, holds) => {
    expect(matches(tree, item)).toBe(holds);
    expect(matches({ not: tree }, item)).toBe(!holds);
  });
});
