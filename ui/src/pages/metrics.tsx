import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Pause, Play } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { ServerEvent } from "../events";
import { bytes, count } from "../format";
import { ask } from "../live/admin";
import { ConnectionState } from "../live/connection";
import { useFeed } from "../live/feed";
import { behind, type ChartData, type Counted, errors, type History, indexUnits, joined, latencies, operations, type Part, pastQuery, sampleOf, sizes, stepsOf, type TableUsage, throttles, units, type Usage, usageOf, withSamples } from "../live/usage";
import { Button } from "../parts/button";
import { Snippet } from "../parts/copy";
import { Choice } from "../parts/field";
import { Failure } from "../parts/notice";
import { Empty, Panel, Skeleton } from "../parts/panel";
import { messageOf } from "../server";

const Chart = lazy(() => import("../live/chart"));

const decimal = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const rounded = (n: number) => decimal.format(n);
// What was before the page was opened is known by ten seconds, the minute, and five
// minutes; the first are shown as they are, beside the seconds since.
const ranges = {
  "300": { text: "5 minutes", apart: 1, step: 10, from: "Each second since this page was opened, and each ten seconds before." },
  "3600": { text: "1 hour", apart: 60, step: 60, from: "By the minute, since the server began." },
  "86400": { text: "24 hours", apart: 300, step: 300, from: "By five minutes, since the server began." },
} as const;
const none: History = [];

// Metrics shows what is done with a table, second by second.
export function Metrics() {
  const { account, region, table } = useParams({ from: "/t/$account/$region/$table" });
  const which = { account, region, table };
  const [history, setHistory] = useState<History>([]);
  const [stopped, setStopped] = useState<History>(); // what is shown while it is not to move
  const [range, setRange] = useState<keyof typeof ranges>("300");
  const totals = useQuery({
    queryKey: ["metrics", account, region, table],
    queryFn: async ({ signal }) => usageOf(await ask<Usage>("GET", "/_admin/metrics", undefined, signal), which) ?? null,
    refetchInterval: 5000,
  });
  const { apart, step, from } = ranges[range];
  const past = useQuery(pastQuery(which, step));
  const connection = useFeed((events: ServerEvent[]) => {
    const now = Date.now() / 1000;
    // Those that come together are of the seconds before.
    const samples = events.filter((e) => e.type === "metrics").map((e, i, those) => sampleOf(JSON.parse(e.data) as Usage, which, now - (those.length - 1 - i)));
    setHistory((h) => withSamples(h, samples));
  });
  const seconds = Number(range);
  const end = stopped?.at(-1)?.at ?? Number.POSITIVE_INFINITY;
  const before = (past.data ?? none).filter((s) => s.at <= end);
  const steps = stepsOf(joined(before, stopped ?? history), seconds, apart);
  const times = steps.map((s) => s.at);
  const used = (stopped ?? history).findLast((s) => s.usage)?.usage ?? totals.data ?? undefined;
  const data = (series: ChartData["series"]): ChartData => ({ times, series });
  const streamed = (totals.data?.records ?? 0) > 0 || totals.data?.stream !== undefined;
  const idle = (totals.data?.count ?? 0) === 0 && !history.some((s) => s.usage);

  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <ConnectionState connection={connection} />
        <span className="text-muted">{stopped ? "Stopped: it goes on counting." : from}</span>
        <span className="flex-1" />
        <div className="w-36">
          <Choice hidden label="Range" value={range} onChange={(e) => setRange(e.target.value as keyof typeof ranges)} options={Object.entries(ranges).map(([value, { text }]) => [value, text])} />
        </div>
        {stopped ? (
          <Button kind="primary" onClick={() => setStopped(undefined)}>
            <Play size={16} aria-hidden />
            Go on
          </Button>
        ) : (
          <Button onClick={() => setStopped(history)}>
            <Pause size={16} aria-hidden />
            Stop
          </Button>
        )}
      </div>
      {connection.state === "ended" && connection.message ? <Failure title="There will be no more figures" message={connection.message} /> : null}
      {idle && totals.data !== undefined ? <Nothing region={region} table={table} /> : null}
      {idle ? null : (
        <Suspense fallback={<Skeleton rows={8} />}>
          <div className="grid gap-4 xl:grid-cols-2">
            <Chart title="Operations a second" data={data(operations(steps))} seconds={seconds} format={rounded} none="Nothing was done in this time" />
            <Chart title="Capacity units a second" data={data(units(steps, used?.provisioned))} seconds={seconds} format={rounded} none="None were taken" hint="Of the table and its indexes together." />
            <Chart title="Latency" data={data(latencies(steps))} seconds={seconds} format={(n) => `${rounded(n)} ms`} none="Nothing was done" hint="In the server, of the requests of each point in time." />
            <Chart title="Errors a second" data={data(errors(steps))} seconds={seconds} format={rounded} none="There were no errors in this time" />
            <Chart title="Throttled requests a second" data={data(throttles(steps))} seconds={seconds} format={rounded} none="Nothing was throttled in this time" hint="On purpose only: no request is refused for taking more than a table or index is provisioned for." />
            {streamed ? (
              <Chart title="Stream lag" data={data(behind(steps))} seconds={seconds} format={(n) => `${rounded(n)} s`} none="Nobody has read the stream in this time" hint="How old the last record was that GetRecords returned, of the reader that is furthest behind; 0 if there was none left." />
            ) : null}
            {used && used.indexes.length > 0 ? (
              <Chart title="Capacity units of indexes a second" data={data(indexUnits(steps))} seconds={seconds} format={rounded} none="None were taken" hint="Read and write units together." />
            ) : null}
            <Chart title="Items" data={data([sizes(steps, "Items", (p) => p.items, used?.items)])} seconds={seconds} format={(n) => count(Math.round(n))} none="" whole />
            <Chart title="Size" data={data([sizes(steps, "Size", (p) => p.bytes, used?.bytes)])} seconds={seconds} format={bytes} none="" whole />
          </div>
        </Suspense>
      )}
      {past.isError ? (
        <Failure title="What was before cannot be read" message={messageOf(past.error)}>
          <Button onClick={() => void past.refetch()}>Try again</Button>
        </Failure>
      ) : null}
      {totals.isError ? (
        <Failure title="The totals cannot be read" message={messageOf(totals.error)}>
          <Button onClick={() => void totals.refetch()}>Try again</Button>
        </Failure>
      ) : null}
      {totals.isPending ? <Skeleton rows={4} /> : null}
      {totals.data && totals.data.count > 0 ? <Totals usage={totals.data} /> : null}
    </div>
  );
}

function Nothing({ region, table }: { region: string; table: string }) {
  return (
    <div className="rounded-lg border border-line bg-panel">
      <Empty title="Nothing was done with this table since the server began">
        <p>Requests that read or write its items show up here within a second. For example:</p>
        <div className="mt-3 text-start text-ink">
          <Snippet label="command" text={`aws dynamodb scan --endpoint-url ${window.location.origin} --region ${region} --table-name ${table}`} />
        </div>
      </Empty>
    </div>
  );
}

const head = "px-3 py-2 font-medium whitespace-nowrap";
const cell = "px-3 py-1.5 whitespace-nowrap";
const number = `${cell} text-end tabular-nums`;

function Figures({ label, columns, children }: { label: string; columns: string[]; children: ReactNode }) {
  return (
    <div role="region" tabIndex={0} aria-label={label} className="overflow-x-auto rounded-md border border-line">
      <table className="w-full border-collapse">
        <thead className="text-muted">
          <tr className="border-b border-line">
            {columns.map((name, i) => (
              <th key={name} className={`${head} ${i === 0 ? "text-start" : "text-end"}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="[&>tr]:border-b [&>tr]:border-line [&>tr:last-child]:border-0">{children}</tbody>
      </table>
    </div>
  );
}

const milliseconds = (microseconds: number) => `${rounded(microseconds / 1000)} ms`;

function Totals({ usage }: { usage: TableUsage }) {
  const operations = Object.entries(usage.operations).toSorted(([, a], [, b]) => b.count - a.count);
  const failures = Object.entries(usage.errors).toSorted(([, a], [, b]) => b - a);
  const row = (name: ReactNode, key: string, c: Counted) => (
    <tr key={key}>
      <th scope="row" className={`${cell} text-start font-normal`}>
        {name}
      </th>
      <td className={number}>{count(c.count)}</td>
      <td className={number}>{milliseconds(c.p50)}</td>
      <td className={number}>{milliseconds(c.p99)}</td>
    </tr>
  );
  const part = (name: ReactNode, key: string, p: Part) => (
    <tr key={key}>
      <th scope="row" className={`${cell} text-start font-normal`}>
        {name}
      </th>
      <td className={number}>{count(p.items)}</td>
      <td className={number}>{bytes(p.bytes)}</td>
      <td className={number}>{p.reads === undefined ? "–" : count(p.reads)}</td>
      <td className={number}>{p.consumed ? rounded(p.consumed.read) : "–"}</td>
      <td className={number}>{p.consumed ? rounded(p.consumed.write) : "–"}</td>
    </tr>
  );
  return (
    <Panel title="Since the server began">
      <div className="grid gap-4 xl:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          <Figures label="Operations" columns={["Operation", "Requests", "Half took at most", "99 of 100"]}>
            {operations.map(([name, c]) => row(name, name, c))}
            {operations.length > 1 ? row(<strong>All</strong>, "all", usage) : null}
          </Figures>
          {failures.length > 0 ? (
            <Figures label="Errors" columns={["Error", "Requests"]}>
              {failures.map(([name, n]) => (
                <tr key={name}>
                  <th scope="row" className={`${cell} text-start font-normal`}>
                    {name}
                  </th>
                  <td className={number}>{count(n)}</td>
                </tr>
              ))}
            </Figures>
          ) : (
            <p className="text-muted">No request failed.</p>
          )}
        </div>
        <div className="flex min-w-0 flex-col gap-2">
          <Figures label="Table and indexes" columns={["Table, index", "Items", "Size", "Pages read", "Read units", "Write units"]}>
            {part("The table itself", "", usage)}
            {usage.indexes.map((ix) => part(<span className="font-mono text-[13px]">{ix.index}</span>, ix.index, ix))}
          </Figures>
          <p className="text-muted">
            {usage.records ? `${count(usage.records)} records were written for the stream. ` : ""}
            “Pages read” is of Query, Scan and statements like them.
          </p>
        </div>
      </div>
    </Panel>
  );
}
