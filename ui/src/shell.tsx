import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { Keyboard, Monitor, Moon, PanelBottom, PanelLeft, Search, Sun } from "lucide-react";
import { Dialog } from "radix-ui";
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { Toaster } from "sonner";
import { readOnly } from "./given";
import { flag, type Kept, useKept } from "./kept";
import { ariaKeys, everywhere, listen, names, useKey } from "./keys";
import { IconButton } from "./parts/button";
import { pages, useAt, useGo } from "./shell/at";
import { Bar } from "./shell/bar";
import { Connection } from "./shell/connection";
import { Crumbs } from "./shell/crumbs";
import { Help, Strokes } from "./shell/help";
import { Rail } from "./shell/rail";
import { Rate } from "./shell/rate";
import { visit } from "./shell/recent";
import { Tabs } from "./shell/tabs";
import { tableKey } from "./server";
import { logShown } from "./shell/uses";
import { useTheme, type Theme } from "./theme";

const next: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

const loadPalette = () => import("./shell/palette");
const Palette = lazy(loadPalette);
const Log = lazy(() => import("./shell/log"));

const railShown: Kept<boolean> = { name: "stator.rail", initial: true, read: flag };

const wide = window.matchMedia("(min-width: 1024px)");

function useWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      wide.addEventListener("change", listener);
      return () => wide.removeEventListener("change", listener);
    },
    () => wide.matches,
  );
}

// Shell is what stands around every page.
export function Shell() {
  const [theme, setTheme] = useTheme();
  const [shown, setShown] = useKept(railShown);
  const [drawer, setDrawer] = useState(false);
  const [help, setHelp] = useState(false);
  const [palette, setPalette] = useState(false);
  const [logging, setLogging] = useKept(logShown);
  const beside = useWide();
  const at = useAt();

  useEffect(() => listen(window), []);
  // Who presses its key types on at once: it is there before.
  useEffect(() => {
    const timer = window.setTimeout(() => void loadPalette().catch(() => {}), 500);
    return () => window.clearTimeout(timer);
  }, []);
  useEffect(() => setDrawer(false), [at.path, beside]);
  const visited = at.table && tableKey(at.table);
  useEffect(() => {
    if (visited) visit(visited);
  }, [visited]);
  const toggle = () => (beside ? setShown(!shown) : setDrawer(!drawer));
  useKey("mod+b", "Show or hide the list of tables", toggle, { scope: everywhere });
  useKey("mod+k", "Go to a table, a page, or do something", () => setPalette(!palette), { scope: everywhere });
  useKey("mod+j", "Show or hide the request log", () => setLogging(!logging), { scope: everywhere });
  useKey("?", "Show this list", () => setHelp(true), { scope: everywhere });

  const Icon = { system: Monitor, light: Sun, dark: Moon }[theme];
  const open = beside ? shown : drawer;
  return (
    <div className="flex min-h-screen flex-col">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-40 focus:m-2 focus:bg-panel focus:p-2" onClick={(e) => { e.preventDefault(); document.getElementById("main")?.focus(); }}>
        Skip to the page
      </a>
      <header className="sticky top-0 z-20 flex h-12 items-center gap-2 border-b border-line bg-panel px-2 sm:px-3">
        <IconButton label={open ? "Hide the list of tables" : "Show the list of tables"} aria-expanded={open} aria-keyshortcuts={ariaKeys("mod+b")} onClick={toggle}>
          <PanelLeft size={16} aria-hidden />
        </IconButton>
        <Link to="/" className="flex items-center gap-2 font-semibold">
          <img src="./icon.svg" alt="" width={22} height={22} />
          stator
        </Link>
        <Crumbs />
        <span className="flex-1" />
        <Rate />
        {readOnly ? (
          <span className="rounded-md border border-line px-2 py-0.5 text-muted" title="The server was started with --ui-read-only: this browser changes nothing">
            Read only
          </span>
        ) : null}
        <button
          type="button"
          onClick={() => setPalette(true)}
          aria-keyshortcuts={ariaKeys("mod+k")}
          className="flex h-8 cursor-pointer items-center gap-2 rounded-md border border-line px-2 text-muted hover:bg-raised hover:text-ink"
        >
          <Search size={14} aria-hidden />
          <span className="sr-only md:not-sr-only">Go to…</span>
          <span aria-hidden className="hidden md:inline">
            <Strokes keys="mod+k" />
          </span>
        </button>
        <IconButton label={logging ? "Hide the request log" : "Show the request log"} aria-expanded={logging} aria-keyshortcuts={ariaKeys("mod+j")} onClick={() => setLogging(!logging)}>
          <PanelBottom size={16} aria-hidden />
        </IconButton>
        <IconButton label={`Keys (${names("?").join(" ")})`} aria-keyshortcuts="?" onClick={() => setHelp(true)}>
          <Keyboard size={16} aria-hidden />
        </IconButton>
        <IconButton label={`Theme: ${theme}. Change to ${next[theme]}`} onClick={() => setTheme(next[theme])}>
          <Icon size={16} aria-hidden />
        </IconButton>
      </header>
      <Connection />
      <div className="flex min-w-0 flex-1">
        {beside && shown ? (
          <div className="sticky top-12 h-[calc(100vh-4.75rem)] w-72 shrink-0 border-e border-line bg-panel">
            <Rail />
          </div>
        ) : null}
        <Dialog.Root open={!beside && drawer} onOpenChange={setDrawer}>
          <Dialog.Portal>
            <Dialog.Overlay className="fixed inset-0 z-30 bg-black/50" />
            <Dialog.Content aria-describedby={undefined} className="fixed inset-y-0 start-0 z-40 w-80 max-w-[85vw] border-e border-line bg-panel shadow-xl">
              <Dialog.Title className="sr-only">Pages and tables</Dialog.Title>
              <Rail close={() => setDrawer(false)} />
            </Dialog.Content>
          </Dialog.Portal>
        </Dialog.Root>
        <div className="flex min-w-0 flex-1 flex-col">
          <Tabs />
          <main id="main" tabIndex={-1} className="flex w-full min-w-0 flex-1 flex-col p-4 outline-none sm:p-6">
            <Outlet />
          </main>
        </div>
      </div>
      {logging ? <div aria-hidden className="h-[40vh] shrink-0" /> : null}
      <Bar />
      <Suspense>
        {logging ? <Log close={() => setLogging(false)} /> : null}
        {palette ? (
          <Palette
            close={() => setPalette(false)}
            actions={[
              { name: `Theme: ${next[theme]}`, run: () => setTheme(next[theme]) },
              { name: open ? "Hide the list of tables" : "Show the list of tables", run: toggle, keys: "mod+b" },
              { name: logging ? "Hide the request log" : "Show the request log", run: () => setLogging(!logging), keys: "mod+j" },
              { name: "Show the keys", run: () => setHelp(true), keys: "?" },
            ]}
          />
        ) : null}
      </Suspense>
      <Paths />
      <Help open={help} close={() => setHelp(false)} />
      <Toaster theme={theme} position="bottom-right" offset={{ bottom: "2.75rem", right: "1.5rem" }} richColors closeButton />
    </div>
  );
}

// Paths has the keys that lead to pages.
function Paths() {
  const at = useAt();
  const navigate = useNavigate();
  useKey("g o", "Go to the overview", () => void navigate({ to: "/" }), { scope: everywhere });
  useKey("g p", "Go to PartiQL", () => void navigate({ to: "/partiql", search: at.place ?? {} }), { scope: everywhere });
  return <>{at.table ? pages.map((p) => (p.letter ? <Path key={p.path} keys={`g ${p.letter}`} name={p.name} page={p.path} /> : null)) : null}</>;
}

function Path({ keys, name, page }: { keys: string; name: string; page: string }) {
  const { table } = useAt();
  const go = useGo();
  useKey(keys, `Go to ${name}`, () => table && go(table, page), { scope: "A table" });
  return null;
}

export function NotFound() {
  return (
    <div className="py-16 text-center">
      <h1 className="text-lg font-semibold">There is no such page</h1>
      <p className="mt-2 text-muted">
        All tables are in the{" "}
        <Link to="/" className="text-accent underline">
          overview
        </Link>
        .
      </p>
    </div>
  );
}
