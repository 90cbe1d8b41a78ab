import type { Kept } from "../kept";
import { conditionOf, type ItemsSearch, type Query } from "./model";
import { show } from "./tree";

// A Past is a query that was run: what is in the address for it, and a title.
export interface Past {
  title: string;
  search: ItemsSearch;
}

const most = 15;
const place = (table: string) => `stator.queries.${table}`;

// past returns the queries of a table that were run in this browser, the last one
// first.
export function past(table: string): Past[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place(table)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((p: unknown): p is Past => typeof p === "object" && p !== null && typeof (p as Past).title === "string" && typeof (p as Past).search === "object") : [];
  } catch {
    return [];
  }
}

// remember keeps a query among those that were run.
export function remember(table: string, search: ItemsSearch, query: Query) {
  const title = inWords(query);
  try {
    localStorage.setItem(place(table), JSON.stringify([{ title, search }, ...past(table).filter((p) => p.title !== title)].slice(0, most)));
  } catch {
    // Where nothing can be kept there is no history.
  }
}

// A Saved is a query that has a name: what is in the address for it.
export interface Saved {
  name: string;
  search: ItemsSearch;
}

// savedOf returns where the queries of a table are kept that have names, in their order.
export function savedOf(table: string): Kept<Saved[]> {
  return {
    name: `stator.saved.${table}`,
    initial: none,
    read: (stored) => (Array.isArray(stored) ? stored.filter((s: unknown): s is Saved => typeof s === "object" && s !== null && typeof (s as Saved).name === "string" && typeof (s as Saved).search === "object") : undefined),
  };
}

const none: Saved[] = [];

// withName returns saved queries with one under a name, in place of the one that had
// that name, and of the one called before if it was renamed.
export function withName(saved: readonly Saved[], one: Saved, before = one.name): Saved[] {
  return [...saved.filter((s) => s.name !== one.name && s.name !== before), one].toSorted((a, b) => a.name.localeCompare(b.name));
}

// inWords writes a query in one line.
export function inWords({ mode, source, where, projection, descending, page, consistent, segments, raw }: Query): string {
  const conditions = raw ? [raw.key, raw.filter].map((text) => text.trim()) : [show(conditionOf(where).tree)];
  return [
    ...(mode === "auto" ? [] : [mode === "scan" ? "Scan" : "Query"]),
    ...(source === undefined ? [] : [source === "" ? "the table" : source]),
    conditions.filter((text) => text !== "").join(" · ") || "all items",
    ...(projection.trim() === "" || raw ? [] : [`only ${projection.trim()}`]),
    ...(raw && raw.projection.trim() !== "" ? [`only ${raw.projection.trim()}`] : []),
    ...(descending ? ["descending"] : []),
    ...(consistent ? ["consistent"] : []),
    ...(page === 100 ? [] : [`pages of ${page}`]),
    ...(segments === 1 ? [] : [`${segments} segments`]),
  ].join(" · ");
}
