import { type Block, type Line, resourcesOf, type Value } from "./resource";
import { type Wanted, wordsOf } from "./wanted";

// terraformOf returns resources of Terraform's AWS provider that make a table.
export function terraformOf(wanted: Wanted): string {
  const { table, policy, key } = resourcesOf(wanted);
  const name = wordsOf(wanted.definition.TableName ?? "").join("_").toLowerCase();
  const arns = { table: `aws_dynamodb_table.${name}.arn`, key: `data.aws_kms_key.${name}.arn` };
  const blocks: Block[] = [
    ...(key ? [{ block: `data "aws_kms_key" "${name}"`, lines: key }] : []),
    { block: `resource "aws_dynamodb_table" "${name}"`, lines: table },
    ...(policy ? [{ block: `resource "aws_dynamodb_resource_policy" "${name}"`, lines: policy }] : []),
  ];
  return blocks.map((block) => `${write(block, arns).join("\n")}\n`).join("\n");
}

type ARNs = Record<"table" | "key", string>;

// write returns the lines of a block as terraform fmt has them: the equals signs of
// arguments that follow each other stand in one column, and blocks stand apart.
function write({ block, lines }: Block, arns: ARNs): string[] {
  const out: string[] = [];
  let run: [string, string][] = [];
  const apart = () => {
    if (out.length > 0) out.push("");
  };
  const flush = () => {
    if (run.length === 0) return;
    apart();
    const width = Math.max(...run.map(([name]) => name.length));
    out.push(...run.map(([name, value]) => `${name.padEnd(width)} = ${value}`));
    run = [];
  };
  for (const line of lines) {
    const [name, value] = Array.isArray(line) ? line : [];
    if (name !== undefined && !isMap(value)) {
      if (value !== undefined) run.push([name, literal(value, arns)]);
      continue;
    }
    flush();
    apart();
    out.push(...write(isMap(value) ? { block: `${name} =`, lines: value.members.map(([n, v]): Line => [hcl(n), v]) } : (line as Block), arns));
  }
  flush();
  return [`${block} {`, ...out.map((l) => (l === "" ? l : `  ${l}`)), "}"];
}

const isMap = (value: Value | undefined) => typeof value === "object" && "members" in value;

function literal(value: Exclude<Value, { members: unknown }>, arns: ARNs): string {
  if (typeof value === "string") return hcl(value);
  if (Array.isArray(value)) return `[${value.map(hcl).join(", ")}]`;
  return typeof value === "object" ? arns[value.arnOf] : String(value);
}

// hcl is a text in quotes, in which templates mean nothing. It has fewer short forms of
// characters than JSON.
function hcl(text: string): string {
  const short: Record<string, string> = { "\\b": "\\u0008", "\\f": "\\u000c" };
  return JSON.stringify(text)
    .replaceAll(/\\./g, (escaped) => short[escaped] ?? escaped)
    .replaceAll("${", "$$${")
    .replaceAll("%{", "%%{");
}
