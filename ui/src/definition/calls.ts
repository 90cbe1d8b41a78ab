import { type Call, wait } from "../code/call";
import { updateOf, type Wanted } from "./wanted";

// callsOf returns the requests that make a table, one after the other.
export function callsOf({ definition, timeToLive, replicas = [] }: Wanted): Call[] {
  const table = definition.TableName ?? "";
  return [
    { operation: "CreateTable", input: { ...definition } },
    ...(timeToLive || replicas.length > 0 ? [wait(table)] : []),
    ...(timeToLive ? [{ operation: "UpdateTimeToLive", input: { TableName: table, TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true } } }] : []),
    ...replicas.flatMap((r, i): Call[] => [
      ...(i > 0 || timeToLive ? [wait(table)] : []),
      { operation: "UpdateTable", input: { TableName: table, ReplicaUpdates: [updateOf(r)] } },
    ]),
  ];
}
