import type { Replication } from "../figures";
import type { TableUsage } from "../live/usage";
import type { ListedTable } from "../server";

interface Counted {
  items: number;
}

// A Times is what GET /_admin/timetolive says of a table, as far as it matters here.
export interface Times {
  account: string;
  region: string;
  table: string;
  attribute?: string;
  filling?: boolean;
  expired: Counted;
  tooOld: Counted;
  due: Counted[];
}

// Known is what is asked for. What could not be had is not there.
export interface Known {
  tables: readonly ListedTable[];
  usage?: readonly TableUsage[];
  replication?: Replication;
  times: readonly Times[];
}

// An Advice is about a table, or about all of them, and leads to a page of the table.
export interface Advice {
  about?: { account: string; region: string; name: string };
  page?: string;
  text: string;
}

// adviceOf says what looks as if it were not meant, of what is cheap to know.
export function adviceOf({ tables, usage = [], replication, times }: Known): Advice[] {
  const all: Advice[] = [];
  const cut = [...new Set([...(replication?.isolated ?? []), ...(replication?.paused ?? [])])];
  const reached = tables.some((t) => t.replicas?.length);
  if (cut.length > 0 && reached) all.push({ text: `Replication is held up on purpose: ${cut.map((r) => (r === "*" ? "all regions" : r)).join(", ")}.` });
  for (const t of tables) {
    const about = { account: t.account, region: t.region, name: t.name };
    const same = (o: { account: string; region: string; table: string }) => o.account === t.account && o.region === t.region && o.table === t.name;
    const used = usage.find(same);
    for (const ix of used?.indexes ?? []) {
      if (ix.reads === 0 && (ix.consumed?.write ?? 0) > 0 && (used?.reads ?? 0) > 0) {
        all.push({ about, page: "indexes", text: `The index ${ix.index} was never read since the server began, and its writes took ${units(ix.consumed?.write ?? 0)}.` });
      }
    }
    const ttl = times.find(same);
    if (ttl?.attribute && !ttl.filling && t.items > 0) {
      const timed = ttl.expired.items + ttl.due.reduce((sum, d) => sum + d.items, 0);
      if (timed === 0 && ttl.tooOld.items === 0) all.push({ about, page: "ttl", text: `No item has a time to live: ${ttl.attribute} must be a number, in seconds since 1970.` });
      if (ttl.tooOld.items > 0) all.push({ about, page: "ttl", text: `${items(ttl.tooOld.items)} by ${ttl.attribute} over five years ago: DynamoDB never deletes those.` });
      if (ttl.expired.items > 0) all.push({ about, page: "ttl", text: `${items(ttl.expired.items)}, and ${ttl.expired.items === 1 ? "is" : "are"} still there.` });
    }
  }
  const empty = tables.filter((t) => t.items === 0 && t.status === "ACTIVE" && !t.lastWrite && !t.replicas?.length);
  const [first] = empty;
  if (first && empty.length < tables.length) {
    all.push(
      empty.length === 1
        ? { about: { account: first.account, region: first.region, name: first.name }, text: "It has no items, and none were written since the server began." }
        : { text: `${empty.length} tables have no items, and none were written since the server began: ${empty.slice(0, 5).map((t) => t.name).join(", ")}${empty.length > 5 ? ", …" : ""}.` },
    );
  }
  return all;
}

const units = (n: number) => `${n} ${n === 1 ? "unit" : "units"}`;
const items = (n: number) => `${n} ${n === 1 ? "item has expired" : "items have expired"}`;
