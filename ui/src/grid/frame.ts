import type { VirtualItem } from "@tanstack/react-virtual";
import type { Column } from "./columns";

export const rowHeight = 33;
export const headerHeight = 36;
export const checkWidth = 40;

// How what is in the header and in rows looks.
export const staying = "sticky left-0 z-[1] flex bg-inherit";
export const checkClass = "relative flex shrink-0 items-center justify-center";
export const checkStyle = { width: checkWidth };
export const ring = "outline-2 -outline-offset-2 outline-accent";

export interface Placed {
  column: Column;
  at: number; // its number among those shown, 1 is the first
  style: { width: number; marginLeft?: number };
}

// A Frame is where all cells of a row stand: that is the same in each row.
export interface Frame {
  pinned: readonly Placed[];
  sticky: boolean; // those stay while others scroll
  others: readonly Placed[];
  width: number;
}

// frameOf places the columns in sight: those that stay first, each of the others as
// far from the one before as those that are not in sight are wide.
export function frameOf(pinned: readonly Column[], others: readonly Column[], inSight: readonly VirtualItem[], sticky: boolean, width: number): Frame {
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
