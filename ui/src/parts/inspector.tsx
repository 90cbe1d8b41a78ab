import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Editor, type Handle } from "../editor/editor";
import { itemQuery, keyText } from "../editor/load";
import { type Kept, useKept } from "../kept";
import { useKey } from "../keys";
import { sourcesOf } from "../model/table";
import { identity, type Item, itemToWire, keyOf } from "../model/value";
import { messageOf, type Place, tableQuery } from "../server";
import { Button, IconButton } from "./button";
import { CancelWarning, Warning } from "./dialog";
import { Failure, Gone } from "./notice";
import { Skeleton } from "./panel";

export interface InspectorProps {
  place: Place;
  table: string;
  keys: readonly string[];
  item: Item; // its key is enough
  onClose: () => void;
  onChanged: () => void; // the item, or another one, was written
  onPrevious?: () => void;
  onNext?: () => void;
}

// Inspector shows one item beside others, to be changed. What is not saved is asked
// for before another one takes its place, however that one was chosen.
export function Inspector({ place, table, keys, item, onClose, onChanged, onPrevious, onNext }: InspectorProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const wanted = identity(item, keys);
  const [asked, setAsked] = useState(wanted);
  const [shown, setShown] = useState(item);
  const [dirty, setDirty] = useState(false);
  // What is to be done once nothing is unsaved.
  const [after, setAfter] = useState<{ go: () => void }>();
  const editor = useRef<Handle>(null);
  const id = identity(shown, keys);
  const loaded = useQuery(itemQuery(place, table, keys, shown));
  const description = useQuery(tableQuery(place, table)).data;
  const sources = useSources(description);

  const leave = useCallback(
    (go: () => void) => {
      if (dirty) setAfter({ go });
      else go();
    },
    [dirty],
  );
  const look = useCallback((at: Item) => {
    setDirty(false);
    setShown(at);
  }, []);
  // Another item was chosen.
  if (wanted !== asked) {
    setAsked(wanted);
    if (wanted !== id) {
      if (dirty) setAfter({ go: () => look(item) });
      else look(item);
    }
  }
  const { blocker, release } = useUnsaved(dirty);

  useKey("[", "Previous item", () => onPrevious && leave(onPrevious), { enabled: onPrevious !== undefined });
  useKey("]", "Next item", () => onNext && leave(onNext), { enabled: onNext !== undefined });
  const duplicate = (of: Item) => leave(() => void navigate({ to: "/t/$account/$region/$table/item", params: { ...place, table }, search: { copy: itemToWire(keyOf(of, keys)) } }));

  const put = (now: Item) => {
    setDirty(false);
    release();
    queries.setQueryData(itemQuery(place, table, keys, now).queryKey, now);
    setShown(now);
    onChanged();
  };

  return (
    <Side onClose={() => leave(onClose)}>
      <div className="flex items-center gap-1">
        <h2 className="min-w-0 flex-1 truncate text-base font-semibold" title={keyText(shown, keys)}>
          Item <span className="font-mono text-[13px] font-normal text-muted">{keyText(shown, keys)}</span>
        </h2>
        <IconButton label="Previous item" onClick={() => onPrevious && leave(onPrevious)} disabled={!onPrevious}>
          <ChevronUp size={16} aria-hidden />
        </IconButton>
        <IconButton label="Next item" onClick={() => onNext && leave(onNext)} disabled={!onNext}>
          <ChevronDown size={16} aria-hidden />
        </IconButton>
        <IconButton label="Close" onClick={() => leave(onClose)}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      {loaded.isError ? (
        <Failure title="The item cannot be read" message={messageOf(loaded.error)}>
          <Button onClick={() => void loaded.refetch()}>Try again</Button>
        </Failure>
      ) : null}
      {loaded.isPending || !sources ? <Skeleton rows={8} /> : null}
      {loaded.data === null ? (
        <Gone what="The item is gone" message="There is no item with this key any more.">
          <Button onClick={onChanged}>Read the items again</Button>
        </Gone>
      ) : null}
      {loaded.data && sources ? (
        <Editor
          key={id}
          ref={editor}
          place={place}
          table={table}
          sources={sources}
          base={loaded.data}
          onDirty={setDirty}
          onSaved={put}
          onDeleted={() => {
            setDirty(false);
            release();
            onChanged();
            onClose();
          }}
          onUndone={() => {
            void loaded.refetch();
            onChanged();
          }}
          onDuplicate={duplicate}
          onOpenPage={(of) => leave(() => void navigate({ to: "/t/$account/$region/$table/item", params: { ...place, table }, search: { key: itemToWire(keyOf(of, keys)) } }))}
        />
      ) : null}
      <Unsaved
        open={after !== undefined || blocker.status === "blocked"}
        stay={() => {
          setAfter(undefined);
          blocker.reset?.();
        }}
        discard={() => {
          setDirty(false);
          setAfter(undefined);
          release();
          after?.go();
          blocker.proceed?.();
        }}
        save={async () => {
          const [go, proceed] = [after?.go, blocker.proceed];
          setAfter(undefined);
          if (await editor.current?.save()) {
            go?.();
            proceed?.();
          } else {
            blocker.reset?.();
          }
        }}
      />
    </Side>
  );
}

// useSources returns what the table's description says can be read, the same as long
// as it says the same: it is asked again and again.
export function useSources(description: TableDescription | undefined) {
  const said = JSON.stringify([description?.KeySchema, description?.AttributeDefinitions, description?.GlobalSecondaryIndexes?.map((ix) => [ix.IndexName, ix.KeySchema]), description?.LocalSecondaryIndexes?.map((ix) => [ix.IndexName, ix.KeySchema])]);
  const kept = useRef<{ said: string; sources: ReturnType<typeof sourcesOf> }>(undefined);
  if (!description) return undefined;
  if (kept.current?.said !== said) kept.current = { said, sources: sourcesOf(description) };
  return kept.current.sources;
}

// useUnsaved holds the reader on the page while something is not saved. release lets
// go at once, for what leaves because it was saved.
export function useUnsaved(dirty: boolean) {
  const held = useRef(dirty);
  useLayoutEffect(() => {
    held.current = dirty;
  }, [dirty]);
  const blocker = useBlocker({
    // The same page with another query has the same panel beside it.
    shouldBlockFn: ({ current, next }) => held.current && (current.pathname !== next.pathname || current.fullPath.endsWith("/item")),
    enableBeforeUnload: () => held.current,
    withResolver: true,
  });
  return { blocker, release: () => { held.current = false; } };
}

interface UnsavedProps {
  open: boolean;
  stay: () => void;
  discard: () => void;
  save: () => Promise<void>;
}

// Unsaved asks what becomes of changes that would be lost.
export function Unsaved({ open, stay, discard, save }: UnsavedProps) {
  return (
    <Warning open={open} close={stay} title="There are changes that are not saved" text="They are lost if you go on without saving.">
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <CancelWarning />
        <Button kind="danger" onClick={discard}>
          Discard them
        </Button>
        <Button kind="primary" onClick={() => void save()}>
          Save and go on
        </Button>
      </div>
    </Warning>
  );
}

const least = 320;
const most = 1000;
const width: Kept<number> = { name: "stator.inspector", initial: 440, read: (stored) => (typeof stored === "number" ? Math.min(most, Math.max(least, stored)) : undefined) };

// Side is a panel at the right, as wide as one likes; over the page where that is
// narrow.
function Side({ onClose, children }: { onClose: () => void; children: React.ReactNode }) {
  const [wide, setWide] = useKept(width);
  const [dragged, setDragged] = useState<number>();
  const aside = useRef<HTMLElement>(null);
  const clamp = (n: number) => Math.round(Math.min(most, Math.max(least, n)));
  const onPointerDown = (e: PointerEvent<HTMLDivElement>) => {
    e.currentTarget.setPointerCapture(e.pointerId);
    setDragged(wide);
  };
  // It is where lines end, and its edge where it begins.
  const onPointerMove = (e: PointerEvent<HTMLElement>) => {
    const box = aside.current?.getBoundingClientRect();
    if (dragged !== undefined && box) setDragged(clamp(e.currentTarget.matches(":dir(rtl)") ? e.clientX - box.left : box.right - e.clientX));
  };
  const onKeyDown = (e: KeyboardEvent<HTMLElement>) => {
    const by = { ArrowLeft: 40, ArrowRight: -40 }[e.key];
    if (by) {
      e.preventDefault();
      setWide(clamp(wide + (e.currentTarget.matches(":dir(rtl)") ? -by : by)));
    }
  };
  // It ends where the window does, above the line of what was done, wherever it begins.
  const [height, setHeight] = useState<number>();
  useEffect(() => {
    const fit = () => {
      const top = aside.current?.getBoundingClientRect().top;
      const below = document.querySelector("footer")?.offsetHeight ?? 0;
      if (top !== undefined) setHeight(Math.max(360, window.innerHeight - Math.max(top, 64) - below - 16));
    };
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(document.body);
    window.addEventListener("scroll", fit, { passive: true });
    window.addEventListener("resize", fit);
    return () => {
      observer.disconnect();
      window.removeEventListener("scroll", fit);
      window.removeEventListener("resize", fit);
    };
  }, []);
  // Escape closes it, where it has no other meaning.
  useEffect(() => {
    const onEscape = (e: globalThis.KeyboardEvent) => {
      if (e.key === "Escape" && !e.defaultPrevented && e.target instanceof Element && aside.current?.contains(e.target) && !e.target.closest(".cm-editor")) onClose();
    };
    window.addEventListener("keydown", onEscape);
    return () => window.removeEventListener("keydown", onEscape);
  }, [onClose]);
  return (
    <aside
      ref={aside}
      aria-label="Item"
      style={{ width: dragged ?? wide, height }}
      className="sticky top-16 flex max-w-full shrink-0 flex-col gap-2 self-start rounded-lg border border-line bg-panel p-3 ps-4 max-lg:fixed max-lg:inset-y-0 max-lg:top-0 max-lg:end-0 max-lg:z-30 max-lg:h-full! max-lg:rounded-none max-lg:shadow-xl"
    >
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the item’s panel"
        aria-valuenow={dragged ?? wide}
        aria-valuemin={least}
        aria-valuemax={most}
        tabIndex={0}
        className="absolute inset-y-0 start-0 w-2 cursor-col-resize touch-none hover:bg-line focus-visible:bg-accent"
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => {
          if (dragged !== undefined) setWide(dragged);
          setDragged(undefined);
        }}
        onKeyDown={onKeyDown}
      />
      {children}
    </aside>
  );
}
