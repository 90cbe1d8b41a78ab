import { expect, test } from "vitest";
import type { Item } from "../model/value";
import { candidatesOf, warningsOf } from "./candidates";

const now = Date.UTC(2026, 10, 23) / 1000;

test("what items may expire by", () => {
  const items: Item[] = [
    { pk: { S: "a" }, year: { N: "1973" }, created: { N: String(now - 1000) }, ttl: { N: String(now + 60) }, ms: { N: String(now * 1000) }, day: { S: "2026-11-23" } },
    { pk: { S: "b" }, year: { N: "2026" }, created: { N: String(now - 2000) }, ttl: { N: String(now - 6 * 365 * 24 * 3600) }, price: { N: "12.5" }, big: { N: "9".repeat(38) } },
  ];
  expect(candidatesOf(items, now)).toEqual([
    { name: "ttl", items: 2, good: 1, tooOld: 1, milliseconds: 0, text: 0, first: now + 60, last: now + 60 },
    { name: "created", items: 2, good: 2, tooOld: 0, milliseconds: 0, text: 0, first: now - 2000, last: now - 1000 },
    { name: "day", items: 1, good: 0, tooOld: 0, milliseconds: 0, text: 1 },
    { name: "ms", items: 1, good: 0, tooOld: 0, milliseconds: 1, text: 0 },
  ]);
});

test("what is said of them", () => {
  const c = { name: "t", items: 3, good: 0, tooOld: 0, milliseconds: 0, text: 0 };
  expect(warningsOf({ ...c, good: 3 })).toEqual([]);
  expect(warningsOf({ ...c, milliseconds: 3, text: 1, tooOld: 2 }).map((w) => w.slice(0, 15))).toEqual(["All have millis", "1 of 3 have tex", "2 of 3 have a t"]);
});
