import { expect, test } from "vitest";
import type { Item } from "../model/value";
import { formatted } from "./copy";

const items: Item[] = [
  { pk: { S: "it's|x\ny" }, n: { N: "1" }, tags: { SS: ["a", "b'"] }, map: { M: { "a-b": { L: [{ NULL: true }, { BOOL: true }] } } } },
  { pk: { S: "bytes" }, n: { N: "-20" }, raw: { B: new Uint8Array([1]) } },
];

test("copies a table of Markdown", () => {
  expect(formatted("Markdown", items, ["pk", "n", "none"])).toBe("| pk | n |\n| --- | ---: |\n| it's\\|x<br>y | 1 |\n| bytes | -20 |");
});

test("copies statements of PartiQL, and says what these cannot say", () => {
  expect(formatted("PartiQL INSERT", items, [], 'my "t"').split("\n")).toEqual([
    `INSERT INTO "my ""t""" VALUE {'pk': 'it''s|x`,
    `y', 'n': 1, 'tags': <<'a', 'b'''>>, 'map': {'a-b': [NULL, true]}};`,
    `-- Left out, for PartiQL cannot say what is binary: {"pk":{"S":"bytes"},"n":{"N":"-20"},"raw":{"B":"AQ=="}}`,
  ]);
});
