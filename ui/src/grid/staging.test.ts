import { ConditionalCheckFailedException, type DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import type { Target } from "../model/save";
import type { Item } from "../model/value";
import { nothingStaged, rebase, retyped, saveStaged, stage, stageNew, summary, takeBack, typed, wanted, whyNot } from "./staging";

const a: Item = { pk: { S: "a" }, n: { N: "1" }, s: { S: "x" } };
const b: Item = { pk: { S: "b" }, n: { N: "2" } };

test("a change to what was loaded is none", () => {
  const one = stage(nothingStaged, "a", a, "n", { N: "5" });
  const two = stage(one, "a", a, "s", { S: "y" });
  expect(summary(two).changes).toBe(2);
  expect(wanted(two.get("a") ?? { from: {}, changes: new Map() })).toEqual({ pk: { S: "a" }, n: { N: "5" }, s: { S: "y" } });
  expect(stage(one, "a", a, "n", { N: "1.0" }).size).toBe(0);
  expect(summary(takeBack(two, "a", "n")).changes).toBe(1);
  expect(takeBack(one, "a", "n").size).toBe(0);
});

test("keys, and what has members, are not changed in their cells; of new items keys are", () => {
  expect(whyNot({ item: a, name: "pk" }, ["pk"])).toMatch(/key/);
  expect(whyNot({ item: a, name: "pk", isNew: true }, ["pk"])).toBeUndefined();
  expect(whyNot({ item: a, name: "none" }, ["pk"])).toBeUndefined();
  expect(whyNot({ item: a, name: "none", partial: true }, ["pk"])).toMatch(/not read/);
  expect(whyNot({ item: { l: { L: [] } }, name: "l" }, ["pk"])).toMatch(/Open/);
  expect(whyNot({ item: a, name: "n" }, ["pk"])).toBeUndefined();
});

test("what is typed is of the type that was chosen", () => {
  expect(typed("S", "12")).toEqual({ S: "12" });
  expect(typed("N", " 12345678901234567890123456789012345678 ")).toEqual({ N: "12345678901234567890123456789012345678" });
  expect(() => typed("N", "")).toThrow("missing");
  expect(() => typed("N", "1".repeat(39))).toThrow("38");
  expect(() => typed("B", "?")).toThrow("base64");
  expect(typed("hex", "00 fF")).toEqual({ B: new Uint8Array([0, 255]) });
  expect(() => typed("hex", "0")).toThrow("hexadecimal");
  expect(typed("BOOL", "false")).toEqual({ BOOL: false });
  expect(typed("NULL", "whatever")).toEqual({ NULL: true });
});

test("another type has the same bytes, or what was typed", () => {
  expect(retyped("hé", "S", "hex")).toBe("68 c3 a9");
  expect(retyped("68 c3 a9", "hex", "B")).toBe("aMOp");
  expect(retyped("aMOp", "B", "S")).toBe("hé");
  expect(retyped("/w==", "B", "S")).toBe("/w==");
  expect(retyped("12", "N", "S")).toBe("12");
  expect(retyped(" True", "S", "BOOL")).toBe("true");
  expect(retyped("", "NULL", "B")).toBe("");
});

test("an attribute is added, and taken away", () => {
  const added = stage(nothingStaged, "a", a, "more", { NULL: true });
  const both = stage(added, "a", a, "n", undefined);
  expect(wanted(both.get("a") ?? { from: {}, changes: new Map() })).toEqual({ pk: { S: "a" }, s: { S: "x" }, more: { NULL: true } });
  expect(takeBack(takeBack(both, "a", "n"), "a", "more").size).toBe(0);
});

interface Sent {
  input: { TransactItems?: { Update: { Key: Item; ConditionExpression: string }; Put?: { Item: Item } }[]; Key?: Item };
}

const target = (send: (command: Sent) => unknown): Target => ({ client: { send: async (command: Sent) => send(command) } as unknown as DynamoDBClient, table: "t", keys: ["pk"] });
const staging = stage(stage(nothingStaged, "a", a, "n", { N: "5" }), "b", b, "n", { N: "6" });

test("several items are saved in one transaction, each under a condition", async () => {
  const sent: Sent[] = [];
  const { saved, left } = await saveStaged(target((c) => { sent.push(c); return {}; }), staging);
  expect([saved, left.size, sent.length]).toEqual([2, 0, 1]);
  expect(sent[0]?.input.TransactItems?.map((t) => t.Update.Key)).toEqual([{ pk: { S: "a" } }, { pk: { S: "b" } }]);
  expect(sent[0]?.input.TransactItems?.every((t) => t.Update.ConditionExpression.length > 0)).toBe(true);
});

test("not more than 100 are in one", async () => {
  let many = nothingStaged;
  for (let i = 0; i < 250; i++) many = stage(many, String(i), { pk: { N: String(i) }, n: { N: "0" } }, "n", { N: "1" });
  const sizes: (number | undefined)[] = [];
  await saveStaged(target((c) => { sizes.push(c.input.TransactItems?.length); return {}; }), many);
  expect(sizes).toEqual([100, 100, 50]);
});

test("a conflict is told of the item that has it, and all stay staged", async () => {
  const theirs: Item = { ...a, n: { N: "7" } };
  const { saved, left } = await saveStaged(
    target(() => {
      throw new TransactionCanceledException({ message: "cancelled", $metadata: {}, CancellationReasons: [{ Code: "ConditionalCheckFailed", Item: theirs }, { Code: "None" }] });
    }),
    staging,
  );
  expect(saved).toBe(0);
  expect(left.get("a")?.conflict).toEqual({ theirs });
  expect(left.get("b")).toEqual(staging.get("b"));
  const rebased = rebase(left, "a", ["pk"]);
  expect(rebased.get("a")).toEqual({ from: theirs, changes: new Map([["n", { N: "5" }]]) });
  // What they have made of it is what was wanted.
  expect(rebase(new Map([["a", { from: a, changes: new Map([["n", { N: "7" }]]), conflict: { theirs } }]]), "a", ["pk"]).size).toBe(0);
});

test("one item is saved by itself, and what is wrong with it is kept", async () => {
  const one = stage(nothingStaged, "a", a, "n", { N: "5" });
  expect((await saveStaged(target(() => ({})), one)).saved).toBe(1);
  const gone = await saveStaged(target(() => { throw new ConditionalCheckFailedException({ message: "no", $metadata: {} }); }), one);
  expect(gone.left.get("a")?.conflict).toEqual({});
  const refused = await saveStaged(target(() => { throw new Error("too large"); }), one);
  expect(refused.left.get("a")?.problem).toBe("too large");
});

test("new items are written only where there is none", async () => {
  const sent: Sent[] = [];
  const news = stageNew(staging, [{ pk: { S: "c" } }]);
  const [id] = [...news.keys()].slice(-1);
  expect(summary(news)).toEqual({ changes: 2, changed: 2, added: 1 });
  // A new one without anything is still a new one.
  expect(stage(news, id ?? "", {}, "pk", undefined).size).toBe(3);
  const theirs: Item = { pk: { S: "c" }, n: { N: "1" } };
  const { left } = await saveStaged(
    target((c) => {
      sent.push(c);
      throw new TransactionCanceledException({ message: "cancelled", $metadata: {}, CancellationReasons: [{ Code: "None" }, { Code: "None" }, { Code: "ConditionalCheckFailed", Item: theirs }] });
    }),
    news,
  );
  expect(sent[0]?.input.TransactItems?.[2]?.Put?.Item).toEqual({ pk: { S: "c" } });
  expect(left.get(id ?? "")).toMatchObject({ isNew: true, conflict: { theirs } });
  // What was to be new becomes changes of what is there.
  const more = stage(left, id ?? "", {}, "s", { S: "mine" });
  const there = rebase(new Map([...more, [id ?? "", { ...(more.get(id ?? "") ?? { from: {}, changes: new Map() }), conflict: { theirs } }]]), id ?? "", ["pk"]);
  expect([...there.keys()].slice(-1)).toEqual(['[{"S":"c"}]']);
  expect(there.get('[{"S":"c"}]')).toEqual({ from: theirs, changes: new Map([["s", { S: "mine" }]]) });
});
