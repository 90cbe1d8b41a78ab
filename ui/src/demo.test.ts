import { describe, expect, it } from "vitest";
import { demoItems } from "./demo";

describe("demo data", () => {
  const items = demoItems(Date.UTC(2026, 10, 23));

  it("has some 200 items, each with a key of its own", () => {
    expect(items.length).toBeGreaterThan(190);
    expect(new Set(items.map((item) => JSON.stringify([item.pk, item.sk]))).size).toBe(items.length);
  });

  it("has all types there are", () => {
    const types = new Set<string>();
    const look = (value: object) => {
      for (const [type, held] of Object.entries(value)) {
        types.add(type);
        if (type === "M" || type === "L") Object.values(held as object).forEach((inner) => look(inner as object));
      }
    };
    items.forEach((item) => Object.values(item).forEach(look));
    expect([...types].sort()).toEqual(["B", "BOOL", "BS", "L", "M", "N", "NS", "NULL", "S", "SS"]);
  });

  it("has sets without anything twice", () => {
    for (const item of items) {
      for (const value of Object.values(item)) {
        const set = value.SS ?? value.NS;
        if (set) {
          expect(set.length).toBeGreaterThan(0);
          expect(new Set(set).size).toBe(set.length);
        }
      }
    }
  });

  it("is the same at the same moment", () => {
    expect(demoItems(Date.UTC(2026, 10, 23))).toEqual(items);
  });
});
