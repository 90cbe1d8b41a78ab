import { type Call, wait } from "../code/call";
import { updatesOf, type Wanted } from "./wanted";

// callsOf returns the requests that make a table, one after the other.
export function callsOf(wanted: Wanted): Call[] {
  const { definition, timeToLive } = wanted;
  const table = definition.TableName ?? "";
  const after: Call[] = [
    ...(timeToLive ? [{ operation: "UpdateTimeToLive", input: { TableName: table, TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true } } }] : []),
    ...updatesOf(wanted).map((update) => ({ operation: "UpdateTable", input: { TableName: table, ...update } })),
  ];
  return [{ operation: "CreateTable", input: { ...definition } }, ...after.flatMap((call) => [wait(table), call])];
}
