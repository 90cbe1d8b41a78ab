import { type StreamViewType, type TableDescription, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Download, Eraser, Minus, Pause, Pencil, Play, Plus } from "lucide-react";
import { type KeyboardEvent, lazy, Suspense, useId, useLayoutEffect, useReducer, useRef, useState } from "react";
import { type Connection, useEvents } from "../events";
import { count, plural } from "../format";
import { readOnly } from "../given";
import { useKey } from "../keys";
import { download } from "../live/address";
import { Change } from "../live/change";
import { ConnectionState } from "../live/connection";
import { emptyTail, entriesOf, type Entry, type EventName, eventNames, type Filter, keyText, matches, maxRecords, type StreamRecord, tailReducer } from "../live/records";
import { type KeyAttribute, sourcesOf } from "../model/table";
import { Button } from "../parts/button";
import { Snippet } from "../parts/copy";
import { Choice, TextField } from "../parts/field";
import { Failure } from "../parts/notice";
import { Empty, Skeleton } from "../parts/panel";
import { clientOf, messageOf, type Place, tableQuery } from "../server";

// Not needed until somebody asks for them, and neither is their client.
const Shards = lazy(() => import("../live/shards").then(({ Shards }) => ({ default: Shards })));

// Stream shows the records of a table's stream as they are written.
export function Stream() {
  const { account, region, table } = useParams({ from: "/t/$account/$region/$table" });
  const place = { account, region };
  const description = useQuery(tableQuery(place, table)).data as TableDescription;
  const [rest, setRest] = useState(false);
  const arn = description.LatestStreamArn;
  const enabled = description.StreamSpecification?.StreamEnabled === true;
  const key = sourcesOf(description).slice(0, 1).flatMap(({ hash, range }) => [...hash, ...range]);
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {enabled ? null : <Off place={place} table={table} earlier={arn !== undefined && !rest} showEarlier={() => setRest(true)} />}
      {arn && (enabled || rest) ? <Tail key={arn} place={place} table={table} arn={arn} schema={key} view={description.StreamSpecification?.StreamViewType} /> : null}
    </div>
  );
}

const views: [StreamViewType, string][] = [
  ["NEW_AND_OLD_IMAGES", "the item before and after"],
  ["NEW_IMAGE", "the item after"],
  ["OLD_IMAGE", "the item before"],
  ["KEYS_ONLY", "the item’s key only"],
];

// Off is what there is to see of a table without a stream.
function Off({ place, table, earlier, showEarlier }: { place: Place; table: string; earlier: boolean; showEarlier: () => void }) {
  const queries = useQueryClient();
  const [view, setView] = useState<StreamViewType>("NEW_AND_OLD_IMAGES");
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const enable = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await clientOf(place).send(new UpdateTableCommand({ TableName: table, StreamSpecification: { StreamEnabled: true, StreamViewType: view } }));
      await queries.invalidateQueries({ queryKey: tableQuery(place, table).queryKey });
    } catch (err) {
      setError(messageOf(err));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section aria-label="The stream is off" className="max-w-2xl rounded-lg border border-line bg-panel p-6">
      <h2 className="text-base font-semibold">The stream is off</h2>
      <p className="mt-1 text-muted">With it, each change of an item is a record that programs can read for 24 hours, and that shows up here within milliseconds.</p>
      <form className="mt-4 flex flex-wrap items-end gap-3" onSubmit={(e) => { e.preventDefault(); void enable(); }}>
        {readOnly ? null : (
          <>
            <div className="w-72">
              <Choice label="Records have" value={view} onChange={(e) => setView(e.target.value as StreamViewType)} options={views} />
            </div>
            <Button kind="primary" type="submit" disabled={busy}>
              Enable stream
            </Button>
          </>
        )}
        {earlier ? <Button onClick={showEarlier}>Show what it had</Button> : null}
      </form>
      {error ? (
        <div className="mt-4">
          <Failure title="The stream cannot be enabled" message={error} />
        </div>
      ) : null}
    </section>
  );
}

interface TailProps {
  place: Place;
  table: string;
  arn: string;
  schema: readonly KeyAttribute[];
  view?: StreamViewType;
}

function Tail(props: TailProps) {
  const { from = "latest" } = useSearch({ from: "/t/$account/$region/$table/stream" });
  return <TailFrom key={from} from={from} {...props} />;
}

const noFilter: Filter = { name: "", text: "", attribute: "" };

function TailFrom({ place, table, arn, schema, view, from }: TailProps & { from: "latest" | "oldest" }) {
  const navigate = useNavigate({ from: "/t/$account/$region/$table/stream" });
  const [tail, act] = useReducer(tailReducer, emptyTail);
  const [filter, setFilter] = useState(noFilter);
  const [open, setOpen] = useState<StreamRecord>();
  const [shards, setShards] = useState(false);
  const shardsID = useId();
  const query = new URLSearchParams({ arn, from, "X-Amz-Credential": `${place.account}/20260101/${place.region}/dynamodb/aws4_request` });
  const connection = useEvents(`/_admin/streams/tail?${query}`, (events) => {
    const entries = entriesOf(events);
    if (entries.length > 0) act({ do: "add", entries });
  });
  useKey("p", tail.paused ? "Go on with records" : "Pause the records", () => act({ do: tail.paused ? "resume" : "pause" }));
  const shown = tail.entries.filter((e) => matches(filter, e));
  const records = shown.filter((e) => !("missing" in e));
  const attributes = new Set(tail.entries.slice(0, 500).flatMap((e) => ("missing" in e ? [] : Object.keys(e.after ?? e.before ?? {}))));
  const filtered = filter.name !== "" || filter.text !== "" || filter.attribute !== "";
  const save = () => download(`${table}-stream.ndjson`, "application/x-ndjson", records.map((r) => `${(r as StreamRecord).json}\n`).toReversed().join(""));

  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <ConnectionState connection={connection} />
        <span className="text-muted">{view ? `Records have ${views.find(([v]) => v === view)?.[1]}` : ""}</span>
        <span className="flex-1" />
        <div className="w-56">
          <Choice
            hidden
            label="From"
            value={from}
            onChange={(e) => void navigate({ search: e.target.value === "oldest" ? { from: "oldest" } : {}, replace: true })}
            options={[
              ["latest", "From what comes now"],
              ["oldest", "From the oldest record"],
            ]}
          />
        </div>
        {tail.paused ? (
          <Button kind="primary" onClick={() => act({ do: "resume" })}>
            <Play size={16} aria-hidden />
            Go on{tail.waiting.length > 0 ? ` (${count(tail.waiting.length)} waiting)` : ""}
          </Button>
        ) : (
          <Button onClick={() => act({ do: "pause" })}>
            <Pause size={16} aria-hidden />
            Pause
          </Button>
        )}
        <Button onClick={() => { act({ do: "clear" }); setOpen(undefined); }} disabled={tail.entries.length + tail.waiting.length === 0}>
          <Eraser size={16} aria-hidden />
          Clear
        </Button>
        <Button onClick={save} disabled={records.length === 0} title="A record in each line, the oldest first">
          <Download size={16} aria-hidden />
          Save as NDJSON
        </Button>
      </div>

      <Ending connection={connection} />

      <div className="flex flex-col gap-3 sm:flex-row">
        <div className="sm:w-44">
          <Choice
            hidden
            label="Event name"
            value={filter.name}
            onChange={(e) => setFilter({ ...filter, name: e.target.value as EventName | "" })}
            options={[["", "All events"], ...eventNames.map((n): [string, string] => [n, n])]}
          />
        </div>
        <TextField hidden label="Key or sequence number" placeholder="Key has… or sequence number" type="search" value={filter.text} onChange={(e) => setFilter({ ...filter, text: e.target.value })} />
        <div className="sm:w-56">
          <Choice
            hidden
            label="Attribute that changed"
            value={filter.attribute}
            onChange={(e) => setFilter({ ...filter, attribute: e.target.value })}
            options={[["", "Any attribute changed"], ...[...attributes, ...(filter.attribute && !attributes.has(filter.attribute) ? [filter.attribute] : [])].toSorted().map((n): [string, string] => [n, `${n} changed`])]}
          />
        </div>
      </div>

      <div className="flex min-w-0 flex-col gap-4 xl:flex-row">
        <div className="flex min-w-0 flex-1 flex-col gap-2">
          {shown.length > 0 ? (
            <Records entries={shown} open={open?.id} onOpen={setOpen} />
          ) : (
            <div className="rounded-md border border-line bg-panel">
              {filtered && tail.entries.length > 0 ? (
                <Empty title="No record is like that">
                  <Button onClick={() => setFilter(noFilter)}>Show all {plural(tail.entries.length, "record")}</Button>
                </Empty>
              ) : (
                <Nothing place={place} table={table} schema={schema} from={from} ended={connection.state === "ended"} showOldest={() => void navigate({ search: { from: "oldest" }, replace: true })} />
              )}
            </div>
          )}
          <p className="text-muted">
            {plural(records.length, "record")} shown, {count(tail.received)} received
            {tail.dropped > 0 ? `. The oldest ${count(tail.dropped)} are not kept: no more than ${count(maxRecords)}, or 32 MB, are.` : "."}
          </p>
        </div>
        {open ? <Change key={open.id} place={place} table={table} keys={schema.map((a) => a.name)} record={open} onClose={() => setOpen(undefined)} /> : null}
      </div>

      <div className="flex flex-col gap-2">
        <Button className="self-start" aria-expanded={shards} aria-controls={shardsID} onClick={() => setShards(!shards)}>
          {shards ? "Hide the shards" : "Show the shards"}
        </Button>
        <div id={shardsID} className="flex flex-col gap-2">
          {shards ? (
            <Suspense fallback={<Skeleton rows={3} />}>
              <Shards place={place} arn={arn} />
            </Suspense>
          ) : null}
        </div>
      </div>
    </>
  );
}

function Ending({ connection }: { connection: Connection }) {
  if (connection.state === "lost") {
    return (
      <p role="alert" className="rounded-md border border-line bg-raised px-3 py-2">
        {connection.message} It is tried again and goes on where it was: no record is missed.
      </p>
    );
  }
  if (connection.state !== "ended") return null;
  if (connection.message) return <Failure title="There will be no more records" message={connection.message} />;
  return <p className="rounded-md border border-line bg-raised px-3 py-2">The stream was disabled, and this was all of it.</p>;
}

interface NothingProps {
  place: Place;
  table: string;
  schema: readonly KeyAttribute[];
  from: "latest" | "oldest";
  ended: boolean;
  showOldest: () => void;
}

function Nothing({ place, table, schema, from, ended, showOldest }: NothingProps) {
  if (ended) return <Empty title="There are no records" />;
  const item = JSON.stringify(Object.fromEntries(schema.map(({ name, type }) => [name, { [type]: { S: "example", N: "1", B: "AAAA" }[type] }])));
  return (
    <Empty title="Waiting for changes">
      <p>Whatever is written to the table shows up here. For example:</p>
      <div className="my-3 text-start text-ink">
        <Snippet label="command" text={`aws dynamodb put-item --endpoint-url ${window.location.origin} --region ${place.region} --table-name ${table} --item '${item}'`} />
      </div>
      {from === "latest" ? <Button onClick={showOldest}>Show the records of the last 24 hours</Button> : null}
    </Empty>
  );
}

const icons = { INSERT: Plus, MODIFY: Pencil, REMOVE: Minus };
const colours = { INSERT: "text-good", MODIFY: "text-accent", REMOVE: "text-danger" };
const rowHeight = 36;

// Records is the list of records. It has one tab stop; the arrows go from record
// to record. What is looked at stays where it is when more come above it.
function Records({ entries, open, onOpen }: { entries: readonly Entry[]; open?: string; onOpen: (record: StreamRecord) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const first = useRef<string>(undefined);
  const prefix = useId();
  const virtual = useVirtualizer({ count: entries.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 12, getItemKey: (i) => entries[i]?.id ?? i });
  const at = entries.findIndex((e) => e.id === open);

  useLayoutEffect(() => {
    const above = entries.findIndex((e) => e.id === first.current);
    first.current = entries[0]?.id;
    if (above > 0 && box.current && box.current.scrollTop > 0) box.current.scrollTop += above * rowHeight;
  }, [entries]);

  const go = (to: number) => {
    const i = Math.max(0, Math.min(to, entries.length - 1));
    const entry = entries[i];
    if (!entry || "missing" in entry) return;
    onOpen(entry);
    virtual.scrollToIndex(i);
  };
  const onKey = (e: KeyboardEvent) => {
    const page = Math.floor((box.current?.clientHeight ?? 0) / rowHeight) - 1;
    const by: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -entries.length, End: entries.length };
    const step = by[e.key];
    if (step === undefined) return;
    e.preventDefault();
    go(at < 0 ? (step > 0 && e.key === "End" ? entries.length : 0) : at + step);
  };

  return (
    <div
      ref={box}
      role="listbox"
      tabIndex={0}
      aria-label="Records, newest first"
      aria-activedescendant={at < 0 ? undefined : `${prefix}${at}`}
      onKeyDown={onKey}
      className="h-[55vh] min-h-64 overflow-auto rounded-md border border-line bg-panel"
    >
      <div role="presentation" style={{ height: virtual.getTotalSize() }} className="relative min-w-[40rem]">
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const e = entries[index];
          if (!e) return null;
          const style = { transform: `translateY(${start}px)`, height: rowHeight };
          const row = "absolute top-0 start-0 flex w-full items-center gap-3 border-b border-line px-3 whitespace-nowrap";
          if ("missing" in e) {
            return (
              <div key={key} role="option" aria-disabled aria-selected={false} aria-setsize={entries.length} aria-posinset={index + 1} style={style} className={`${row} text-danger`}>
                {e.missing}
              </div>
            );
          }
          const Icon = icons[e.name];
          return (
            <div
              key={key}
              id={`${prefix}${index}`}
              role="option"
              aria-selected={e.id === open}
              aria-setsize={entries.length}
              aria-posinset={index + 1}
              style={style}
              onClick={() => onOpen(e)}
              className={`${row} cursor-pointer hover:bg-raised aria-selected:bg-raised aria-selected:shadow-[inset_3px_0_var(--accent)]`}
            >
              <span className={`inline-flex w-24 shrink-0 items-center gap-1.5 font-medium ${colours[e.name]}`}>
                <Icon size={14} aria-hidden />
                {e.name}
              </span>
              <time dateTime={new Date(e.at).toISOString()} title={new Date(e.at).toISOString()} className="w-28 shrink-0 text-muted tabular-nums">
                {new Date(e.at).toLocaleTimeString()}
              </time>
              <span className="min-w-0 flex-1 truncate font-mono text-[13px]">{keyText(e.key)}</span>
              {e.expired ? <span className="rounded border border-line px-1.5 text-muted">Time to live</span> : null}
              <span className="max-w-64 shrink truncate text-muted">{e.name === "MODIFY" ? e.changed?.join(", ") : ""}</span>
              <span className="hidden w-60 shrink-0 truncate text-end font-mono text-[12px] text-muted 2xl:inline" title={e.sequence}>
                {e.sequence}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
