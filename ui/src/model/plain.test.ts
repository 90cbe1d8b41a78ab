import { describe, expect, test } from "vitest";
import { locate, parsePlainJSON, positionOf, problemOf, toPlainJSON } from "./plain";
import { equalItems, type Item, parseDynamoJSON, recordOf, toDynamoJSON, type Value } from "./value";

const digits = "12345678901234567890123456789012345678";

// A Dice makes items of all shapes, the same ones each time.
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed * 2654435761;
  }

  below(n: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * n);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  some<T>(least: number, make: () => T): T[] {
    return Array.from({ length: least + this.below(4) }, make);
  }

  text = () => this.some(0, () => this.of(["a", "é", "😀", '"', "\\", "\n", " ", "\u0000", "$", "{"])).join("");
  number = () => `${this.of(["", "-"])}${this.of(["0", "7", digits, "0.1", `0.${digits}`, "1E-130", "9.99E+125", "100", "12.340"])}`;
  binary = () => Uint8Array.from(this.some(0, () => this.below(256)));
  name = () => this.of(["a", "b", "", "a.b[0]", "__proto__", "constructor", "$B", "$$B", "$SS", "$NS", "$BS", "$N", "$$$SS", "$X", "1", "S", "M", "😀"]);

  value = (depth: number): Value => {
    const kinds: (() => Value)[] = [
      () => ({ S: this.text() }),
      () => ({ N: this.number() }),
      () => ({ B: this.binary() }),
      () => ({ BOOL: this.below(2) === 0 }),
      () => ({ NULL: true }),
      () => ({ SS: this.some(1, this.text) }),
      () => ({ NS: this.some(1, this.number) }),
      () => ({ BS: this.some(1, this.binary) }),
    ];
    if (depth > 0) {
      kinds.push(
        () => ({ L: this.some(0, () => this.value(depth - 1)) }),
        () => ({ M: this.item(depth - 1) }),
        () => ({ M: recordOf([[this.name(), this.value(depth - 1)]]) }),
      );
    }
    return this.of(kinds)();
  };

  item = (depth: number): Item => recordOf(this.some(0, () => [this.name(), this.value(depth)] as const));
}

test("any item comes back from plain and from DynamoDB JSON, digit for digit", () => {
  for (let seed = 1; seed <= 3000; seed++) {
    const item = new Dice(seed).item(4);
    const text = toPlainJSON(item, seed % 3);
    expect(parsePlainJSON(text), text).toEqual(item);
    expect(toPlainJSON(parsePlainJSON(text), seed % 3)).toBe(text);
    expect(parseDynamoJSON(toDynamoJSON(item))).toEqual(item);
  }
});

test("a map that is as deep as can be comes back", () => {
  let v: Value = { S: "leaf" };
  for (let i = 0; i < 31; i++) v = i % 2 === 0 ? { M: { $B: v } } : { L: [v] };
  expect(parsePlainJSON(toPlainJSON({ v }))).toEqual({ v });
});

test("plain JSON is what people write", () => {
  const item: Item = { s: { S: "x" }, n: { N: digits }, l: { L: [{ BOOL: true }, { NULL: true }] }, ss: { SS: ["a"] }, b: { B: new Uint8Array([1, 2]) }, m: { M: { $B: { S: "AQI=" } } } };
  expect(toPlainJSON(item)).toBe(`{"s":"x","n":${digits},"l":[true,null],"ss":{"$SS":["a"]},"b":{"$B":"AQI="},"m":{"$$B":"AQI="}}`);
  expect(parsePlainJSON('{"ns":{"$NS":["1",2.50]},"m":{"$B":"x","and":1}}')).toEqual({ ns: { NS: ["1", "2.50"] }, m: { M: { $B: { S: "x" }, and: { N: "1" } } } });
});

test.each([
  ["+5", "5"], [".5", "0.5"], ["5.", "5"], ["-.5e+3", "-0.5e+3"], ["00042", "42"], ["1.e5", "1e5"], ["-0", "-0"], ["+000.10", "0.10"],
])("the number %s is written as %s", (typed, written) => {
  expect(toPlainJSON({ n: { N: typed } })).toBe(`{"n":${written}}`);
  expect(equalItems(parsePlainJSON(`{"n":${written}}`), { n: { N: typed } })).toBe(true);
});

describe("what is wrong is told, and where", () => {
  test.each<["plain" | "wire", string, string, number, number]>([
    ["plain", '{"a": 1,\n "a": 2}', "“a” is there twice", 2, 3],
    ["plain", '{"a": 1,\n "b": }', "Object value expected after ':'", 2, 7],
    ["plain", '{"a": [1,\n 2', "Array item or end of array ']' expected but reached end of input", 2, 3],
    ["plain", '{"a": {"x": [0,\n  {"$SS": [1]}]}}', "a.x.1: here must be a string", 2, 3],
    ["plain", `{"n": 1,\n "n2": ${digits}9}`, "n2: a number has at most 38 significant digits", 2, 8],
    ["plain", '{"s": "\\"{[",\n "b": {"$B": "?"}}', "b: this is not base64", 2, 7],
    ["plain", "[]", "here must be an object of attributes", 1, 1],
    ["plain", '{"a": {"$$SS":\n {"$NS": 1}}}', "a.$$SS: $NS must be a list", 2, 2],
    ["wire", '{"a": {"S": "x"},\n "b": {"M": {"c": {"L": [{"S": "x"},\n  {"N": "x"}]}}}}', "b.c.1: “x” is not a number", 3, 3],
    ["wire", '{"a": {"S": "x"},\n "b": "x"}', 'b: a value is an object with its type, like {"S": "text"}', 2, 7],
    ["wire", "", "JSON value expected but reached end of input", 1, 1],
  ])("%s %s", (form, text, problem, line, column) => {
    let thrown: unknown;
    try {
      (form === "plain" ? parsePlainJSON : parseDynamoJSON)(text);
    } catch (err) {
      thrown = err;
    }
    expect(problemOf(thrown)).toBe(problem);
    expect(positionOf(text, thrown, form)).toMatchObject({ line, column });
  });
});

test("every value is found in its text", () => {
  const item = parsePlainJSON('{"a":[{"b":1},["x","y"]],"c":{"d":{"e":null}}}');
  for (const indent of [0, 2]) {
    const plain = toPlainJSON(item, indent);
    const wire = toDynamoJSON(item, indent);
    const at = (path: string[]) => [plain.slice(locate(plain, path, "plain").offset), wire.slice(locate(wire, path, "wire").offset)];
    expect(at(["a", "1", "1"])).toEqual([expect.stringMatching(/^"y"/), expect.stringMatching(/^\{\s*"S":\s*"y"/)]);
    expect(at(["c", "d", "e"])).toEqual([expect.stringMatching(/^null/), expect.stringMatching(/^\{\s*"NULL"/)]);
    expect(at(["a", "0", "b"])).toEqual([expect.stringMatching(/^1/), expect.stringMatching(/^\{\s*"N":\s*"1"/)]);
    expect(at([])).toEqual([plain, wire]);
  }
});
