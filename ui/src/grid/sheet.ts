import { identity, type Item, own } from "../model/value";
import type { Rows } from "../query/pages";
import type { Group, Lines } from "./groups";

// Added is an item that is staged and not there yet.
export interface Added {
  id: string;
  problem?: string; // why it cannot be saved
}

// rowIdentity tells an item of a grid from all others: by its key, or by its place if
// it does not have all of that, as in the results of a projection.
export function rowIdentity(item: Item, keys: readonly string[], at: number): string {
  return keys.length > 0 && keys.every((name) => own(item, name)) ? identity(item, keys) : `#${at}`;
}

const noItem: Item = {};

// A Sheet says what the rows of a grid are.
export type Sheet = ReturnType<typeof sheetOf>;

// sheetOf returns the rows from the first: new items, then those that are loaded, in an
// order, or under headings if they are grouped.
export function sheetOf(items: Rows, keys: readonly string[], added: readonly Added[], order: readonly number[] | undefined, grouping: Lines | undefined) {
  const line = (row: number) => grouping?.lines[row - added.length];
  const place = (row: number) => (grouping ? Math.max(-1, line(row) ?? -1) : order ? (order[row - added.length] ?? -1) : row - added.length);
  const isNew = (row: number) => row >= 0 && row < added.length;
  const item = (row: number): Item | undefined => (row < 0 ? undefined : isNew(row) ? noItem : place(row) < 0 ? undefined : items.at(place(row)));
  return {
    rows: added.length + (grouping ? grouping.lines.length : items.length),
    groups: grouping?.groups,
    isNew,
    // item is undefined in the header, at a heading, and where it is dropped from memory; a
    // new item has nothing but what is staged.
    item,
    id: (row: number): string => added[row]?.id ?? rowIdentity(item(row) ?? noItem, keys, place(row)),
    problem: (row: number) => added[row]?.problem,
    // group is what a heading is of.
    group: (row: number): Group | undefined => {
      const at = line(row);
      return at !== undefined && at < 0 ? grouping?.groups[-at - 1] : undefined;
    },
    first: (group: Group): Item | undefined => items.at(group.places[0] ?? -1),
    idsOf: (group: Group): string[] => group.places.map((at) => rowIdentity(items.at(at) ?? noItem, keys, at)),
  };
}
