import { describe, expect, it } from "vitest";
import { carry, formatted, literal, quoted, statementAt, statementsOf, tokensOf } from "./statements";

const texts = (text: string) => statementsOf(text).map((s) => s.text);

describe("statementsOf", () => {
  it("ends statements at semicolons", () => {
    expect(texts("SELECT 1;SELECT 2 ;\n\nSELECT 3")).toEqual(["SELECT 1", "SELECT 2", "SELECT 3"]);
    expect(texts(" ; ;; ")).toEqual([]);
    expect(texts("")).toEqual([]);
  });
  it("takes no semicolon of a string, a name or a comment for an end", () => {
    expect(texts(`SELECT * FROM "a;b" WHERE x = ';''; ' ; DELETE FROM t`)).toEqual([`SELECT * FROM "a;b" WHERE x = ';''; ' `.trim(), "DELETE FROM t"]);
    expect(texts("SELECT 1 -- no; end\n+ 2; /* nor; here */ SELECT 3 /* ; */")).toEqual(["SELECT 1 -- no; end\n+ 2", "SELECT 3"]);
    expect(texts(`SELECT "a"";" FROM t; SELECT 2`)).toEqual([`SELECT "a"";" FROM t`, "SELECT 2"]);
  });
  it("goes on to the end where something is not closed", () => {
    expect(texts("SELECT 'a; SELECT 2")).toEqual(["SELECT 'a; SELECT 2"]);
    expect(texts("SELECT 1; /* open; ")).toEqual(["SELECT 1"]);
  });
  it("counts parameters, but not question marks in strings", () => {
    const [a, b] = statementsOf(`SELECT * FROM t WHERE a = ? AND b = '?' -- ?\nAND c = ?; UPDATE t SET x = ?`);
    expect([a?.parameters, a?.first, b?.parameters, b?.first]).toEqual([2, 0, 1, 2]);
  });
  it("knows the verb, the table and the index", () => {
    const sources = statementsOf(`select a from "my ""t"""."ix" where b = 1; INSERT INTO t VALUE {'a': 1}; update "x.y" set a = 1; DELETE FROM d WHERE a = 1; SELECT`).map((s) => [s.verb, s.source]);
    expect(sources).toEqual([
      ["SELECT", { table: `my "t"`, index: "ix" }],
      ["INSERT", { table: "t" }],
      ["UPDATE", { table: "x.y" }],
      ["DELETE", { table: "d" }],
      ["SELECT", undefined],
    ]);
  });
});

describe("statementAt", () => {
  const text = "SELECT 1;\n\nSELECT 2; -- two\n\nSELECT 3";
  const at = (offset: number) => statementAt(statementsOf(text), text, offset)?.text;
  it("finds the one under the cursor", () => {
    expect(at(0)).toBe("SELECT 1");
    expect(at(9)).toBe("SELECT 1"); // behind its semicolon
    expect(at(14)).toBe("SELECT 2");
    expect(at(text.indexOf("two"))).toBe("SELECT 2"); // behind it, on its line
    expect(at(10)).toBe("SELECT 2"); // an empty line before it
    expect(at(text.length)).toBe("SELECT 3");
  });
  it("finds none where there is none", () => {
    expect(statementAt([], " ", 1)).toBeUndefined();
  });
});

describe("carry", () => {
  const move = (before: string, after: string, values: string[]) => carry(before, after, values, () => "new");
  it("keeps values beside their question marks", () => {
    expect(move("a = ? AND b = ?", "a = ? AND x = ? AND b = ?", ["1", "2"])).toEqual(["1", "new", "2"]);
    expect(move("a = ? AND b = ?", "b = ?", ["1", "2"])).toEqual(["2"]);
    expect(move("a = ?", "a >= ?", ["1"])).toEqual(["1"]);
    expect(move("a = ?; b = ?", "c = ?; a = ?; b = ?", ["1", "2"])).toEqual(["new", "1", "2"]);
    expect(move("", "a = ?", [])).toEqual(["new"]);
  });
});

describe("formatted", () => {
  it("puts each clause on a line of its own", () => {
    expect(formatted(`select * from "t" where a = 'x from y' and b between 1 and 2 or c in [1, 2];update t set a=1 remove b where "select" = 'and' returning all old *`)).toBe(
      `SELECT *\nFROM "t"\nWHERE a = 'x from y'\n  AND b BETWEEN 1 AND 2\n  OR c IN [1, 2];\n\nUPDATE t\nSET a=1\nREMOVE b\nWHERE "select" = 'and'\nRETURNING ALL OLD *\n`,
    );
    expect(formatted("insert into t value {'set': ?, 'from': 'a  b'}")).toBe("INSERT INTO t\nVALUE {'set': ?, 'from': 'a  b'}\n");
    expect(formatted("delete from t where a=1 and (b is missing or c is not missing)")).toBe("DELETE FROM t\nWHERE a=1\n  AND (b IS MISSING OR c IS NOT MISSING)\n");
  });
  it("leaves names that only look like keywords", () => {
    expect(formatted("select remove, value, a.set from t where returning = true and old = null")).toBe("SELECT remove, value, a.set\nFROM t\nWHERE returning = true\n  AND old = null\n");
  });
  it("keeps comments, each before the end of its line", () => {
    expect(formatted("-- first\nselect 1 -- one\n, 2; -- after\n/* x */ select 3")).toBe("-- first\nSELECT 1 -- one\n, 2; -- after\n/* x */\nSELECT 3\n");
  });
  it("changes nothing but space and the case of words, and nothing twice", () => {
    for (const text of [`select a.b[0]."c" from t where x='it''s' and y<>1.5e-3 or z=?`, `UPDATE t SET a=list_append(a,[?]) SET b=1 WHERE pk='x' RETURNING MODIFIED NEW *; select`, `insert into t value {'a': <<1, 2>>} ;; 'open`, "select 1 -- c"]) {
      const once = formatted(text);
      expect(formatted(once)).toBe(once);
      expect(tokensOf(once).map((t) => (t.kind === "word" ? t.text.toUpperCase() : t.text))).toEqual(tokensOf(text).map((t) => (t.kind === "word" ? t.text.toUpperCase() : t.text)));
    }
  });
});

it("writes names and strings so that quotes in them are theirs", () => {
  expect(quoted('a"b')).toBe('"a""b"');
  expect(literal("it's")).toBe("'it''s'");
});
