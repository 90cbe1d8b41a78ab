import { attributesOf, type Definition, typesOf, type Wanted, wordsOf } from "./wanted";

// A Line is an argument or a block of HCL; what has no value is left out.
type Line = [name: string, value: Value | undefined] | Block;
type Value = string | number | boolean | string[] | { reference: string };
interface Block {
  block: string;
  lines: Line[];
}

type Throughput = Pick<Definition, "ProvisionedThroughput" | "OnDemandThroughput" | "WarmThroughput">;

// terraformOf returns a resource of Terraform's AWS provider that makes a table.
export function terraformOf({ definition, timeToLive, replicas = [] }: Wanted): string {
  const types = typesOf(definition.AttributeDefinitions);
  const stream = definition.StreamSpecification;
  const sse = definition.SSESpecification;
  const tags = definition.Tags ?? [];
  const resource = wordsOf(definition.TableName ?? "").join("_").toLowerCase();
  const lines: Line[] = [
    ["name", definition.TableName],
    ["billing_mode", definition.BillingMode],
    ["hash_key", attributesOf(definition.KeySchema, "HASH", types)[0]?.name],
    ["range_key", attributesOf(definition.KeySchema, "RANGE", types)[0]?.name],
    ...capacity(definition),
    ["table_class", definition.TableClass],
    ["deletion_protection_enabled", definition.DeletionProtectionEnabled],
    ["stream_enabled", stream?.StreamEnabled],
    ["stream_view_type", stream?.StreamViewType],
    ...[...types].map(([name, type]): Line => ({ block: "attribute", lines: [["name", name], ["type", type]] })),
    ...(definition.GlobalSecondaryIndexes ?? []).map((ix): Line => {
      const keys = ix.KeySchema ?? [];
      const single = keys.filter((e) => e.KeyType === "HASH").length <= 1 && keys.filter((e) => e.KeyType === "RANGE").length <= 1;
      return {
        block: "global_secondary_index",
        lines: [
          ["name", ix.IndexName],
          ...keys.map((e): Line =>
            single ? [e.KeyType === "HASH" ? "hash_key" : "range_key", e.AttributeName] : { block: "key_schema", lines: [["attribute_name", e.AttributeName], ["key_type", e.KeyType]] },
          ),
          ["projection_type", ix.Projection?.ProjectionType],
          ["non_key_attributes", ix.Projection?.NonKeyAttributes],
          ...capacity(ix),
          ...limits(ix),
        ],
      };
    }),
    ...(definition.LocalSecondaryIndexes ?? []).map((ix): Line => ({
      block: "local_secondary_index",
      lines: [
        ["name", ix.IndexName],
        ["range_key", attributesOf(ix.KeySchema, "RANGE", types)[0]?.name],
        ["projection_type", ix.Projection?.ProjectionType],
        ["non_key_attributes", ix.Projection?.NonKeyAttributes],
      ],
    })),
    ...limits(definition),
    ...(timeToLive ? [{ block: "ttl", lines: [["attribute_name", timeToLive], ["enabled", true]] } satisfies Line] : []),
    ...(sse?.Enabled ? [{ block: "server_side_encryption", lines: [["enabled", true], ["kms_key_arn", sse.KMSMasterKeyId]] } satisfies Line] : []),
    ...replicas.map((r): Line => ({ block: "replica", lines: [["region_name", r.region]] })),
    ...(tags.length > 0 ? [{ block: "tags =", lines: tags.map((t): Line => [hcl(t.Key ?? ""), t.Value]) } satisfies Line] : []),
  ];
  const policy: Line[] = [
    ["resource_arn", { reference: `aws_dynamodb_table.${resource}.arn` }],
    ["policy", definition.ResourcePolicy],
  ];
  return [
    { block: `resource "aws_dynamodb_table" "${resource}"`, lines },
    ...(definition.ResourcePolicy === undefined ? [] : [{ block: `resource "aws_dynamodb_resource_policy" "${resource}"`, lines: policy }]),
  ]
    .map((block) => `${write(block).join("\n")}\n`)
    .join("\n");
}

function capacity({ ProvisionedThroughput: p }: Throughput): Line[] {
  return [
    ["read_capacity", p?.ReadCapacityUnits],
    ["write_capacity", p?.WriteCapacityUnits],
  ];
}

function limits({ OnDemandThroughput: limit, WarmThroughput: warm }: Throughput): Line[] {
  return [
    ...(limit ? [{ block: "on_demand_throughput", lines: [["max_read_request_units", limit.MaxReadRequestUnits], ["max_write_request_units", limit.MaxWriteRequestUnits]] } satisfies Line] : []),
    ...(warm ? [{ block: "warm_throughput", lines: [["read_units_per_second", warm.ReadUnitsPerSecond], ["write_units_per_second", warm.WriteUnitsPerSecond]] } satisfies Line] : []),
  ];
}

// write returns the lines of a block as terraform fmt has them: the equals signs of
// arguments that follow each other stand in one column, and blocks stand apart.
function write({ block, lines }: Block): string[] {
  const out: string[] = [];
  let run: [string, Value][] = [];
  const flush = () => {
    const width = Math.max(...run.map(([name]) => name.length));
    out.push(...run.map(([name, value]) => `${name.padEnd(width)} = ${literal(value)}`));
    run = [];
  };
  for (const line of lines) {
    if (Array.isArray(line)) {
      const [name, value] = line;
      if (value !== undefined) run.push([name, value]);
      continue;
    }
    flush();
    if (out.length > 0) out.push("");
    out.push(...write(line));
  }
  if (run.length > 0 && out.length > 0) out.push("");
  flush();
  return [`${block} {`, ...out.map((l) => (l === "" ? l : `  ${l}`)), "}"];
}

function literal(value: Value): string {
  if (typeof value === "string") return hcl(value);
  if (Array.isArray(value)) return `[${value.map(hcl).join(", ")}]`;
  return typeof value === "object" ? value.reference : String(value);
}

// hcl is a text in quotes, in which templates mean nothing.
function hcl(text: string): string {
  return JSON.stringify(text).replaceAll("${", "$$${").replaceAll("%{", "%%{");
}
