import { expect, test } from "vitest";
import type { Item } from "../model/value";
import { Sorter } from "./sort";

const of = (...numbers: (string | undefined)[]): Item[] => numbers.map((n): Item => (n === undefined ? {} : { n: { N: n } }));

test("numbers are sorted by their value, and items without them come last", () => {
  const items = of("10", undefined, "9", "1e1", "-3");
  expect(new Sorter().order(items, { name: "n", descending: false })).toEqual([4, 2, 0, 3, 1]);
  expect(new Sorter().order(items, { name: "n", descending: true })).toEqual([0, 3, 2, 4, 1]);
  expect(new Sorter().order(items, undefined)).toBeUndefined();
});

test("what comes later is sorted in", () => {
  const sorter = new Sorter();
  const items = of("5", "3", undefined);
  expect(sorter.order(items, { name: "n", descending: false })).toEqual([1, 0, 2]);
  const more = [...items, ...of("4", undefined, "6", "3")];
  expect(sorter.order(more, { name: "n", descending: false })).toEqual([1, 6, 3, 0, 5, 2, 4]);
  expect(sorter.order(more, { name: "n", descending: true })).toEqual([5, 0, 3, 1, 6, 2, 4]);
  expect(sorter.order(items, { name: "n", descending: false })).toEqual([1, 0, 2]);
});
