import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createHashHistory, createRootRoute, createRoute, createRouter, lazyRouteComponent, RouterProvider } from "@tanstack/react-router";
import { Direction } from "radix-ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./index.css";
import { Overview } from "./pages/overview";
import type { ItemsSearch } from "./query/model";
import { NotFound, Shell } from "./shell";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const overview = createRoute({ getParentRoute: () => root, path: "/", component: Overview });
const placeOf = ({ account, region }: Record<string, unknown>) => ({
  // In an address that somebody has typed an account looks like a number.
  ...(typeof account === "string" || typeof account === "number" ? { account: String(account) } : {}),
  ...(typeof region === "string" ? { region } : {}),
});
const create = createRoute({
  getParentRoute: () => root,
  path: "/create",
  component: lazyRouteComponent(() => import("./pages/create"), "CreateTable"),
  validateSearch: (search: Record<string, unknown>) => ({
    ...placeOf(search),
    ...(typeof search.from === "string" ? { from: search.from } : {}),
  }),
});

const partiql = createRoute({ getParentRoute: () => root, path: "/partiql", component: lazyRouteComponent(() => import("./pages/partiql"), "PartiQL"), validateSearch: placeOf });

const table = createRoute({ getParentRoute: () => root, path: "/t/$account/$region/$table", component: lazyRouteComponent(() => import("./pages/table"), "Table") });
const items = createRoute({ getParentRoute: () => table, path: "/", component: lazyRouteComponent(() => import("./pages/items"), "Items"), validateSearch: (search: Record<string, unknown>): ItemsSearch => search });
// A key in a link is DynamoDB JSON, an object; what is anything else is told there.
const item = createRoute({
  getParentRoute: () => table,
  path: "/item",
  component: lazyRouteComponent(() => import("./pages/item"), "Item"),
  validateSearch: ({ key, copy }: Record<string, unknown>): { key?: unknown; copy?: unknown; new?: true } =>
    key !== undefined ? { key } : copy !== undefined ? { copy } : { new: true },
});
const stream = createRoute({
  getParentRoute: () => table,
  path: "/stream",
  component: lazyRouteComponent(() => import("./pages/stream"), "Stream"),
  validateSearch: (search: Record<string, unknown>): { from?: "oldest" } => (search.from === "oldest" ? { from: "oldest" } : {}),
});
const ttl = createRoute({ getParentRoute: () => table, path: "/ttl", component: lazyRouteComponent(() => import("./pages/ttl"), "TimeToLive") });
const metrics = createRoute({ getParentRoute: () => table, path: "/metrics", component: lazyRouteComponent(() => import("./pages/metrics"), "Metrics") });
const indexes = createRoute({ getParentRoute: () => table, path: "/indexes", component: lazyRouteComponent(() => import("./pages/indexes"), "Indexes") });
const replicas = createRoute({ getParentRoute: () => table, path: "/replicas", component: lazyRouteComponent(() => import("./pages/replicas"), "Replicas") });
const edit = createRoute({ getParentRoute: () => table, path: "/edit", component: lazyRouteComponent(() => import("./pages/edit"), "Edit") });
const settings = createRoute({ getParentRoute: () => root, path: "/settings", component: lazyRouteComponent(() => import("./pages/settings"), "Settings") });

const router = createRouter({ routeTree: root.addChildren([overview, create, settings, partiql, table.addChildren([items, item, indexes, stream, ttl, metrics, replicas, edit])]), history: createHashHistory() });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

const queries = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 1000 } } });

const element = document.getElementById("root");
if (element) {
  createRoot(element).render(
    <StrictMode>
      <Direction.Provider dir={document.dir === "rtl" ? "rtl" : "ltr"}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </Direction.Provider>
    </StrictMode>,
  );
}
