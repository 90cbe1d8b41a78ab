import { expect, test } from "vitest";
import { differences, emptyTail, entriesOf, type Entry, type Filter, matches, maxRecords, recordOf, type StreamRecord, type Tail, tailReducer } from "./records";

const event = (n: number, more: object, name = "MODIFY") => ({
  id: `shardId-1:${n}`,
  type: "record",
  data: JSON.stringify({ eventID: `e${n}`, eventName: name, dynamodb: { ApproximateCreationDateTime: 1795348800, Keys: { pk: { S: `key ${n}` } }, SequenceNumber: String(n), ...more } }),
});

const both = { OldImage: { pk: { S: "a" }, n: { N: "1.0" }, x: { BOOL: true } }, NewImage: { pk: { S: "a" }, n: { N: "1" }, y: { SS: ["a"] } } };

test("a record tells what changed", () => {
  const record = recordOf(event(1, both));
  expect(record).toMatchObject({ id: "e1", at: 1795348800000, shard: "shardId-1", sequence: "1", changed: ["x", "y"], expired: false });
  expect(recordOf(event(1, { NewImage: both.NewImage }, "INSERT")).changed).toEqual(["pk", "n", "y"]);
  expect(recordOf(event(1, { NewImage: both.NewImage })).changed).toBeUndefined();
});

test("a deletion by the service is one of the time to live", () => {
  const e = event(1, {}, "REMOVE");
  expect(recordOf({ ...e, data: e.data.replace("{", '{"userIdentity":{"Type":"Service","PrincipalId":"dynamodb.amazonaws.com"},') }).expired).toBe(true);
});

test("differences of two images", () => {
  const { before = {}, after = {} } = recordOf(event(1, both));
  expect(differences(before, after, ["pk"])).toEqual([
    { name: "pk", kind: "same" },
    { name: "n", kind: "same" },
    { name: "x", kind: "removed" },
    { name: "y", kind: "added" },
  ]);
});

const add = (tail: Tail, ...numbers: number[]) => tailReducer(tail, { do: "add", entries: entriesOf(numbers.map((n) => event(n, {}))) });
const sequences = (entries: readonly Entry[]) => entries.map((e) => ("missing" in e ? "missing" : e.sequence));

test("the newest come first", () => {
  const tail = add(add(emptyTail, 1, 2), 3);
  expect(sequences(tail.entries)).toEqual(["3", "2", "1"]);
  expect(sequences(tailReducer(tail, { do: "add", entries: entriesOf([{ id: "", type: "trimmed", data: "{}" }, event(4, {})]) }).entries)).toEqual(["4", "missing", "3", "2", "1"]);
});

test("what comes during a pause waits", () => {
  let tail = tailReducer(add(emptyTail, 1), { do: "pause" });
  tail = add(tail, 2, 3);
  expect(sequences(tail.entries)).toEqual(["1"]);
  expect(sequences(tail.waiting)).toEqual(["3", "2"]);
  tail = tailReducer(tail, { do: "resume" });
  expect(sequences(tail.entries)).toEqual(["3", "2", "1"]);
  expect(tail).toMatchObject({ waiting: [], paused: false, received: 3, dropped: 0 });
});

test("no more is kept than there is room for", () => {
  const many = Array.from({ length: maxRecords }, (_, i) => i);
  const full = add(emptyTail, ...many);
  expect(full).toMatchObject({ received: maxRecords, dropped: 0 });
  const over = add(full, maxRecords, maxRecords + 1);
  expect(over).toMatchObject({ received: maxRecords + 2, dropped: 2 });
  expect(over.entries).toHaveLength(maxRecords);
  expect(sequences(over.entries).at(-1)).toBe("2");
  const paused = add(tailReducer(full, { do: "pause" }), 1, 2, 3);
  expect(paused.waiting.length + paused.entries.length).toBe(maxRecords);
});

test("filters", () => {
  const record = entriesOf([event(7, both)])[0] as StreamRecord;
  const by = (f: Partial<Filter>) => matches({ name: "", text: "", attribute: "", ...f }, record);
  expect([by({}), by({ name: "MODIFY" }), by({ text: "KEY 7" }), by({ text: "7" }), by({ attribute: "x" })]).toEqual([true, true, true, true, true]);
  expect([by({ name: "INSERT" }), by({ text: "8" }), by({ attribute: "n" })]).toEqual([false, false, false]);
});
