import { describe, expect, test } from "vitest";
import { compare, compareNumbers, equal, equalItems, fromWire, identity, type Item, itemSize, NotAValue, numberProblem, parseDynamoJSON, sizeOf, textOf, toDynamoJSON } from "./value";

const digits = "12345678901234567890123456789012345678";

const everything: Item = {
  pk: { S: "a,b/#?%\n😀" },
  empty: { S: "" },
  n: { N: digits },
  b: { B: new Uint8Array([0, 255, 10]) },
  none: { B: new Uint8Array() },
  yes: { BOOL: true },
  nothing: { NULL: true },
  ss: { SS: ["b", "a"] },
  ns: { NS: ["1", `-${digits}`] },
  bs: { BS: [new Uint8Array([1]), new Uint8Array()] },
  l: { L: [{ N: "0.1" }, { L: [] }, { M: {} }] },
  m: { M: { "": { S: "x" }, deep: { M: { deeper: { SS: ["s"] } } } } },
};

test("DynamoDB JSON has all of an item", () => {
  expect(parseDynamoJSON(toDynamoJSON(everything))).toEqual(everything);
  expect(parseDynamoJSON(toDynamoJSON(everything, 2))).toEqual(everything);
});

test("32 levels and odd names come back", () => {
  let v = '{"S":"leaf"}';
  for (let i = 0; i < 31; i++) v = i % 2 === 0 ? `{"L":[${v}]}` : `{"M":{"a.b[0]":${v}}}`;
  const text = `{"__proto__":${v},"constructor":{"S":"c"}}`;
  expect(toDynamoJSON(parseDynamoJSON(text))).toBe(text);
});

describe("what is no item is told", () => {
  test.each([
    ['{"a":{"S":1}}', "a: in S here must be a string"],
    ['{"a":{"N":"x"}}', "a: “x” is not a number"],
    ['{"a":{"S":"x","N":"1"}}', 'a: a value is an object with its type, like {"S": "text"}'],
    ['{"a":{"L":[{"X":1}]}}', "a.0: there is no type X"],
    ['{"a":{"B":"é"}}', "a: this is not base64"],
    ['{"a":{"NULL":false}}', "a: NULL must be true"],
    ["[]", "here must be an object of attributes"],
  ])("%s", (text, problem) => {
    let said = "";
    try {
      parseDynamoJSON(text);
    } catch (err) {
      expect(err).toBeInstanceOf(NotAValue);
      said = String(err);
    }
    expect(said).toBe(problem);
  });
  test("a name that is there twice", () => expect(() => parseDynamoJSON('{"a":{"S":"1"},"a":{"S":"2"}}')).toThrow(new SyntaxError("“a” is there twice at position 16")));
  test("what is no JSON is a SyntaxError", () => expect(() => parseDynamoJSON("{")).toThrow(SyntaxError));
});

test("numbers compare by value", () => {
  const sorted = [`-${digits}`, "-10", "-9.5", "-1E-130", "0", "1E-130", "0.09", "0.1", "9", "10", "100", digits, "1E125"];
  for (const [i, a] of sorted.entries()) {
    for (const [j, b] of sorted.entries()) {
      expect(Math.sign(compareNumbers(a, b)), `${a} to ${b}`).toBe(Math.sign(i - j));
    }
  }
});

test.each([
  ["1.", undefined],
  [".5", undefined],
  ["+1e+5", undefined],
  ["9.9999999999999999999999999999999999999E+125", undefined],
  ["1E-130", undefined],
  ["", "“” is not a number"],
  ["0x1", "“0x1” is not a number"],
  [`1${digits}`, "a number has at most 38 significant digits"],
  ["1E+126", "a number is less than 1E+126"],
  ["1E-131", "a number is at least 1E-130 away from zero"],
  ["0e125", undefined],
  ["0e126", "a number is less than 1E+126"],
  ["0e-130", undefined],
  ["0e-131", "a number is at least 1E-130 away from zero"],
])("the number %s", (text, problem) => expect(numberProblem(text)).toBe(problem));

test("equal values", () => {
  expect(equal({ N: "1.0" }, { N: "1" })).toBe(true);
  expect(equal({ N: digits }, { N: `${digits.slice(0, -1)}9` })).toBe(false);
  expect(equal({ NS: ["1", "2"] }, { NS: ["2.0", "1"] })).toBe(true);
  expect(equal({ SS: ["1"] }, { NS: ["1"] })).toBe(false);
  expect(equal({ L: [{ S: "a" }, { S: "b" }] }, { L: [{ S: "b" }, { S: "a" }] })).toBe(false);
  expect(equalItems({ a: { S: "" } }, {})).toBe(false);
  expect(equalItems(everything, parseDynamoJSON(toDynamoJSON(everything)))).toBe(true);
});

test("values sort by type and then as keys do", () => {
  const sorted = [{ S: "a" }, { S: "b" }, { S: "😀" }, { N: "9" }, { N: "10" }, { B: new Uint8Array([1]) }, { B: new Uint8Array([1, 0]) }, undefined];
  expect(sorted.toReversed().toSorted(compare)).toEqual(sorted);
});

// As the server counts: internal/attr has the same table.
test.each<[string, number]>([
  ["0", 1], ["1", 2], ["12", 2], ["123", 3], ["1234", 3], ["123456", 4], ["1.5", 3], ["-42", 3], ["0042", 2], ["100", 2], ["1010", 3],
  ["0.0000001", 2], ["1E125", 2], ["1E-100", 2], ["-0", 1], ["1.200", 3], ["1.234", 4], ["3.14159", 5], ["100.5", 4], ["0.15", 2], ["1".repeat(38), 20],
])("the number %s counts for %d bytes", (n, size) => expect(sizeOf({ N: n })).toBe(size));

test("sizes of items", () => {
  expect(itemSize({ pk: { S: "é" } })).toBe(4);
  expect(itemSize({ m: { M: { a: { BOOL: true } } }, l: { L: [{ NULL: true }] } })).toBe(1 + 3 + 1 + 1 + 1 + 1 + 3 + 1 + 1);
});

test("identity tells types apart", () => {
  expect(identity({ a: { S: "1" } }, ["a"])).not.toBe(identity({ a: { N: "1" } }, ["a"]));
  expect(identity(everything, ["pk", "n"])).toBe(identity({ n: { N: digits }, pk: { S: "a,b/#?%\n😀" } }, ["pk", "n"]));
});

test("text for cells", () => {
  expect(textOf({ NS: ["1", "2"] })).toBe("{1, 2}");
  expect(textOf(fromWire({ L: [{ N: "1" }] }))).toBe('{"L":[{"N":"1"}]}');
});
