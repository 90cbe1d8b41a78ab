import { ArrowDown, ArrowUp, ChevronDown } from "lucide-react";
import { memo, type PointerEvent } from "react";
import { type Type, typeNames } from "../model/value";
import type { Point } from "../parts/menu";
import type { Column } from "./columns";
import { checkClass, checkStyle, type Frame, headerHeight, type Placed, ring, staying } from "./frame";
import type { Sort } from "./sort";

export interface HeaderHandlers {
  sort: (column: string) => void;
  resize: (e: PointerEvent<HTMLElement>, column: Column) => void;
  drag: (e: PointerEvent<HTMLElement>, column: Column) => void;
  menu: (at: Point, column: number) => void;
}

// Header names the columns; a column is sorted, moved and resized there.
export const Header = memo(function Header({ frame, active, sort, selected, name, on }: { frame: Frame; active: number; sort?: Sort; selected: "all" | "some" | "none"; name: string; on: HeaderHandlers }) {
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

function TypeChip({ types }: { types: readonly Type[] }) {
  if (types.length === 0) return null;
  return (
    <abbr title={types.map((t) => typeNames[t]).join(", ")} className="shrink-0 rounded border border-line px-1 text-[11px] leading-4 font-normal text-muted no-underline">
      {types.length > 2 ? `${types[0]}, …` : types.join(", ")}
    </abbr>
  );
}
