import { describe, expect, it } from "vitest";
import type { Item } from "../model/value";
import { inMemory, Pages, type Reader, type Rows, weightOf } from "./pages";

const item = (n: number): Item => ({ pk: { S: "all" }, sk: { N: String(n) }, text: { S: "x".repeat(100) } });
const numbers = (items: Iterable<Item>) => Array.from(items, (i) => Number(i["sk"] && "N" in i["sk"] ? i["sk"].N : NaN));
const shown = (rows: Rows) => numbers(Array.from(inMemory(rows), ([i]) => i));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

// A table answers with pages of ten items, as the server does: what is there then, after
// the key that it is given.
function table(all: number[], size = 10) {
  const asked: (number | undefined)[] = [];
  const numberOf = (key: Item | undefined) => (key ? numbers([key])[0] : undefined);
  const read: Reader = async (start) => {
    const after = numberOf(start);
    asked.push(after);
    const rest = all.filter((n) => after === undefined || n > after).sort((a, b) => a - b);
    const items = rest.slice(0, size).map(item);
    const last = items.at(-1);
    return { items, next: rest.length > size && last ? { pk: last["pk"]!, sk: last["sk"]! } : undefined };
  };
  return { all, read, asked };
}

async function pagesOf(read: Reader, most: number, keep?: (item: Item) => boolean): Promise<Pages> {
  const pages = new Pages(most, keep);
  while (!pages.done) pages.add(await read(pages.next, false), false);
  return pages;
}

const page = weightOf(item(1)) * 10; // what one takes, about

describe("pages", () => {
  it("have no more in memory than they may, and drop what is far", async () => {
    const { read, asked } = table(range(0, 200));
    const pages = new Pages(page * 6);
    while (!pages.done) {
      pages.add(await read(pages.next, false), false);
      pages.trim(0, 20);
    }
    expect(pages.length).toBe(200);
    expect(asked).toHaveLength(20);
    // What is looked at and what is next to it stays.
    expect(shown(pages.rows()).slice(0, 40)).toEqual(range(0, 40));
    expect(pages.length - (pages.dropped ?? 0)).toBeLessThanOrEqual(60);
    expect(pages.at(199 - 60)).toBeUndefined();
    expect(pages.at(200)).toBeUndefined();

    // Far down it is read again, and what is far above goes.
    expect(pages.missing(0, 20)).toBe(-1);
    for (let p = pages.missing(150, 170); p >= 0; p = pages.missing(150, 170)) {
      await pages.reread(p, read);
      pages.trim(150, 170);
    }
    expect(range(150, 171).map((i) => pages.at(i)?.["sk"])).toEqual(range(150, 171).map((n) => ({ N: String(n) })));
    expect(pages.at(0)).toBeUndefined();
    expect(pages.length).toBe(200);
    expect(pages.length - pages.dropped).toBeLessThanOrEqual(60);
  });

  it("walk through very many items", async () => {
    const { read } = table(range(0, 20_000), 100);
    const pages = new Pages(page * 100);
    while (!pages.done) {
      pages.add(await read(pages.next, false), false);
      pages.trim(pages.length - 100, pages.length);
    }
    const seen: number[] = [];
    for (let from = 0; from < 20_000; from += 50) {
      for (let p = pages.missing(from, from + 50); p >= 0; p = pages.missing(from, from + 50)) await pages.reread(p, read);
      pages.trim(from, from + 50);
      for (let i = from; i < from + 50; i++) seen.push(...numbers([pages.at(i) ?? {}]));
      expect(pages.length - pages.dropped).toBeLessThanOrEqual(1000);
    }
    expect(seen).toEqual(range(0, 20_000));
  });

  it("yield all of them, and keep none of those that are read for that", async () => {
    const { read } = table(range(0, 100));
    const pages = await pagesOf(read, page * 3);
    pages.trim(0, 5);
    const { dropped } = pages;
    expect(dropped).toBeGreaterThan(0);
    const all: Item[] = [];
    for await (const items of pages.all(read)) all.push(...items);
    expect(numbers(all)).toEqual(range(0, 100));
    expect(pages.dropped).toBe(dropped);
  });

  it("have only what matches, also when they are read again", async () => {
    const { read } = table(range(0, 100));
    const pages = await pagesOf(read, page, (i) => (numbers([i])[0] ?? 0) % 3 === 0);
    pages.trim(0, 5);
    while (pages.missing(0, 100) >= 0) await pages.reread(pages.missing(0, 100), read);
    expect(shown(pages.rows())).toEqual(range(0, 34).map((i) => i * 3));
  });

  it("know columns of items that are changed meanwhile", async () => {
    const { read } = table(range(0, 30));
    const pages = await pagesOf(read, 0);
    const before = pages.rows();
    await pages.reread(1, async (start, much) => { const got = await read(start, much); return { ...got, items: got.items.map((i) => ({ ...i, more: { S: "" } })) }; });
    expect(pages.rows().run).toBe(before.run);
    expect(pages.rows().fresh?.every((i) => i["more"])).toBe(true);
  });
});

describe("a page that is read again when there are other items", () => {
  const cases: [string, (all: number[]) => number[]][] = [
    ["none has changed", (all) => all],
    ["some came into it", (all) => [...all, 12.1, 12.2, 12.3]],
    ["many came into it", (all) => [...all, ...range(1, 40).map((i) => 12 + i / 100)]],
    ["some of it are gone", (all) => all.filter((n) => n !== 12 && n !== 15)],
    ["its last one is gone", (all) => all.filter((n) => n !== 19)],
    ["its first one and the one before are gone", (all) => all.filter((n) => n !== 9 && n !== 10)],
    ["its last one and the first of the next are gone", (all) => all.filter((n) => n !== 19 && n !== 20)],
    ["all of it are gone", (all) => all.filter((n) => n < 10 || n > 19)],
    ["it and all that come after it are gone", (all) => all.filter((n) => n < 10)],
    ["it and the two after it are gone, and others came", (all) => [...all.filter((n) => n < 10 || n > 39), 15.5, 25.5]],
  ];
  it.each(cases)("%s", async (_, changed) => {
    const server = table(range(0, 100));
    const pages = await pagesOf(server.read, 0);
    const now = table(changed(range(0, 100)));
    await pages.reread(1, now.read);
    // Nothing is there twice or missing once all are read anew.
    for (let i = 0; i < pages.length; i++) expect(numbers([pages.at(i) ?? {}])[0]).toBeDefined();
    expect(new Set(shown(pages.rows())).size).toBe(pages.length);
    await pages.refresh(0, Infinity, now.read);
    while (pages.missing(0, Infinity) >= 0) await pages.reread(pages.missing(0, Infinity), now.read);
    const first = new Set(now.all);
    expect(shown(pages.rows())).toEqual([...first].sort((a, b) => a - b));
  });

  it("ends where it may when all has changed, and goes on from there", async () => {
    const server = table(range(0, 100));
    const pages = await pagesOf(server.read, 0);
    const now = table(range(0, 3000).map((n) => n + 0.5));
    await pages.reread(0, now.read);
    expect(pages.done).toBe(false);
    while (!pages.done) pages.add(await now.read(pages.next, false), false);
    expect(shown(pages.rows())).toEqual(range(0, 3000).map((n) => n + 0.5));
  });
});
