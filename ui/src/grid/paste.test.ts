import { expect, test } from "vitest";
import type { Item, Type } from "../model/value";
import { formatted } from "./copy";
import { pasted, type PasteTarget, sheetOf } from "./paste";

const types: Record<string, Type> = { pk: "S", n: "N", code: "S" };
const target: PasteTarget = { keys: ["pk", "n"], columns: ["pk", "n", "code", "more"], typeOf: (name) => types[name] };

test("the first row names attributes if the partition key is there", () => {
  expect(pasted(sheetOf("n\tpk\tnew\tcode\r\n1\t007\t5\t0012\r\n2\t008\t\ttrue\r\n"), target)).toEqual({
    items: [
      { n: { N: "1" }, pk: { S: "007" }, new: { N: "5" }, code: { S: "0012" } },
      { n: { N: "2" }, pk: { S: "008" }, code: { S: "true" } },
    ],
    headings: true,
    omitted: 0,
  });
});

test("else the columns of the grid do, from one on", () => {
  expect(pasted(sheetOf("a\t1\nb\tx"), target)).toEqual({
    // What is wrong for a key is said of the row.
    items: [{ pk: { S: "a" }, n: { N: "1" } }, { pk: { S: "b" }, n: { S: "x" } }],
    headings: false,
    omitted: 0,
  });
  expect(pasted(sheetOf("x\ty\tz"), { ...target, columns: ["code", "more"] })).toMatchObject({ items: [{ code: { S: "x" }, more: { S: "y" } }], omitted: 1 });
  // Twice the same is no heading.
  expect(pasted(sheetOf("pk\tpk"), target).headings).toBe(false);
});

test("what the grid copies comes back when it is pasted", () => {
  const items: Item[] = [
    { pk: { S: 'a "b"\tc\nd' }, n: { N: "12345678901234567890123456789012345678" }, code: { S: "0012" }, set: { SS: ["x, y", "z"] }, bytes: { B: new Uint8Array([0, 255]) }, yes: { BOOL: true } },
    { pk: { S: "{}" }, n: { N: "-1" }, list: { L: [{ N: "1" }, { S: "{" }] }, nothing: { NULL: true } },
  ];
  const names = ["pk", "n", "code", "set", "bytes", "yes", "list", "nothing"];
  expect(pasted(sheetOf(formatted("TSV", items, names)), target)).toEqual({ items, headings: true, omitted: 0 });
});
