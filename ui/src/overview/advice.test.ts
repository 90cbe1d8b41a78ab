import { expect, test } from "vitest";
import type { TableUsage } from "../live/usage";
import type { ListedTable } from "../server";
import { adviceOf, type Times } from "./advice";

const at = { account: "1", region: "r" };
const table = (name: string, more: Partial<ListedTable> = {}): ListedTable => ({ ...at, name, arn: "", status: "ACTIVE", created: "", billingMode: "", class: "", items: 5, bytes: 5, globalIndexes: 0, localIndexes: 0, ...more });
const usage = (name: string, reads: number, ix: { reads: number; write: number }): TableUsage => ({
  ...at, table: name, items: 1, bytes: 1, reads, count: 9, p50: 0, p99: 0, operations: {}, errors: {},
  indexes: [{ index: "ix", items: 1, bytes: 1, reads: ix.reads, consumed: { read: 0, write: ix.write } }],
});
const times = (name: string, more: Partial<Times> = {}): Times => ({ ...at, table: name, attribute: "e", expired: { items: 0 }, tooOld: { items: 0 }, due: [{ items: 0 }, { items: 1 }], ...more });
const none = { times: [] };

test("indexes that nobody reads", () => {
  const tables = [table("a")];
  expect(adviceOf({ ...none, tables, usage: [usage("a", 3, { reads: 0, write: 7 })] })).toEqual([{ about: { ...at, name: "a" }, page: "indexes", text: "The index ix was never read since the server began, and its writes took 7 units." }]);
  for (const fine of [usage("a", 3, { reads: 1, write: 7 }), usage("a", 3, { reads: 0, write: 0 }), usage("a", 0, { reads: 0, write: 7 })]) expect(adviceOf({ ...none, tables, usage: [fine] })).toEqual([]);
});

test("times to live that do not do what they are for", () => {
  const say = (more?: Partial<Times>, of?: Partial<ListedTable>) => adviceOf({ tables: [table("a", of)], times: [times("a", more)] }).map((a) => a.text);
  expect(say()).toEqual([]);
  expect(say({ due: [{ items: 0 }] })).toEqual(["No item has a time to live: e must be a number, in seconds since 1970."]);
  expect(say({ due: [{ items: 0 }], filling: true })).toEqual([]);
  expect(say({ due: [{ items: 0 }] }, { items: 0, lastWrite: "x" })).toEqual([]);
  expect(say({ tooOld: { items: 2 } })).toEqual(["2 items have expired by e over five years ago: DynamoDB never deletes those."]);
  expect(say({ expired: { items: 1 } })).toEqual(["1 item has expired, and is still there."]);
});

test("tables without items, beside others", () => {
  const empty = { items: 0 };
  expect(adviceOf({ ...none, tables: [table("a", empty)] })).toEqual([]);
  expect(adviceOf({ ...none, tables: [table("a"), table("b", empty), table("c", { items: 0, lastWrite: "2026" })] })).toEqual([{ about: { ...at, name: "b" }, text: "It has no items, and none were written since the server began." }]);
  expect(adviceOf({ ...none, tables: [table("a"), table("b", empty), table("c", empty)] })[0]?.text).toBe("2 tables have no items, and none were written since the server began: b, c.");
});

test("regions that are cut off", () => {
  const replication = { lag: "0", paused: [], isolated: ["eu-west-1"], links: [], conflicts: [] };
  expect(adviceOf({ ...none, replication, tables: [table("a", { replicas: ["eu-west-1"] })] })[0]?.text).toBe("Replication is held up on purpose: eu-west-1.");
  expect(adviceOf({ ...none, replication, tables: [table("a")] })).toEqual([]);
});
