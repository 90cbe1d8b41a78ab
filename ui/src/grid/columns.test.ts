import { beforeEach, describe, expect, it, test, vi } from "vitest";
import type { Item } from "../model/value";
import { arrange, keepLayout, keepPreset, type Layout, moved, noLayout, put, readLayout, readPresets, Tally } from "./columns";

const names = (columns: readonly { name: string }[]) => columns.map((c) => c.name);

describe("columns", () => {
  test("stand with the key first, then by how many items have them", () => {
    const items: Item[] = [{ pk: { S: "a" }, rare: { S: "x" } }, { often: { N: "1" }, pk: { S: "b" } }, { pk: { S: "c" }, often: { S: "1" } }];
    const columns = new Tally().columns(items, ["pk"]);
    expect(names(columns)).toEqual(["pk", "often", "rare"]);
    expect(columns.map((c) => c.types)).toEqual([["S"], ["N", "S"], ["S"]]);
  });

  test("of the key are there when no item has them", () => {
    expect(names(new Tally().columns([], ["pk", "sk"]))).toEqual(["pk", "sk"]);
    expect(names(new Tally().columns([{ a: { N: "1" } }], ["pk"]))).toEqual(["pk", "a"]);
  });

  test("keep their places when items are added, and are the same array while nothing is new", () => {
    const tally = new Tally();
    const page: Item[] = Array.from({ length: 100 }, (_, i) => ({ pk: { N: String(i) }, a: { S: "x" }, ...(i > 50 ? { b: { S: "y" } } : {}) }));
    const first = tally.columns(page, ["pk"]);
    expect(names(first)).toEqual(["pk", "a", "b"]);
    const more: Item[] = [...page, ...page.map((item) => ({ ...item, b: { S: "y" } }))];
    expect(tally.columns(more, ["pk"])).toBe(first);
    const second = tally.columns([...more, { pk: { N: "-1" }, c: { S: "new" }, b: { N: "1" } }], ["pk"]);
    expect(names(second)).toEqual(["pk", "a", "b", "c"]);
    expect(second[2]?.types).toEqual(["S", "N"]);
  });

  test("begin anew with other items", () => {
    const tally = new Tally();
    tally.columns([{ pk: { S: "a" }, x: { S: "x" } }], ["pk"]);
    expect(names(tally.columns([{ pk: { S: "b" } }], ["pk"]))).toEqual(["pk"]);
  });

  test("may be called what objects have anyway", () => {
    const item = JSON.parse(`{"__proto__": {"S": "a"}, "constructor": {"S": "b"}}`) as Item;
    expect(names(new Tally().columns([item], ["constructor"]))).toEqual(["constructor", "__proto__"]);
  });
});

describe("a layout", () => {
  const columns = new Tally().columns([{ pk: { S: "a" }, a: { S: "" }, b: { S: "" }, c: { S: "" } }], ["pk"]);

  test("hides, pins and widens", () => {
    const layout: Layout = { hidden: ["a"], pinned: ["pk", "c"], widths: { c: 200 } };
    const { pinned, others } = arrange(columns, ["pk"], layout);
    expect(names(pinned)).toEqual(["pk", "c"]);
    expect(pinned[1]?.width).toBe(200);
    expect(names(others)).toEqual(["b"]);
  });

  test("moves a column past its neighbour, and new ones come last", () => {
    const layout = moved(columns, ["pk"], noLayout, "c", -1);
    expect(names(arrange(columns, ["pk"], layout).others)).toEqual(["a", "c", "b"]);
    expect(moved(columns, ["pk"], layout, "b", 1)).toBe(layout);
    const later = new Tally().columns([{ pk: { S: "a" }, a: { S: "" }, b: { S: "" }, c: { S: "" }, aa: { S: "" } }], ["pk"]);
    expect(names(arrange(later, ["pk"], layout).others)).toEqual(["a", "c", "b", "aa"]);
  });

  describe("is kept", () => {
    beforeEach(() => {
      const kept = new Map<string, string>();
      Object.assign(globalThis, { localStorage: { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v) } });
    });

    test("for each table", () => {
      const layout: Layout = { hidden: ["a"], order: ["b", "a"], pinned: [], widths: { b: 90 } };
      keepLayout("here/orders", layout);
      expect(readLayout("here/orders")).toEqual(layout);
      expect(readLayout("here/others")).toEqual(noLayout);
    });

    test("and no harm is done by what is not one", () => {
      for (const kept of ["", "7", "null", `{"hidden": {"a": 1}, "widths": {"a": "wide"}, "order": [1]}`]) {
        localStorage.setItem("stator.columns:x", kept);
        expect(arrange(columns, ["pk"], readLayout("x")).others).toHaveLength(3);
      }
    });
  });
});

describe("a column that is put elsewhere", () => {
  const columns = ["pk", "sk", "a", "b", "c"].map((name) => ({ name, types: [], width: 100 }));
  const keys = ["pk", "sk"];
  const shown = (layout: Layout) => { const { pinned, others } = arrange(columns, keys, layout); return [pinned.map((c) => c.name).join(), others.map((c) => c.name).join()]; };
  it("stands before or after another one", () => {
    expect(shown(put(columns, keys, noLayout, "c", "a", false))).toEqual(["pk,sk", "c,a,b"]);
    expect(shown(put(columns, keys, noLayout, "a", "c", true))).toEqual(["pk,sk", "b,c,a"]);
    expect(put(columns, keys, noLayout, "a", "a", true)).toBe(noLayout);
  });
  it("stays in sight if that does", () => {
    const pinned = put(columns, keys, noLayout, "b", "sk", false);
    expect(shown(pinned)).toEqual(["pk,b,sk", "a,c"]);
    expect(shown(put(columns, keys, pinned, "sk", "c", true))).toEqual(["pk,b", "a,c,sk"]);
  });
  it("leaves those that are hidden behind all others", () => {
    expect(put(columns, keys, { ...noLayout, hidden: ["a"] }, "c", "b", false).order).toEqual(["pk", "sk", "c", "b", "a"]);
  });
});

it("keeps layouts under names, for each table", () => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, text: string) => kept.set(name, text) });
  keepPreset("t", "wide", { hidden: ["a"], widths: { b: 200 } });
  keepPreset("t", "all", noLayout);
  keepPreset("t", "wide", { hidden: ["b"], widths: {} });
  expect(readPresets("t").map((p) => [p.name, p.layout.hidden])).toEqual([["all", []], ["wide", ["b"]]]);
  expect(readPresets("other")).toEqual([]);
  keepPreset("t", "wide", undefined);
  expect(readPresets("t").map((p) => p.name)).toEqual(["all"]);
  vi.unstubAllGlobals();
});

it("knows the columns of rows that are not in memory any more, and of those that were read again", () => {
  const run = {};
  const items: (Item | undefined)[] = [{ pk: { S: "a" }, first: { S: "" } }, { pk: { S: "b" } }];
  const rows = (fresh: readonly Item[] = []) => ({ length: items.length, at: (i: number) => items[i], run, fresh });
  const tally = new Tally();
  expect(names(tally.columns(rows(), ["pk"]))).toEqual(["pk", "first"]);
  items[0] = undefined;
  const before = tally.columns(rows(), ["pk"]);
  expect(names(before)).toEqual(["pk", "first"]);
  items[0] = { pk: { S: "a" }, other: { N: "1" } };
  expect(names(tally.columns(rows([items[0]]), ["pk"]))).toEqual(["pk", "first", "other"]);
  items.push({ pk: { S: "c" }, last: { S: "" } });
  expect(names(tally.columns(rows(), ["pk"])).toSorted()).toEqual(["first", "last", "other", "pk"]);
});
