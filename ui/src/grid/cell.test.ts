import { expect, test } from "vitest";
import { imageOf, momentOf, readable, whole } from "./cell";

const bytes = (...b: number[]) => new Uint8Array(b);

test("says which bytes are text, and which an image", () => {
  expect(readable(new TextEncoder().encode("héllo\n"))).toBe("héllo\n");
  expect(readable(bytes(0xff, 0xfe))).toBeUndefined();
  expect(readable(bytes(0x61, 0))).toBeUndefined();
  expect(readable(bytes())).toBeUndefined();
  expect(imageOf(bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13))?.type).toBe("image/png");
  expect(imageOf(bytes(0x89, 0x50))).toBeUndefined();
  expect(whole({ B: bytes(0x68, 0x69) })).toEqual({ text: "68 69", about: "Binary, 2 bytes, the text “hi”" });
});

test("says which numbers may be times", () => {
  expect(momentOf("1790000000")?.toISOString()).toBe("2026-09-21T14:13:20.000Z");
  expect(momentOf("1790000000123")?.getTime()).toBe(1790000000123);
  for (const n of ["179000000", "1790000000.5", "-1790000000", "5000000000"]) expect(momentOf(n)).toBeUndefined();
});
