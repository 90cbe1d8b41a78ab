import { useQuery } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, ChevronRight, Database, Globe, Layers, LayoutGrid, Pin, PinOff, Plus, Settings, Timer, Waves } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { count, plural } from "../format";
import { readOnly } from "../given";
import { type Kept, texts, useKept } from "../kept";
import { everywhere, useKey } from "../keys";
import { Choice, TextField } from "../parts/field";
import { Skeleton } from "../parts/panel";
import { type ListedTable, type Place, tableKey, tablesQuery } from "../server";
import { useAt, useGo } from "./at";
import { all, placeAt, placeKey, replicaAt, usePlace } from "./place";
import { placesOf, type Row, rowsOf } from "./tables";

const pins: Kept<string[]> = { name: "stator.pinned", initial: [], read: texts };
const shut: Kept<string[]> = { name: "stator.groups", initial: [], read: texts };

const height = 30;

const entry =
  "flex h-8 items-center gap-2 rounded-md px-2 font-medium text-muted hover:bg-raised hover:text-ink aria-[current=page]:bg-raised aria-[current=page]:text-ink";

const pages = [
  { to: "/partiql", name: "PartiQL", Icon: Database },
  { to: "/settings", name: "Settings", Icon: Settings },
];

// Rail has the pages that are no table's, and the tables.
export function Rail({ close }: { close?: () => void }) {
  const tables = useQuery(tablesQuery);
  const at = useAt();
  const router = useRouter();
  const go = useGo();
  const [place, setPlace] = usePlace();
  const list = useMemo(() => tables.data ?? [], [tables.data]);
  const places = useMemo(() => placesOf(list), [list]);
  const accounts = new Set(places.map((p) => p.account)).size > 1;

  // Whose table is shown, whose tables are listed: the rail follows the page.
  const here = at.table && placeKey(at.table);
  useEffect(() => {
    if (here && place !== all && place !== here) setPlace(here);
    // Only the page leads: what is chosen in the rail stands until the next one.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [here]);

  const choose = (key: string) => {
    setPlace(key);
    const to = placeAt(key);
    if (!to) return;
    if (at.table && replicaAt(list, at.table, to)) go({ ...to, name: at.table.name }, at.page?.path === "item" ? "" : at.page?.path);
    else if (at.place && !at.table) void router.navigate({ to: ".", search: (before: object) => ({ ...before, ...to }) } as never);
  };

  const known = place === all || places.some((p) => placeKey(p) === place);
  const shown = place === all ? list : list.filter((t) => placeKey(t) === place);
  const label = accounts ? accountAndRegion : regionOf;
  const options: [string, string][] = [
    [all, `All ${accounts ? "accounts" : "regions"} (${count(list.length)})`],
    ...places.map((p): [string, string] => [placeKey(p), `${label(p)} (${count(p.tables)})`]),
    ...(known ? [] : [[place, `${place.replace("/", " ")} (0)`] as [string, string]]),
  ];
  const where = place === all ? at.place : placeAt(place);

  return (
    <div className="flex h-full min-h-0 flex-col gap-3 py-3">
      <nav aria-label="Pages" className="flex flex-col gap-0.5 px-2">
        <Link to="/" activeOptions={{ exact: true }} className={entry} onClick={close}>
          <LayoutGrid size={16} aria-hidden />
          Overview
        </Link>
        {pages.map(({ to, name, Icon }) => (
          <Link key={to} to={to as "/"} search={(to === "/partiql" ? where : undefined) as never} activeOptions={{ includeSearch: false }} className={entry} onClick={close}>
            <Icon size={16} aria-hidden />
            {name}
          </Link>
        ))}
      </nav>
      <div className="flex flex-col gap-2 border-t border-line px-3 pt-3">
        <Choice hidden label="Whose tables" value={place} onChange={(e) => choose(e.target.value)} options={options} />
      </div>
      <Tables tables={shown} loading={tables.isPending} placeOf={place !== all || places.length < 2 ? undefined : accounts ? accountAndRegion : regionOf} at={at.table && tableKey(at.table)} where={where} close={close} />
    </div>
  );
}

const regionOf = (p: Place) => p.region;
const accountAndRegion = (p: Place) => `${p.region}, ${p.account}`;

function Tables({ tables, loading, placeOf, at, where, close }: { tables: ListedTable[]; loading: boolean; placeOf?: (place: Place) => string; at?: string; where?: Place; close?: () => void }) {
  const [typed, setTyped] = useState("");
  const [pinned, setPinned] = useKept(pins);
  const [closed, setClosed] = useKept(shut);
  const pinSet = useMemo(() => new Set(pinned), [pinned]);
  const closedSet = useMemo(() => new Set(closed), [closed]);
  const rows = useMemo(() => rowsOf(tables, typed, pinSet, closedSet, placeOf), [tables, typed, pinSet, closedSet, placeOf]);
  const field = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const go = useGo();

  // One line of them all is where Tab comes to; arrows go from there.
  const [active, setActive] = useState<string>();
  const find = (id?: string) => (id === undefined ? -1 : rows.findIndex((r) => r.id === id));
  const stop = [find(active), find(at), rows.findIndex((r) => r.kind !== "heading")].find((i) => i >= 0) ?? -1;
  const focusing = useRef(false);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    getItemKey: (i) => rows[i]?.id ?? i,
    // What has the focus stays, wherever the list is scrolled to.
    rangeExtractor: ({ startIndex, endIndex, overscan, count: n }) => {
      const first = Math.max(startIndex - overscan, 0);
      const last = Math.min(endIndex + overscan, n - 1);
      const range = Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => first + i);
      return stop < 0 ? range : stop < first ? [stop, ...range] : stop > last ? [...range, stop] : range;
    },
  });

  useKey("/", "Filter the tables", () => field.current?.focus(), { scope: everywhere });

  const focus = (index: number) => {
    const row = rows[index];
    if (!row) return;
    setActive(row.id);
    focusing.current = true;
    virtual.scrollToIndex(index);
  };
  useEffect(() => {
    if (!focusing.current) return;
    focusing.current = false;
    scroller.current?.querySelector<HTMLElement>("[data-stop]")?.focus({ preventScroll: true });
  });
  // The table that is shown is in sight.
  const index = rows.findIndex((r) => r.id === at);
  useEffect(() => {
    if (index >= 0) virtual.scrollToIndex(index, { align: "auto" });
    // Only when another one is shown.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [at, index >= 0]);

  const step = (from: number, by: number) => {
    let to = from + by;
    while (rows[to]?.kind === "heading") to += by;
    focus(to);
  };
  const onKey = (e: KeyboardEvent) => {
    const row = rows[stop];
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "ArrowDown") step(stop, 1);
    else if (e.key === "ArrowUp") step(stop, -1);
    else if (e.key === "Home") step(-1, 1);
    else if (e.key === "End") step(rows.length, -1);
    else if (row?.kind === "group" && ((e.key === "ArrowLeft" && row.open) || (e.key === "ArrowRight" && !row.open))) toggle(row.id);
    else return;
    e.preventDefault();
  };
  const toggle = (group: string) => setClosed(closedSet.has(group) ? closed.filter((g) => g !== group) : [...closed, group]);
  const pin = (table: ListedTable) => {
    const key = tableKey(table);
    setPinned(pinSet.has(key) ? pinned.filter((p) => p !== key) : [...pinned, key]);
  };

  return (
    <>
      <div className="px-3">
        <TextField
          hidden
          label="Find a table"
          placeholder="Find a table  ( / )"
          type="search"
          ref={field}
          value={typed}
          onChange={(e) => {
            setTyped(e.target.value);
            setActive(undefined);
          }}
          onKeyDown={(e) => {
            const first = rows[0];
            if (e.key === "ArrowDown") {
              e.preventDefault();
              step(-1, 1);
            } else if (e.key === "Enter" && typed.trim() !== "" && first?.kind === "table") {
              go(first.table);
              close?.();
            } else if (e.key === "Escape" && typed !== "") {
              e.stopPropagation();
              setTyped("");
            }
          }}
        />
        <p className="sr-only" aria-live="polite">
          {typed.trim() === "" ? "" : plural(rows.length, "table")}
        </p>
      </div>
      <nav aria-label="List of tables" className="flex min-h-0 flex-1 flex-col">
        {loading ? <Skeleton label="The tables are being listed" /> : null}
        {!loading && rows.length === 0 ? (
          <div className="px-4 py-2 text-muted">{typed.trim() !== "" ? <p>No table has such a name.</p> : <p>There are no tables here yet.</p>}</div>
        ) : null}
        <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto px-2" onKeyDown={onKey}>
          {rows.length > 0 ? (
            <ul className="relative" style={{ height: virtual.getTotalSize() }}>
              {virtual.getVirtualItems().map((item) => {
                const row = rows[item.index];
                if (!row) return null;
                return (
                  <li key={item.key} aria-setsize={rows.length} aria-posinset={item.index + 1} className="absolute inset-x-0 top-0" style={{ height, transform: `translateY(${item.start}px)` }}>
                    {row.kind === "heading" ? (
                      <p className="px-2 pt-2 text-xs font-semibold text-muted">{row.text}</p>
                    ) : row.kind === "group" ? (
                      <Group row={row} stop={item.index === stop} toggle={() => { setActive(row.id); toggle(row.id); }} />
                    ) : (
                      <Entry row={row} current={row.id === at} stop={item.index === stop} onFocus={() => setActive(row.id)} pin={() => pin(row.table)} close={close} />
                    )}
                  </li>
                );
              })}
            </ul>
          ) : null}
        </div>
      </nav>
      {readOnly ? null : (
        <div className="border-t border-line px-2 pt-2">
          <Link to="/create" search={where} className={entry} onClick={close}>
            <Plus size={16} aria-hidden />
            New table
          </Link>
        </div>
      )}
    </>
  );
}

const line = "flex h-full w-full items-center gap-1.5 rounded-md px-2 hover:bg-raised";

function Group({ row, stop, toggle }: { row: Row & { kind: "group" }; stop: boolean; toggle: () => void }) {
  const Icon = row.open ? ChevronDown : ChevronRight;
  return (
    <button type="button" aria-expanded={row.open} tabIndex={stop ? 0 : -1} data-stop={stop || undefined} onClick={toggle} className={`${line} cursor-pointer text-start font-medium`}>
      <Icon size={14} aria-hidden className="shrink-0 text-muted" />
      <span className="min-w-0 flex-1 truncate">{row.prefix}…</span>
      <span className="text-xs text-muted tabular-nums">
        {count(row.tables)}
        <span className="sr-only"> tables</span>
      </span>
    </button>
  );
}

const small = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });

function Entry({ row, current, stop, onFocus, pin, close }: { row: Row & { kind: "table" }; current: boolean; stop: boolean; onFocus: () => void; pin: () => void; close?: () => void }) {
  const t = row.table;
  const PinIcon = row.pinned ? PinOff : Pin;
  return (
    <div className={`group relative ${line} ${row.indented ? "ps-5" : ""} ${current ? "bg-raised" : ""}`}>
      {current ? <span aria-hidden className="absolute inset-y-1 start-0 w-0.5 rounded bg-accent" /> : null}
      <Link
        to="/t/$account/$region/$table"
        params={{ account: t.account, region: t.region, table: t.name }}
        activeOptions={{ includeSearch: false }}
        tabIndex={stop ? 0 : -1}
        data-stop={stop || undefined}
        onFocus={onFocus}
        onClick={close}
        title={t.name}
        className={`min-w-0 flex-1 truncate after:absolute after:inset-0 after:rounded-md ${current ? "font-medium" : ""}`}
      >
        {t.name}
      </Link>
      {row.place ? <span className="shrink-0 text-xs text-muted">{row.place}</span> : null}
      <span className="flex shrink-0 items-center gap-1 text-xs text-muted [&[hidden]]:hidden group-focus-within:hidden group-hover:hidden" hidden={row.place !== undefined}>
        {t.stream ? <Badge text="has a stream"><Waves size={12} aria-hidden /></Badge> : null}
        {t.timeToLive ? <Badge text="items expire"><Timer size={12} aria-hidden /></Badge> : null}
        {t.replicas?.length ? <Badge text={plural(t.replicas.length, "replica")}><Globe size={12} aria-hidden /></Badge> : null}
        {t.globalIndexes ? (
          <Badge text={plural(t.globalIndexes, "global index", "global indexes")}>
            <Layers size={12} aria-hidden />
            <span aria-hidden>{t.globalIndexes}</span>
          </Badge>
        ) : null}
        <span className="min-w-8 text-end tabular-nums" title={plural(t.items, "item")}>
          <span aria-hidden>{small.format(t.items)}</span>
          <span className="sr-only">{plural(t.items, "item")}</span>
        </span>
      </span>
      <button
        type="button"
        aria-label={`${row.pinned ? "Unpin" : "Pin"} ${t.name}`}
        title={row.pinned ? "Unpin" : "Pin to the top"}
        tabIndex={stop ? 0 : -1}
        onFocus={onFocus}
        onClick={pin}
        className="relative z-10 hidden size-6 shrink-0 cursor-pointer items-center justify-center rounded text-muted group-focus-within:inline-flex group-hover:inline-flex hover:text-ink"
      >
        <PinIcon size={14} aria-hidden />
      </button>
    </div>
  );
}

function Badge({ text, children }: { text: string; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-0.5" title={text}>
      {children}
      <span className="sr-only">{text}</span>
    </span>
  );
}
