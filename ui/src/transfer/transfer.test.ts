import { describe, expect, test } from "vitest";
import { type Item, toDynamoJSON, type Value } from "../model/value";
import { fieldOf, typedValue, valueOf } from "./cell";
import { CsvReader, padded, separatorOf, writeField } from "./csv";
import { type Entry, JsonPieces, read, shapeOf } from "./read";
import { type Format, formats, Writer } from "./write";

const csv = (text: string, separator?: string) => {
  const reader = new CsvReader(separator);
  return [...reader.push(text), ...reader.end()];
};

describe("CSV", () => {
  test("is read as RFC 4180 has it, and a little more", () => {
    const rows = csv('a,"b","c ""d"""\r\n1,"x,\r\ny",\n\n"",,z');
    expect(rows.map((r) => r.fields.map((f) => f.text))).toEqual([["a", "b", 'c "d"'], ["1", "x,\r\ny", ""], ["", "", "z"]]);
    expect(rows.map((r) => r.line)).toEqual([1, 2, 5]);
    expect(rows[2]?.fields.map((f) => f.quoted)).toEqual([true, false, false]);
    expect(rows[1]?.raw).toBe('1,"x,\r\ny",');
    expect(csv("a;b\r1;2\r", ";").map((r) => r.fields.length)).toEqual([2, 2]);
    expect(csv('a\n"not closed').map((r) => r.fields[0]?.text)).toEqual(["a", "not closed"]);
  });

  test("may come in any pieces", () => {
    const text = 'a,"b ""q"" b",c\r\n"x\r\n\r\ny",2,"é🙂"\n,"",\r\n';
    const whole = csv(text);
    for (let n = 1; n < 5; n++) {
      const reader = new CsvReader();
      const rows = [];
      for (let i = 0; i < text.length; i += n) rows.push(...reader.push(text.slice(i, i + n)));
      expect([...rows, ...reader.end()]).toEqual(whole);
    }
  });

  test("has a separator", () => {
    expect([separatorOf("a,b;c,d\n;;;"), separatorOf('a;"b,c,d"'), separatorOf("a\tb"), separatorOf("a")]).toEqual([",", ";", "\t", ","]);
  });

  test("can get more columns", () => {
    expect(padded('1,"a\n""b"\n2,c\n', 2)).toBe('1,"a\n""b",,\n2,c,,\n');
  });
});

const deep = (levels: number): Value => (levels === 0 ? { S: "bottom" } : levels % 2 ? { M: { in: deep(levels - 1) } } : { L: [deep(levels - 1)] });

const values: Value[] = [
  ...["", " ", "plain", "1", "1e5", "true", "false", "null", "TRUE", "a,b", 'say "hi"', "line\nbreak\r\n", "{}", "[1]", '{"S":"x"}', '{"S":1}', "{not json", "é🙂", " 1", "=SUM(A1)", "+1", ";", "\t"].map((S): Value => ({ S })),
  ...["0", "-1.5", "12345678901234567890123456789012345678", "1E-130", "9.9999999999999999999999999999999999999E+125"].map((N): Value => ({ N })),
  { B: new Uint8Array([0, 255, 10]) },
  { B: new Uint8Array() },
  { BOOL: true },
  { BOOL: false },
  { NULL: true },
  { SS: ["a", "", "b,c"] },
  { NS: ["1", "12345678901234567890123456789012345678"] },
  { BS: [new Uint8Array([1]), new Uint8Array([2, 3])] },
  { L: [] },
  { M: {} },
  { L: [{ S: "1" }, { N: "1" }, { NULL: true }, { SS: ["x"] }] },
  { M: { S: { S: "looks like a type" } } },
  { M: { $SS: { L: [{ S: "looks like a marker" }] } } },
  { M: { "a.b": { B: new Uint8Array([7]) }, "": { S: "nameless" } } },
  deep(31),
];

describe("a cell", () => {
  test("comes back as it was", () => {
    for (const v of values) {
      const line = writeField(fieldOf(v));
      const field = csv(`${line},\n`)[0]?.fields[0];
      expect(field && valueOf(field), line).toEqual(v);
    }
  });

  test("is read as people write it", () => {
    const of = (text: string) => valueOf(csv(`${text},`)[0]?.fields[0] ?? { text: "", quoted: false });
    expect(of("")).toBeUndefined();
    expect(of('""')).toEqual({ S: "" });
    expect(of("007")).toEqual({ N: "007" });
    expect(of('"007"')).toEqual({ S: "007" });
    expect(of("true")).toEqual({ BOOL: true });
    expect(of('"{""a"": 12345678901234567890}"')).toEqual({ M: { a: { N: "12345678901234567890" } } });
    expect(of('"[1, ""x""]"')).toEqual({ L: [{ N: "1" }, { S: "x" }] });
  });

  test("is of its column's type", () => {
    const plain = (text: string) => ({ text, quoted: false });
    expect(typedValue(plain("007"), "S")).toEqual({ S: "007" });
    expect(typedValue(plain(""), "S")).toBeUndefined();
    expect(typedValue({ text: "", quoted: true }, "S")).toEqual({ S: "" });
    expect(typedValue({ text: "7", quoted: true }, "N")).toEqual({ N: "7" });
    expect(() => typedValue(plain("seven"), "N")).toThrow("“seven” is not a number");
    expect(typedValue(plain("AQI="), "B")).toEqual({ B: new Uint8Array([1, 2]) });
    expect(typedValue(plain('{"B":"AQI="}'), "B")).toEqual({ B: new Uint8Array([1, 2]) });
    expect(typedValue(plain("TRUE"), "BOOL")).toEqual({ BOOL: true });
    expect(typedValue(plain('"a"'), "JSON")).toEqual({ S: "a" });
    expect(() => typedValue(plain("a"), "JSON")).toThrow("no JSON");
    expect(typedValue(plain("x"), "none")).toBeUndefined();
    expect(typedValue({ text: '{"S":"[1]"}', quoted: true }, "S")).toEqual({ S: "[1]" });
    expect(typedValue({ text: "[1]", quoted: true }, "S")).toEqual({ S: "[1]" });
  });
});

test("JSON objects are found in lists, in lines and in pieces of any length", () => {
  const text = '[\n {"a": "}\\"{"},\n{"b": [{}, "]"]} ,{"c":1}\n]\nwhat\n{"d":\n2}';
  const want = [
    { line: 2, raw: '{"a": "}\\"{"}' },
    { line: 3, raw: '{"b": [{}, "]"]}' },
    { line: 3, raw: '{"c":1}' },
    { line: 5, raw: "what" },
    { line: 6, raw: '{"d":\n2}' },
  ];
  for (let n = 1; n < 8; n++) {
    const pieces = new JsonPieces();
    const got = [];
    for (let i = 0; i < text.length; i += n) got.push(...pieces.push(text.slice(i, i + n)));
    expect([...got, ...pieces.push("", true)]).toEqual(want);
  }
  expect([...new JsonPieces().push('[{"a": 1', true)]).toEqual([{ line: 1, raw: '{"a": 1' }]);
});

const entries = async (file: Blob, keys: string[] = ["pk"], types = new Map()): Promise<Entry[]> => {
  const all: Entry[] = [];
  for await (const entry of read(file, await shapeOf(file, keys), keys, types)) all.push(entry);
  return all;
};

describe("a file", () => {
  const items: Item[] = values.map((v, i): Item => ({ pk: { S: `item ${i}` }, value: v, ...(i % 3 === 0 ? { [`only, ${i}`]: v } : {}) }));

  test.each(Object.keys(formats) as Format[])("of %s brings back what was written", async (format) => {
    for (const few of [items, items.slice(0, 1), []]) {
      const writer = new Writer(format, ["pk"]);
      for (const item of few) writer.add([item]);
      expect(writer.count).toBe(few.length);
      const file = await writer.finish();
      const back = await entries(file);
      expect(back.map((e) => e.problem)).toEqual(few.map(() => undefined));
      expect(back.map((e) => toDynamoJSON(sorted(e.item ?? {})))).toEqual(few.map((item) => toDynamoJSON(sorted(item))));
    }
  });

  test("of CSV has all columns in its header and a field for each in every row", async () => {
    const writer = new Writer("CSV", ["pk"]);
    writer.add([{ pk: { S: "a" } }, { pk: { S: "b" }, "x,y": { N: "1" } }]);
    expect(await (await writer.finish()).text()).toBe('pk,"x,y"\na,\nb,1\n');
  });

  test("of AWS exports and of what a Scan answers is read, too", async () => {
    const item = { pk: { S: "a" }, n: { N: "1" } };
    expect((await entries(new Blob([`{"Item":${JSON.stringify(item)}}\n{"Item":${JSON.stringify(item)}}\n`]))).map((e) => e.item)).toEqual([item, item]);
    expect((await entries(new Blob([JSON.stringify({ Items: [item, item], Count: 2, ScannedCount: 2 }, null, 2)]))).map((e) => e.item)).toEqual([item, item]);
    expect((await entries(new Blob([`\n{"pk": "a", "n": 1}\n\n{"pk": "b"}`]))).map((e) => e.item)).toEqual([item, { pk: { S: "b" } }]);
    // An item whose key has that name is none of an export.
    expect((await entries(new Blob([`{"Item":{"S":"x"}}`]), ["Item"])).map((e) => e.item)).toEqual([{ Item: { S: "x" } }]);
  });

  test("tells in which line something is wrong, and goes on", async () => {
    const lines = await entries(new Blob([`{"pk":{"S":"a"}}\n{"pk":{"S":"b"}\n{"pk":{"N":"x"}}\n{"pk":{"S":"c"}}`]));
    expect(lines.map((e) => [e.line, e.problem !== undefined])).toEqual([[1, false], [2, true], [3, true], [4, false]]);
    const table = await entries(new Blob(["pk,n\na,1\nb,2,3\nc,x\n"]), ["pk"], new Map([["n", "N"]]));
    expect(table.map((e) => [e.line, e.problem])).toEqual([[2, undefined], [3, "the row has 3 fields, the header 2"], [4, "n: “x” is not a number"]]);
  });

  test("in which all is in quotation marks says nothing by them", async () => {
    expect((await entries(new Blob(['"pk","n"\n"a","1"\n"b",""\n']))).map((e) => e.item)).toEqual([{ pk: { S: "a" }, n: { N: "1" } }, { pk: { S: "b" }, n: { S: "" } }]);
    expect((await entries(new Blob(['pk,n\n"a","1"\n']))).map((e) => e.item)).toEqual([{ pk: { S: "a" }, n: { S: "1" } }]);
  });
});

function sorted(item: Item): Item {
  return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
}
