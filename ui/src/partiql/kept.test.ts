// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { bounded } from "./kept";

it("remembers the newest hundred, each once, and no more than there is room for", () => {
  expect(bounded([{ text: "a", at: 3 }, { text: "b", at: 2 }, { text: "a", at: 1 }])).toEqual([{ text: "a", at: 3 }, { text: "b", at: 2 }]);
  expect(bounded(Array.from({ length: 200 }, (_, at) => ({ text: `SELECT ${at}`, at })))).toHaveLength(100);
  expect(bounded([{ text: "x".repeat(200_000), at: 2 }, { text: "small", at: 1 }])).toEqual([{ text: "small", at: 1 }]);
});
