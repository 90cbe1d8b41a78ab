import { useQuery } from "@tanstack/react-query";
import { useLocation, useRouter } from "@tanstack/react-router";
import { X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { kept, useKept } from "../kept";
import { everywhere, useKey } from "../keys";
import { tableKey, tablesQuery } from "../server";
import { useAt } from "./at";
import { beside, moved, opened, type Tab, tabOf, tabs } from "./open";

// Tabs are the tables and pages that were looked at and not closed. A single one needs
// no line of its own.
export function Tabs() {
  const at = useAt();
  const { href } = useLocation();
  const router = useRouter();
  const tables = useQuery(tablesQuery).data;
  const [all, setAll] = useKept(tabs);
  const list = useRef<HTMLOListElement>(null);
  const now = tabOf(at, href);
  const current = now?.key;

  useEffect(() => {
    if (now) setAll(opened(kept(tabs), now));
    // What it is follows from the address.
    // oxlint-disable-next-line exhaustive-deps
  }, [current, now?.page, href, setAll]);
  // What is gone is closed, unless it is looked at.
  useEffect(() => {
    if (!tables) return;
    const there = new Set(tables.map(tableKey));
    const left = kept(tabs).filter((t) => !t.place || t.key === current || there.has(t.key));
    if (left.length < kept(tabs).length) setAll(left);
  }, [tables, current, setAll]);

  const show = (to: string) => router.history.push(to);
  const close = (key: string) => {
    const next = beside(all, key);
    setAll(all.filter((t) => t.key !== key));
    if (key === current) show(next?.href ?? "/");
    if (next && list.current?.contains(document.activeElement)) window.setTimeout(() => focus(list.current, next.key));
  };
  const step = (by: number) => {
    const i = all.findIndex((t) => t.key === current);
    const next = all[(i + by + all.length) % all.length];
    if (next) show(next.href);
  };
  const several = all.length > 1;
  useKey("g n", "Go to the next tab", () => step(1), { scope: everywhere, enabled: several });
  useKey("g h", "Go to the tab before", () => step(-1), { scope: everywhere, enabled: several });
  useKey("g w", "Close this tab", () => current && close(current), { scope: everywhere, enabled: several && current !== undefined });

  const onKey = (e: KeyboardEvent, tab: Tab) => {
    if (e.key === "Delete" || e.key === "Backspace") {
      e.preventDefault();
      close(tab.key);
    } else if (e.key === "ArrowLeft" || e.key === "ArrowRight") {
      const by = (e.key === "ArrowLeft") === list.current?.matches(":dir(rtl)") ? 1 : -1;
      e.preventDefault();
      if (!e.altKey) {
        focus(list.current, all[all.findIndex((t) => t.key === tab.key) + by]?.key);
        return;
      }
      setAll(moved(all, tab.key, by));
      window.setTimeout(() => focus(list.current, tab.key));
    }
  };

  if (!several) return null;
  const places = new Set(all.flatMap((t) => t.place ?? []));
  return (
    <nav aria-label="Open tabs" className="border-b border-line bg-panel">
      <ol ref={list} className="flex h-8 items-stretch overflow-x-auto px-2 [scrollbar-width:none]">
        {all.map((tab) => (
          <li key={tab.key} className={`group flex max-w-64 min-w-24 shrink items-center border-e border-line ps-3 text-[13px] ${tab.key === current ? "bg-raised text-ink" : "text-muted hover:text-ink"}`}>
            <a
              href={`#${tab.href}`}
              data-tab={tab.key}
              aria-current={tab.key === current ? "page" : undefined}
              aria-keyshortcuts="Delete Alt+ArrowLeft Alt+ArrowRight"
              title={[tab.name, tab.page, tab.place].filter(Boolean).join(", ")}
              className="min-w-0 flex-1 truncate"
              onKeyDown={(e) => onKey(e, tab)}
              onClick={(e) => {
                if (e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
                e.preventDefault();
                show(tab.href);
              }}
              onAuxClick={(e) => {
                if (e.button !== 1) return;
                e.preventDefault();
                close(tab.key);
              }}
            >
              {tab.name}
              {tab.page ? <span className="text-muted"> {tab.page}</span> : null}
              {places.size > 1 && tab.place ? <span className="text-muted"> {tab.place}</span> : null}
            </a>
            <button type="button" aria-label={`Close ${tab.name}`} tabIndex={-1} onClick={() => close(tab.key)} className="ms-1 flex size-6 shrink-0 cursor-pointer items-center justify-center rounded text-muted hover:text-ink">
              <X size={13} aria-hidden />
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function focus(list: HTMLElement | null, key: string | undefined) {
  if (key !== undefined) list?.querySelector<HTMLElement>(`[data-tab="${CSS.escape(key)}"]`)?.focus();
}
