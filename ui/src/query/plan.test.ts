import { describe, expect, it } from "vitest";
import type { Source } from "../model/table";
import { compare, equal, identity, type Item, typeOf, type Value } from "../model/value";
import { emptyQuery, formOf, type Query } from "./model";
import { isPlan, type Plan, plan } from "./plan";
import { allOf, attributesOf, isAlways, matches, type Operator, type Test, type Tree } from "./tree";

const S = (name: string) => ({ name, type: "S" as const });
const N = (name: string) => ({ name, type: "N" as const });
const source = (s: Partial<Source>): Source => ({ local: false, hash: [S("pk")], range: [], items: 0, status: "ACTIVE", ...s });

const table = source({ range: [S("sk")] });
const gsi1 = source({ index: "gsi1", hash: [S("status")], range: [N("n")] });
const keysOnly = source({ index: "keysonly", hash: [S("owner")], projected: new Set(["pk", "sk", "owner"]) });
const lsi = source({ index: "lsi", local: true, range: [N("n")], projected: new Set(["pk", "sk", "n"]) });
const multi = source({ index: "multi", hash: [S("a"), S("b")], range: [N("c"), S("d"), S("e")] });
const sources = [table, gsi1, keysOnly, lsi, multi];

const s = (text: string): Value => ({ S: text });
const n = (text: string): Value => ({ N: text });
const test = (name: string, operator: Operator, ...values: Value[]): Test => ({ path: [name], operator, values });
const eq = (name: string, v: Value) => test(name, "=", v);
const ask = (where: Tree[], more: Partial<Query> = {}): Query => ({ ...emptyQuery(), where: formOf(allOf(where)), ...more });
const reason = (query: Query, from = sources) => {
  const p = plan(query, "t", from);
  return isPlan(p) ? p.reason : p.trouble;
};
const planned = (query: Query, from = sources): Plan => {
  const p = plan(query, "t", from);
  if (!isPlan(p)) throw new Error(p.trouble);
  return p;
};

describe("plan", () => {
  const cases: [string, Tree[], Partial<Query>, string][] = [
    ["nothing", [], {}, "Scan of the table: there are no conditions"],
    ["the whole key", [eq("pk", s("a")), eq("sk", s("b"))], {}, "GetItem from the table (pk = a, sk = b): the conditions are the whole key"],
    ["the whole key in any order", [eq("sk", s("b")), eq("pk", s("a"))], {}, "GetItem from the table (pk = a, sk = b): the conditions are the whole key"],
    ["the whole key and more", [eq("pk", s("a")), eq("sk", s("b")), eq("x", s("c"))], {}, "Query on the table (pk = a, sk = b); 1 filter runs after the read"],
    ["a forced Query of the whole key", [eq("pk", s("a")), eq("sk", s("b"))], { mode: "query" }, "Query on the table (pk = a, sk = b)"],
    ["a partition", [eq("pk", s("a"))], {}, "Query on the table (pk = a)"],
    ["a part of a partition", [eq("pk", s("a")), test("sk", "begins_with", s("x#"))], {}, "Query on the table (pk = a, begins_with(sk, x#))"],
    ["an index", [eq("status", s("OPEN")), test("n", ">", n("5")), eq("x", s("1")), test("y", "<>", s("2"))], {}, "Query on gsi1 (status = OPEN, n > 5); 2 filters run after the read"],
    ["an index with all its sort key", [eq("status", s("OPEN"))], {}, "Query on gsi1 (status = OPEN)"],
    ["two bounds", [eq("status", s("OPEN")), test("n", ">=", n("1")), test("n", "<=", n("5"))], {}, "Query on gsi1 (status = OPEN, n BETWEEN 1 AND 5)"],
    ["two bounds, one open", [eq("status", s("OPEN")), test("n", ">", n("1")), test("n", "<=", n("5"))], {}, "Query on gsi1 (status = OPEN, n BETWEEN 1 AND 5); 1 condition on the key is looked at in this page, as a Query filters no keys"],
    ["bounds that cross", [eq("status", s("OPEN")), test("n", ">=", n("5")), test("n", "<=", n("1"))], {}, "Query on gsi1 (status = OPEN, n >= 5); 1 condition on the key is looked at in this page, as a Query filters no keys"],
    ["what no key condition can say", [eq("pk", s("a")), test("sk", "contains", s("x"))], {}, "Query on the table (pk = a); 1 condition on the key is looked at in this page, as a Query filters no keys"],
    ["a local index", [eq("pk", s("a")), test("n", "<", n("5"))], {}, "Query on lsi (pk = a, n < 5)"],
    ["a local index that lacks what is filtered", [eq("pk", s("a")), test("n", "<", n("5")), eq("x", s("1"))], {}, "Query on the table (pk = a); 2 filters run after the read"],
    ["an index with keys only", [eq("owner", s("o"))], {}, "Query on keysonly (owner = o)"],
    ["an index that lacks what is filtered", [eq("owner", s("o")), eq("x", s("1"))], {}, "Scan of the table: keysonly does not have x"],
    ["an index that lacks what is shown", [eq("owner", s("o"))], { projection: "x" }, "Scan of the table: keysonly does not have x"],
    ["a key of several attributes", [eq("b", s("2")), eq("a", s("1")), eq("c", n("3")), test("d", ">", s("4"))], {}, "Query on multi (a = 1, b = 2, c = 3, d > 4)"],
    ["a key of several attributes with a gap", [eq("b", s("2")), eq("a", s("1")), test("d", ">", s("4"))], {}, "Query on multi (a = 1, b = 2); 1 condition on the key is looked at in this page, as a Query filters no keys"],
    ["half of a partition key", [eq("a", s("1"))], {}, "Scan of the table: no condition gives a partition key by = (pk)"],
    ["consistent", [eq("status", s("OPEN"))], { consistent: true }, "Scan of the table: gsi1 has no consistent reads"],
    ["OR", [{ or: [eq("pk", s("a")), eq("pk", s("b"))] }], {}, "Scan of the table: with OR there is no one value of a partition key"],
    ["OR below AND", [eq("pk", s("a")), { or: [eq("x", s("a")), eq("x", s("b"))] }], {}, "Query on the table (pk = a); 1 filter runs after the read"],
    ["OR of keys below AND", [eq("pk", s("a")), { or: [eq("sk", s("a")), eq("sk", s("b"))] }], {}, "Query on the table (pk = a); 1 condition on the key is looked at in this page, as a Query filters no keys"],
    ["AND in AND", [{ and: [{ and: [eq("pk", s("a"))] }, eq("x", s("b"))] }], {}, "Query on the table (pk = a); 1 filter runs after the read"],
    ["NOT", [{ not: eq("pk", s("a")) }], {}, "Scan of the table: no condition gives a partition key by = (pk)"],
    ["NOT NOT", [{ not: { not: eq("pk", s("a")) } }], {}, "Query on the table (pk = a)"],
    ["IN", [test("pk", "IN", s("a"), s("b"))], {}, "Scan of the table: each value of pk would be a Query of its own"],
    ["another operator", [test("pk", "begins_with", s("a"))], {}, "Scan of the table: a Query needs pk by ="],
    ["another type", [eq("pk", n("5"))], {}, "Scan of the table: pk is a String in the key, and 5 is a Number"],
    ["another type of a sort key", [eq("pk", s("a")), eq("sk", n("5"))], {}, "Query on the table (pk = a); 1 condition on the key is looked at in this page, as a Query filters no keys"],
    ["the size of a key", [{ path: ["pk"], operator: "=", values: [n("1")], size: true }], {}, "Scan of the table: no condition gives a partition key by = (pk)"],
    ["a member of the name of a key", [{ path: ["x", "pk"], operator: "=", values: [s("a")] }], {}, "Scan of the table: no condition gives a partition key by = (pk)"],
    ["one value twice", [eq("pk", s("a")), eq("pk", s("a"))], {}, "Query on the table (pk = a)"],
    ["two values", [eq("pk", s("a")), eq("pk", s("b"))], {}, "No item can match these conditions: pk cannot be all that."],
    ["what the key says already", [eq("pk", s("ab")), test("pk", "begins_with", s("a")), { not: eq("pk", s("x")) }], {}, "Query on the table (pk = ab)"],
    ["an empty key", [eq("pk", s(""))], {}, "No item can match these conditions: a key is never empty."],
    ["a forced Scan", [eq("pk", s("a"))], { mode: "scan" }, "Scan of the table: all conditions are filters"],
    ["a forced Scan of all", [], { mode: "scan" }, "Scan of the table"],
    ["a forced Query without a key", [eq("x", s("a"))], { mode: "query" }, "A Query of the table needs a value of pk (String) by =."],
    ["a forced index", [eq("status", s("OPEN"))], { source: "gsi1" }, "Query on gsi1 (status = OPEN)"],
    ["a forced index without its key", [eq("pk", s("a"))], { source: "gsi1" }, "Scan of gsi1: no condition gives a partition key by = (status)"],
    ["a forced table", [eq("status", s("OPEN"))], { source: "" }, "Scan of the table: no condition gives a partition key by = (pk)"],
    ["an index that is not there", [], { source: "nope" }, "The table has no index nope."],
    ["a forced index that lacks what is filtered", [eq("x", s("1"))], { source: "keysonly" }, "keysonly does not have x: there can be no condition on it there."],
    ["what is not a list of attributes", [], { projection: "a..b" }, "The attributes to show: in “a..b” a name is missing."],
  ];
  it.each(cases)("%s", (_, where, more, want) => expect(reason(ask(where, more))).toBe(want));

  it("does not read an index that is being made", () => {
    expect(reason(ask([eq("status", s("OPEN"))]), [table, { ...gsi1, status: "CREATING" }])).toBe("Scan of the table: gsi1 is creating");
  });

  it("says which items an index does not have", () => {
    expect(planned(ask([eq("status", s("OPEN"))])).notes).toEqual(["Items without n (Number) are not in gsi1."]);
    expect(planned(ask([eq("status", s("OPEN")), test("n", "<", n("1"))])).notes).toEqual([]);
    expect(planned(ask([eq("owner", s("o"))])).notes).toEqual(["keysonly has only pk, sk, owner of an item."]);
    expect(planned(ask([eq("owner", s("o"))])).partial).toBe(true);
    expect(planned(ask([], { source: "gsi1" })).notes).toEqual(["Items without status (String) or n (Number) are not in gsi1."]);
  });

  it("says what is wrong with a condition, and where", () => {
    const query = ask([eq("pk", s("a")), eq("n", n("1"))]);
    const [, leaf] = query.where.parts;
    if (!leaf || !("operands" in leaf)) throw new Error("there is no second condition");
    leaf.operands = [{ type: "N", text: "one" }];
    const p = plan(query, "t", sources);
    expect(p).toEqual({ trouble: "A condition is not whole: “one” is not a number.", at: new Map([[leaf.id, "“one” is not a number"]]) });
  });

  it("makes a request", () => {
    const query = ask([eq("status", s("OPEN")), test("n", ">", n("5")), { or: [{ path: ["address", "city", 0, "x y"], operator: "contains", values: [s("a")] }, { not: test("n2", "attribute_exists") }] }], {
      projection: `address.city, "x.y"`,
      descending: true,
    });
    expect(planned(query).request).toEqual({
      operation: "Query",
      input: {
        TableName: "t",
        IndexName: "gsi1",
        KeyConditionExpression: "#status = :status AND #n > :n",
        FilterExpression: "contains(#address.#city[0].#n2, :v) OR NOT attribute_exists(#n22)",
        ProjectionExpression: "#pk, #sk, #address.#city, #n3",
        ExpressionAttributeNames: { "#status": "status", "#n": "n", "#address": "address", "#city": "city", "#n2": "x y", "#n22": "n2", "#pk": "pk", "#sk": "sk", "#n3": "x.y" },
        ExpressionAttributeValues: { ":status": s("OPEN"), ":n": n("5"), ":v": s("a") },
        ScanIndexForward: false,
      },
    });
  });

  it("has a local index return whole items", () => {
    expect(planned(ask([eq("pk", s("a")), eq("n", n("1"))])).request.input).toMatchObject({ IndexName: "lsi", Select: "ALL_ATTRIBUTES", Limit: 100 });
  });

  it("reads what this page looks at", () => {
    const p = planned(ask([eq("pk", s("a")), { or: [eq("sk", s("b")), eq("x", s("c"))] }], { projection: "x.y, z" }));
    expect(p.request.input).toMatchObject({ ProjectionExpression: "#pk, #sk, #x, #z" });
  });

  it("takes expressions as they are", () => {
    const raw = { key: "pk = :pk", filter: "", projection: "", names: "", values: `{":pk":{"S":"a"}}` };
    expect(planned({ ...emptyQuery(), raw }).request).toEqual({
      operation: "Query",
      input: { TableName: "t", KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": s("a") }, Limit: 100 },
    });
    expect(reason({ ...emptyQuery(), mode: "scan", raw })).toBe("A Scan has no key condition.");
    expect(reason({ ...emptyQuery(), raw: { ...raw, values: "{" } })).toMatch(/^The names or values: /);
  });
});

// A generator of numbers that is the same every time.
function random(seed: number) {
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = <T>(of: readonly T[]): T => of[next(of.length)] as T;
  return { next, pick };
}

const attributes = ["pk", "sk", "status", "n", "owner", "a", "b", "c", "d", "e", "x"];
const numeric = new Set(["n", "c"]);

// entriesOf returns what a source has of items, as DynamoDB would: an index has
// those that have its key.
function entriesOf(from: Source, items: Item[]): Item[] {
  return items
    .filter((item) => [...from.hash, ...from.range].every((a) => item[a.name] && typeOf(item[a.name] as Value) === a.type))
    .map((item) => (from.projected ? Object.fromEntries(Object.entries(item).filter(([name]) => from.projected?.has(name))) : item));
}

describe("a plan", () => {
  it("finds what a Scan with all conditions does, but for what is not in its index", { timeout: 60_000 }, () => {
    const { next, pick } = random(7);
    const value = (name: string): Value => (next(12) === 0 ? pick<Value>([{ BOOL: true }, { NULL: true }, s(""), n("2")]) : numeric.has(name) ? n(String(next(4))) : s(pick(["a", "b", "ab", "ba"])));
    const key = (name: string): Value => (numeric.has(name) ? n(String(next(4))) : s(pick(["a", "b", "ab", "ba"])));
    const indexed = new Set(sources.flatMap((x) => [...x.hash, ...x.range].map((a) => a.name)));
    const item = (): Item =>
      Object.fromEntries(attributes.filter((name) => name === "pk" || name === "sk" || next(4) > 0).map((name) => [name, indexed.has(name) ? key(name) : value(name)]));
    const leaf = (): Test => {
      const name = pick(attributes);
      const v = () => value(name);
      const operator = pick<Operator>(["=", "=", "=", "=", "<>", "<", "<=", ">", ">=", "BETWEEN", "IN", "begins_with", "contains", "attribute_exists", "attribute_not_exists", "attribute_type"]);
      if (operator === "BETWEEN") return test(name, operator, ...[v(), v()].sort(compare));
      if (operator === "IN") return test(name, operator, v(), v());
      if (operator === "attribute_type") return test(name, operator, s(pick(["S", "N"])));
      return test(name, operator, ...(operator.startsWith("attribute") ? [] : [v()]));
    };
    const tree = (depth: number): Tree => {
      const kind = depth === 0 ? 3 : next(6);
      if (kind === 0) return { or: Array.from({ length: 2 }, () => tree(depth - 1)) };
      if (kind === 1) return { and: Array.from({ length: 2 }, () => tree(depth - 1)) };
      if (kind === 2) return { not: tree(depth - 1) };
      return leaf();
    };
    const seen = new Map<string, number>();
    const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    for (let round = 0; round < 600; round++) {
      const items = new Map(Array.from({ length: 40 }, () => item()).map((i) => [identity(i, ["pk", "sk"]), i]));
      const all = [...items.values()];
      // A key is likely, so that there is something to choose.
      const likely = pick(sources);
      const where = [...[...likely.hash, ...likely.range].filter(() => next(4) > 0).map((a) => eq(a.name, key(a.name))), ...Array.from({ length: next(4) }, () => tree(2))];
      const query = ask(where, { mode: pick(["auto", "auto", "query", "scan"]), source: pick([undefined, undefined, undefined, "", "gsi1", "keysonly", "lsi", "multi"]), consistent: next(8) === 0 });
      const want = all.filter((i) => matches(allOf(where), i));
      const p = plan(query, "t", sources);
      if (!isPlan(p)) {
        if (p.trouble.startsWith("No item can match")) {
          count("nothing");
          expect(want).toEqual([]);
        } else {
          expect(p.trouble).toMatch(/^A Query of|^There is no Query|does not have/);
        }
        continue;
      }
      count(p.request.operation);
      const { source: from, key: keyTests, filter, local } = p;
      if (!isAlways(local)) count("local");
      const entries = entriesOf(from, all);
      const read = entries.filter((i) => keyTests.every((t) => matches(t, i)));
      const got = read.filter((i) => matches(filter, i)).filter((i) => matches(local, i));
      const ids = (list: Item[]) => list.map((i) => identity(i, ["pk", "sk"])).sort();
      const inIndex = new Set(ids(entries));
      const missing = ids(want).filter((id) => !inIndex.has(id));
      expect(ids(got)).toEqual(ids(want).filter((id) => inIndex.has(id)));
      // What is not in the index is said.
      if (missing.length > 0) expect(p.notes.join()).toContain("Items without");
      if (p.request.operation === "Query") {
        const keys = [...from.hash, ...from.range];
        expect([...attributesOf(filter)].filter((name) => keys.some((a) => a.name === name))).toEqual([]);
        for (const a of from.hash) expect(keyTests.filter((t) => t.path[0] === a.name && t.operator === "=")).toHaveLength(1);
        for (const t of keyTests) expect(t.values.every((v) => typeOf(v) === keys.find((a) => a.name === t.path[0])?.type && !equal(v, s("")))).toBe(true);
        expect(new Set(keyTests.map((t) => t.path[0])).size).toBe(keyTests.length);
      }
      expect([...attributesOf(filter), ...attributesOf(local)].filter((name) => from.projected && !from.projected.has(name))).toEqual([]);
    }
    for (const what of ["GetItem", "Query", "Scan", "local", "nothing"]) expect(seen.get(what) ?? 0, what).toBeGreaterThan(2);
  });
});
