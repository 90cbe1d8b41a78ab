import type { Kept } from "../kept";
import type { At } from "./at";

// A Tab is a table, or a page that is no table's, as it was last looked at: its address
// holds the query.
export interface Tab {
  key: string;
  name: string; // of the table or page
  place?: string; // the region, and the account if it is not the usual one
  page?: string; // of the table, if it is not the first
  href: string;
}

export const most = 12;

const text = (v: unknown) => v === undefined || typeof v === "string";

export const tabs: Kept<readonly Tab[]> = {
  name: "stator.tabs",
  initial: [],
  read: (stored) => (Array.isArray(stored) && stored.every((t: Tab | null) => t && typeof t.key === "string" && typeof t.name === "string" && typeof t.href === "string" && text(t.place) && text(t.page)) ? (stored as Tab[]).slice(0, most) : undefined),
};

// tabOf returns the tab of where the browser is. The overview has none, and nothing that
// is typed to make a table is in an address.
export function tabOf(at: At, href: string): Tab | undefined {
  if (at.table) {
    const { account, region, name } = at.table;
    return { key: `${account}/${region}/${name}`, name, place: account === "000000000000" ? region : `${region}, ${account}`, ...(at.page?.path ? { page: at.page.name } : {}), href };
  }
  return at.title && at.path !== "/create" ? { key: at.path, name: at.title, href } : undefined;
}

// opened returns the tabs with one that is shown now: in its place if it is there. Of
// too many the oldest goes.
export function opened(all: readonly Tab[], tab: Tab): readonly Tab[] {
  if (all.some((t) => t.key === tab.key)) return all.map((t) => (t.key === tab.key ? tab : t));
  return [...all, tab].slice(-most);
}

// moved returns the tabs with one some places further.
export function moved(all: readonly Tab[], key: string, by: number): readonly Tab[] {
  const from = all.findIndex((t) => t.key === key);
  const to = from + by;
  const tab = all[from];
  if (!tab || to < 0 || to >= all.length) return all;
  const rest = all.toSpliced(from, 1);
  return rest.toSpliced(to, 0, tab);
}

// beside returns the tab that is shown when one is closed.
export function beside(all: readonly Tab[], key: string): Tab | undefined {
  const i = all.findIndex((t) => t.key === key);
  return all[i + 1] ?? all[i - 1];
}
