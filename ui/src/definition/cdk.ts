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

// cdkOf returns a stack of AWS CDK, in TypeScript, that makes a table. One with replicas
// is a TableV2, which has words for them; its stack must have a region.
export function cdkOf({ definition, timeToLive, replicas = [], strong }: Wanted, region: string): string {
  const types = typesOf(definition.AttributeDefinitions);
  const of = (type: string, value: string | undefined) => (value === undefined ? undefined : new Code(`dynamodb.${type}.${value}`));
  const attribute = ({ name, type }: KeyAttribute) => ({ name, type: of("AttributeType", typeNames[type]) });
  const keys = (kind: "HASH" | "RANGE", schema: Definition["KeySchema"]) => attributesOf(schema, kind, types).map(attribute);
  const stream = of("StreamViewType", definition.StreamSpecification?.StreamEnabled ? definition.StreamSpecification.StreamViewType : undefined);
  const sse = definition.SSESpecification?.Enabled ? definition.SSESpecification : undefined;
  const key = sse?.KMSMasterKeyId ? new Code(`kms.Key.fromKeyArn(this, "Key", ${keyARN(sse.KMSMasterKeyId)})`) : undefined;
  const policy = definition.ResourcePolicy;
  const id = pascal(definition.TableName ?? "");
  const global = replicas.length > 0;
  const replicaKeys = Object.fromEntries(replicas.flatMap((r) => (r.key ? [[r.region, r.key]] : [])));
  const scoped = global
    ? {
        billing: billing(definition),
        dynamoStream: stream,
        encryption: sse && new Code(`dynamodb.TableEncryptionV2.${key ? `customerManagedKey(${key.text}, ${inline(replicaKeys)})` : "awsManagedKey()"}`),
        replicas: replicas.map((r) => ({ region: r.region, tableClass: of("TableClass", r.class) })),
        multiRegionConsistency: of("MultiRegionConsistency", strong && "STRONG"),
        witnessRegion: strong?.witness,
      }
    : {
        billingMode: of("BillingMode", definition.BillingMode),
        ...units(definition),
        ...limits(definition),
        stream,
        encryption: of("TableEncryption", sse && (key ? "CUSTOMER_MANAGED" : "AWS_MANAGED")),
        encryptionKey: key,
      };

  const table = call(`const table = new dynamodb.${global ? "TableV2" : "Table"}(this, ${JSON.stringify(id)}, `, {
    tableName: definition.TableName,
    partitionKey: keys("HASH", definition.KeySchema)[0],
    sortKey: keys("RANGE", definition.KeySchema)[0],
    ...scoped,
    warmThroughput: warm(definition),
    tableClass: of("TableClass", definition.TableClass),
    timeToLiveAttribute: timeToLive,
    deletionProtection: definition.DeletionProtectionEnabled,
    resourcePolicy: policy === undefined ? undefined : new Code(`iam.PolicyDocument.fromJson(JSON.parse(${JSON.stringify(policy)}))`),
  });
  const one = <T>(list: T[]) => (list.length === 1 ? list[0] : undefined);
  const several = <T>(list: T[]) => (list.length > 1 ? list : undefined);
  const indexes = (definition.GlobalSecondaryIndexes ?? []).flatMap((ix) => {
    const [hash, range] = [keys("HASH", ix.KeySchema), keys("RANGE", ix.KeySchema)];
    return call("table.addGlobalSecondaryIndex(", {
      indexName: ix.IndexName,
      partitionKey: one(hash),
      partitionKeys: several(hash),
      sortKey: one(range),
      sortKeys: several(range),
      projectionType: of("ProjectionType", ix.Projection?.ProjectionType),
      nonKeyAttributes: ix.Projection?.NonKeyAttributes,
      ...(global ? capacities(ix) : units(ix)),
      ...limits(ix),
      warmThroughput: warm(ix),
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
  const tags = (definition.Tags ?? []).map((t) => `Tags.of(table).add(${JSON.stringify(t.Key ?? "")}, ${JSON.stringify(t.Value ?? "")});`);
  return [
    `import { Stack, type StackProps${tags.length > 0 ? ", Tags" : ""} } from "aws-cdk-lib";`,
    `import * as dynamodb from "aws-cdk-lib/aws-dynamodb";`,
    ...(policy === undefined ? [] : [`import * as iam from "aws-cdk-lib/aws-iam";`]),
    ...(key ? [`import * as kms from "aws-cdk-lib/aws-kms";`] : []),
    `import type { Construct } from "constructs";`,
    "",
    `export class ${id}Stack extends Stack {`,
    "  constructor(scope: Construct, id: string, props?: StackProps) {",
    `    super(scope, id, ${global ? `{ ...props, env: { region: ${JSON.stringify(region)}, ...props?.env } }` : "props"});`,
    ...[...table, ...indexes, ...local, ...tags].map((line) => `    ${line}`),
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

const units = ({ ProvisionedThroughput: p }: Throughput) => ({ readCapacity: p?.ReadCapacityUnits, writeCapacity: p?.WriteCapacityUnits });
const limits = ({ OnDemandThroughput: limit }: Throughput) => ({ maxReadRequestUnits: limit?.MaxReadRequestUnits, maxWriteRequestUnits: limit?.MaxWriteRequestUnits });
const warm = ({ WarmThroughput: w }: Throughput) => w && { readUnitsPerSecond: w.ReadUnitsPerSecond, writeUnitsPerSecond: w.WriteUnitsPerSecond };

// What is written goes to all replicas: CDK insists on auto scaling for them.
function capacities({ ProvisionedThroughput: p }: Throughput) {
  return {
    readCapacity: p && new Code(`dynamodb.Capacity.fixed(${p.ReadCapacityUnits})`),
    writeCapacity: p && new Code(`dynamodb.Capacity.autoscaled({ minCapacity: ${p.WriteCapacityUnits}, maxCapacity: ${p.WriteCapacityUnits} })`),
  };
}

function billing(definition: Definition): Code {
  if (definition.BillingMode !== "PAY_PER_REQUEST") return new Code(`dynamodb.Billing.provisioned(${inline(capacities(definition))})`);
  return new Code(`dynamodb.Billing.onDemand(${definition.OnDemandThroughput ? inline(limits(definition)) : ""})`);
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
    .map(([name, member]) => `${/^\w+$/.test(name) ? name : JSON.stringify(name)}: ${inline(member)}`)
    .join(", ")} }`;
}
