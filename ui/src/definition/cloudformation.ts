import { type Definition, pascal, type Wanted } from "./wanted";

type Throughput = Pick<Definition, "ProvisionedThroughput" | "OnDemandThroughput" | "WarmThroughput">;

// cloudFormationOf returns a template, in YAML, that makes a table. One with
// replicas is a global table, whose properties are others.
export function cloudFormationOf(wanted: Wanted, region: string): string {
  const { definition, replicas = [] } = wanted;
  return yaml({
    AWSTemplateFormatVersion: "2010-09-09",
    Resources: {
      [pascal(definition.TableName ?? "")]: {
        Type: replicas.length > 0 ? "AWS::DynamoDB::GlobalTable" : "AWS::DynamoDB::Table",
        Properties: replicas.length > 0 ? globalTable(wanted, region) : table(wanted),
      },
    },
  });
}

function table({ definition, timeToLive }: Wanted): object {
  const { StreamSpecification: stream, SSESpecification: sse, ResourcePolicy, ...same } = definition;
  return {
    ...same,
    StreamSpecification: stream?.StreamEnabled ? { StreamViewType: stream.StreamViewType } : undefined,
    SSESpecification: sse && { SSEEnabled: sse.Enabled ?? false, SSEType: sse.SSEType, KMSMasterKeyId: sse.KMSMasterKeyId },
    ResourcePolicy: ResourcePolicy === undefined ? undefined : { PolicyDocument: documentOf(ResourcePolicy) },
    TimeToLiveSpecification: ttl(timeToLive),
  };
}

const ttl = (attribute: string | undefined) => (attribute ? { AttributeName: attribute, Enabled: true } : undefined);

// documentOf returns what a policy says; a text that is no JSON stays a text.
function documentOf(policy: string): unknown {
  try {
    return JSON.parse(policy);
  } catch {
    return policy;
  }
}

function globalTable({ definition, timeToLive, replicas = [], strong }: Wanted, region: string): object {
  const { StreamSpecification: stream, SSESpecification: sse, ResourcePolicy, Tags, TableClass, DeletionProtectionEnabled, GlobalSecondaryIndexes: indexes, ...rest } = definition;
  const { ProvisionedThroughput: _p, OnDemandThroughput: _o, ...same } = rest;
  return {
    ...same,
    ...writes(definition),
    GlobalSecondaryIndexes: indexes?.map(({ ProvisionedThroughput: _p, OnDemandThroughput: _o, ...ix }, i) => ({ ...ix, ...writes(indexes[i] ?? {}) })),
    StreamSpecification: stream?.StreamEnabled ? { StreamViewType: stream.StreamViewType } : undefined,
    SSESpecification: sse && { SSEEnabled: sse.Enabled ?? false, SSEType: sse.SSEType },
    TimeToLiveSpecification: ttl(timeToLive),
    MultiRegionConsistency: strong ? "STRONG" : undefined,
    GlobalTableWitnesses: strong?.witness ? [{ Region: strong.witness }] : undefined,
    Replicas: [{ region, class: TableClass, key: sse?.KMSMasterKeyId }, ...replicas].map((replica, i) => ({
      Region: replica.region,
      TableClass: replica.class ?? TableClass, // what is not said is not taken from the table
      SSESpecification: replica.key ? { KMSMasterKeyId: replica.key } : undefined,
      DeletionProtectionEnabled: i === 0 ? DeletionProtectionEnabled : undefined,
      ResourcePolicy: i === 0 && ResourcePolicy !== undefined ? { PolicyDocument: documentOf(ResourcePolicy) } : undefined,
      Tags: i === 0 ? Tags : undefined,
      ...reads(definition),
      GlobalSecondaryIndexes: indexes?.some((ix) => ix.ProvisionedThroughput ?? ix.OnDemandThroughput?.MaxReadRequestUnits)
        ? indexes.map((ix) => ({ IndexName: ix.IndexName, ...reads(ix) }))
        : undefined,
    })),
  };
}

// What is written goes to all replicas, so a global table has one setting for it;
// if it is provisioned CloudFormation insists on auto scaling.
function writes({ ProvisionedThroughput: provisioned, OnDemandThroughput: limit }: Throughput): object {
  const units = provisioned?.WriteCapacityUnits;
  return {
    WriteProvisionedThroughputSettings: provisioned && {
      WriteCapacityAutoScalingSettings: { MinCapacity: units, MaxCapacity: units, TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 } },
    },
    WriteOnDemandThroughputSettings: limit?.MaxWriteRequestUnits ? { MaxWriteRequestUnits: limit.MaxWriteRequestUnits } : undefined,
  };
}

function reads({ ProvisionedThroughput: provisioned, OnDemandThroughput: limit }: Throughput): object {
  return {
    ReadProvisionedThroughputSettings: provisioned && { ReadCapacityUnits: provisioned.ReadCapacityUnits },
    ReadOnDemandThroughputSettings: limit?.MaxReadRequestUnits ? { MaxReadRequestUnits: limit.MaxReadRequestUnits } : undefined,
  };
}

// yaml writes what has no undefined members at least one of which is there.
export function yaml(value: object): string {
  return `${lines(value).join("\n")}\n`;
}

function lines(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((member: unknown) => lines(member).map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`)));
  }
  if (typeof value !== "object" || value === null) return [scalar(value)];
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .flatMap(([name, member]: [string, unknown]) => {
      if (typeof member !== "object" || member === null) return [`${scalar(name)}: ${scalar(member)}`];
      if (Object.values(member).every((inner) => inner === undefined)) return [`${scalar(name)}: ${Array.isArray(member) ? "[]" : "{}"}`];
      return [`${scalar(name)}:`, ...lines(member).map((line) => `  ${line}`)];
    });
}

// Words that no reader of YAML takes for anything else stand as they are.
function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const plain = /^[A-Za-z_][A-Za-z0-9_./:-]*$/.test(value) && !value.endsWith(":") && !/^(y|yes|n|no|on|off|true|false|null)$/i.test(value);
  // YAML takes fewer characters as they are than JSON.
  return plain ? value : JSON.stringify(value).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
