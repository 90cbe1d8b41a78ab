import { type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useMemo } from "react";
import { type Column, narrowest } from "./columns";
import { checkWidth, frameOf, headerHeight, rowHeight } from "./frame";

// A Place is a cell: row -1 is the header, column 0 has the boxes to check.
export interface Place {
  row: number;
  column: number;
}

export const overscan = 2;
// Rows and columns come and go some at once: most frames of a scroll only move what
// is drawn already.
const rowsAtOnce = 8;
const columnsAtOnce = 4;

// drawn returns what is drawn of what is in sight, with one more that has the keyboard.
function drawn({ startIndex, endIndex, overscan, count }: Range, atOnce: number, extra: number | undefined): number[] {
  const from = Math.floor(Math.max(0, startIndex - overscan) / atOnce) * atOnce;
  const to = Math.min(count, Math.ceil((endIndex + overscan + 1) / atOnce) * atOnce) - 1;
  const all = [];
  if (extra !== undefined && extra >= 0 && extra < from) all.push(extra);
  for (let i = from; i <= to; i++) all.push(i);
  if (extra !== undefined && extra > to && extra < count) all.push(extra);
  return all;
}

interface Props {
  scroller: RefObject<HTMLDivElement | null>;
  rowCount: number;
  pinned: readonly Column[];
  others: readonly Column[];
  active: Place | undefined;
}

// useViewport says which rows and columns of a grid are in sight, and where they are.
export function useViewport({ scroller, rowCount, pinned, others, active }: Props) {
  const rows = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan,
    initialRect: { width: 1200, height: 600 },
    rangeExtractor: (range) => drawn(range, rowsAtOnce, active?.row),
  });
  const across = useVirtualizer({
    horizontal: true,
    count: others.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => others[i]?.width ?? narrowest,
    overscan: 1,
    initialRect: { width: 1200, height: 600 },
    rangeExtractor: (range) => drawn(range, columnsAtOnce, active && active.column > pinned.length ? active.column - pinned.length - 1 : undefined),
  });
  useEffect(() => across.measure(), [across, others]);

  const pinnedWidth = pinned.reduce((sum, c) => sum + c.width, checkWidth);
  const width = across.scrollRect?.width ?? 1200;
  // Columns that stay must leave place for those that do not.
  const sticky = pinnedWidth <= width * 0.6;
  const virtualColumns = across.getVirtualItems();
  const othersWidth = across.getTotalSize();
  const frame = useMemo(() => frameOf(pinned, others, virtualColumns, sticky, pinnedWidth + othersWidth), [pinned, others, virtualColumns, sticky, pinnedWidth, othersWidth]);
  const staysWidth = sticky ? pinnedWidth : 0;

  return {
    rows: rows.getVirtualItems(),
    height: rows.getTotalSize(),
    width,
    frame,
    staysWidth,
    scrolls: rows.isScrolling || across.isScrolling,
    // reveal brings a cell into sight.
    reveal: ({ row, column }: Place) => {
      const at = scroller.current;
      if (!at) return;
      if (row >= 0) {
        const top = row * rowHeight;
        if (top < at.scrollTop) at.scrollTop = top;
        else if (top + rowHeight + headerHeight > at.scrollTop + at.clientHeight) at.scrollTop = top + rowHeight + headerHeight - at.clientHeight;
      }
      if (column === 0 || (column === 1 && !sticky)) at.scrollLeft = 0;
      if (column === 0 || (sticky && column <= pinned.length)) return;
      const all = [...pinned, ...others];
      const left = all.slice(0, column - 1).reduce((sum, c) => sum + c.width, checkWidth);
      const size = all[column - 1]?.width ?? 0;
      if (left - staysWidth < at.scrollLeft) at.scrollLeft = left - staysWidth;
      else if (left + size > at.scrollLeft + at.clientWidth) at.scrollLeft = Math.min(left - staysWidth, left + size - at.clientWidth);
    },
    // placeOf returns which cell an event is in. Rows that scroll are not asked what is
    // below the pointer, which takes long: then it is worked out.
    placeOf: ({ target, clientX, clientY }: { target: EventTarget; clientX: number; clientY: number }): Place | undefined => {
      const at = scroller.current;
      if (at && target === at) {
        const box = at.getBoundingClientRect();
        const [x, y] = [clientX - box.left, clientY - box.top - headerHeight + at.scrollTop];
        const row = Math.floor(y / rowHeight);
        if (clientY - box.top < headerHeight || row < 0 || row >= rowCount || x > at.clientWidth) return undefined;
        const left = x < staysWidth ? x : x + at.scrollLeft;
        const ends = [...pinned, ...others].reduce((all, c) => [...all, (all.at(-1) ?? 0) + c.width], [checkWidth]);
        const column = ends.findIndex((end) => left < end);
        return column < 0 ? undefined : { row, column };
      }
      const cell = target instanceof Element ? target.closest<HTMLElement>("[data-column]") : null;
      const row = cell?.closest<HTMLElement>("[data-row]");
      return cell && row ? { row: Number(row.dataset.row), column: Number(cell.dataset.column) } : undefined;
    },
    // A page is as many rows as are in sight, but one.
    page: () => Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 600) - headerHeight) / rowHeight) - 1),
  };
}

// stepOf returns where a key goes from a cell: far is to the end.
export function stepOf(key: string, far: boolean, from: Place, end: Place, page: number): Place | undefined {
  switch (key) {
    case "ArrowDown":
      return { ...from, row: far ? end.row : from.row + 1 };
    case "ArrowUp":
      return { ...from, row: far ? 0 : from.row - 1 };
    case "ArrowRight":
      return { ...from, column: far ? end.column : from.column + 1 };
    case "ArrowLeft":
      return { ...from, column: far ? 0 : from.column - 1 };
    case "PageDown":
      return { ...from, row: from.row + page };
    case "PageUp":
      return { ...from, row: Math.max(0, from.row - page) };
    case "Home":
      return { row: far ? 0 : from.row, column: 0 };
    case "End":
      return { row: far ? end.row : from.row, column: end.column };
    default:
      return undefined;
  }
}
