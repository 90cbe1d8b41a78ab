import { useRef, useState } from "react";
import type { Item } from "../model/value";
import { inMemory, type Rows } from "../query/pages";
import type { Group } from "./groups";
import { rowIdentity, type Sheet } from "./sheet";

interface Props {
  sheet: Sheet;
  items: Rows;
  keys: readonly string[];
  given?: ReadonlySet<string>; // without it the selection is kept here
  onChange?: (selection: ReadonlySet<string>) => void;
  withAll: (what: string, then: () => void) => void;
}

export type Share = "all" | "some" | "none";

// useSelection keeps which items are selected, by their identities.
export function useSelection({ sheet, items, keys, given, onChange, withAll }: Props) {
  const [mine, setMine] = useState<ReadonlySet<string>>(new Set());
  const ids = given ?? mine;
  const set = onChange ?? setMine;
  const anchor = useRef(0); // where a range begins
  const latest = useRef(items);
  latest.current = items;

  const toggle = (row: number) => {
    if (sheet.isNew(row)) return;
    const next = new Set(ids);
    const group = sheet.group(row);
    if (group) {
      const its = sheet.idsOf(group);
      const all = its.every((id) => next.has(id));
      for (const id of its) if (all) next.delete(id); else next.add(id);
    } else {
      const id = sheet.id(row);
      if (!next.delete(id)) next.add(id);
      anchor.current = row;
    }
    set(next);
  };
  const range = (row: number) => {
    const [from, to] = [Math.min(anchor.current, row), Math.max(anchor.current, row)];
    const choose = () => {
      const next = new Set<string>();
      for (let i = from; i <= to; i++) if (!sheet.isNew(i) && !sheet.group(i)) next.add(sheet.id(i));
      set(next);
    };
    if (Array.from({ length: to - from + 1 }).every((_, i) => sheet.item(from + i))) choose();
    else withAll("Selecting", choose);
  };
  const all = () => withAll("Selecting", () => set(new Set(Array.from(inMemory(latest.current), ([item, i]) => rowIdentity(item, keys, i)))));
  const share: Share = items.length > 0 && ids.size >= items.length ? "all" : ids.size > 0 ? "some" : "none";
  return {
    ids,
    share,
    anchor,
    toggle,
    range,
    all,
    allOrNone: () => (share === "all" ? set(new Set()) : all()),
    clear: () => set(new Set()),
    items: (): Item[] => Array.from(inMemory(items)).flatMap(([item, i]) => (ids.has(rowIdentity(item, keys, i)) ? [item] : [])),
    shareOf: (group: Group): Share => {
      if (ids.size === 0) return "none";
      const n = sheet.idsOf(group).filter((id) => ids.has(id)).length;
      return n === 0 ? "none" : n === group.places.length ? "all" : "some";
    },
  };
}
