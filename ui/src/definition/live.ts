import { DescribeTableCommand, DescribeTimeToLiveCommand, type DynamoDBClient, ListTagsOfResourceCommand, type TableDescription } from "@aws-sdk/client-dynamodb";
import { clientOf, type Place } from "../server";
import { wantedOf } from "./described";
import type { Wanted } from "./wanted";

// isSettled reports whether nothing of a table is being made, changed or filled.
export function isSettled(table: TableDescription): boolean {
  const indexes = table.GlobalSecondaryIndexes ?? [];
  return (
    table.TableStatus === "ACTIVE" &&
    indexes.every((ix) => ix.IndexStatus === "ACTIVE" && !ix.Backfilling) &&
    (table.Replicas ?? []).every((r) => r.ReplicaStatus === "ACTIVE" || r.ReplicaStatus === undefined)
  );
}

// untilActive waits until a table and all that belongs to it is active, and returns
// its description. see is told of each description.
export async function untilActive(client: DynamoDBClient, name: string, signal?: AbortSignal, see?: (table: TableDescription) => void): Promise<TableDescription> {
  for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
    const { Table = {} } = await client.send(new DescribeTableCommand({ TableName: name }), { abortSignal: signal });
    see?.(Table);
    if (isSettled(Table)) return Table;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, pause);
      signal?.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason as Error); }, { once: true });
    });
  }
}

// wantedFrom returns what makes a table like one that has been described: it asks for
// what a description does not have.
export async function wantedFrom(table: TableDescription, place: Place): Promise<Wanted> {
  const client = clientOf(place);
  const [{ Tags = [] }, { TimeToLiveDescription: ttl }] = await Promise.all([
    client.send(new ListTagsOfResourceCommand({ ResourceArn: table.TableArn })),
    client.send(new DescribeTimeToLiveCommand({ TableName: table.TableName })),
  ]);
  return wantedOf(table, Tags, ttl?.TimeToLiveStatus === "ENABLED" || ttl?.TimeToLiveStatus === "ENABLING" ? ttl.AttributeName : undefined);
}
