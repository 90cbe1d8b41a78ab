import { ConditionalCheckFailedException, type DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { differences, merge } from "./diff";
import { lastSaved } from "./journal";
import { createInput, deleteInput, move, save, saveAll, type Target, undo, undoAll, updateInput } from "./save";
import type { Item } from "./value";

interface Sent {
  operation: string;
  input: Record<string, unknown>;
}

// targetOf returns a target that answers with what is given, one after the other,
// and what was sent to it.
function targetOf(answers: unknown[] = [], keys = ["pk", "sk"]): { target: Target; sent: Sent[] } {
  const sent: Sent[] = [];
  const send = async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
    sent.push({ operation: command.constructor.name.replace(/Command$/, ""), input: command.input });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer ?? {};
  };
  return { target: { client: { send } as unknown as DynamoDBClient, table: "t", keys }, sent };
}

const refusal = (Item?: Item) => new ConditionalCheckFailedException({ message: "The conditional request failed", $metadata: {}, ...(Item ? { Item } : {}) });

const item: Item = { pk: { S: "a" }, sk: { N: "1" }, x: { S: "old" }, y: { NS: ["1", "2"] }, z: { M: { deep: { BOOL: true } } } };

test("nothing is sent for an item that is as it was", async () => {
  const { target, sent } = targetOf();
  expect(await save(target, { from: item, to: { z: item.z!, y: { NS: ["2.0", "1"] }, x: item.x!, sk: { N: "1.0" }, pk: item.pk! } })).toEqual({ done: "unchanged", item });
  expect(sent).toEqual([]);
});

test("a change names what changed, and compares all that was loaded", async () => {
  const to: Item = { pk: item.pk!, sk: item.sk!, x: { S: "new" }, z: item.z!, added: { NULL: true } };
  const after = { ...to, theirs: { S: "added meanwhile" } };
  const { target, sent } = targetOf([{ Attributes: after }]);
  expect(await save(target, { from: item, to })).toEqual({ done: "saved", item: after, undo: { from: after, to: { ...item, theirs: { S: "added meanwhile" } } } });
  expect(sent).toEqual([
    {
      operation: "UpdateItem",
      input: {
        TableName: "t",
        Key: { pk: item.pk, sk: item.sk },
        UpdateExpression: "SET #1=:n1,#3=:n3 REMOVE #2",
        ConditionExpression: "#0=:o0 AND #1=:o1 AND #2=:o2 AND attribute_not_exists(#3) AND #4=:o4",
        ExpressionAttributeNames: { "#0": "pk", "#1": "x", "#2": "y", "#3": "added", "#4": "z" },
        ExpressionAttributeValues: { ":o0": item.pk, ":o1": item.x, ":o2": item.y, ":o4": item.z, ":n1": { S: "new" }, ":n3": { NULL: true } },
        ReturnValues: "ALL_NEW",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    },
  ]);
});

test("an item that others changed is a conflict", async () => {
  const to = { ...item, x: { S: "mine" } };
  const theirs = { ...item, x: { S: "theirs" } };
  expect(await save(targetOf([refusal(theirs)]).target, { from: item, to })).toEqual({ done: "conflict", theirs });
  expect(await save(targetOf([refusal()]).target, { from: item, to })).toEqual({ done: "conflict" });
  expect(await save(targetOf([refusal(to)]).target, { from: item, to })).toEqual({ done: "unchanged", item: to });
  expect(await save(targetOf([refusal(theirs)]).target, { from: item })).toEqual({ done: "conflict", theirs });
  expect(await save(targetOf([refusal()]).target, { from: item })).toEqual({ done: "unchanged" });
  expect(await save(targetOf([refusal(theirs)]).target, { to })).toEqual({ done: "taken", theirs });
});

test("other errors are thrown", async () => {
  await expect(save(targetOf([new Error("no")]).target, { from: item, to: { pk: item.pk!, sk: item.sk! } })).rejects.toThrow("no");
});

test("creating and deleting are taken back by each other", async () => {
  const created = targetOf();
  expect(await save(created.target, { to: item })).toEqual({ done: "saved", item, undo: { from: item } });
  expect(created.sent).toEqual([{ operation: "PutItem", input: createInput(created.target, item) }]);
  expect(createInput(created.target, item).ConditionExpression).toBe("attribute_not_exists(#0)");

  const more = { ...item, theirs: { S: "x" } };
  const deleted = targetOf([{ Attributes: more }]);
  expect(await save(deleted.target, { from: item })).toEqual({ done: "saved", undo: { to: more } });
  expect(deleted.sent[0]?.input).toMatchObject({ ConditionExpression: "#0=:o0 AND #1=:o1 AND #2=:o2 AND #3=:o3", Key: { pk: item.pk, sk: item.sk } });
});

test("an item that has but its key is compared too", () => {
  const { target } = targetOf([], ["pk"]);
  expect(deleteInput(target, { pk: { S: "a" } })).toMatchObject({ ConditionExpression: "#0=:o0", ExpressionAttributeNames: { "#0": "pk" }, ExpressionAttributeValues: { ":o0": { S: "a" } } });
});

test("another key is another item", async () => {
  const to = { ...item, sk: { N: "2" } };
  const { target, sent } = targetOf();
  expect(await save(target, { from: item, to })).toEqual({ done: "moved" });
  expect(sent).toEqual([]);
  expect(await move(target, item, to)).toEqual({ done: "saved", item: to, undo: { from: to, to: item } });
  expect(sent).toEqual([{ operation: "TransactWriteItems", input: { TransactItems: [{ Put: createInput(target, to) }, { Delete: deleteInput(target, item) }] } }]);
  await undo(target, { from: to, to: item });
  expect(sent[1]?.input).toEqual({ TransactItems: [{ Put: createInput(target, item) }, { Delete: deleteInput(target, to) }] });
});

test("a move tells which of the two was refused", async () => {
  const to = { ...item, sk: { N: "2" } };
  const cancelled = (...CancellationReasons: { Code: string; Item?: Item }[]) => new TransactionCanceledException({ message: "cancelled", $metadata: {}, CancellationReasons });
  const failed = "ConditionalCheckFailed";
  const there = { ...to, x: { S: "there" } };
  expect(await move(targetOf([cancelled({ Code: failed, Item: there }, { Code: "None" })]).target, item, to)).toEqual({ done: "taken", theirs: there });
  const theirs = { ...item, x: { S: "theirs" } };
  expect(await move(targetOf([cancelled({ Code: "None" }, { Code: failed, Item: theirs })]).target, item, to)).toEqual({ done: "conflict", theirs });
  await expect(move(targetOf([cancelled({ Code: "ValidationError" }, { Code: "None" })]).target, item, to)).rejects.toThrow("cancelled");
});

const wide = (n: number, value: string): Item => ({ pk: { S: "a" }, sk: { N: "1" }, ...Object.fromEntries(Array.from({ length: n }, (_, i) => [`a${i}`, { S: value }])) });

test("of more attributes than a condition can have, those that change are compared", () => {
  const { target } = targetOf();
  const from = wide(1000, "x");
  const input = updateInput(target, from, differences(from, { ...from, a999: { S: "y" } }));
  expect(input?.ConditionExpression).toMatch(/^#0=:o0 AND #1=:o1 AND /);
  expect(input?.ExpressionAttributeNames["#1"]).toBe("a999");
  expect(input?.ConditionExpression.split(" AND ")).toHaveLength(150);
  expect(input?.ConditionExpression.length).toBeLessThanOrEqual(4096);
  expect(Object.keys(input?.ExpressionAttributeValues ?? {})).toHaveLength(151);
});

test("more changes than an update can have replace the item, if it is what was loaded", async () => {
  const [from, to] = [wide(400, "x"), wide(400, "y")];
  const { target, sent } = targetOf([{ Item: from }, {}]);
  expect(await save(target, { from, to })).toMatchObject({ done: "saved", item: to });
  expect(sent.map((s) => s.operation)).toEqual(["GetItem", "PutItem"]);
  const theirs = { ...from, more: { S: "theirs" } };
  const stale = targetOf([{ Item: theirs }]);
  expect(await save(stale.target, { from, to })).toEqual({ done: "conflict", theirs });
  expect(stale.sent.map((s) => s.operation)).toEqual(["GetItem"]);
});

test("two changes come together where they touch different attributes", () => {
  const mine = { ...item, x: { S: "mine" }, same: { N: "1" } };
  const theirs = { pk: item.pk!, sk: item.sk!, x: item.x!, z: { NULL: true as const }, same: { N: "1.0" }, new: { S: "theirs" } };
  expect(merge(item, mine, theirs)).toEqual({ item: { ...theirs, x: { S: "mine" }, same: { N: "1" } }, clashes: [] });
  expect(merge(item, mine, { ...theirs, x: { S: "theirs" } }).clashes).toEqual(["x"]);
  const { x: _, ...without } = item;
  expect(merge(item, mine, without).clashes).toEqual(["x"]);
  expect(merge(item, without, without)).toEqual({ item: without, clashes: [] });
});

test("what is saved together is taken back together, what is saved by itself by itself", async () => {
  const cancelled = new TransactionCanceledException({ message: "cancelled", $metadata: {}, CancellationReasons: [{ Code: "ConditionalCheckFailed", Item: { pk: { S: "a" }, n: { N: "9" } } }, { Code: "None" }] });
  const { target, sent } = targetOf([{}, {}, cancelled, {}], ["pk"]);
  expect(lastSaved(target)).toBeUndefined();
  const from: Item = { pk: { S: "a" }, n: { N: "1" } };
  const to: Item = { pk: { S: "a" }, n: { N: "2" } };
  const fresh: Item = { pk: { S: "b" }, s: { S: "new" } };
  expect((await saveAll(target, [{ from, to }, { to: fresh }])).map((r) => r.done)).toEqual(["saved", "saved"]);
  expect(sent[0]).toMatchObject({ operation: "TransactWriteItems", input: { TransactItems: [{ Update: {} }, { Put: { ConditionExpression: "attribute_not_exists(#0)" } }] } });
  await save(target, { from: fresh });
  const deleted = lastSaved(target);
  expect(deleted).toEqual([{ to: fresh }]);

  // It is the editor that takes its own change back here: then the other one is the last.
  const together = [{ from: to, to: from }, { from: fresh }];
  expect(await undoAll(target, together)).toEqual([{ done: "conflict", theirs: { pk: { S: "a" }, n: { N: "9" } } }, { done: "held" }]);
  expect(sent.at(-1)).toMatchObject({ input: { TransactItems: [{ Update: { Key: { pk: { S: "a" } } } }, { Delete: { Key: { pk: { S: "b" } } } }] } });
  expect((await undo(target, deleted?.[0] ?? {})).done).toBe("saved");
  expect(lastSaved(target)).toEqual(together);
  expect((await undoAll(target, lastSaved(target) ?? [])).map((r) => r.done)).toEqual(["saved", "saved"]);
  expect(lastSaved(target)).toBeUndefined();
});

test("a strong table takes no transactions", async () => {
  const fresh: Item = { pk: { S: "b" }, sk: { N: "1" } };
  const to = { ...item, x: { S: "new" } };
  const { target, sent } = targetOf([{ Attributes: to }]);
  const strong = { ...target, table: "strong", strong: true };
  expect((await saveAll(strong, [{ from: item, to }, { to: fresh }])).map((r) => r.done)).toEqual(["saved", "saved"]);
  expect(sent.map((s) => s.operation)).toEqual(["UpdateItem", "PutItem"]);

  // The new item is there before the old one goes, and goes again if that one stays.
  const moved = { ...fresh, x: { S: "old" } };
  const { target: other, sent: then } = targetOf([{}, {}, {}, refusal({ ...item, x: { S: "theirs" } })]);
  expect(await move({ ...other, table: "strong", strong: true }, item, moved)).toEqual({ done: "saved", item: moved, undo: { from: moved, to: item } });
  expect(await move({ ...other, table: "strong", strong: true }, item, moved)).toEqual({ done: "conflict", theirs: { ...item, x: { S: "theirs" } } });
  expect(then.map((s) => s.operation)).toEqual(["PutItem", "DeleteItem", "PutItem", "DeleteItem", "DeleteItem"]);
  expect(then.at(-1)?.input).toMatchObject({ Key: { pk: { S: "b" }, sk: { N: "1" } } });
});
