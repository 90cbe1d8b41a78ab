import { expect, test } from "vitest";
import type { Item } from "../model/value";
import { colourOf, grouped, prefixOf } from "./groups";

const items: Item[] = ["a", "b", "a", "1"].map((pk, i) => ({ pk: pk === "1" ? { N: pk } : { S: pk }, i: { N: String(i) } }));

test("rows of one partition stand together, under a heading", () => {
  const { lines, groups } = grouped(items, undefined, "pk", new Set());
  expect(lines).toEqual([-1, 0, 2, -2, 1, -3, 3]);
  expect(groups.map((g) => [g.value, g.places])).toEqual([[{ S: "a" }, [0, 2]], [{ S: "b" }, [1]], [{ N: "1" }, [3]]]);
});

test("in the order of the rows, and without those that are folded", () => {
  expect(grouped(items, [3, 2, 1, 0], "pk", new Set(["Sa"])).lines).toEqual([-1, 3, -2, -3, 1]);
  expect(grouped(items, undefined, "none", new Set()).lines).toEqual([-1, 0, 1, 2, 3]);
});

test("a key's prefix ends with its first #", () => {
  expect(prefixOf({ S: "ORDER#1#2" })).toBe("ORDER");
  for (const S of ["#1", "ORDER", "two words#1"]) expect(prefixOf({ S })).toBeUndefined();
  expect(prefixOf({ N: "1" })).toBeUndefined();
  expect(colourOf("ORDER")).toBe(colourOf("ORDER"));
});
