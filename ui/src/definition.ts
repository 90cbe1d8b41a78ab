import type { CreateTableCommandInput, KeyType, ScalarAttributeType } from "@aws-sdk/client-dynamodb";

// What the form of a new table holds. It is kept as text where it is typed as text.
export interface Attribute {
  name: string;
  type: ScalarAttributeType;
}

export interface IndexForm {
  id: number;
  local: boolean;
  name: string;
  hash: Attribute; // of a global one
  range: Attribute; // with an empty name there is none
  projection: "ALL" | "KEYS_ONLY" | "INCLUDE";
  include: string; // names, separated by commas
}

export interface TableForm {
  name: string;
  hash: Attribute;
  range: Attribute;
  billing: "PAY_PER_REQUEST" | "PROVISIONED";
  read: string;
  write: string;
  infrequent: boolean;
  indexes: IndexForm[];
  stream: "" | "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES";
  protect: boolean;
  tags: { id: number; key: string; value: string }[];
}

export const emptyForm: TableForm = {
  name: "",
  hash: { name: "", type: "S" },
  range: { name: "", type: "S" },
  billing: "PAY_PER_REQUEST",
  read: "5",
  write: "5",
  infrequent: false,
  indexes: [],
  stream: "",
  protect: false,
  tags: [],
};

// definitionOf returns the request that makes the table of a form. What is wrong
// with it the server says, in DynamoDB's words.
export function definitionOf(form: TableForm): CreateTableCommandInput {
  const types = new Map<string, ScalarAttributeType>();
  const key = (hash: Attribute, range: Attribute) =>
    [
      { attribute: hash, KeyType: "HASH" as KeyType },
      { attribute: range, KeyType: "RANGE" as KeyType },
    ]
      .filter(({ attribute }) => attribute.name !== "")
      .map(({ attribute, KeyType }) => {
        types.set(attribute.name, types.get(attribute.name) ?? attribute.type);
        return { AttributeName: attribute.name, KeyType };
      });
  const throughput =
    form.billing === "PROVISIONED" ? { ProvisionedThroughput: { ReadCapacityUnits: Number(form.read), WriteCapacityUnits: Number(form.write) } } : {};
  const projection = (ix: IndexForm) => ({
    Projection: {
      ProjectionType: ix.projection,
      ...(ix.projection === "INCLUDE" ? { NonKeyAttributes: names(ix.include) } : {}),
    },
  });
  const KeySchema = key(form.hash, form.range);
  const global = form.indexes.filter((ix) => !ix.local).map((ix) => ({ IndexName: ix.name, KeySchema: key(ix.hash, ix.range), ...projection(ix), ...throughput }));
  const local = form.indexes.filter((ix) => ix.local).map((ix) => ({ IndexName: ix.name, KeySchema: key(form.hash, ix.range), ...projection(ix) }));
  const tags = form.tags.filter((t) => t.key !== "").map((t) => ({ Key: t.key, Value: t.value }));
  return {
    TableName: form.name,
    KeySchema,
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    BillingMode: form.billing,
    ...throughput,
    ...(global.length > 0 ? { GlobalSecondaryIndexes: global } : {}),
    ...(local.length > 0 ? { LocalSecondaryIndexes: local } : {}),
    ...(form.infrequent ? { TableClass: "STANDARD_INFREQUENT_ACCESS" as const } : {}),
    ...(form.stream === "" ? {} : { StreamSpecification: { StreamEnabled: true, StreamViewType: form.stream } }),
    ...(form.protect ? { DeletionProtectionEnabled: true } : {}),
    ...(tags.length > 0 ? { Tags: tags } : {}),
  };
}

function names(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

// commandOf returns what to type to make the same table with the AWS CLI.
export function commandOf(definition: CreateTableCommandInput, endpoint: string, region: string): string {
  const json = JSON.stringify(definition).replaceAll("'", `'\\''`);
  return `aws dynamodb create-table --endpoint-url ${endpoint} --region ${region} --cli-input-json '${json}'`;
}
