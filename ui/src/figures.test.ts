import { expect, test } from "vitest";
import { writeUnits } from "./figures";

test("a KB is written with a unit", () => {
  expect(writeUnits({ items: 0, bytes: 0 })).toBe(0);
  expect(writeUnits({ items: 3, bytes: 3 * 1024 })).toBe(1);
  expect(writeUnits({ items: 3, bytes: 3 * 1024 + 1 })).toBe(2);
});
