import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { replicationQuery } from "../figures";
import { count, plural } from "../format";
import { ask } from "../live/admin";
import { lastMinute, useFeed } from "../live/feed";
import type { Usage } from "../live/usage";
import { Panel, Skeleton } from "../parts/panel";
import { type ListedTable, tableKey } from "../server";
import { adviceOf, type Times } from "./advice";

// Below has what there is to say of the tables beside what they are.
export default function Below({ tables }: { tables: readonly ListedTable[] }) {
  return (
    <div className="mt-4 grid gap-4 xl:grid-cols-2">
      <Activity />
      <Worth tables={tables} />
    </div>
  );
}

const mostShown = 8;

function Activity() {
  const [minute, setMinute] = useState(lastMinute);
  useFeed(() => setMinute(lastMinute()));
  const sums = new Map<string, { at: { account: string; region: string; name: string }; operations: Map<string, number>; all: number; failed: number }>();
  for (const t of minute.flatMap((u) => u.tables)) {
    const at = { account: t.account, region: t.region, name: t.table };
    const sum = sums.get(tableKey(at)) ?? { at, operations: new Map<string, number>(), all: 0, failed: 0 };
    for (const [name, { count: n }] of Object.entries(t.operations)) sum.operations.set(name, (sum.operations.get(name) ?? 0) + n);
    sum.all += t.count;
    sum.failed += Object.values(t.errors).reduce((a, b) => a + b, 0);
    sums.set(tableKey(at), sum);
  }
  const busy = [...sums.values()].filter((s) => s.all > 0).sort((a, b) => b.all - a.all);
  return (
    <Panel title="Activity of the last minute">
      {busy.length === 0 ? (
        <p className="text-muted">No items were read or written while this page was open.</p>
      ) : (
        <ul>
          {busy.slice(0, mostShown).map(({ at, operations, all, failed }) => (
            <li key={tableKey(at)} className="flex items-baseline gap-3 border-t border-line py-1.5 first:border-0">
              <TableLink at={at} page="metrics" />
              <span className="min-w-0 flex-1 truncate text-muted">{[...operations].sort(([, a], [, b]) => b - a).map(([name, n]) => `${name} ${count(n)}`).join(", ")}</span>
              {failed > 0 ? <span className="whitespace-nowrap text-danger">{count(failed)} failed</span> : null}
              <span className="whitespace-nowrap tabular-nums">{plural(all, "request")}</span>
            </li>
          ))}
          {busy.length > mostShown ? <li className="pt-1.5 text-muted">and {plural(busy.length - mostShown, "more table")}</li> : null}
        </ul>
      )}
    </Panel>
  );
}

function TableLink({ at, page = "" }: { at: { account: string; region: string; name: string }; page?: string }) {
  return (
    <Link to={`/t/$account/$region/$table${page && `/${page}`}` as "/t/$account/$region/$table"} params={{ account: at.account, region: at.region, table: at.name }} className="max-w-[50%] shrink-0 truncate text-accent underline" aria-label={`${at.name}, ${page || "items"}`}>
      {at.name}
    </Link>
  );
}

const mostTimes = 20; // tables whose times are asked for
const mostAdvice = 10;

function Worth({ tables }: { tables: readonly ListedTable[] }) {
  const timed = tables.filter((t) => t.timeToLive).slice(0, mostTimes);
  const usage = useQuery({ queryKey: ["metrics"], queryFn: ({ signal }) => ask<Usage>("GET", "/_admin/metrics", undefined, signal), refetchInterval: 30_000 });
  const replication = useQuery({ ...replicationQuery, enabled: tables.some((t) => t.replicas?.length), refetchInterval: 30_000 });
  const times = useQuery({
    queryKey: ["times", ...timed.map(tableKey)],
    // One that cannot be had says nothing.
    queryFn: async ({ signal }) =>
      (await Promise.all(timed.map((t) => ask<Times>("GET", `/_admin/timetolive?${new URLSearchParams({ account: t.account, region: t.region, table: t.name })}`, undefined, signal).catch(() => [])))).flat(),
    refetchInterval: 30_000,
  });
  const all = adviceOf({ tables, usage: usage.data?.tables, replication: replication.data, times: times.data ?? [] });
  return (
    <Panel title="Worth a look">
      {usage.isPending ? (
        <Skeleton rows={2} />
      ) : all.length === 0 ? (
        <p className="text-muted">Nothing stands out: no index that is only written, no time to live without times, no table without items.</p>
      ) : (
        <ul>
          {all.slice(0, mostAdvice).map(({ about, page, text }) => (
            <li key={`${about ? tableKey(about) : ""} ${text}`} className="flex items-baseline gap-3 border-t border-line py-1.5 first:border-0">
              {about ? <TableLink at={about} page={page} /> : null}
              <span className="min-w-0 flex-1">{text}</span>
            </li>
          ))}
          {all.length > mostAdvice ? <li className="pt-1.5 text-muted">and {count(all.length - mostAdvice)} more</li> : null}
        </ul>
      )}
    </Panel>
  );
}
