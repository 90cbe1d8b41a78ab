import { expect, it } from "vitest";
import type { Explanation } from "../exchange";
import { scanEstimate, sum } from "./reader";

const explained = (read: number, consumed: number, advice: Explanation["advice"] = []): Explanation => ({
  operation: "Query",
  table: "t",
  index: "ix",
  partitions: 1,
  read: { items: read, bytes: read * 10 },
  matched: read,
  returned: { items: 1, bytes: 10 },
  units: { consumed, eventual: consumed },
  planningMicroseconds: 1,
  executionMicroseconds: 2,
  advice,
});

it("adds up pages, and keeps each advice once", () => {
  const first = sum(undefined, { items: [1], explanation: explained(10, 0.5, [{ code: "a", text: "of the first" }]), milliseconds: 3 });
  const both = sum(first, { items: [1, 2], explanation: explained(5, 1, [{ code: "a", text: "of the second" }, { code: "b", text: "more" }]), milliseconds: 4 });
  expect(both).toEqual({
    pages: 2,
    operation: "Query",
    index: "ix",
    read: { items: 15, bytes: 150 },
    returned: 3,
    units: 1.5,
    milliseconds: 7,
    advice: [
      { code: "a", text: "of the second" },
      { code: "b", text: "more" },
    ],
  });
});

it("counts pages that are not explained", () => {
  expect(sum(undefined, { items: [1], milliseconds: 3 })).toMatchObject({ pages: 1, returned: 1, units: 0 });
});

it("estimates a Scan", () => {
  expect(scanEstimate(0, false)).toBe(0);
  expect(scanEstimate(4097, false)).toBe(1);
  expect(scanEstimate(4097, true)).toBe(2);
});
