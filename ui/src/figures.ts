import type { Place } from "./server";

// A Filling is how far something is that is given the items of before.
export interface Filling {
  read?: number; // none: it has not begun, or another process does it
  of: number;
}

// Figures are what GET /_admin/table says: see docs/admin-api.md.
export interface Figures {
  status: string;
  items: number;
  bytes: number;
  reads: number;
  lastRead?: string;
  since: string;
  filling?: Filling;
  indexes?: IndexFigures[];
  replicas?: { region: string; status: string; items: number; bytes: number; filling?: Filling }[];
}

export interface IndexFigures {
  index: string;
  local?: boolean;
  status: string;
  items: number;
  bytes: number;
  filling?: Filling;
  reads: number;
  lastRead?: string;
}

// writeUnits returns what it takes to write an item of the average size: a unit is a KB.
export function writeUnits({ items, bytes }: { items: number; bytes: number }): number {
  return items > 0 ? Math.ceil(bytes / items / 1024) : 0;
}

// A Conflict is two writes of an item of which neither had seen the other.
export interface Conflict {
  account: string;
  table: string;
  key: unknown; // DynamoDB JSON
  met: string;
  winner: ConflictSide;
  loser: ConflictSide;
}

export interface ConflictSide {
  region: string;
  time: string;
  deleted?: boolean;
}

// Replication is what GET /_admin/replication says.
export interface Replication {
  lag: string;
  paused: string[];
  isolated: string[];
  links: { account: string; table: string; from: string; to: string; backlog: number; oldest?: string; held?: boolean }[];
  conflicts: Conflict[];
}

export interface ReplicationChange {
  heal?: string[];
  pause?: string[];
  isolate?: string[];
  flush?: boolean;
}

async function answer<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

// figuresQuery asks how one table is doing: twice a second while something of it is
// being filled or changed.
export function figuresQuery({ account, region }: Place, table: string) {
  return {
    queryKey: ["figures", account, region, table],
    queryFn: async ({ signal }: { signal: AbortSignal }) => answer<Figures>(await fetch(`/_admin/table?${new URLSearchParams({ account, region, table })}`, { signal })),
    refetchInterval: ({ state: { data } }: { state: { data?: Figures } }) => (data && isQuiet(data) ? 3000 : 500),
  };
}

// isQuiet reports whether nothing is on its way.
export function isQuiet(figures: Figures): boolean {
  const parts = [figures, ...(figures.indexes ?? []), ...(figures.replicas ?? [])];
  return parts.every((p) => p.status === "ACTIVE" && !p.filling);
}

export const replicationQuery = {
  queryKey: ["replication"],
  queryFn: async ({ signal }: { signal: AbortSignal }) => answer<Replication>(await fetch("/_admin/replication", { signal })),
  refetchInterval: 1000,
};

export async function changeReplication(change: ReplicationChange): Promise<Replication> {
  return answer<Replication>(await fetch("/_admin/replication", { method: "POST", body: JSON.stringify(change) }));
}
