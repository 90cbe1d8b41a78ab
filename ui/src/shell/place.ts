import { type Kept, useKept } from "../kept";
import type { ListedTable, Place } from "../server";

// all is the choice of no place in particular.
export const all = "all";

const chosen: Kept<string> = { name: "stator.place", initial: all, read: (v) => (typeof v === "string" ? v : undefined) };

export function placeKey({ account, region }: Place): string {
  return `${account}/${region}`;
}

export function placeAt(key: string): Place | undefined {
  const [account, region] = key.split("/");
  return account && region ? { account, region } : undefined;
}

// usePlace returns the account and region whose tables the rail shows.
export function usePlace() {
  return useKept(chosen);
}

// replicaAt tells whether a table has a replica in another place.
export function replicaAt(tables: readonly ListedTable[], table: Place & { name: string }, { account, region }: Place): boolean {
  const here = tables.find((t) => t.name === table.name && t.account === table.account && t.region === table.region);
  return account === table.account && (here?.replicas ?? []).includes(region) && tables.some((t) => t.name === table.name && t.account === account && t.region === region);
}
