import { Undo2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { toast } from "sonner";
import { plural } from "../format";
import { readOnly } from "../given";
import { ariaKeys, names as keysOf, useKey } from "../keys";
import { apply, differences } from "../model/diff";
import { lastSaved, type Saved, strike, useLastSaved } from "../model/journal";
import { type Change, isDone, type Result, undoAll } from "../model/save";
import { type Item, keyOf, own, textOf } from "../model/value";
import { Button, IconButton } from "../parts/button";
import { Warning } from "../parts/dialog";
import { useTarget } from "../parts/target";
import type { Place } from "../server";
import { Old } from "./staged";

// titleOf names an item by its key.
export function titleOf(item: Item | undefined, keys: readonly string[]): string {
  return Object.values(keyOf(item ?? {}, keys)).map(textOf).join(", ");
}

// said tells what taking a change back has done.
function said(changes: readonly Change[], keys: readonly string[]): string {
  const [only] = changes;
  if (changes.length !== 1 || !only) return `${plural(changes.length, "item")} ${changes.length === 1 ? "is" : "are"} as before`;
  const title = titleOf(only.to ?? only.from, keys);
  if (!only.to) return `${title}, which was new, is gone again`;
  if (!only.from) return `${title}, which was deleted, is there again`;
  return `${title}: ${differences(only.from, only.to).map((d) => d.name).join(", ")} as before`;
}

// A Refused is what could not be taken back, and why.
interface Refused {
  change: Change;
  theirs?: Item; // what the item is by now
  problem?: string; // the server's reason
}

interface Props {
  place: Place;
  table: string;
  keys: readonly string[];
  busy: boolean;
  run: (title: string, work: () => Promise<void>) => Promise<void>;
  onChanged: () => void;
}

// useUndo has ⌘Z take back what was saved last of a table, in the grid or beside it:
// if nobody has changed it since.
export function useUndo({ place, table, keys, busy, run, onChanged }: Props): { undo: (saved?: Saved) => void; saved: () => Saved | undefined; button: ReactNode; dialog: ReactNode } {
  const target = useTarget(place, table, keys);
  const last = useLastSaved(target);
  const [refused, setRefused] = useState<{ all: readonly Refused[]; held: Saved }>();
  const take = (changes: Saved) =>
    void run("Taking back", async () => {
      setRefused(undefined);
      const results = await undoAll(target, changes);
      const done = changes.filter((_, i) => isDone(results[i] as Result));
      const all = changes.flatMap((change, i): Refused[] => {
        const result = results[i] as Result;
        if (isDone(result) || result.done === "held") return [];
        return [{ change, ...("theirs" in result && result.theirs ? { theirs: result.theirs } : {}), ...(result.done === "failed" ? { problem: result.message } : {}) }];
      });
      if (done.length > 0) {
        toast.success("Taken back", { description: said(done, keys) });
        onChanged();
      }
      if (all.length > 0) setRefused({ all, held: changes.filter((_, i) => results[i]?.done === "held") });
    });
  const undo = (changes = lastSaved(target)) => {
    if (busy) return;
    if (changes) take(changes);
    else toast.message("There is nothing to take back: nothing was saved since the page was opened");
  };
  useKey("mod+z", "Take back what was saved last", () => undo(), { enabled: !readOnly });
  return {
    undo,
    saved: () => lastSaved(target),
    button: last ? (
      <IconButton label="Take back what was saved last" onClick={() => undo()} disabled={busy} aria-keyshortcuts={ariaKeys("mod+z")} title={`Take back what was saved last (${keysOf("mod+z").join(" ")})`}>
        <Undo2 size={16} aria-hidden />
      </IconButton>
    ) : null,
    dialog: (
      <Warning
        open={refused !== undefined}
        close={() => setRefused(undefined)}
        wide
        title="It cannot be taken back"
        text={refused && refused.held.length > 0 ? "What was saved together is taken back together, or not at all. Some of it has changed since." : "It has changed since it was saved. Nothing was written."}
      >
        <div className="mt-4 flex max-h-[55vh] flex-col gap-4 overflow-auto" tabIndex={0} role="region" aria-label="What has changed since">
          {refused?.all.map((r, i) => <Clash key={i} refused={r} keys={keys} />)}
        </div>
        <div className="mt-4 flex flex-wrap justify-end gap-2">
          <Button
            onClick={() => {
              // It is not asked for again: what was saved before it comes next.
              if (refused) strike(target, refused.all.map((r) => r.change));
              setRefused(undefined);
            }}
          >
            Leave it as it is
          </Button>
          {refused && refused.held.length > 0 ? <Button onClick={() => take(refused.held)}>Take back the {refused.held.length === 1 ? "other one" : `${refused.held.length} others`}</Button> : null}
          {refused && refused.all.every((r) => r.problem === undefined) ? (
            <Button
              kind="danger"
              onClick={() => {
                strike(target, refused.all.map((r) => r.change));
                take([...refused.held, ...refused.all.map(insisted)]);
              }}
            >
              Take it back all the same
            </Button>
          ) : null}
        </div>
      </Warning>
    ),
  };
}

// insisted returns a change made to what the item has become.
function insisted({ change: { from, to }, theirs }: Refused): Change {
  const after = from && to && theirs ? apply(theirs, differences(from, to)) : to;
  return { ...(theirs ? { from: theirs } : {}), ...(after ? { to: after } : {}) };
}

function Clash({ refused: { change, theirs, problem }, keys }: { refused: Refused; keys: readonly string[] }) {
  const { from, to } = change;
  const title = titleOf(from ?? to, keys);
  const names = [...new Set([...differences(from ?? {}, to ?? {}), ...differences(from ?? {}, theirs ?? {})].map((d) => d.name))];
  return (
    <section aria-label={`Item ${title}`} className="min-w-0 rounded-md border border-line p-3">
      <h3 className="font-mono text-[13px] font-semibold break-all">{title}</h3>
      <p className="mt-1 text-danger">{problem ?? (theirs ? (from ? "Somebody has changed the item since it was saved." : "There is another item with this key by now.") : "Somebody has deleted the item since it was saved.")}</p>
      <table className="mt-2 w-full table-fixed border-collapse text-start">
        <thead>
          <tr className="text-muted">
            <th className="w-1/4 py-1 pe-2 font-normal">Attribute</th>
            {from ? <th className="py-1 pe-2 font-normal">Saved</th> : null}
            {theirs ? <th className="py-1 pe-2 font-normal">Now</th> : null}
            <th className="py-1 pe-2 font-normal">Before</th>
          </tr>
        </thead>
        <tbody>
          {names.map((n) => (
            <tr key={n} className="border-t border-line align-top">
              <th scope="row" className="py-1.5 pe-2 font-mono text-[13px] font-normal break-all">
                {n}
              </th>
              {from ? <Old>{own(from, n)}</Old> : null}
              {theirs ? <Old>{own(theirs, n)}</Old> : null}
              <Old>{to && own(to, n)}</Old>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
