import { attributesOf, type Definition, typesOf, type Wanted } from "./wanted";

// A Line is an argument or a block of a resource, named as Terraform names it. What has
// no value is left out.
export type Line = [name: string, value: Value | undefined] | Block;

// A Value that is an object stands for the ARN of something else, or has members that
// are called as somebody likes.
export type Value = string | number | boolean | string[] | { arnOf: "table" | "key" } | { members: [name: string, value: string][] };

export interface Block {
  block: string;
  lines: Line[];
  all?: string; // what all of several such blocks together are called
}

// Resources are what Terraform's AWS provider makes a table of; Pulumi's is made of that.
export interface Resources {
  table: Line[];
  policy?: Line[];
  // A key that is not named by its ARN is looked up.
  key?: Line[];
}

type Throughput = Pick<Definition, "ProvisionedThroughput" | "OnDemandThroughput" | "WarmThroughput">;

// resourcesOf returns what makes a table. The provider has no words for the table class
// of a replica.
export function resourcesOf({ definition, timeToLive, replicas = [], strong }: Wanted): Resources {
  const types = typesOf(definition.AttributeDefinitions);
  const stream = definition.StreamSpecification;
  const sse = definition.SSESpecification?.Enabled ? definition.SSESpecification : undefined;
  const key = sse?.KMSMasterKeyId;
  const found = key === undefined || key.startsWith("arn:");
  const tags = definition.Tags ?? [];
  const table: Line[] = [
    ["name", definition.TableName],
    ["billing_mode", definition.BillingMode],
    ["hash_key", attributesOf(definition.KeySchema, "HASH", types)[0]?.name],
    ["range_key", attributesOf(definition.KeySchema, "RANGE", types)[0]?.name],
    ...capacity(definition),
    ["table_class", definition.TableClass],
    ["deletion_protection_enabled", definition.DeletionProtectionEnabled],
    ["stream_enabled", stream?.StreamEnabled],
    ["stream_view_type", stream?.StreamViewType],
    ...[...types].map(([name, type]): Line => ({ block: "attribute", all: "attributes", lines: [["name", name], ["type", type]] })),
    ...(definition.GlobalSecondaryIndexes ?? []).map((ix): Line => {
      const keys = ix.KeySchema ?? [];
      const single = keys.filter((e) => e.KeyType === "HASH").length <= 1 && keys.filter((e) => e.KeyType === "RANGE").length <= 1;
      return {
        block: "global_secondary_index",
        all: "global_secondary_indexes",
        lines: [
          ["name", ix.IndexName],
          ...(single ? keys.map((e): Line => [e.KeyType === "HASH" ? "hash_key" : "range_key", e.AttributeName]) : []),
          ["projection_type", ix.Projection?.ProjectionType],
          ["non_key_attributes", ix.Projection?.NonKeyAttributes],
          ...capacity(ix),
          ...(single ? [] : keys.map((e): Line => ({ block: "key_schema", all: "key_schemas", lines: [["attribute_name", e.AttributeName], ["key_type", e.KeyType]] }))),
          ...limits(ix),
        ],
      };
    }),
    ...(definition.LocalSecondaryIndexes ?? []).map((ix): Line => ({
      block: "local_secondary_index",
      all: "local_secondary_indexes",
      lines: [
        ["name", ix.IndexName],
        ["range_key", attributesOf(ix.KeySchema, "RANGE", types)[0]?.name],
        ["projection_type", ix.Projection?.ProjectionType],
        ["non_key_attributes", ix.Projection?.NonKeyAttributes],
      ],
    })),
    ...limits(definition),
    ...(timeToLive ? [{ block: "ttl", lines: [["attribute_name", timeToLive], ["enabled", true]] } satisfies Line] : []),
    ...(sse ? [{ block: "server_side_encryption", lines: [["enabled", true], ["kms_key_arn", found ? key : { arnOf: "key" }]] } satisfies Line] : []),
    ...replicas.map((r): Line => ({ block: "replica", all: "replicas", lines: [["region_name", r.region], ["kms_key_arn", r.key], ["consistency_mode", strong ? "STRONG" : undefined]] })),
    ...(strong?.witness ? [{ block: "global_table_witness", lines: [["region_name", strong.witness]] } satisfies Line] : []),
    ["tags", tags.length > 0 ? { members: tags.map((t) => [t.Key ?? "", t.Value ?? ""]) } : undefined],
  ];
  return {
    table,
    ...(definition.ResourcePolicy === undefined ? {} : { policy: [["resource_arn", { arnOf: "table" }], ["policy", definition.ResourcePolicy]] }),
    ...(found ? {} : { key: [["key_id", key]] }),
  };
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
