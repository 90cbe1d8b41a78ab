import type { OnDemandThroughput, ProvisionedThroughputDescription, TableDescription, Tag } from "@aws-sdk/client-dynamodb";
import type { Definition, Wanted } from "./wanted";

// wantedOf returns what makes a table like one that has been described, with what
// other operations say of it.
export function wantedOf(table: TableDescription, tags: Tag[] = [], timeToLive?: string): Wanted {
  const region = regionOf(table);
  const replicas = (table.Replicas ?? [])
    .filter((r) => r.RegionName !== region)
    .map((r) => ({
      region: r.RegionName ?? "",
      ...(r.ReplicaTableClassSummary?.TableClass ? { class: r.ReplicaTableClassSummary.TableClass } : {}),
      ...(isManagedKey(r.KMSMasterKeyId) ? {} : { key: r.KMSMasterKeyId }),
    }));
  const witness = table.GlobalTableWitnesses?.[0]?.RegionName;
  const strong = table.MultiRegionConsistency === "STRONG" ? { strong: witness ? { witness } : {} } : {};
  return { definition: definitionOfTable(table, tags), ...(timeToLive ? { timeToLive } : {}), ...(replicas.length > 0 ? { replicas } : {}), ...strong };
}

// regionOf returns the region that a table is in.
export function regionOf(table: TableDescription): string {
  return (table.TableArn ?? "").split(":")[3] ?? "";
}

// isOnDemand reports whether a table takes requests as they come.
export function isOnDemand(table: TableDescription): boolean {
  return table.BillingModeSummary?.BillingMode === "PAY_PER_REQUEST";
}

function definitionOfTable(table: TableDescription, tags: Tag[]): Definition {
  const onDemand = isOnDemand(table);
  const stream = table.StreamSpecification;
  const sse = table.SSEDescription;
  const provisioned = (p: ProvisionedThroughputDescription | undefined) =>
    onDemand ? {} : { ProvisionedThroughput: { ReadCapacityUnits: p?.ReadCapacityUnits ?? 0, WriteCapacityUnits: p?.WriteCapacityUnits ?? 0 } };
  const warm = (w: { ReadUnitsPerSecond?: number; WriteUnitsPerSecond?: number } | undefined, p: ProvisionedThroughputDescription | undefined) => {
    const { read, write } = warmUnlessAsked(onDemand, p);
    const more = (w?.ReadUnitsPerSecond ?? 0) > read || (w?.WriteUnitsPerSecond ?? 0) > write;
    return more ? { WarmThroughput: { ReadUnitsPerSecond: w?.ReadUnitsPerSecond, WriteUnitsPerSecond: w?.WriteUnitsPerSecond } } : {};
  };
  const global = table.GlobalSecondaryIndexes ?? [];
  const local = table.LocalSecondaryIndexes ?? [];
  return {
    TableName: table.TableName,
    KeySchema: table.KeySchema,
    AttributeDefinitions: table.AttributeDefinitions,
    BillingMode: onDemand ? "PAY_PER_REQUEST" : "PROVISIONED",
    ...provisioned(table.ProvisionedThroughput),
    ...limits(table.OnDemandThroughput),
    ...warm(table.WarmThroughput, table.ProvisionedThroughput),
    ...(global.length > 0
      ? {
          GlobalSecondaryIndexes: global.map((ix) => ({
            IndexName: ix.IndexName,
            KeySchema: ix.KeySchema,
            Projection: ix.Projection,
            ...provisioned(ix.ProvisionedThroughput),
            ...limits(ix.OnDemandThroughput),
            ...warm(ix.WarmThroughput, ix.ProvisionedThroughput),
          })),
        }
      : {}),
    ...(local.length > 0 ? { LocalSecondaryIndexes: local.map((ix) => ({ IndexName: ix.IndexName, KeySchema: ix.KeySchema, Projection: ix.Projection })) } : {}),
    ...(table.TableClassSummary?.TableClass ? { TableClass: table.TableClassSummary.TableClass } : {}),
    ...(stream?.StreamEnabled ? { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.StreamViewType } } : {}),
    ...(sse?.Status === "ENABLED" ? { SSESpecification: { Enabled: true, SSEType: sse.SSEType, ...(isManagedKey(sse.KMSMasterKeyArn) ? {} : { KMSMasterKeyId: sse.KMSMasterKeyArn }) } } : {}),
    ...(table.DeletionProtectionEnabled ? { DeletionProtectionEnabled: true } : {}),
    ...(tags.length > 0 ? { Tags: tags } : {}),
  };
}

// A table has this warm throughput whether or not anybody asked for any.
function warmUnlessAsked(onDemand: boolean, p: ProvisionedThroughputDescription | undefined): { read: number; write: number } {
  return onDemand ? { read: 12000, write: 4000 } : { read: p?.ReadCapacityUnits ?? 0, write: p?.WriteCapacityUnits ?? 0 };
}

// -1 stands for no limit.
function limits(limit: OnDemandThroughput | undefined): Pick<Definition, "OnDemandThroughput"> {
  const some = Object.entries({ MaxReadRequestUnits: limit?.MaxReadRequestUnits, MaxWriteRequestUnits: limit?.MaxWriteRequestUnits }).filter(([, n]) => n !== undefined && n > 0);
  return some.length > 0 ? { OnDemandThroughput: Object.fromEntries(some) } : {};
}

// The key that AWS manages for DynamoDB has this ID here.
function isManagedKey(arn: string | undefined): boolean {
  return arn === undefined || arn.endsWith("/00000000-0000-0000-0000-000000000000");
}
