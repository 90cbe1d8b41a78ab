import type { Item, Value } from "../model/value";
import { literal, quoted } from "../partiql/statements";
import { pathsIn, written } from "../query/expression";
import type { Path } from "../query/path";
import { allOf, conjuncts, isTest, type Test, type Tree } from "../query/tree";
import { type Call, expressionsIn, type Input, Refusal } from "./call";

// valueOf writes a value as a literal.
export function valueOf(v: Value): string {
  if ("S" in v) return literal(v.S);
  if ("N" in v) return v.N.replace(/^\+/, "");
  if ("BOOL" in v) return String(v.BOOL);
  if ("NULL" in v) return "null";
  if ("SS" in v) return `<<${v.SS.map(literal).join(", ")}>>`;
  if ("NS" in v) return `<<${v.NS.join(", ")}>>`;
  if ("L" in v) return `[${v.L.map(valueOf).join(", ")}]`;
  if ("M" in v) return mapOf(v.M);
  throw new Refusal("PartiQL has no literals of binary values. They are parameters: write ? for them.");
}

const mapOf = (item: Item) => `{${Object.entries(item).map(([name, v]) => `${literal(name)}: ${valueOf(v)}`).join(", ")}}`;

const pathOf = (path: Path) => path.map((step, i) => (typeof step === "number" ? `[${step}]` : `${i > 0 ? "." : ""}${quoted(step)}`)).join("");

function testOf({ path, operator, values, size }: Test): string {
  const subject = size ? `size(${pathOf(path)})` : pathOf(path);
  const operands = values.map(valueOf);
  switch (operator) {
    case "IN":
      return `${subject} IN [${operands.join(", ")}]`;
    case "attribute_exists":
      return `${subject} IS NOT MISSING`;
    case "attribute_not_exists":
      return `${subject} IS MISSING`;
    default:
      return written(operator, subject, operands);
  }
}

function conditionOf(tree: Tree): string {
  if (isTest(tree)) return testOf(tree);
  if ("not" in tree) return `NOT ${tight(tree.not)}`;
  return "and" in tree ? tree.and.map(tight).join(" AND ") : tree.or.map(tight).join(" OR ");
}

const tight = (tree: Tree) => ("and" in tree || "or" in tree ? `(${conditionOf(tree)})` : conditionOf(tree));

function where(...trees: (Tree | undefined)[]): string {
  const all = allOf(trees.flatMap((t) => (t ? [t] : [])));
  return conjuncts(all).length > 0 ? `\nWHERE ${conjuncts(all).map(tight).join("\n  AND ")}` : "";
}

const equals = (key: Item): Tree => allOf(Object.entries(key).map(([name, v]): Test => ({ path: [name], operator: "=", values: [v] })));

// ofItem returns the item that a write is of, if it is in a state: the key is said once.
function ofItem(key: Item, condition: Tree | undefined): string {
  return where(equals(key), condition && allOf(conjuncts(condition).filter((t) => !(isTest(t) && t.path.length === 1 && Object.hasOwn(key, t.path[0])))));
}

function statement({ operation, input, key: about }: Call): string {
  const table = quoted(String(input.TableName));
  switch (operation) {
    case "GetItem":
    case "Query":
    case "Scan": {
      if (input.Select !== undefined) throw new Refusal("A statement reads of an index what that has, and no more.");
      const { key, filter, projection, names } = expressionsIn(input);
      const shown = projection ? pathsIn(projection, names).map(pathOf).join(", ") : "*";
      const source = input.IndexName === undefined ? table : `${table}.${quoted(String(input.IndexName))}`;
      const [sort] = about?.range ?? [];
      if (input.ScanIndexForward === false && sort === undefined) throw new Refusal("There is no sort key to order by.");
      const order = input.ScanIndexForward === false && sort !== undefined ? `\nORDER BY ${quoted(sort)} DESC` : "";
      return `SELECT ${shown}\nFROM ${source}${where(input.Key ? equals(input.Key as Item) : key, filter)}${order}`;
    }
    case "PutItem": {
      const { condition } = expressionsIn(input);
      if (!condition || !isTest(condition) || condition.operator !== "attribute_not_exists") throw new Refusal("PartiQL inserts items that are not there yet. It cannot put one in the place of another.");
      return `INSERT INTO ${table}\nVALUE ${mapOf(input.Item as Item)}`;
    }
    case "UpdateItem": {
      const { update, condition } = expressionsIn(input);
      const steps = [...(update?.set ?? []).map(([path, v]) => `\nSET ${pathOf(path)} = ${valueOf(v)}`), ...(update?.remove ?? []).map((path) => `\nREMOVE ${pathOf(path)}`)];
      return `UPDATE ${table}${steps.join("")}${ofItem(input.Key as Item, condition)}`;
    }
    case "DeleteItem":
      return `DELETE FROM ${table}${ofItem(input.Key as Item, expressionsIn(input).condition)}`;
    case "TransactWriteItems":
      return (input.TransactItems as Record<string, Input>[])
        .flatMap((t) => Object.entries(t).map(([kind, of]) => statement({ operation: `${kind}Item`, input: of })))
        .join(";\n\n");
    default:
      throw new Refusal("There is no statement for this.");
  }
}

// statements returns requests as statements, to be run one by one; those of a
// transaction together.
export function statements(calls: readonly Call[]): string {
  return `${calls.map(statement).join(";\n\n")};\n`;
}
