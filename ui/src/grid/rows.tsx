import { ChevronDown, ChevronRight, Plus, TriangleAlert } from "lucide-react";
import { memo } from "react";
import { plural } from "../format";
import { type Item, own, textOf, type Value } from "../model/value";
import { shown } from "./cell";
import { checkClass, checkStyle, type Frame, type Placed, ring, rowHeight, staying } from "./frame";
import { colourOf, type Group, prefixOf } from "./groups";
import { CellEditor } from "./staged";
import type { Staged } from "./staging";

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

export interface RowHandlers {
  commit: (item: Item, id: string, column: string, value: Value, then: "stay" | "down" | "right" | "save") => void;
  check: (item: Item, id: string, column: string, value: Value) => string | undefined;
  cancel: (problem?: string) => void;
}

export const Row = memo(function Row({ item, at, start, id, frame, selected, open, active, name, staged, problem, coloured, editing, on }: RowProps) {
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
export const Heading = memo(function Heading({ group, at, start, frame, columns, folded, selected, active, name, by, coloured, more }: HeadingProps) {
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
export function Missing({ at, start, width }: { at: number; start: number; width: number }) {
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
