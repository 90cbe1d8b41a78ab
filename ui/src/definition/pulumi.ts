import { block } from "../code/write";
import { type Line, resourcesOf, type Value } from "./resource";
import type { Wanted } from "./wanted";

// pulumiOf returns a program of Pulumi, in TypeScript, that makes a table.
export function pulumiOf(wanted: Wanted): string {
  const { table, policy, key } = resourcesOf(wanted);
  const name = JSON.stringify(wanted.definition.TableName ?? "");
  return [
    `import * as aws from "@pulumi/aws";`,
    "",
    ...(key ? [`const key = aws.kms.getKeyOutput(${object(key, 0)});`] : []),
    `export const table = new aws.dynamodb.Table(${name}, ${object(table, 0)});`,
    ...(policy ? [`new aws.dynamodb.ResourcePolicy(${name}, ${object(policy, 0)});`] : []),
    "",
  ].join("\n");
}

const camel = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

// object writes lines as members of an object; of several equal blocks a list is made.
function object(lines: Line[], depth: number): string {
  const members = new Map<string, string | Line[][]>();
  for (const line of lines) {
    if (Array.isArray(line)) {
      const [name, value] = line;
      if (value !== undefined) members.set(camel(name), literal(value, depth + 1));
    } else if (line.all === undefined) {
      members.set(camel(line.block), object(line.lines, depth + 1));
    } else {
      const name = camel(line.all);
      const others = members.get(name);
      members.set(name, [...(Array.isArray(others) ? others : []), line.lines]);
    }
  }
  const list = (of: Line[][]) => fitted("[", of.map((l) => object(l, depth + 2)), "]", depth + 1);
  const written = [...members].map(([name, value]) => `${name}: ${typeof value === "string" ? value : list(value)}`);
  return depth === 0 ? block("{", written, "}", "  ", depth) : fitted("{", written, "}", depth);
}

function literal(value: Value, depth: number): string {
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return fitted("[", value.map((v) => JSON.stringify(v)), "]", depth);
  if ("arnOf" in value) return `${value.arnOf}.arn`;
  return fitted("{", value.members.map(([name, v]) => `${JSON.stringify(name)}: ${JSON.stringify(v)}`), "}", depth);
}

// fitted writes what is in brackets in one line, if it has room there.
function fitted(open: string, members: string[], close: string, depth: number): string {
  const space = open === "{" ? " " : "";
  const line = `${open}${space}${members.join(", ")}${space}${close}`;
  return line.length <= 80 && !line.includes("\n") ? line : block(open, members, close, "  ", depth);
}
