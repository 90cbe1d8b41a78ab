// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { choose, everywhere, names, pressed, type Shortcut } from "./keys";

const key = (k: string, more: Partial<KeyboardEvent> = {}) => ({ key: k, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
const shortcut = (keys: string, scope = everywhere): Shortcut => ({ keys, scope, description: "", run: () => {} });

it("writes what is pressed as shortcuts are written", () => {
  expect(pressed(key("k", { ctrlKey: true }))).toBe("mod+k");
  expect(pressed(key("K", { ctrlKey: true, shiftKey: true }))).toBe("mod+shift+k");
  expect(pressed(key("?", { shiftKey: true }))).toBe("?");
  expect(pressed(key("Enter", { ctrlKey: true }))).toBe("mod+enter");
  expect(pressed(key("G", { shiftKey: true }))).toBe("shift+g");
  expect(pressed(key(" "))).toBe("space");
  expect(pressed(key("Control", { ctrlKey: true }))).toBe("");
});

it("lets a page's shortcut go before one that is everywhere, and waits for the second key", () => {
  const [wide, page, go] = [shortcut("/"), shortcut("/", "This page"), shortcut("g i")];
  expect(choose("/", [page, wide, go])).toBe(page);
  expect(choose("/", [wide, go])).toBe(wide);
  expect(choose("g", [wide, go])).toBe(true);
  expect(choose("g i", [wide, go])).toBe(go);
  expect(choose("g x", [wide, go])).toBeUndefined();
});

it("calls keys by their names", () => {
  expect(names("mod+k")).toEqual(["Ctrl+K"]);
  expect(names("g i")).toEqual(["g", "i"]);
  expect(names("mod+enter")).toEqual(["Ctrl+Enter"]);
});
