import type { KeyAttribute } from "../model/table";
import { attributesOf, type Definition, pascal, typesOf, type Wanted } from "./wanted";

type Throughput = Pick<Definition, "ProvisionedThroughput" | "OnDemandThroughput" | "WarmThroughput">;

// A Code is a piece of TypeScript that stands as it is.
class Code {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const typeNames = { S: "STRING", N: "NUMBER", B: "BINARY" };

// cdkOf returns a stack of AWS CDK, in TypeScript, that makes a table.
export function cdkOf({ definition, timeToLive, replicas = [] }: Wanted): string {
  const types = typesOf(definition.AttributeDefinitions);
  const of = (type: string, value: string | undefined) => (value === undefined ? undefined : new Code(`dynamodb.${type}.${value}`));
  const attribute = ({ name, type }: KeyAttribute) => ({ name, type: of("AttributeType", typeNames[type]) });
  const keys = (kind: "HASH" | "RANGE", schema: Definition["KeySchema"]) => attributesOf(schema, kind, types).map(attribute);
  const stream = definition.StreamSpecification?.StreamEnabled ? definition.StreamSpecification.StreamViewType : undefined;
  const sse = definition.SSESpecification?.Enabled ? definition.SSESpecification : undefined;
  const policy = definition.ResourcePolicy;
  const id = pascal(definition.TableName ?? "");

  const table = call(`const table = new dynamodb.Table(this, ${JSON.stringify(id)}, `, {
    tableName: definition.TableName,
    partitionKey: keys("HASH", definition.KeySchema)[0],
    sortKey: keys("RANGE", definition.KeySchema)[0],
    billingMode: of("BillingMode", definition.BillingMode),
    ...throughput(definition),
    tableClass: of("TableClass", definition.TableClass),
    stream: of("StreamViewType", stream),
    timeToLiveAttribute: timeToLive,
    encryption: of("TableEncryption", sse && (sse.KMSMasterKeyId ? "CUSTOMER_MANAGED" : "AWS_MANAGED")),
    encryptionKey: sse?.KMSMasterKeyId ? new Code(`kms.Key.fromKeyArn(this, "Key", ${keyARN(sse.KMSMasterKeyId)})`) : undefined,
    deletionProtection: definition.DeletionProtectionEnabled,
    replicationRegions: replicas.length > 0 ? replicas.map((r) => r.region) : undefined,
    resourcePolicy: policy === undefined ? undefined : new Code(`iam.PolicyDocument.fromJson(JSON.parse(${JSON.stringify(policy)}))`),
  });
  const one = <T>(list: T[]) => (list.length === 1 ? list[0] : undefined);
  const several = <T>(list: T[]) => (list.length > 1 ? list : undefined);
  const global = (definition.GlobalSecondaryIndexes ?? []).flatMap((ix) => {
    const [hash, range] = [keys("HASH", ix.KeySchema), keys("RANGE", ix.KeySchema)];
    return call("table.addGlobalSecondaryIndex(", {
      indexName: ix.IndexName,
      partitionKey: one(hash),
      partitionKeys: several(hash),
      sortKey: one(range),
      sortKeys: several(range),
      projectionType: of("ProjectionType", ix.Projection?.ProjectionType),
      nonKeyAttributes: ix.Projection?.NonKeyAttributes,
      ...throughput(ix),
    });
  });
  const local = (definition.LocalSecondaryIndexes ?? []).flatMap((ix) =>
    call("table.addLocalSecondaryIndex(", {
      indexName: ix.IndexName,
      sortKey: keys("RANGE", ix.KeySchema)[0],
      projectionType: of("ProjectionType", ix.Projection?.ProjectionType),
      nonKeyAttributes: ix.Projection?.NonKeyAttributes,
    }),
  );
  // What is written goes to all replicas: CDK insists on auto scaling for them.
  const fixed = ({ ProvisionedThroughput: p }: Throughput) => `{ minCapacity: ${p?.WriteCapacityUnits}, maxCapacity: ${p?.WriteCapacityUnits} }).scaleOnUtilization({ targetUtilizationPercent: 70 });`;
  const scaling =
    replicas.length > 0 && definition.ProvisionedThroughput
      ? [
          `table.autoScaleWriteCapacity(${fixed(definition)}`,
          ...(definition.GlobalSecondaryIndexes ?? []).map((ix) => `table.autoScaleGlobalSecondaryIndexWriteCapacity(${JSON.stringify(ix.IndexName)}, ${fixed(ix)}`),
        ]
      : [];
  const tags = (definition.Tags ?? []).map((t) => `Tags.of(table).add(${JSON.stringify(t.Key ?? "")}, ${JSON.stringify(t.Value ?? "")});`);
  return [
    `import { Stack, type StackProps${tags.length > 0 ? ", Tags" : ""} } from "aws-cdk-lib";`,
    `import * as dynamodb from "aws-cdk-lib/aws-dynamodb";`,
    ...(policy === undefined ? [] : [`import * as iam from "aws-cdk-lib/aws-iam";`]),
    ...(sse?.KMSMasterKeyId ? [`import * as kms from "aws-cdk-lib/aws-kms";`] : []),
    `import type { Construct } from "constructs";`,
    "",
    `export class ${id}Stack extends Stack {`,
    "  constructor(scope: Construct, id: string, props?: StackProps) {",
    "    super(scope, id, props);",
    ...[...table, ...global, ...local, ...scaling, ...tags].map((line) => `    ${line}`),
    "  }",
    "}",
    "",
  ].join("\n");
}

// A key is named by ARN, or by the ID that it has in the stack's place.
function keyARN(key: string): string {
  const literal = JSON.stringify(key);
  return key.startsWith("arn:") ? literal : `this.formatArn({ service: "kms", resource: "key", resourceName: ${literal} })`;
}

function throughput({ ProvisionedThroughput: provisioned, OnDemandThroughput: limit, WarmThroughput: warm }: Throughput) {
  return {
    readCapacity: provisioned?.ReadCapacityUnits,
    writeCapacity: provisioned?.WriteCapacityUnits,
    maxReadRequestUnits: limit?.MaxReadRequestUnits,
    maxWriteRequestUnits: limit?.MaxWriteRequestUnits,
    warmThroughput: warm && { readUnitsPerSecond: warm.ReadUnitsPerSecond, writeUnitsPerSecond: warm.WriteUnitsPerSecond },
  };
}

function call(begin: string, properties: object): string[] {
  return [`${begin}{`, ...members(properties).map(([name, value]) => `  ${name}: ${inline(value)},`), "});"];
}

const members = (o: object): [string, unknown][] => Object.entries(o).filter(([, value]) => value !== undefined);

function inline(value: unknown): string {
  if (value instanceof Code) return value.text;
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${members(value)
    .map(([name, member]) => `${name}: ${inline(member)}`)
    .join(", ")} }`;
}
