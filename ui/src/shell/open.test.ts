import { expect, test } from "vitest";
import { beside, most, moved, opened, type Tab, tabOf, tabs } from "./open";

const tab = (key: string, href = `/${key}`): Tab => ({ key, name: key, href });
const three = ["a", "b", "c"].map((key) => tab(key));
const keys = (all: readonly Tab[]) => all.map((t) => t.key).join("");

test("a place has one tab, which follows it", () => {
  expect(opened(three, tab("b", "/b?index=x"))[1]?.href).toBe("/b?index=x");
  expect(keys(opened(three, tab("d")))).toBe("abcd");
  const many = Array.from({ length: most }, (_, i) => tab(`${i}`));
  expect(opened(many, tab("new")).map((t) => t.key)).toEqual([...many.slice(1).map((t) => t.key), "new"]);
});

test("tabs move, and stay within", () => {
  expect(keys(moved(three, "a", 1))).toBe("bac");
  expect(keys(moved(three, "c", -2))).toBe("cab");
  expect(moved(three, "a", -1)).toBe(three);
  expect(moved(three, "c", 1)).toBe(three);
  expect(moved(three, "x", 1)).toBe(three);
});

test("beside one that is closed is the next, or the one before", () => {
  expect(beside(three, "a")?.key).toBe("b");
  expect(beside(three, "c")?.key).toBe("b");
  expect(beside([tab("a")], "a")).toBeUndefined();
});

test("tabs of tables and pages", () => {
  const table = { account: "000000000000", region: "us-east-1", name: "orders" };
  expect(tabOf({ path: "/t/…", table, page: { path: "", name: "Items" } }, "/x")).toEqual({ key: "000000000000/us-east-1/orders", name: "orders", place: "us-east-1", href: "/x" });
  expect(tabOf({ path: "/t/…", table: { ...table, account: "1" }, page: { path: "ttl", name: "Time to live" } }, "/x")).toMatchObject({ place: "us-east-1, 1", page: "Time to live" });
  expect(tabOf({ path: "/partiql", title: "PartiQL" }, "/partiql?region=r")).toEqual({ key: "/partiql", name: "PartiQL", href: "/partiql?region=r" });
  expect(tabOf({ path: "/" }, "/")).toBeUndefined();
  expect(tabOf({ path: "/create", title: "Create table" }, "/create")).toBeUndefined();
});

test("what is kept is tabs or nothing", () => {
  expect(tabs.read(JSON.parse(JSON.stringify(three)))).toEqual(three);
  for (const wrong of [null, {}, [null], [{ key: 1 }], [{ ...tab("a"), place: 3 }]]) expect(tabs.read(wrong)).toBeUndefined();
});
