import { expect, test } from "vitest";
import { behind, errors, type History, indexUnits, joined, latencies, maxSamples, operations, pastOf, readsOf, type Sample, sampleOf, sizes, stepsOf, type TableUsage, throttles, units, withSamples } from "./usage";

const music = { account: "1", region: "r", table: "music" };

function usage(more: Partial<TableUsage>): TableUsage {
  return { ...music, items: 1, bytes: 10, count: 0, p50: 0, p99: 0, indexes: [], operations: {}, errors: {}, ...more };
}

const at = (second: number, more?: Partial<TableUsage>): Sample => ({ at: second, seconds: 1, usage: more && usage(more) });
const times = (n: number) => ({ count: n, p50: 0, p99: 0 });

test("a sample is of one table", () => {
  const seen = { at: "2026-11-23T00:00:00Z", seconds: 2, tables: [usage({ region: "other" }), usage({ items: 7 })] };
  expect(sampleOf(seen, music, 5)).toMatchObject({ at: 5, seconds: 2, usage: { items: 7 } });
  expect(sampleOf({ ...seen, tables: [] }, music, 5).usage).toBeUndefined();
});

test("no more than an hour is kept", () => {
  const history = withSamples(Array.from({ length: maxSamples }, (_, i) => at(i)), [at(maxSamples)]);
  expect(history).toHaveLength(maxSamples);
  expect(history[0]?.at).toBe(1);
});

test("steps", () => {
  const history: History = [at(3), at(94.2), at(98.2), at(99.1), at(100.1)];
  expect(stepsOf(history, 7, 1).map((s) => [s.at, s.samples.length])).toEqual([[94.2, 1], [95.2, 0], [98.2, 1], [99.1, 1], [100.1, 1]]);
  expect(stepsOf(history, 3600, 10).map((s) => [s.at, s.samples.length])).toEqual([[0, 1], [10, 0], [90, 3], [100, 1]]);
  expect(stepsOf([], 5, 1)).toEqual([]);
});

test("operations and errors a second", () => {
  const steps = stepsOf([at(1, { operations: { Query: times(4), Scan: times(1) }, errors: { X: 1 } }), at(2), at(6, { operations: { Query: times(2) } })], 10, 1);
  expect(operations(steps)).toEqual([
    { label: "Query", values: [4, 0, null, 2] },
    { label: "Scan", values: [1, 0, null, 0] },
  ]);
  expect(errors(steps)).toEqual([{ label: "X", values: [1, 0, null, 0] }]);
  expect(operations(stepsOf([at(20, { operations: { Query: times(4) } }), at(21)], 10, 10))).toEqual([{ label: "Query", values: [2] }]);
});

test("what is too much for one chart is put together", () => {
  const many = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`op${i}`, times(8 - i)]));
  const series = operations(stepsOf([at(1, { operations: many })], 10, 1));
  expect(series.map((s) => s.label)).toEqual(["op0", "op1", "op2", "op3", "op4", "Others"]);
  expect(series.at(-1)?.values).toEqual([3 + 2 + 1]);
});

test("what was before the page was opened", () => {
  const past = pastOf({ now: "2026-11-23T00:10:00Z", steps: [{ at: "2026-11-23T00:04:00Z", seconds: 300, usage: usage({ items: 7 }) }, { at: "2026-11-23T00:09:00Z", seconds: 300 }] }, 1000);
  expect(past.map((s) => [s.at, s.seconds, s.usage?.items])).toEqual([[640, 300, 7], [940, 300, undefined]]);
  expect(joined(past, [at(900), at(941), at(942)]).map((s) => s.at)).toEqual([640, 940, 941, 942]);
  expect(joined(past, []).map((s) => s.at)).toEqual([640, 940]);
  expect(stepsOf([{ ...at(10), seconds: 10 }, { ...at(20), seconds: 10 }, { ...at(24), seconds: 4 }, at(25), at(28.5)], 60, 1).map((s) => [s.at, s.samples.length])).toEqual([[10, 1], [20, 1], [24, 1], [25, 1], [26, 0], [28.5, 1]]);
  const read = (reads: number) => usage({ indexes: [{ index: "ix", items: 0, bytes: 0, reads }] });
  expect(readsOf([at(1, read(2)), at(2), at(3, read(3))], "ix")).toBe(5);
  expect(readsOf([at(1, read(2))], "other")).toBe(0);
});

test("throttles by why, and how far readers are behind", () => {
  const steps = stepsOf([at(1), at(2, { throttles: { probability: 3, rule: 1 }, stream: { behindMilliseconds: 2500 } }), at(3)], 10, 1);
  expect(throttles(steps)).toEqual([
    { label: "By --error-probability", values: [0, 3, 0] },
    { label: "By a rule of faults", values: [0, 1, 0] },
  ]);
  expect(behind(steps)).toEqual([{ label: "Readers", values: [null, 2.5, 2.5] }]);
  expect(behind(stepsOf([at(1)], 10, 1))).toEqual([]);
});

test("units of the table and its indexes", () => {
  const steps = stepsOf([at(1, { consumed: { read: 1, write: 2 }, indexes: [{ index: "ix", items: 0, bytes: 0, consumed: { read: 0.5, write: 1 } }] })], 10, 1);
  expect(units(steps, { read: 5, write: 6 }).map((s) => s.values)).toEqual([[1.5], [3], [5], [6]]);
  expect(indexUnits(steps)).toEqual([{ label: "ix", values: [1.5] }]);
});

test("latencies and sizes are there only where they are known", () => {
  const steps = stepsOf([at(1), at(2, { count: 1, p50: 1500, p99: 3000, items: 8 }), at(3)], 10, 1);
  expect(latencies(steps).map((s) => s.values)).toEqual([[null, 1.5, null], [null, 3, null]]);
  expect(sizes(steps, "Items", (p) => p.items, 8).values).toEqual([null, 8, 8]);
  expect(sizes(stepsOf([at(1), at(2)], 10, 1), "Items", (p) => p.items, 7).values).toEqual([7, 7]);
});
