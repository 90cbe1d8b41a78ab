import { type Range, useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, ChevronDown, ChevronRight, Columns3, Plus, Rows3, TriangleAlert, X } from "lucide-react";
import { type KeyboardEvent, memo, type MouseEvent, type PointerEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { toast } from "sonner";
import { count, plural } from "../format";
import { hint, shown, ValueLine } from "../grid/cell";
import { arrange, type Column, keepLayout, keepPreset, type Layout, moved, narrowest, noLayout, put, readLayout, readPresets, Tally, withStaged } from "../grid/columns";
import { copyEntries, copyText, formatted } from "../grid/copy";
import { colourOf, type Group, grouped, prefixOf } from "../grid/groups";
import { type Sort, Sorter } from "../grid/sort";
import { CellEditor } from "../grid/staged";
import { type Cell, type Staged, type Staging, whyNot } from "../grid/staging";
import { identity, type Item, own, textOf, type Type, typeNames, type Value } from "../model/value";
import { inMemory, type Rows } from "../query/pages";
import { Button, IconButton } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { type Entry, MenuButton, type Point, PointMenu } from "./menu";

// A CellFilter is what somebody wants to see more of, by what is in a cell.
export type CellFilter = { attribute: string; op: "=" | "<>" | "begins_with"; value: Value } | { partition: Item };

export interface GridProps {
  label: string; // for those who do not see it
  items: Rows; // what is loaded, in order
  keys: readonly string[]; // the key's attributes, which come first; they tell items apart
  open?: string; // the identity of the item that is looked at
  onOpen: (item: Item) => void;
  onEnd?: () => void; // the end of what is loaded comes into sight
  more?: boolean; // there are items that are not loaded
  // Where items may be dropped from memory: which rows are in sight, whether all of them
  // are needed, and how those that are not there come back, for something that is done.
  onLook?: (from: number, to: number) => void;
  onHold?: (on: boolean) => void;
  onWhole?: (what: string) => Promise<boolean>;
  table?: string; // what the items are copied as: put-item into it
  memory?: string; // under which name the order and width of columns are kept
  onFilter?: (filter: CellFilter) => void;
  onFollow?: (attribute: string, value: Value) => void; // to the items of another table
  // Which items are selected, by rowsOf; without it the grid keeps that itself.
  selection?: ReadonlySet<string>;
  onSelection?: (selection: ReadonlySet<string>) => void;
  actions?: ReactNode; // stand above the grid
  selectionActions?: ReactNode; // stand there when something is selected
  onDelete?: () => void; // the key Delete, when something is selected
  // Cells can be changed: what is staged by the identity of the item, and who is
  // told of a change.
  staging?: Staging;
  onEdit?: (item: Item, id: string, name: string, value: Value | undefined) => void;
  onSave?: () => void; // what is staged
  check?: (id: string, item: Item, name: string, value: Value) => string | undefined; // why the server would refuse a value
  partial?: boolean; // items have attributes that were not read
  // Items that are staged and not there yet: they stand above all others.
  added?: readonly Added[];
  onForget?: (id: string) => void; // one of them
  onPaste?: (text: string, at: Pasting) => boolean; // whether that was of use
}

export interface Added {
  id: string;
  problem?: string; // why it cannot be saved
}

// A Pasting is where somebody pastes: the columns from the one that has the keyboard
// on, and its cell.
export interface Pasting {
  columns: readonly Column[];
  cell?: { item: Item; id: string; name: string };
}

const rowHeight = 33;
const headerHeight = 36;
const checkWidth = 40;
const overscan = 2;
// Rows and columns come and go some at once: most frames of a scroll only move what
// is drawn already.
const rowsAtOnce = 8;
const columnsAtOnce = 4;

// rowIdentity tells an item of a grid from all others: by its key, or by its place if
// it does not have all of that, as in the results of a projection.
export function rowIdentity(item: Item, keys: readonly string[], at: number): string {
  return keys.length > 0 && keys.every((name) => own(item, name)) ? identity(item, keys) : `#${at}`;
}

interface Placed {
  column: Column;
  at: number; // its number among those shown, 1 is the first
  style: { width: number; marginLeft?: number };
}

// A Frame is where all cells of a row stand: that is the same in each row.
interface Frame {
  pinned: readonly Placed[];
  sticky: boolean; // those stay while others scroll
  others: readonly Placed[];
  width: number;
}

const staying = "sticky left-0 z-[1] flex bg-inherit";
const checkClass = "relative flex shrink-0 items-center justify-center";
const checkStyle = { width: checkWidth };

const cellClass = "shrink-0 truncate border-e border-line/60 px-3 leading-8 font-mono text-[13px]";

interface RowProps {
  item: Item;
  at: number; // its place in what is shown
  start: number;
  id: string;
  frame: Frame;
  selected: boolean;
  open: boolean;
  active: number; // the column that has the keyboard; -1 is none
  name: string; // ids of elements begin with it
  staged?: Staged;
  problem?: string;
  coloured?: ReadonlySet<string>; // the columns whose prefixes are
  editing: number; // the column that is changed; -1 is none
  on: RowHandlers;
}

interface RowHandlers {
  commit: (item: Item, id: string, column: string, value: Value, then: "stay" | "down" | "right" | "save") => void;
  check: (item: Item, id: string, column: string, value: Value) => string | undefined;
  cancel: (problem?: string) => void;
}

const Row = memo(function Row({ item, at, start, id, frame, selected, open, active, name, staged, problem, coloured, editing, on }: RowProps) {
  const cell = ({ column, at: col, style }: Placed) => {
    const loaded = own(item, column.name);
    const change = staged?.changes.has(column.name) ?? false;
    const v = change ? staged?.changes.get(column.name) : loaded;
    if (editing === col) {
      return (
        <div key={column.name} role="gridcell" aria-colindex={col + 1} data-column={col} id={`${name}-active`} style={style} className="relative shrink-0 border-e border-line/60">
          <CellEditor value={v} label={column.name} check={(value) => on.check(item, id, column.name, value)} commit={(value, then) => on.commit(item, id, column.name, value, then)} cancel={on.cancel} />
        </div>
      );
    }
    return (
      <div
        key={column.name}
        role="gridcell"
        aria-colindex={col + 1}
        data-column={col}
        id={active === col ? `${name}-active` : undefined}
        style={style}
        className={`${cellClass} ${v ? ("N" in v ? "text-end tabular-nums" : "") : "bg-ground"} ${change ? changedClass : ""} ${active === col ? ring : ""}`}
      >
        {change && !staged?.isNew ? <Changed conflict={staged?.conflict !== undefined} /> : null}
        {v ? coloured?.has(column.name) ? <Coloured v={v} /> : shown(v) : change && loaded ? <s className="text-muted">{shown(loaded)}</s> : null}
      </div>
    );
  };
  return (
    <div
      role="row"
      aria-rowindex={at + 2}
      aria-selected={selected}
      data-row={at}
      data-open={open || undefined}
      className="absolute start-0 flex cursor-default border-b border-line bg-panel hover:bg-raised aria-selected:bg-raised data-open:bg-raised"
      style={{ top: start, height: rowHeight, width: frame.width, ...(editing >= 0 ? { zIndex: 2 } : {}) }}
    >
      <div className={frame.sticky ? staying : "flex"}>
        <div role="gridcell" aria-colindex={1} data-column={0} id={active === 0 ? `${name}-active` : undefined} className={`${checkClass} ${active === 0 ? ring : ""}`} style={checkStyle}>
          {open ? <span className="absolute inset-y-0 start-0 w-1 bg-accent" /> : null}
          {staged?.isNew ? (
            <NewMark problem={problem} />
          ) : (
            <input type="checkbox" tabIndex={-1} checked={selected} readOnly aria-label={`Select item ${at + 1}`} className="size-4 accent-accent" />
          )}
        </div>
        {frame.pinned.map(cell)}
      </div>
      {frame.others.map(cell)}
      {problem ? <span className="sticky end-0 ms-auto max-w-[28rem] shrink-0 truncate border-s border-danger bg-panel px-2 leading-8 text-danger" title={problem}>{problem}</span> : null}
    </div>
  );
});

// Coloured is a key whose prefix has a colour.
function Coloured({ v }: { v: Value }) {
  const prefix = prefixOf(v);
  if (prefix === undefined || !("S" in v)) return shown(v);
  return (
    <>
      <span className="rounded-xs py-0.5" style={{ backgroundColor: colourOf(prefix), boxShadow: `0 0 0 2px ${colourOf(prefix)}` }}>
        {prefix}
      </span>
      {shown({ S: v.S.slice(prefix.length) })}
    </>
  );
}

interface HeadingProps {
  group: Group;
  at: number;
  start: number;
  frame: Frame;
  columns: number;
  folded: boolean;
  selected: "all" | "some" | "none";
  active: number;
  name: string;
  by: string;
  coloured: boolean;
  more: boolean; // there may be more items of it
}

// Heading stands above the rows that have one partition key.
const Heading = memo(function Heading({ group, at, start, frame, columns, folded, selected, active, name, by, coloured, more }: HeadingProps) {
  const Arrow = folded ? ChevronRight : ChevronDown;
  const n = group.places.length;
  const title = group.value ? textOf(group.value) : "";
  return (
    <div role="row" aria-rowindex={at + 2} data-row={at} className="absolute start-0 cursor-pointer border-b border-line bg-raised" style={{ top: start, height: rowHeight, width: frame.width }}>
      <div className="sticky start-0 flex w-max max-w-[min(100%,60rem)] items-center">
        <div role="gridcell" aria-colindex={1} data-column={0} id={active === 0 ? `${name}-active` : undefined} className={`${checkClass} h-8 ${active === 0 ? ring : ""}`} style={checkStyle}>
          <input
            type="checkbox"
            tabIndex={-1}
            readOnly
            checked={selected === "all"}
            ref={(box) => {
              if (box) box.indeterminate = selected === "some";
            }}
            aria-label={`Select the items of ${title}`}
            className="size-4 accent-accent"
          />
        </div>
        <div role="gridcell" aria-colindex={2} aria-colspan={columns} aria-expanded={!folded} data-column={1} id={active > 0 ? `${name}-active` : undefined} className={`flex h-8 min-w-0 items-center gap-2 pe-3 ps-1.5 ${active > 0 ? ring : ""}`}>
          <Arrow size={16} aria-hidden className="shrink-0 text-muted" />
          <span className="text-muted">{by}</span>
          <span className="truncate px-0.5 font-mono text-[13px] font-semibold">{group.value ? coloured ? <Coloured v={group.value} /> : shown(group.value) : "none"}</span>
          <span className="shrink-0 text-muted">
            {plural(n, "item")}
            {more ? " loaded" : ""}
          </span>
        </div>
      </div>
    </div>
  );
});

// Missing is a row that is read again.
function Missing({ at, start, width }: { at: number; start: number; width: number }) {
  return (
    <div role="row" aria-rowindex={at + 2} data-row={at} className="absolute start-0 flex border-b border-line bg-panel" style={{ top: start, height: rowHeight, width }}>
      <div role="gridcell" aria-colindex={1} className="flex items-center gap-2 px-3 text-muted">
        <span aria-hidden className="h-3 w-48 rounded bg-raised" /> Reading it again…
      </div>
    </div>
  );
}

// NewMark stands where others are selected, beside an item that is not saved yet.
function NewMark({ problem }: { problem: string | undefined }) {
  const [Icon, text] = problem ? [TriangleAlert, "New, cannot be saved"] : [Plus, "New, not saved"];
  return (
    <span title={text}>
      <Icon size={16} aria-hidden className={problem ? "text-danger" : "text-accent"} />
      <span className="sr-only">{text}</span>
    </span>
  );
}

const changedClass = "relative bg-accent/15";

// Changed marks a cell whose value is not saved.
function Changed({ conflict }: { conflict: boolean }) {
  return (
    <>
      <span aria-hidden className={`absolute top-0 start-0 size-0 border-t-8 border-e-8 border-e-transparent ${conflict ? "border-t-danger" : "border-t-accent"}`} />
      <span className="sr-only">{conflict ? "changed, in conflict: " : "changed: "}</span>
    </>
  );
}

const ring = "outline-2 -outline-offset-2 outline-accent";

// A Place is a cell: row -1 is the header, column 0 has the boxes to check.
interface Place {
  row: number;
  column: number;
}

const noItem: Item = {};
const nobody: readonly Added[] = [];

// Grid shows items, an attribute in each column. Of many items and attributes only
// those in sight are there.
export function Grid(props: GridProps) {
  const { label, items, keys: given, open, onOpen, onEnd, more, table, memory, onFilter, onFollow, actions, selectionActions, onDelete, staging, onEdit, onSave, check, partial, added = nobody, onForget, onPaste, onLook, onHold, onWhole } = props;
  const name = useId();
  const keyText = JSON.stringify(given);
  const keys = useMemo(() => JSON.parse(keyText) as string[], [keyText]);

  // Columns and rows.
  const [tally] = useState(() => new Tally());
  const [sorter] = useState(() => new Sorter());
  const [layout, setLayout] = useState(() => readLayout(memory));
  const [sort, setSort] = useState<Sort>();
  const loadedColumns = useMemo(() => tally.columns(items, keys), [tally, items, keys]);
  const columns = useMemo(() => withStaged(loadedColumns, staging), [loadedColumns, staging]);
  const order = useMemo(() => sorter.order(items, sort), [sorter, items, sort]);
  const { pinned, others } = useMemo(() => arrange(columns, keys, layout), [columns, keys, layout]);
  // Rows are the new items, then those that are loaded, under headings if they are
  // grouped.
  const by = layout.grouped ? keys[0] : undefined;
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const grouping = useMemo(() => (by === undefined ? undefined : grouped(items, order, by, folded)), [items, order, by, folded]);
  const coloured = useMemo(() => (layout.coloured ? new Set(keys) : undefined), [layout.coloured, keys]);
  const rowCount = added.length + (grouping ? grouping.lines.length : items.length);
  const placeIn = (row: number) => (grouping ? Math.max(-1, grouping.lines[row - added.length] ?? -1) : order ? (order[row - added.length] ?? -1) : row - added.length);
  const groupAt = (row: number): Group | undefined => {
    const line = grouping?.lines[row - added.length];
    return line !== undefined && line < 0 ? grouping?.groups[-line - 1] : undefined;
  };
  const itemAt = (row: number): Item | undefined => (row < 0 ? undefined : row < added.length ? noItem : placeIn(row) < 0 ? undefined : items.at(placeIn(row)));
  const idAt = (row: number): string => added[row]?.id ?? rowIdentity(itemAt(row) ?? noItem, keys, placeIn(row));
  const isNew = (row: number) => row >= 0 && row < added.length;
  const change = (next: Layout) => {
    setLayout(next);
    keepLayout(memory, next);
  };

  // What is selected, and where the keyboard is.
  const [mine, setMine] = useState<ReadonlySet<string>>(new Set());
  const selection = props.selection ?? mine;
  const select = (next: ReadonlySet<string>) => (props.onSelection ?? setMine)(next);
  const anchor = useRef(0);
  const [place, setPlace] = useState<Place>();
  const [editing, setEditing] = useState<{ id: string; column: string }>();
  const [menu, setMenu] = useState<{ at: Point; place: Place }>();
  const [naming, setNaming] = useState(false);
  const [said, setSaid] = useState(""); // to those who do not see it
  // Where a column that is dragged would come, from the left of the grid.
  const [drop, setDrop] = useState<{ x: number; name: string; after: boolean }>();
  const opening = useRef(0);
  useEffect(() => () => window.clearTimeout(opening.current), []);

  // What is in sight.
  const scroller = useRef<HTMLDivElement>(null);
  const active = place && place.row < rowCount && place.column <= pinned.length + others.length ? place : undefined;
  const keep = ({ startIndex, endIndex, overscan, count }: Range, atOnce: number, extra: number | undefined) => {
    const from = Math.floor(Math.max(0, startIndex - overscan) / atOnce) * atOnce;
    const to = Math.min(count, Math.ceil((endIndex + overscan + 1) / atOnce) * atOnce) - 1;
    const all = [];
    if (extra !== undefined && extra >= 0 && extra < from) all.push(extra);
    for (let i = from; i <= to; i++) all.push(i);
    if (extra !== undefined && extra > to && extra < count) all.push(extra);
    return all;
  };
  const rows = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan,
    initialRect: { width: 1200, height: 600 },
    rangeExtractor: (range) => keep(range, rowsAtOnce, active?.row),
  });
  const across = useVirtualizer({
    horizontal: true,
    count: others.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => others[i]?.width ?? narrowest,
    overscan: 1,
    initialRect: { width: 1200, height: 600 },
    rangeExtractor: (range) => keep(range, columnsAtOnce, active && active.column > pinned.length ? active.column - pinned.length - 1 : undefined),
  });
  useEffect(() => across.measure(), [across, others]);

  const pinnedWidth = pinned.reduce((sum, c) => sum + c.width, checkWidth);
  const inSight = across.scrollRect?.width ?? 1200;
  // Columns that stay must leave place for those that do not.
  const sticky = pinnedWidth <= inSight * 0.6;
  const virtualColumns = across.getVirtualItems();
  const othersWidth = across.getTotalSize();
  const frame = useMemo(() => frameOf(pinned, others, virtualColumns, sticky, pinnedWidth + othersWidth), [pinned, others, virtualColumns, sticky, pinnedWidth, othersWidth]);
  const virtualRows = rows.getVirtualItems();

  const seen = virtualRows.filter((row) => row.index !== active?.row);
  const [firstSeen, last] = [seen[0]?.index ?? 0, virtualRows[virtualRows.length - 1]?.index ?? 0];
  const lastSeen = seen[seen.length - 1]?.index ?? 0;
  useEffect(() => {
    // In another order, all is there.
    if (!order && by === undefined) onLook?.(firstSeen - added.length, lastSeen - added.length);
  }, [onLook, order, by, firstSeen, lastSeen, added.length, items]);
  useEffect(() => {
    // Headings alone would never fill the grid.
    if (folded.size > 0 && by !== undefined) return;
    if (onEnd && items.length > 0 && last >= rowCount - 1 - overscan) onEnd();
  }, [onEnd, last, items.length, rowCount, folded, by]);

  // New items come into sight.
  const before = useRef(added.length);
  useEffect(() => {
    if (added.length > before.current) {
      if (scroller.current) scroller.current.scrollTop = 0;
      setPlace((now) => ({ row: 0, column: Math.max(1, now?.column ?? 1) }));
    }
    before.current = added.length;
  }, [added.length]);

  const columnAt = (column: number): Column | undefined => (column <= pinned.length ? pinned[column - 1] : others[column - 1 - pinned.length]);
  const columnsShown = pinned.length + others.length;

  // go moves the keyboard to a cell and brings that into sight.
  const go = (to: Place) => {
    const next = { row: Math.max(-1, Math.min(rowCount - 1, to.row)), column: Math.max(0, Math.min(columnsShown, to.column)) };
    setPlace(next);
    const at = scroller.current;
    if (!at) return next;
    if (next.row >= 0) {
      const top = next.row * rowHeight;
      if (top < at.scrollTop) at.scrollTop = top;
      else if (top + rowHeight + headerHeight > at.scrollTop + at.clientHeight) at.scrollTop = top + rowHeight + headerHeight - at.clientHeight;
    }
    const stays = sticky ? pinnedWidth : 0;
    const i = next.column - pinned.length - 1;
    if (i < 0) {
      if (!sticky || next.column === 0) at.scrollLeft = next.column <= 1 ? 0 : at.scrollLeft;
      return next;
    }
    const left = pinnedWidth + others.slice(0, i).reduce((sum, c) => sum + c.width, 0);
    const width = others[i]?.width ?? 0;
    if (left - stays < at.scrollLeft) at.scrollLeft = left - stays;
    else if (left + width > at.scrollLeft + at.clientWidth) at.scrollLeft = Math.min(left - stays, left + width - at.clientWidth);
    return next;
  };

  // withAll does something that needs all rows when they are there.
  const latest = useRef({ items });
  latest.current = { items };
  const [waiting, setWaiting] = useState(false);
  const withAll = (what: string, then: () => void) => {
    if (!items.dropped || !onWhole) return then();
    setWaiting(true);
    void onWhole(what).then((all) => {
      if (all) then();
      setWaiting(false);
    });
  };
  const needsAll = waiting || selection.size > 0 || sort !== undefined || by !== undefined;
  useEffect(() => onHold?.(needsAll), [onHold, needsAll]);

  const idsOf = (group: Group) => group.places.map((place) => rowIdentity(items.at(place) ?? noItem, keys, place));
  const fold = ({ id }: Group) => {
    const next = new Set(folded);
    if (!next.delete(id)) next.add(id);
    setFolded(next);
  };
  const foldAll = () => setFolded(new Set(grouping?.groups.map((g) => g.id)));
  const selectedOf = (group: Group): "all" | "some" | "none" => {
    if (selection.size === 0) return "none";
    const n = idsOf(group).filter((id) => selection.has(id)).length;
    return n === 0 ? "none" : n === group.places.length ? "all" : "some";
  };

  const toggle = (row: number) => {
    if (isNew(row)) return;
    const next = new Set(selection);
    const group = groupAt(row);
    if (group) {
      const ids = idsOf(group);
      const all = ids.every((id) => next.has(id));
      for (const id of ids) if (all) next.delete(id); else next.add(id);
      select(next);
      return;
    }
    const id = idAt(row);
    if (!next.delete(id)) next.add(id);
    anchor.current = row;
    select(next);
  };
  const range = (row: number) => {
    const [from, to] = [Math.min(anchor.current, row), Math.max(anchor.current, row)];
    const choose = () => {
      const next = new Set<string>();
      for (let i = from; i <= to; i++) if (!isNew(i) && !groupAt(i)) next.add(idAt(i));
      select(next);
    };
    if (Array.from({ length: to - from + 1 }).every((_, i) => itemAt(from + i))) choose();
    else withAll("Selecting", choose);
  };
  const selectAll = () => withAll("Selecting", () => select(new Set(Array.from(inMemory(latest.current.items), ([item, i]) => rowIdentity(item, keys, i)))));
  const selectAllOrNone = () => (allSelected ? select(new Set()) : selectAll());
  const selected = () => Array.from(inMemory(items)).flatMap(([item, i]) => (selection.has(rowIdentity(item, keys, i)) ? [item] : []));
  const allSelected = items.length > 0 && selection.size >= items.length;

  const sortBy = (column: string, descending: boolean) => withAll("Sorting", () => setSort({ name: column, descending }));
  const sortNext = (column: string) => {
    if (sort?.name !== column) return sortBy(column, false);
    return sort.descending ? setSort(undefined) : sortBy(column, true);
  };

  // shownAt returns the value that a cell shows.
  const shownAt = (row: number, column: string): Value | undefined => {
    const changes = staging?.get(idAt(row))?.changes;
    const item = itemAt(row);
    return changes?.has(column) ? changes.get(column) : item && own(item, column);
  };
  const cellAt = ({ row, column }: Place): Cell | undefined => {
    const item = itemAt(row);
    const name = columnAt(column)?.name;
    const v = name === undefined || row < 0 ? undefined : shownAt(row, name);
    // What is staged decides, not what was loaded.
    return item && name !== undefined ? { item: { ...item, ...(v ? { [name]: v } : {}) }, name, isNew: isNew(row), partial: partial && !v } : undefined;
  };

  // edit changes a cell in its place, or says why not.
  const edit = (where: Place): boolean => {
    const cell = cellAt(where);
    if (!onEdit || !cell) return false;
    const reason = whyNot(cell, keys);
    if (reason) {
      toast.message(reason);
      return false;
    }
    window.clearTimeout(opening.current);
    go(where);
    setEditing({ id: idAt(where.row), column: cell.name });
    return true;
  };
  const editable = (where: Place): boolean => {
    const cell = cellAt(where);
    return onEdit !== undefined && cell !== undefined && whyNot(cell, keys) === undefined;
  };
  const leaveEditor = () => {
    setEditing(undefined);
    scroller.current?.focus({ preventScroll: true });
  };
  const rowHandlers = useRef<RowHandlers>(undefined);
  rowHandlers.current = {
    commit: (item, id, column, value, then) => {
      onEdit?.(item, id, column, value);
      if (then === "stay") return setEditing(undefined);
      leaveEditor();
      if (active && then !== "save") go({ row: active.row + (then === "down" ? 1 : 0), column: active.column + (then === "right" ? 1 : 0) });
      // What is staged now is there after the next rendering.
      if (then === "save") window.setTimeout(() => saving.current?.());
    },
    check: (item, id, column, value) => check?.(id, item, column, value),
    cancel: (problem) => {
      if (problem === undefined) return leaveEditor();
      setEditing(undefined);
      toast.error("The cell is as it was", { description: problem });
    },
  };
  const saving = useRef(onSave);
  saving.current = onSave;
  const [onRow] = useState<RowHandlers>(() => ({
    commit: (...all) => rowHandlers.current?.commit(...all),
    check: (...all) => rowHandlers.current?.check(...all),
    cancel: (problem) => rowHandlers.current?.cancel(problem),
  }));

  // placeOf returns which cell an event is in. Rows that scroll are not asked what is
  // below the pointer, which takes long: then it is worked out.
  const placeOf = (e: { target: EventTarget; clientX: number; clientY: number }): Place | undefined => {
    const { target } = e;
    if (target === scroller.current && scroller.current) {
      const box = scroller.current.getBoundingClientRect();
      const [x, y] = [e.clientX - box.left, e.clientY - box.top - headerHeight + scroller.current.scrollTop];
      const row = Math.floor(y / rowHeight);
      if (e.clientY - box.top < headerHeight || row < 0 || row >= rowCount || x > scroller.current.clientWidth) return undefined;
      const left = sticky && x < pinnedWidth ? x : x + scroller.current.scrollLeft;
      const ends = [...pinned, ...others].reduce((all, c) => [...all, (all.at(-1) ?? 0) + c.width], [checkWidth]);
      const column = ends.findIndex((end) => left < end);
      return column < 0 ? undefined : { row, column };
    }
    const cell = target instanceof Element ? target.closest<HTMLElement>("[data-column]") : null;
    const row = cell?.closest<HTMLElement>("[data-row]");
    return cell && row ? { row: Number(row.dataset.row), column: Number(cell.dataset.column) } : undefined;
  };

  const openMenu = (at: Point, where: Place) => {
    go(where);
    setMenu({ at, place: where });
  };
  // menuAt opens the menu of the cell that has the keyboard, below it.
  const menuBelow = (where: Place) => {
    const box = document.getElementById(`${name}-active`)?.getBoundingClientRect();
    if (box) openMenu({ x: box.left + 8, y: box.bottom }, where);
  };

  const onClick = (e: MouseEvent) => {
    const where = placeOf(e);
    if (!where || (e.target as Element).closest("[data-editor]")) return;
    setPlace(where);
    if (where.row < 0) {
      if (where.column === 0) selectAllOrNone();
      return;
    }
    if (e.shiftKey) return range(where.row);
    const group = groupAt(where.row);
    if (group && where.column > 0) return fold(group);
    if (where.column === 0 || e.metaKey || e.ctrlKey) return toggle(where.row);
    anchor.current = where.row;
    const item = itemAt(where.row);
    if (!item || isNew(where.row) || e.detail > 1) return;
    window.clearTimeout(opening.current);
    // What opens beside the grid must not come under the second click of two.
    if (open === undefined && editable(where)) opening.current = window.setTimeout(() => onOpen(item), 250);
    else onOpen(item);
  };

  const onKeyDown = (e: KeyboardEvent) => {
    if (e.target !== e.currentTarget) return;
    const from = active ?? { row: 0, column: Math.min(1, columnsShown) };
    const far = e.ctrlKey || e.metaKey;
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 600) - headerHeight) / rowHeight) - 1);
    const moves: Record<string, () => Place> = {
      ArrowDown: () => ({ ...from, row: far ? rowCount - 1 : from.row + 1 }),
      ArrowUp: () => ({ ...from, row: far ? 0 : from.row - 1 }),
      ArrowRight: () => ({ ...from, column: far ? columnsShown : from.column + 1 }),
      ArrowLeft: () => ({ ...from, column: far ? 0 : from.column - 1 }),
      PageDown: () => ({ ...from, row: from.row + page }),
      PageUp: () => ({ ...from, row: Math.max(0, from.row - page) }),
      Home: () => ({ row: far ? 0 : from.row, column: 0 }),
      End: () => ({ row: far ? rowCount - 1 : from.row, column: columnsShown }),
    };
    const menuKey = e.key === "ContextMenu" || (e.key === "F10" && e.shiftKey) || (e.key === "ArrowDown" && e.altKey);
    const move = e.altKey || menuKey ? undefined : moves[e.key];
    const item = from.row >= 0 ? itemAt(from.row) : undefined;
    const column = columnAt(from.column);
    const group = groupAt(from.row);
    if (group && from.column > 0 && !e.shiftKey && !far && (e.key === "Enter" || e.key === " " || e.key === (folded.has(group.id) ? "ArrowRight" : "ArrowLeft"))) {
      fold(group);
    } else if (group && (e.key === "x" || (e.key === " " && from.column === 0)) && !far && !e.altKey) {
      toggle(from.row);
    } else if (from.row < 0 && e.shiftKey && !far && (e.key === "ArrowLeft" || e.key === "ArrowRight")) {
      if (column) shift(column, e.key === "ArrowLeft" ? -1 : 1);
    } else if (move) {
      const first = !active;
      const to = go(first && e.key.startsWith("Arrow") && !far ? from : move());
      if (e.shiftKey && to.row >= 0 && to.row !== from.row) range(to.row);
      else if (to.row >= 0 && !e.shiftKey) anchor.current = to.row;
    } else if (menuKey) {
      menuBelow(from);
    } else if (e.key === "Enter" && from.row < 0) {
      if (from.column === 0) selectAllOrNone();
      else if (column) sortNext(column.name);
    } else if (e.key === "F2" && item) {
      edit(from);
    } else if ((e.key === "Enter" || e.key === " ") && item && !far) {
      if (e.key === " " && from.column === 0) toggle(from.row);
      else if (isNew(from.row)) edit(from);
      else if (e.key === " " || !editable(from) || !edit(from)) onOpen(item);
    } else if (e.key === "x" && item && !far && !e.altKey) {
      toggle(from.row);
    } else if (e.key === "a" && far) {
      selectAll();
    } else if ((e.key === "Delete" || e.key === "Backspace") && isNew(from.row) && onForget) {
      onForget(idAt(from.row));
    } else if (e.key === "Escape" && selection.size > 0) {
      select(new Set());
    } else if ((e.key === "Delete" || e.key === "Backspace") && selection.size > 0 && onDelete) {
      onDelete();
    } else {
      return;
    }
    e.preventDefault();
    e.stopPropagation();
  };

  const cellEntries = (where: Place): Entry[] => {
    const group = groupAt(where.row);
    if (group) {
      const one = items.at(group.places[0] ?? -1);
      return [
        { text: folded.has(group.id) ? "Show its items" : "Hide its items", hint: "Enter", do: () => fold(group) },
        { text: selectedOf(group) === "all" ? "Take them out of the selection" : "Select its items", hint: "x", do: () => toggle(where.row) },
        ...(onFilter && one && group.value ? [{ text: "Query this partition", do: () => onFilter({ partition: one }) }] : []),
        "line",
        { text: "Show the items of all", do: () => setFolded(new Set()), disabled: folded.size === 0 },
        { text: "Hide the items of all", do: foldAll },
      ];
    }
    const item = itemAt(where.row);
    const column = columnAt(where.column)?.name;
    if (!item) return [];
    const v = column === undefined ? undefined : shownAt(where.row, column);
    const scalar = v && ("S" in v || "N" in v || "B" in v || "BOOL" in v || "NULL" in v);
    const partition = keys[0] !== undefined && own(item, keys[0]) !== undefined;
    const start = v && "S" in v ? (/^.+?[#/:|]/.exec(v.S)?.[0] ?? v.S) : "";
    const id = idAt(where.row);
    const change = onEdit && column !== undefined ? [{ text: "Change the value", hint: "F2", do: () => void edit(where), disabled: !editable(where) }] : [];
    const remove = onEdit && column !== undefined && v ? [{ text: "Remove the attribute", do: () => onEdit(item, id, column, undefined), disabled: keys.includes(column) && !isNew(where.row) }] : [];
    if (isNew(where.row)) {
      return [
        ...change,
        ...remove,
        ...(v ? [{ text: "Copy the value", do: () => void copyText(textOf(v), "The value") }] : []),
        ...(onForget ? ["line" as const, { text: "Take out the new item", hint: "Del", do: () => onForget(id) }] : []),
      ];
    }
    return [
      { text: "Open the item", hint: "Space", do: () => onOpen(item) },
      ...change,
      ...remove,
      { text: selection.has(idAt(where.row)) ? "Take out of the selection" : "Select", hint: "x", do: () => toggle(where.row) },
      ...(v ? [{ text: "Copy the value", do: () => void copyText(textOf(v), "The value") }] : []),
      { text: "Copy the item", entries: copyEntries(() => [item], () => columns.map((c) => c.name), table) },
      ...(onFilter && v && column !== undefined
        ? [
            "line" as const,
            ...(scalar
              ? [
                  { text: `${short(column)} = ${short(textOf(v))}`, do: () => onFilter({ attribute: column, op: "=", value: v }) },
                  { text: `${short(column)} ≠ ${short(textOf(v))}`, do: () => onFilter({ attribute: column, op: "<>", value: v }) },
                ]
              : []),
            ...(start ? [{ text: `${short(column)} begins with ${short(start)}`, do: () => onFilter({ attribute: column, op: "begins_with", value: { S: start } }) }] : []),
          ]
        : []),
      ...(onFilter && partition ? [{ text: "Query this partition", do: () => onFilter({ partition: item }) }] : []),
      ...(onFollow && v && column !== undefined && ("S" in v || "N" in v || "B" in v) ? [{ text: "Follow to a table…", do: () => onFollow(column, v) }] : []),
    ];
  };

  const columnEntries = (where: Place): Entry[] => {
    const column = columnAt(where.column);
    if (!column) return [];
    const isPinned = pinned.includes(column);
    const pins = pinned.map((c) => c.name);
    const wide = (width: number) => change({ ...layout, widths: { ...layout.widths, [column.name]: Math.max(narrowest, width) } });
    const natural = columns.find((c) => c.name === column.name)?.width ?? narrowest;
    return [
      { text: "Sort up, loaded rows only", do: () => sortBy(column.name, false) },
      { text: "Sort down, loaded rows only", do: () => sortBy(column.name, true) },
      "line",
      isPinned ? { text: "Let it scroll", do: () => change({ ...layout, pinned: pins.filter((n) => n !== column.name) }) } : { text: "Keep it in sight", do: () => change({ ...layout, pinned: [...pins, column.name] }) },
      { text: "Move left", hint: "Shift+←", do: () => shift(column, -1) },
      { text: "Move right", hint: "Shift+→", do: () => shift(column, 1) },
      "line",
      { text: "Wider", do: () => wide(column.width + 60) },
      { text: "Narrower", do: () => wide(column.width - 60) },
      { text: "As wide as its values", do: () => wide(natural) },
      "line",
      { text: "Hide", do: () => change({ ...layout, hidden: [...layout.hidden, column.name] }), disabled: columnsShown === 1 },
      { text: "Copy the name", do: () => void copyText(column.name, "The name") },
    ];
  };

  const view = (): Entry[] => [
    { text: `Group by ${short(keys[0] ?? "")}`, checked: layout.grouped ?? false, set: (on) => withAll("Grouping", () => change({ ...layout, grouped: on })) },
    { text: "Colour keys by what is before #", checked: layout.coloured ?? false, set: (on) => change({ ...layout, coloured: on }) },
    ...(grouping ? ["line" as const, { text: "Show the items of all", do: () => setFolded(new Set()), disabled: folded.size === 0 }, { text: "Hide the items of all", do: foldAll }] : []),
  ];

  const allColumns = (): Entry[] => [
    { text: "Show all", do: () => change({ ...layout, hidden: [] }), disabled: layout.hidden.length === 0 },
    { text: "As it was at first", do: () => change({ ...noLayout, grouped: layout.grouped, coloured: layout.coloured }) },
    ...(memory === undefined
      ? []
      : [
          "line" as const,
          ...readPresets(memory).map((preset) => ({ text: preset.name, entries: [{ text: "Take it", do: () => withAll("Grouping", () => change(preset.layout)) }, { text: "Forget it", do: () => keepPreset(memory, preset.name, undefined) }] })),
          { text: "Keep under a name…", do: () => setNaming(true) },
        ]),
    "line",
    ...columns.map((c): Entry => {
      const hidden = layout.hidden.includes(c.name);
      return { text: c.name, checked: !hidden, set: (on) => change({ ...layout, hidden: on ? layout.hidden.filter((n) => n !== c.name) : [...layout.hidden, c.name] }) };
    }),
  ];

  // shift moves a column, and the keyboard with it.
  const shift = (column: Column, by: -1 | 1) => {
    const next = moved(columns, keys, layout, column.name, by);
    if (next === layout) return;
    change(next);
    const now = arrange(columns, keys, next);
    go({ row: -1, column: [...now.pinned, ...now.others].findIndex((c) => c.name === column.name) + 1 });
    setSaid(`${column.name} is column ${[...now.pinned, ...now.others].findIndex((c) => c.name === column.name) + 1} of ${columnsShown}`);
  };

  // drag moves a column with the pointer; a pointer that hardly moves has clicked.
  const drag = (e: PointerEvent<HTMLElement>, column: Column) => {
    if (e.button !== 0 || e.pointerType === "touch") return;
    const from = e.clientX;
    let to: typeof drop;
    const move = (now: globalThis.PointerEvent) => {
      const box = scroller.current?.getBoundingClientRect();
      if (!box || (!to && Math.abs(now.clientX - from) < 6)) return;
      const header = document.elementsFromPoint(now.clientX, box.top + headerHeight / 2).find((el) => el.getAttribute("role") === "columnheader");
      const beside = columnAt(Number(header?.getAttribute("data-column") ?? 0));
      if (now.clientX > box.right - 24 && scroller.current) scroller.current.scrollLeft += 24;
      if (now.clientX < box.left + 24 + (sticky ? pinnedWidth : 0) && now.clientX < from && scroller.current) scroller.current.scrollLeft -= 24;
      if (!header || !beside) return;
      const at = header.getBoundingClientRect();
      const after = now.clientX > at.left + at.width / 2;
      to = { x: (after ? at.right : at.left) - box.left + (scroller.current?.scrollLeft ?? 0), name: beside.name, after };
      setDrop(to);
    };
    const end = (dropped: boolean) => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
      window.removeEventListener("pointercancel", cancel);
      window.removeEventListener("keydown", escape, true);
      setDrop(undefined);
      if (!to) return;
      // What was dragged was not clicked.
      const swallow = (c: Event) => c.stopPropagation();
      window.addEventListener("click", swallow, { capture: true });
      window.setTimeout(() => window.removeEventListener("click", swallow, { capture: true }));
      if (dropped) change(put(columns, keys, layout, column.name, to.name, to.after));
    };
    const up = () => end(true);
    const cancel = () => end(false);
    const escape = (k: globalThis.KeyboardEvent) => {
      if (k.key !== "Escape") return;
      k.stopPropagation();
      end(false);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
    window.addEventListener("pointercancel", cancel);
    window.addEventListener("keydown", escape, true);
  };

  const resize = (e: PointerEvent<HTMLElement>, column: Column) => {
    e.preventDefault();
    const from = e.clientX;
    const handle = e.currentTarget;
    handle.setPointerCapture(e.pointerId);
    let next = layout;
    const move = (to: globalThis.PointerEvent) => {
      next = { ...layout, widths: { ...layout.widths, [column.name]: Math.max(narrowest, Math.round(column.width + to.clientX - from)) } };
      setLayout(next);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => { handle.removeEventListener("pointermove", move); keepLayout(memory, next); }, { once: true });
  };

  // Browsers tell of a paste where text is marked, which need not be in the grid.
  const pasting = useRef<(e: ClipboardEvent) => void>(undefined);
  pasting.current = (e) => {
    if (!onPaste || document.activeElement !== scroller.current) return;
    const from = active && active.column > 0 ? active.column : 1;
    const cell = active && active.row >= 0 && editable(active) ? cellAt(active) : undefined;
    const at = { columns: [...pinned, ...others].slice(from - 1), ...(cell && active ? { cell: { item: itemAt(active.row) ?? noItem, id: idAt(active.row), name: cell.name } } : {}) };
    if (onPaste(e.clipboardData?.getData("text/plain") ?? "", at)) e.preventDefault();
  };
  useEffect(() => {
    const onPasted = (e: ClipboardEvent) => pasting.current?.(e);
    document.addEventListener("paste", onPasted);
    return () => document.removeEventListener("paste", onPasted);
  }, []);

  const handlers = useRef({ sortNext, resize, openMenu, drag });
  handlers.current = { sortNext, resize, openMenu, drag };
  const [on] = useState<HeaderHandlers>(() => ({
    sort: (column) => handlers.current.sortNext(column),
    resize: (e, column) => handlers.current.resize(e, column),
    drag: (e, column) => handlers.current.drag(e, column),
    menu: (at, column) => handlers.current.openMenu(at, { row: -1, column }),
  }));
  const activeItem = active && active.row >= 0 ? itemAt(active.row) : undefined;
  const activeColumn = active ? columnAt(active.column) : undefined;
  const activeValue = active && activeItem && activeColumn ? shownAt(active.row, activeColumn.name) : undefined;

  return (
    <div className="flex min-h-0 min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        {selection.size > 0 ? (
          <>
            <span className="font-medium" role="status">
              {count(selection.size)} selected
            </span>
            {selectionActions}
            <MenuButton entries={() => copyEntries(selected, () => columns.map((c) => c.name), table)}>
              Copy <ChevronDown size={14} aria-hidden />
            </MenuButton>
            <IconButton label="Select nothing" onClick={() => select(new Set())}>
              <X size={16} aria-hidden />
            </IconButton>
          </>
        ) : null}
        {sort ? (
          <span className="flex items-center gap-1 text-muted" role="status">
            <span>
              Sorted by <span className="font-mono text-[13px] text-ink">{short(sort.name)}</span> {sort.descending ? "down" : "up"}, loaded rows only
            </span>
            <IconButton label="Do not sort" onClick={() => setSort(undefined)}>
              <X size={16} aria-hidden />
            </IconButton>
          </span>
        ) : null}
        <span className="flex-1" />
        {actions}
        {keys.length > 0 ? (
          <MenuButton entries={view}>
            <Rows3 size={16} aria-hidden /> View
          </MenuButton>
        ) : null}
        <MenuButton entries={allColumns}>
          <Columns3 size={16} aria-hidden /> Columns
          {layout.hidden.length > 0 ? <span className="text-muted">{layout.hidden.length} hidden</span> : null}
        </MenuButton>
      </div>

      <div
        ref={scroller}
        role="grid"
        dir="ltr" // in all languages: columns are counted from the left
        aria-label={label}
        aria-rowcount={more ? -1 : rowCount + 1}
        aria-colcount={columnsShown + 1}
        aria-multiselectable
        aria-activedescendant={active ? `${name}-active` : undefined}
        tabIndex={0}
        className="relative max-h-[70vh] overflow-auto rounded-md border border-line bg-panel [contain:strict]"
        style={{ height: rows.getTotalSize() + headerHeight + 2 + (frame.width > inSight ? 16 : 0), overflowAnchor: "none" }}
        onClick={onClick}
        onKeyDown={onKeyDown}
        onDoubleClick={(e) => {
          const where = placeOf(e);
          if (where && where.row >= 0 && where.column > 0 && !(e.target as Element).closest("[data-editor]")) edit(where);
        }}
        onMouseDown={(e) => {
          // Else a range of text would be selected with the rows.
          if (e.shiftKey) e.preventDefault();
        }}
        onContextMenu={(e) => {
          const where = placeOf(e) ?? active;
          if (!where) return;
          e.preventDefault();
          if (e.clientX === 0 && e.clientY === 0) menuBelow(where);
          else openMenu({ x: e.clientX, y: e.clientY }, where);
        }}
        onPointerOver={(e) => {
          const where = e.pointerType === "mouse" ? placeOf(e) : undefined;
          const cell = (e.target as Element).closest<HTMLElement>("[data-column]");
          if (!where || where.row < 0 || where.column === 0 || !cell) return;
          const column = columnAt(where.column);
          if (column) cell.title = hint(shownAt(where.row, column.name));
        }}
        onCopy={(e) => {
          if (e.target !== e.currentTarget && (e.target as Element).closest("[data-editor]")) return;
          if (window.getSelection()?.isCollapsed === false) return;
          const text =
            selection.size > 0
              ? formatted("TSV", selected(), columns.map((c) => c.name), table)
              : activeValue && textOf(activeValue);
          if (text === undefined) return;
          e.preventDefault();
          e.clipboardData.setData("text/plain", text);
        }}
      >
        {drop ? <div aria-hidden className="pointer-events-none absolute top-0 z-[4] w-0.5 bg-accent" style={{ left: drop.x - 1, height: headerHeight + rows.getTotalSize() }} /> : null}
        <Header frame={frame} active={active?.row === -1 ? active.column : -1} sort={sort} selected={allSelected ? "all" : selection.size > 0 ? "some" : "none"} name={name} on={on} />
        <div role="rowgroup" className={`relative ${rows.isScrolling || across.isScrolling ? "pointer-events-none" : ""}`} style={{ height: rows.getTotalSize(), width: frame.width }}>
          {virtualRows.map(({ index, start }) => {
            const item = itemAt(index);
            const group = groupAt(index);
            if (group && by !== undefined) {
              return <Heading key={`group ${group.id}`} group={group} at={index} start={start} frame={frame} columns={columnsShown} folded={folded.has(group.id)} selected={selectedOf(group)} active={active?.row === index ? active.column : -1} name={name} by={by} coloured={layout.coloured ?? false} more={more ?? false} />;
            }
            if (!item) return <Missing key={`missing ${index}`} at={index} start={start} width={frame.width} />;
            const id = idAt(index);
            return <Row key={id} item={item} at={index} start={start} id={id} frame={frame} selected={selection.has(id)} open={id === open} active={active?.row === index ? active.column : -1} name={name} staged={staging?.get(id)} problem={added[index]?.problem} coloured={coloured} editing={editing?.id === id && active?.row === index && columnAt(active.column)?.name === editing.column ? active.column : -1} on={onRow} />;
          })}
        </div>
      </div>
      <p className="sr-only" role="status">
        {said}
      </p>
      {naming ? (
        <NamePreset
          taken={readPresets(memory).map((p) => p.name)}
          close={() => setNaming(false)}
          keep={(as) => {
            keepPreset(memory, as, layout);
            setNaming(false);
            toast.success(`The columns are kept as “${as}”`);
          }}
        />
      ) : null}
      <ValueLine name={activeItem ? activeColumn?.name : undefined} value={activeValue} />
      <PointMenu
        at={menu?.at}
        label={menu && menu.place.row < 0 ? "Column" : "Cell"}
        entries={menu ? (menu.place.row < 0 ? columnEntries(menu.place) : cellEntries(menu.place)) : []}
        close={() => setMenu(undefined)}
        back={() => scroller.current}
      />
    </div>
  );
}

// NamePreset asks how the columns as they are now shall be called.
function NamePreset({ taken, close, keep }: { taken: readonly string[]; close: () => void; keep: (name: string) => void }) {
  const [name, setName] = useState("");
  const as = name.trim();
  return (
    <Dialog open close={close} title="Keep these columns" text="Their order, their widths, which of them are hidden and which stay in sight are kept in this browser, for this table.">
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          if (as) keep(as);
        }}
      >
        <TextField label="Name" value={name} onChange={(e) => setName(e.target.value)} autoFocus maxLength={60} hint={taken.includes(as) ? "It takes the place of the one that has this name." : undefined} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={!as}>
            Keep
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface HeaderHandlers {
  sort: (column: string) => void;
  resize: (e: PointerEvent<HTMLElement>, column: Column) => void;
  drag: (e: PointerEvent<HTMLElement>, column: Column) => void;
  menu: (at: Point, column: number) => void;
}

const Header = memo(function Header({ frame, active, sort, selected, name, on }: { frame: Frame; active: number; sort?: Sort; selected: "all" | "some" | "none"; name: string; on: HeaderHandlers }) {
  const cell = ({ column, at, style }: Placed) => {
    const sorted = sort?.name === column.name ? sort : undefined;
    const Arrow = sorted?.descending ? ArrowDown : ArrowUp;
    return (
      <div
        key={column.name}
        role="columnheader"
        aria-colindex={at + 1}
        aria-sort={sorted ? (sorted.descending ? "descending" : "ascending") : undefined}
        data-column={at}
        id={active === at ? `${name}-active` : undefined}
        style={style}
        className={`relative flex shrink-0 items-center gap-1.5 border-e border-line/60 ps-3 ${active === at ? ring : ""}`}
      >
        <button type="button" tabIndex={-1} className="flex min-w-0 cursor-pointer items-center gap-1 font-medium" title={`${column.name}\nClick: sort, loaded rows only\nDrag: move the column`} onPointerDown={(e) => on.drag(e, column)} onClick={() => on.sort(column.name)}>
          <span className="truncate">{column.name}</span>
          {sorted ? <Arrow size={14} className="shrink-0" aria-hidden /> : null}
        </button>
        <TypeChip types={column.types} />
        <span className="flex-1" />
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Column ${column.name}`}
          aria-haspopup="menu"
          className="me-1.5 flex size-6 shrink-0 cursor-pointer items-center justify-center rounded text-muted hover:bg-raised hover:text-ink"
          onClick={(e) => {
            const box = e.currentTarget.getBoundingClientRect();
            on.menu({ x: box.left, y: box.bottom }, at);
          }}
        >
          <ChevronDown size={14} aria-hidden />
        </button>
        <span aria-hidden className="absolute inset-y-0 -right-1 z-[2] w-2 cursor-col-resize touch-none hover:bg-accent/40" onPointerDown={(e) => on.resize(e, column)} onClick={(e) => e.stopPropagation()} />
      </div>
    );
  };
  return (
    <div role="rowgroup" className="sticky top-0 z-[3]" style={{ width: frame.width }}>
      <div role="row" aria-rowindex={1} data-row={-1} className="flex border-b border-line bg-panel" style={{ height: headerHeight, width: frame.width }}>
        <div className={frame.sticky ? staying : "flex"}>
          <div role="columnheader" aria-colindex={1} data-column={0} id={active === 0 ? `${name}-active` : undefined} className={`${checkClass} ${active === 0 ? ring : ""}`} style={checkStyle}>
            <input
              type="checkbox"
              tabIndex={-1}
              aria-label="Select all that is loaded"
              checked={selected === "all"}
              readOnly
              ref={(box) => {
                if (box) box.indeterminate = selected === "some";
              }}
              className="size-4 accent-accent"
            />
          </div>
          {frame.pinned.map(cell)}
        </div>
        {frame.others.map(cell)}
      </div>
    </div>
  );
});

function short(text: string): string {
  return text.length > 28 ? `${text.slice(0, 27)}…` : text;
}

function TypeChip({ types }: { types: readonly Type[] }) {
  if (types.length === 0) return null;
  return (
    <abbr title={types.map((t) => typeNames[t]).join(", ")} className="shrink-0 rounded border border-line px-1 text-[11px] leading-4 font-normal text-muted no-underline">
      {types.length > 2 ? `${types[0]}, …` : types.join(", ")}
    </abbr>
  );
}

// frameOf places the columns in sight: those that stay first, each of the others as
// far from the one before as those that are not in sight are wide.
function frameOf(pinned: readonly Column[], others: readonly Column[], inSight: readonly VirtualItem[], sticky: boolean, width: number): Frame {
  let end = 0;
  return {
    pinned: pinned.map((column, i) => ({ column, at: i + 1, style: { width: column.width } })),
    sticky,
    others: inSight.flatMap(({ index, start, size }): Placed[] => {
      const column = others[index];
      if (!column) return [];
      const gap = start - end;
      end = start + size;
      return [{ column, at: pinned.length + index + 1, style: { width: size, ...(gap > 0 ? { marginLeft: gap } : {}) } }];
    }),
    width,
  };
}
