import { useLocation, useRouter } from "@tanstack/react-router";
import type { Place } from "../server";

// TablePage is a page of a table: what follows the table in the address, and the
// letter that follows g to go there.
export interface TablePage {
  path: string;
  name: string;
  letter?: string; // none of a single item's page
}

// pages are those of a table, in the order of its tabs.
export const pages: readonly TablePage[] = [
  { path: "", name: "Items", letter: "i" },
  { path: "indexes", name: "Indexes", letter: "x" },
  { path: "stream", name: "Stream", letter: "s" },
  { path: "ttl", name: "Time to live", letter: "t" },
  { path: "metrics", name: "Metrics", letter: "m" },
  { path: "replicas", name: "Replicas", letter: "r" },
  { path: "edit", name: "Settings", letter: "e" },
];

const others: Record<string, string> = { "/create": "Create table", "/partiql": "PartiQL", "/settings": "Settings" };

// At is where the browser is.
export interface At {
  path: string;
  // The table whose page it is, if it is one.
  table?: Place & { name: string };
  // Where the page is, if it says so.
  place?: Place;
  // The page of the table, or the name of the page that is no table's.
  page?: TablePage;
  title?: string;
}

export function useAt(): At {
  const location = useLocation();
  const pathname = location.pathname;
  const search = location.search as { account?: unknown; region?: unknown };
  // Of the path alone: the parameters of the route may still be those of before.
  const [, first, account, region, name, last = ""] = pathname.split("/").map(decoded);
  if (first === "t" && account && region && name) {
    const table = { account, region, name };
    return { path: pathname, table, place: table, page: pages.find((p) => p.path === last) ?? { path: last, name: last === "item" ? "Item" : last } };
  }
  const place = typeof search.account === "string" && typeof search.region === "string" ? { account: search.account, region: search.region } : undefined;
  return { path: pathname, place, title: others[pathname] };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// useGo returns what leads to a page of a table.
export function useGo() {
  const router = useRouter();
  return (table: Place & { name: string }, page = "") =>
    void router.navigate({ to: `/t/$account/$region/$table${page && `/${page}`}`, params: { account: table.account, region: table.region, table: table.name } } as never);
}
