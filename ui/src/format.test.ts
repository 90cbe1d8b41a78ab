import { expect, test } from "vitest";
import { bytes, plural } from "./format";

test("sizes are in powers of 1024", () => {
  expect([0, 1, 1023, 1024, 1536, 1024 ** 3].map((n) => bytes(n))).toEqual(["0 bytes", "1 byte", "1,023 bytes", "1 KB", "1.5 KB", "1 GB"]);
});

test("one is not many", () => {
  expect([plural(0, "table"), plural(1, "table"), plural(2000, "table"), plural(2, "index", "indexes")]).toEqual(["0 tables", "1 table", "2,000 tables", "2 indexes"]);
});
