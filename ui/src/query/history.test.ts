// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { inWords, past, remember, savedOf, withName } from "./history";
import { emptyQuery, emptyRaw, encode, formOf, type Query } from "./model";

const where = formOf({ and: [{ path: ["a"], operator: "=", values: [{ S: "x" }] }, { not: { path: ["b"], operator: "attribute_exists", values: [] } }] });

beforeEach(() => localStorage.clear());

it.each<[Partial<Query>, string]>([
  [{}, "all items"],
  [{ where }, "a = x AND NOT attribute_exists(b)"],
  [{ where, mode: "scan", source: "ix", projection: "a, c", descending: true, consistent: true, page: 25 }, "Scan · ix · a = x AND NOT attribute_exists(b) · only a, c · descending · consistent · pages of 25"],
  [{ source: "", raw: { ...emptyRaw, key: "pk = :p", filter: " n > :n", projection: "n" } }, "the table · pk = :p · n > :n · only n"],
])("writes a query in words: %j", (change, words) => expect(inWords({ ...emptyQuery(), ...change })).toBe(words));

it("keeps what was run, the last first and each once", () => {
  const queries = Array.from({ length: 20 }, (_, i): Query => ({ ...emptyQuery(), where, page: i + 1 }));
  for (const query of [...queries, queries[18] as Query]) remember("t", encode(query), query);
  expect(past("t").map((p) => p.search.page)).toEqual([19, 20, ...Array.from({ length: 13 }, (_, i) => 18 - i)]);
  expect(past("other")).toEqual([]);
});

it("is empty where something else was kept", () => {
  localStorage.setItem("stator.queries.t", "{");
  expect(past("t")).toEqual([]);
  localStorage.setItem("stator.queries.t", `[1, {"title": "x"}]`);
  expect(past("t")).toEqual([]);
});

it("has each name once, in order", () => {
  const [a, b] = [{ name: "a", search: {} }, { name: "b", search: { mode: "scan" } }];
  expect(withName([b], a)).toEqual([a, b]);
  expect(withName([a, b], { name: "b", search: {} })).toEqual([a, { name: "b", search: {} }]);
  expect(withName([a, b], { ...a, name: "b" }, "a")).toEqual([{ ...a, name: "b" }]);
  expect(savedOf("t").read([1, { name: "x" }, b])).toEqual([b]);
});
