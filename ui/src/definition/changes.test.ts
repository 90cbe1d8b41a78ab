import { expect, test } from "vitest";
import { changesOf, type Settings, stepsOf } from "./changes";
import { emptyIndex, formOf, type IndexForm } from "./form";
import { samples } from "./samples";

const settings = (name: string): Settings => ({ form: formOf(samples[name]?.definition ?? {}), timeToLive: samples[name]?.timeToLive ?? "" });
const plan = (before: Settings, after: Settings) => stepsOf("arn:of:it", before, after);
const index = (name: string, attribute: string): IndexForm => ({ ...emptyIndex(false), name, hash: [{ name: attribute, type: "S" }] });

test.each(Object.keys(samples))("nothing is to be done where nothing changes: %s", (name) => {
  expect(changesOf(settings(name), settings(name))).toEqual([]);
  expect(plan(settings(name), settings(name))).toEqual([]);
});

test("indexes are changed one by one, those that go first", () => {
  const before = settings("multi");
  const after = { ...before, form: { ...before.form, indexes: [index("by-a", "a"), index("by-b", "region")] } };
  expect(changesOf(before, after).map((c) => [c.what, c.before === "–", c.after === "–"])).toEqual([
    ["Index by-round", false, true],
    ["Index by-a", true, false],
    ["Index by-b", true, false],
  ]);
  const steps = plan(before, after);
  expect(steps.map((s) => s.title)).toEqual(["Drop the index by-round", "Add the index by-a", "Add the index by-b"]);
  expect(steps[1]?.input).toEqual({
    TableName: "matches",
    AttributeDefinitions: [
      { AttributeName: "id", AttributeType: "S" },
      { AttributeName: "a", AttributeType: "S" },
    ],
    GlobalSecondaryIndexUpdates: [{ Create: { IndexName: "by-a", KeySchema: [{ AttributeName: "a", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } } }],
  });
  expect(steps[2]?.input).toMatchObject({ AttributeDefinitions: [{ AttributeName: "id" }, { AttributeName: "a" }, { AttributeName: "region" }] });
});

test("an index of the same name with another key is dropped and added", () => {
  const before = settings("multi");
  const after = { ...before, form: { ...before.form, indexes: [index("by-round", "region")] } };
  expect(plan(before, after).map((s) => s.title)).toEqual(["Drop the index by-round", "Add the index by-round"]);
});

test("a mode changes with the throughput of all that stays", () => {
  const before = settings("multi");
  const after: Settings = { ...before, form: { ...before.form, billing: "PROVISIONED", read: "7", write: "8" } };
  expect(plan(before, after).map((s) => s.input)).toEqual([
    {
      TableName: "matches",
      BillingMode: "PROVISIONED",
      ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 8 },
      GlobalSecondaryIndexUpdates: [{ Update: { IndexName: "by-round", ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 8 } } }],
    },
  ]);
  expect(plan({ ...after }, { ...after, form: { ...after.form, billing: "PAY_PER_REQUEST", maxRead: "", maxWrite: "", indexes: [] } }).map((s) => s.input)).toEqual([
    { TableName: "matches", GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "by-round" } }] },
    { TableName: "matches", BillingMode: "PAY_PER_REQUEST" },
  ]);
});

test("throughput that stays is not mentioned, for it would be refused", () => {
  const before = settings("provisioned");
  const indexes = before.form.indexes.map((ix) => (ix.local ? ix : { ...ix, read: "9" }));
  expect(plan(before, { ...before, form: { ...before.form, indexes } }).map((s) => s.input)).toEqual([
    { TableName: "2026.orders-eu", GlobalSecondaryIndexUpdates: [{ Update: { IndexName: "by-status", ProvisionedThroughput: { ReadCapacityUnits: 9, WriteCapacityUnits: 3 } } }] },
  ]);
});

test("a limit is taken away by -1", () => {
  const before = settings("multi");
  expect(plan(before, { ...before, form: { ...before.form, maxRead: "", maxWrite: "60" } }).map((s) => s.input)).toEqual([
    { TableName: "matches", OnDemandThroughput: { MaxReadRequestUnits: -1, MaxWriteRequestUnits: 60 } },
  ]);
});

test("streams and times to live are disabled before others are enabled", () => {
  const before: Settings = { ...settings("multi"), timeToLive: "until" };
  const steps = plan(before, { form: { ...before.form, stream: "KEYS_ONLY" }, timeToLive: "end" });
  expect(steps.map((s) => [s.operation, s.title])).toEqual([
    ["UpdateTable", "Disable the stream"],
    ["UpdateTable", "Enable a new stream"],
    ["UpdateTimeToLive", "Disable the time to live"],
    ["UpdateTimeToLive", "Enable the time to live"],
  ]);
});

test("tags are removed and set", () => {
  const before = settings("provisioned");
  const tags = [
    { id: 1, key: "yes", value: "no" },
    { id: 2, key: "new", value: "" },
    { id: 3, key: "", value: "nothing" },
  ];
  expect(plan(before, { ...before, form: { ...before.form, tags } }).map((s) => s.input)).toEqual([
    { ResourceArn: "arn:of:it", TagKeys: ["team"] },
    { ResourceArn: "arn:of:it", Tags: [{ Key: "yes", Value: "no" }, { Key: "new", Value: "" }] },
  ]);
});
