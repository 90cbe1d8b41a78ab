import { expect, it } from "vitest";
import type { Item } from "../model/value";
import type { Rows } from "../query/pages";
import { grouped } from "./groups";
import { sheetOf } from "./sheet";
import { stepOf } from "./viewport";

const item = (pk: string, sk: number): Item => ({ pk: { S: pk }, sk: { N: String(sk) } });
const all = [item("a", 1), item("b", 2), item("a", 3)];
const items = { length: all.length, dropped: 0, at: (i: number) => all[i] } as unknown as Rows;
const keys = ["pk", "sk"];

it("has new items above all others", () => {
  const sheet = sheetOf(items, keys, [{ id: "new", problem: "no key" }], [2, 1, 0], undefined);
  expect(sheet.rows).toBe(4);
  expect([-1, 0, 1, 3, 4].map((row) => sheet.item(row))).toEqual([undefined, {}, all[2], all[0], undefined]);
  expect([sheet.isNew(0), sheet.isNew(1), sheet.problem(0), sheet.id(0)]).toEqual([true, false, "no key", "new"]);
  expect(sheet.id(1)).not.toBe(sheet.id(3));
});

it("has items under the heading of their partition key", () => {
  const sheet = sheetOf(items, keys, [], undefined, grouped(items, undefined, "pk", new Set()));
  expect(sheet.rows).toBe(5);
  expect([0, 1, 2, 3, 4].map((row) => sheet.group(row)?.value ?? sheet.item(row))).toEqual([{ S: "a" }, all[0], all[2], { S: "b" }, all[1]]);
  const group = sheet.group(0);
  expect(group && sheet.idsOf(group)).toEqual([sheet.id(1), sheet.id(2)]);
  expect(group && sheet.first(group)).toBe(all[0]);
});

it("goes from cell to cell", () => {
  const step = (key: string, far = false) => stepOf(key, far, { row: 4, column: 2 }, { row: 99, column: 7 }, 10);
  expect(["ArrowUp", "ArrowRight", "PageUp", "PageDown", "Home", "End"].map((key) => step(key))).toEqual([
    { row: 3, column: 2 },
    { row: 4, column: 3 },
    { row: 0, column: 2 },
    { row: 14, column: 2 },
    { row: 4, column: 0 },
    { row: 4, column: 7 },
  ]);
  expect(["ArrowDown", "ArrowLeft", "Home", "End"].map((key) => step(key, true))).toEqual([{ row: 99, column: 2 }, { row: 4, column: 0 }, { row: 0, column: 0 }, { row: 99, column: 7 }]);
  expect(step("x")).toBeUndefined();
});
