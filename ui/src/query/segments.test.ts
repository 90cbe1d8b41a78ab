import { expect, it } from "vitest";
import type { Item } from "../model/value";
import type { Page } from "./reader";
import { readSegments } from "./segments";

it("reads segments at once, until all are at their ends", async () => {
  // Segments of 1, 2, and 3 pages.
  const asked: unknown[] = [];
  const read = async ({ Segment = 0, TotalSegments, Limit }: { Segment?: number; TotalSegments?: number; Limit?: number }, start: Item | undefined): Promise<Page> => {
    const at = start?.k && "N" in start.k ? Number(start.k.N) : 0;
    asked.push([Segment, TotalSegments, Limit, at]);
    return { items: [{ k: { S: `${Segment}.${at}` } }], next: at < Segment ? { k: { N: String(at + 1) } } : undefined, milliseconds: 1 };
  };
  const input = { TableName: "t", TotalSegments: 3, Limit: 10 };
  const pages: string[][] = [];
  let start: Item | undefined;
  do {
    const page = await readSegments(input, start, read);
    pages.push(page.items.map((i) => (i.k && "S" in i.k ? i.k.S : "")));
    start = page.next;
  } while (start);
  expect(pages).toEqual([["0.0", "1.0", "2.0"], ["1.1", "2.1"], ["2.2"]]);
  expect(asked).toEqual([[0, 3, 4, 0], [1, 3, 4, 0], [2, 3, 4, 0], [1, 3, 5, 1], [2, 3, 5, 1], [2, 3, 10, 2]]);
});
