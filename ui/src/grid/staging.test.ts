import { ConditionalCheckFailedException, type DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import type { Target } from "../model/save";
import type { Item } from "../model/value";
import { changesIn, nothingStaged, rebase, saveStaged, stage, takeBack, typed, wanted, whyNot } from "./staging";

const a: Item = { pk: { S: "a" }, n: { N: "1" }, s: { S: "x" } };
const b: Item = { pk: { S: "b" }, n: { N: "2" } };

test("a change to what was loaded is none", () => {
  const one = stage(nothingStaged, "a", a, "n", { N: "5" });
  const two = stage(one, "a", a, "s", { S: "y" });
  expect(changesIn(two)).toBe(2);
  expect(wanted(two.get("a") ?? { from: {}, changes: new Map() })).toEqual({ pk: { S: "a" }, n: { N: "5" }, s: { S: "y" } });
  expect(stage(one, "a", a, "n", { N: "1.0" }).size).toBe(0);
  expect(changesIn(takeBack(two, "a", "n"))).toBe(1);
  expect(takeBack(one, "a", "n").size).toBe(0);
});

test("keys, what is not there, and what has members are not changed in their cells", () => {
  expect(whyNot(a, "pk", ["pk"])).toMatch(/key/);
  expect(whyNot(a, "none", ["pk"])).toMatch(/no such/);
  expect(whyNot({ l: { L: [] } }, "l", ["pk"])).toMatch(/Open/);
  expect(whyNot(a, "n", ["pk"])).toBeUndefined();
});

test("what is typed keeps its type", () => {
  expect(typed({ S: "" }, "12")).toEqual({ S: "12" });
  expect(typed({ N: "1" }, " 12345678901234567890123456789012345678 ")).toEqual({ N: "12345678901234567890123456789012345678" });
  expect(() => typed({ N: "1" }, "")).toThrow("missing");
  expect(() => typed({ N: "1" }, "1".repeat(39))).toThrow("38");
  expect(() => typed({ B: new Uint8Array() }, "?")).toThrow("base64");
  expect(typed({ BOOL: true }, "false")).toEqual({ BOOL: false });
});

interface Sent {
  input: { TransactItems?: { Update: { Key: Item; ConditionExpression: string } }[]; Key?: Item };
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
  const rebased = rebase(left, "a");
  expect(rebased.get("a")).toEqual({ from: theirs, changes: new Map([["n", { N: "5" }]]) });
  // What they have made of it is what was wanted.
  expect(rebase(new Map([["a", { from: a, changes: new Map([["n", { N: "7" }]]), conflict: { theirs } }]]), "a").size).toBe(0);
});

test("one item is saved by itself, and what is wrong with it is kept", async () => {
  const one = stage(nothingStaged, "a", a, "n", { N: "5" });
  expect((await saveStaged(target(() => ({})), one)).saved).toBe(1);
  const gone = await saveStaged(target(() => { throw new ConditionalCheckFailedException({ message: "no", $metadata: {} }); }), one);
  expect(gone.left.get("a")?.conflict).toEqual({});
  const refused = await saveStaged(target(() => { throw new Error("too large"); }), one);
  expect(refused.left.get("a")?.problem).toBe("too large");
});
