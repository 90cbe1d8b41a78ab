import { own, type Value } from "../model/value";
import type { Rows } from "../query/pages";

// A Group is the rows that have the same partition key.
export interface Group {
  id: string; // tells it from all others
  value: Value | undefined;
  places: readonly number[]; // of its rows, in the order in which they are shown
}

// Lines are what a grid shows of grouped rows: the place of a row, or -1 and less for
// the heading of the first group and those after it.
export interface Lines {
  lines: readonly number[];
  groups: readonly Group[];
}

function idOf(v: Value | undefined): string {
  if (!v) return "";
  if ("S" in v) return `S${v.S}`;
  if ("N" in v) return `N${v.N}`;
  return "B" in v ? `B${[...v.B].join()}` : JSON.stringify(v);
}

// grouped puts rows with the same value of an attribute under one heading each, where
// the first of them is. Of those in folded only the heading is shown.
export function grouped(items: Rows, order: readonly number[] | undefined, by: string, folded: ReadonlySet<string>): Lines {
  const groups = new Map<string, { id: string; value: Value | undefined; places: number[] }>();
  for (let i = 0; i < items.length; i++) {
    const place = order ? (order[i] as number) : i;
    const item = items.at(place);
    const value = item && own(item, by);
    const id = idOf(value);
    const group = groups.get(id);
    if (group) group.places.push(place);
    else groups.set(id, { id, value, places: [place] });
  }
  const lines: number[] = [];
  let n = 0;
  for (const group of groups.values()) {
    lines.push(-++n);
    if (!folded.has(group.id)) for (const place of group.places) lines.push(place);
  }
  return { lines, groups: [...groups.values()] };
}

// prefixOf returns what stands before the first # of a key, which in tables that hold
// items of several kinds often says the kind.
export function prefixOf(v: Value): string | undefined {
  return "S" in v ? /^([^#\s]{1,40})#/.exec(v.S)?.[1] : undefined;
}

const hues = [210, 25, 150, 285, 55, 180, 335, 100];

// colourOf returns a background for a prefix, the same one for the same prefix. Others
// may have it, too: the prefix itself stands on it.
export function colourOf(prefix: string): string {
  let sum = 7;
  for (let i = 0; i < prefix.length; i++) sum = (sum * 31 + prefix.charCodeAt(i)) >>> 0;
  return `color-mix(in srgb, hsl(${hues[sum % hues.length]} 80% 50%) 26%, var(--panel))`;
}
