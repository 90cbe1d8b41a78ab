import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { bytes, count, plural } from "../format";
import { readOnly } from "../given";
import { ItemsGrid } from "../grid/items";
import { kept } from "../kept";
import { keyNames, sourcesOf } from "../model/table";
import { identity, type Item, keyOf, own, type Type, type Value } from "../model/value";
import { Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import type { CellFilter } from "../grid/entries";
import { Inspector } from "../parts/inspector";
import { Failure } from "../parts/notice";
import { Empty, Skeleton } from "../parts/panel";
import { QueryBar } from "../parts/querybar";
import { SavedQueries } from "../parts/saved";
import { Progress, useWork } from "../parts/work";
import { addPart } from "../query/forms";
import { past, remember, savedOf } from "../query/history";
import { decode, emptyQuery, encode, formOf, type ItemsSearch, type Query, searchOf } from "../query/model";
import { inMemory } from "../query/pages";
import { pathsOf } from "../query/path";
import { isPlan, type Plan, plan as planOf } from "../query/plan";
import { type Reading, scanEstimate, useReader } from "../query/reader";
import { allOf, isAlways } from "../query/tree";
import { isGone, messageOf, type Place, tableQuery } from "../server";

const Follow = lazy(() => import("../parts/follow"));
const Codes = lazy(async () => ({ default: (await import("../parts/codes")).Codes }));

const route = "/t/$account/$region/$table";

// A Scan of more items than these is asked about first.
const many = 10_000;

// Items shows what is in a table.
export function Items() {
  const { account, region, table } = useParams({ from: route });
  const place = useMemo(() => ({ account, region }), [account, region]);
  const search = useSearch({ from: "/t/$account/$region/$table/" });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const description = useQuery(tableQuery(place, table)).data as TableDescription;
  const sources = useMemo(() => sourcesOf(description), [description]);
  const keys = useMemo(() => sources.slice(0, 1).flatMap(keyNames), [sources]);

  // What is typed is a draft until it is run: then it is in the address, and what
  // is there is what is shown.
  const address = JSON.stringify(searchOf({ ...search }));
  const applied = useMemo(() => decode(JSON.parse(address) as object), [address]);
  const [draft, setDraft] = useState(applied.query);
  const [seen, setSeen] = useState(address);
  if (seen !== address) {
    setSeen(address);
    if (JSON.stringify(encode(draft)) !== address) setDraft(applied.query);
  }
  const plan = useMemo(() => planOf(draft, table, sources), [draft, table, sources]);

  const [runs, setRuns] = useState(0);
  const [refused, setRefused] = useState(false); // there was no plan to run
  const [showing, setShowing] = useState(false);
  const [keeping, setKeeping] = useState<"new" | "all">();
  const [following, setFollowing] = useState<{ attribute: string; value: Value }>();
  const follow = useCallback((attribute: string, value: Value) => setFollowing({ attribute, value }), []);
  const [asking, setAsking] = useState<{ plan: Plan; go: () => void }>();
  const [ran, setRan] = useState<Plan>();
  // It stays open whatever is read anew: there may be changes that are not saved.
  const [open, setOpen] = useState<Item>();
  const reader = useReader(place);
  const { reading } = reader;
  const work = useWork();

  const latest = useRef({ sources, reader });
  latest.current = { sources, reader };
  const start = (p: Plan) => {
    setRan(p);
    latest.current.reader.run(p, applied.query.page);
  };
  const begin = useRef(start);
  begin.current = start;
  useEffect(() => {
    const p = planOf(applied.query, table, latest.current.sources);
    setAsking(undefined);
    if (!isPlan(p)) {
      setRan(undefined);
      latest.current.reader.clear();
      return;
    }
    if (p.request.operation === "Scan" && !isAlways(p.filter) && p.source.items > many) {
      latest.current.reader.clear();
      setRan(p);
      setAsking({ plan: p, go: () => begin.current(p) });
      return;
    }
    begin.current(p);
  }, [applied, table, runs]);

  const memory = `${account}/${region}/${table}`;
  const show = (to: ItemsSearch) => void navigate({ to: route, params: { account, region, table }, search: to });
  const run = (query: Query) => {
    const can = isPlan(planOf(query, table, sources));
    setRefused(!can);
    if (!can) return;
    const next = encode(query);
    remember(memory, next, query);
    setDraft(query);
    if (JSON.stringify(next) === address) setRuns(runs + 1);
    else void navigate({ to: route, params: { account, region, table }, search: next });
  };
  useRunKey(() => run(draft));

  // A table that is not there any more is the layout's to say.
  useEffect(() => {
    if (isGone(reading.error)) void queries.invalidateQueries({ queryKey: tableQuery(place, table).queryKey });
  }, [reading.error, queries, place, table]);

  const items = reading.items;
  // A run that finds nothing, or cannot be, says nothing of what there is. The first items
  // say it, also when they are not in memory any more.
  const known = useRef<{ memory: string; run?: object | undefined; of: number; paths: ReadonlyMap<string, Type> }>({ memory, of: 0, paths: new Map() });
  const sample = useMemo(() => {
    const of = Math.min(200, items.length);
    const { current } = known;
    if (current.memory !== memory || (of > 0 && (items.run !== current.run || of > current.of))) {
      known.current = { memory, run: items.run, of, paths: pathsOf(Array.from({ length: of }, (_, i) => items.at(i)).filter((item) => item !== undefined)) };
    }
    return known.current.paths;
  }, [items, memory]);
  const loadAll = () => {
    const go = () => void work.run("Loading", (job) => reader.all(job));
    if (ran?.request.operation === "Scan" && ran.source.items > many && isAlways(ran.filter)) setAsking({ plan: ran, go });
    else go();
  };

  const opened = open && identity(open, keys);
  // Looked for only where it is not where it was: there may be very many.
  const was = useRef(-1);
  const at = useMemo(() => {
    const is = (item: Item | undefined) => item !== undefined && identity(item, keys) === opened;
    if (opened === undefined) return -1;
    if (was.current >= 0 && is(items.at(was.current))) return was.current;
    for (const [item, i] of inMemory(items)) if (is(item)) return i;
    // It was there, and will be when one looks.
    return items.dropped ? was.current : -1;
  }, [items, keys, opened]);
  was.current = at;
  const step = (by: number) => {
    const to = at < 0 || at + by < 0 ? undefined : items.at(at + by);
    return to && (() => setOpen(to));
  };
  // narrow asks for less, by what is in a cell.
  const narrow = (filter: CellFilter) => {
    if ("partition" in filter) {
      const of = [ran?.source, sources[0]].find((source) => source?.hash.every((a) => filter.partition[a.name]));
      const parts = keyOf(filter.partition, of?.hash.map((a) => a.name) ?? []);
      const where = formOf(allOf(Object.entries(parts).map(([name, v]) => ({ path: [name], operator: "=", values: [v] }))));
      run({ ...emptyQuery(), where, source: of?.index, page: draft.page });
      return;
    }
    const [part] = formOf({ path: [filter.attribute], operator: filter.op, values: [filter.value] }).parts;
    const from = draft.raw ? emptyQuery() : draft;
    if (part) run({ ...from, where: addPart(from.where, part) });
  };
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: ["item", account, region, table] });
    reader.again();
  };

  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      {applied.notices.map((notice) => (
        <p key={notice} role="alert" className="rounded-md border border-line bg-raised px-3 py-2">
          {notice}
        </p>
      ))}
      <QueryBar
        query={draft}
        onChange={(query) => {
          setRefused(false);
          setDraft(query);
        }}
        onRun={() => run(draft)}
        onShow={() => setShowing(true)}
        history={() => [
          { text: "Save this query…", do: () => setKeeping("new"), disabled: !isPlan(plan) },
          ...(kept(savedOf(memory)).length > 0 ? [{ text: "Rename and delete…", do: () => setKeeping("all") }, "line" as const, ...kept(savedOf(memory)).map(({ name, search: to }) => ({ text: name, hint: "saved", do: () => show(to) }))] : []),
          ...(past(memory).length > 0 ? ["line" as const] : []),
          ...past(memory).map(({ title, search: to }) => ({ text: title, do: () => show(to) })),
        ]}
        table={table}
        sources={sources}
        paths={sample}
        plan={plan}
        refused={refused}
        error={reading.error ? messageOf(reading.error) : undefined}
        ran={applied.query.raw}
      />

      <div className="flex min-h-0 flex-1 gap-4">
        <div className="flex min-w-0 flex-1 flex-col gap-3">
          <Status reading={reading} stop={work.state ? undefined : reader.stop} more={reader.more} all={work.state ? undefined : loadAll} />
          <Progress work={work} />
          {reading.error ? (
            <Failure title={items.length > 0 ? "The next items cannot be read" : "The items cannot be read"} message={messageOf(reading.error)}>
              <Button onClick={reader.more}>{reading.totals ? "Go on" : "Try again"}</Button>
            </Failure>
          ) : null}
          {reading.busy && !reading.totals ? <Skeleton rows={8} /> : null}
          {!reading.begun && ran && !asking ? (
            <Empty title="The Scan was not begun">
              <Button onClick={() => setRuns(runs + 1)}>Ask again</Button>
            </Empty>
          ) : null}
          <ItemsGrid
            place={place}
            table={table}
            memory={memory}
            description={description}
            plan={ran}
            items={items}
            keys={keys}
            open={opened}
            onOpen={setOpen}
            more={reading.more}
            onEnd={reading.more && !reading.busy && !reading.error && !reading.stopped ? reader.more : undefined}
            onFilter={narrow}
            onFollow={follow}
            onLook={reader.look}
            onHold={reader.hold}
            whole={reader.whole}
            loaded={reader.loaded}
            onChanged={refresh}
            nothing={reading.begun && !reading.busy && !reading.more && !reading.error ? <NoItems plan={ran} /> : null}
          />
        </div>
        {open && keys.every((name) => own(open, name)) ? (
          <Inspector place={place} table={table} keys={keys} item={open} onClose={() => setOpen(undefined)} onChanged={refresh} onPrevious={step(-1)} onNext={step(1)} />
        ) : open ? (
          <aside aria-label="Item" className="w-[26rem] shrink-0">
            <Empty title="The key was not read">An item is opened by its key: have the projection return that, too.</Empty>
          </aside>
        ) : null}
      </div>

      {following ? (
        <Suspense>
          <Follow place={place} {...following} close={() => setFollowing(undefined)} />
        </Suspense>
      ) : null}
      {keeping ? <SavedQueries memory={memory} close={() => setKeeping(undefined)} query={keeping === "new" ? draft : undefined} /> : null}
      {asking ? <AskScan ask={asking} size={sizeOf(description, asking.plan)} close={() => setAsking(undefined)} /> : null}
      {isPlan(plan) ? <ShowCode open={showing} close={() => setShowing(false)} plan={plan} place={place} /> : null}
    </div>
  );
}

// useRunKey has Ctrl+Enter and ⌘+Enter run, wherever one is on the page.
function useRunKey(run: () => void) {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && !e.defaultPrevented && !(e.target instanceof Element && e.target.closest("[role=dialog],[role=alertdialog],aside"))) {
        e.preventDefault();
        latest.current();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

function NoItems({ plan }: { plan: Plan | undefined }) {
  if (plan?.request.operation === "GetItem") return <Empty title="There is no item with this key" />;
  const all = plan?.request.operation === "Scan" && isAlways(plan.filter);
  return (
    <Empty title={all ? (plan.source.index ? `There are no items in ${plan.source.index}` : "There are no items") : "No items match"}>
      {all ? readOnly ? null : "Paste rows of a spreadsheet with Ctrl+V or ⌘V, import a file, or make a new item." : "Another value, an attribute spelled otherwise, or a number typed as a string? A condition compares values of one type."}
    </Empty>
  );
}

// Status says what was read, and what that took.
function Status({ reading, stop, more, all }: { reading: Reading; stop?: () => void; more: () => void; all?: () => void }) {
  const { items, totals, busy } = reading;
  if (!reading.begun) return null;
  return (
    <section aria-label="Result" className="flex flex-col gap-1">
      <div className="flex min-h-9 items-center gap-3">
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3">
          <p aria-live="polite" className="font-medium">
            {busy ? `${plural(items.length, "item")}, reading…` : `${plural(items.length, "item")} ${reading.more ? "loaded, there are more" : "in all"}`}
          </p>
          {totals ? (
            <p className="text-muted tabular-nums">
              {totals.operation}
              {totals.index ? ` on ${totals.index}` : ""}: {plural(totals.read.items, "item")} ({bytes(totals.read.bytes)}) read → {count(totals.returned)} returned · {plural(totals.units, "read unit")} ·{" "}
              {milliseconds(totals.milliseconds)}
              {totals.pages > 1 ? ` · ${plural(totals.pages, "page")}` : ""}
            </p>
          ) : null}
          {items.dropped ? (
            <p className="text-muted" title="So that this page does not take all memory, items far from what you look at are dropped, and read again when you come back to them. To sort or to select all of them they are all read again.">
              {count(items.length - items.dropped)} of them in memory
            </p>
          ) : null}
        </div>
        {busy && stop ? <Button onClick={stop}>Stop</Button> : null}
        {reading.more && !busy && !reading.error ? (
          <>
            <Button onClick={more}>More</Button>
            {all ? <Button onClick={all}>Load all</Button> : null}
          </>
        ) : null}
      </div>
      {totals?.advice.map((a) => (
        <p key={a.code} className="text-muted">
          Advice: {a.text}
        </p>
      ))}
    </section>
  );
}

function milliseconds(n: number): string {
  return n < 10_000 ? `${count(Math.round(n))} ms` : `${count(Math.round(n / 1000))} s`;
}

function sizeOf(description: TableDescription, { source }: Plan): number {
  const index = [...(description.GlobalSecondaryIndexes ?? []), ...(description.LocalSecondaryIndexes ?? [])].find((ix) => ix.IndexName === source.index);
  return (source.index === undefined ? description.TableSizeBytes : index?.IndexSizeBytes) ?? 0;
}

// AskScan asks before much is read.
function AskScan({ ask, size, close }: { ask: { plan: Plan; go: () => void }; size: number; close: () => void }) {
  const { source, request } = ask.plan;
  const units = scanEstimate(size, request.input.ConsistentRead ?? false);
  return (
    <Dialog
      open
      close={close}
      title={`Scan ${plural(source.items, "item")}?`}
      text={`A Scan reads all of ${source.index ?? "the table"}: ${bytes(size)}, about ${plural(units, "read unit")}, whatever the conditions let through. It can be stopped.`}
    >
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Cancel</Button>
        <Button
          kind="primary"
          onClick={() => {
            close();
            ask.go();
          }}
        >
          Scan
        </Button>
      </div>
    </Dialog>
  );
}

// ShowCode has the request as code, to be pasted elsewhere.
function ShowCode({ open, close, plan, place }: { open: boolean; close: () => void; plan: Plan; place: Place }) {
  // Code reads one after the other what the page reads at once.
  const calls = useMemo(() => {
    const { source, request } = plan;
    return [{ operation: request.operation, input: { ...request.input, TotalSegments: undefined }, key: { hash: source.hash.map((a) => a.name), range: source.range.map((a) => a.name) } }];
  }, [plan]);
  return (
    <Dialog
      open={open}
      close={close}
      wide
      title="As code"
      text={`What Run asks the server for${isAlways(plan.local) ? "" : ", before this page looks at conditions on the key"}. ${"Limit" in plan.request.input ? "It reads one page." : "It reads all pages."}`}
    >
      {open ? (
        <Suspense fallback={<Skeleton />}>
          <Codes calls={calls} place={place} />
        </Suspense>
      ) : null}
    </Dialog>
  );
}
