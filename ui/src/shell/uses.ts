import { flag, keep, type Kept } from "../kept";
import type { Item } from "../model/value";
import type { Place } from "../server";

export const logShown: Kept<boolean> = { name: "stator.log", initial: false, read: flag };

// A Used is an item whose requests are wanted: its key is enough.
export interface Used {
  place: Place;
  table: string;
  key: Item;
}

let used: Used | undefined;
const listeners = new Set<() => void>();

// uses is for useSyncExternalStore: the item whose requests the log shows, if it does
// not show all.
export const uses = {
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  snapshot: () => used,
  of: (item: Used | undefined) => {
    used = item;
    for (const listener of listeners) listener();
  },
};

// showUses opens the log with the requests of an item.
export function showUses(item: Used) {
  uses.of(item);
  keep(logShown, true);
}
