import { Undo2 } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { plural } from "../format";
import { differences } from "../model/diff";
import { base64, keyOf, NotAValue, textOf, type Value } from "../model/value";
import { Button, IconButton } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { shown } from "./cell";
import { changesIn, rebase, replaced, type Staged, type Staging, takeBack, typed, wanted } from "./staging";

interface BarProps {
  staging: Staging;
  keys: readonly string[];
  busy: boolean;
  set: (staging: Staging) => void;
  save: () => void;
}

// StagedBar tells what is changed and not saved, and what can be done about it.
export function StagedBar({ staging, keys, busy, set, save }: BarProps) {
  const [reviewing, setReviewing] = useState(false);
  const conflicts = [...staging.values()].filter((s) => s.conflict).length;
  const problems = [...staging.values()].filter((s) => s.problem);
  const latest = useRef(save);
  latest.current = save;
  const active = staging.size > 0;
  useEffect(() => {
    if (!active) return;
    const onKey = (e: KeyboardEvent) => {
      if (e.key !== "s" || !(e.ctrlKey || e.metaKey) || e.defaultPrevented) return;
      if (e.target instanceof Element && e.target.closest("[role=dialog],[role=alertdialog],aside")) return;
      e.preventDefault();
      latest.current();
    };
    // What is not saved would be gone with the page.
    const onLeave = (e: BeforeUnloadEvent) => e.preventDefault();
    window.addEventListener("keydown", onKey);
    window.addEventListener("beforeunload", onLeave);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("beforeunload", onLeave);
    };
  }, [active]);
  if (!active) return null;
  return (
    <section aria-label="Changes" className={`flex flex-wrap items-center gap-2 rounded-md border bg-raised px-3 py-2 ${conflicts + problems.length > 0 ? "border-danger" : "border-accent"}`}>
      <div role="status" className="min-w-40 flex-1">
        <p className="font-medium">
          {plural(changesIn(staging), "change")} in {plural(staging.size, "item")}, not saved
        </p>
        {conflicts > 0 ? (
          <p>
            {conflicts === 1 ? "One of the items was" : `${conflicts} of the items were`} changed by somebody else. {staging.size > 1 ? "None is saved before that is decided." : ""}
          </p>
        ) : null}
        {problems[0] ? <p className="break-words">Not saved: {problems[0].problem}</p> : null}
      </div>
      <Button onClick={() => setReviewing(true)}>Review</Button>
      <Button kind="primary" onClick={save} disabled={busy || conflicts > 0} title="Ctrl+S or ⌘S">
        Save
      </Button>
      <Button onClick={() => set(new Map())} disabled={busy}>
        Discard
      </Button>
      <Dialog open={reviewing} close={() => setReviewing(false)} title="Changes" text="An item is only saved if it is what it was when it was loaded. Several are saved in one transaction: all of them or none." wide>
        <div className="flex flex-col gap-4">
          {[...staging].map(([id, staged]) => (
            <Changed key={id} id={id} staged={staged} keys={keys} staging={staging} set={set} />
          ))}
        </div>
        <div className="mt-4 flex justify-end gap-2">
          <Button onClick={() => setReviewing(false)}>Close</Button>
          <Button
            kind="primary"
            disabled={busy || conflicts > 0}
            onClick={() => {
              setReviewing(false);
              save();
            }}
          >
            Save
          </Button>
        </div>
      </Dialog>
    </section>
  );
}

function Changed({ id, staged, keys, staging, set }: { id: string; staged: Staged; keys: readonly string[]; staging: Staging; set: (staging: Staging) => void }) {
  const { from, changes, conflict, problem } = staged;
  const theirs = conflict?.theirs;
  const others = theirs ? differences(from, theirs).map((d) => d.name) : [];
  const names = [...new Set([...changes.keys(), ...others])];
  const name = Object.values(keyOf(from, keys)).map(textOf).join(", ");
  const after = wanted(staged);
  return (
    <section aria-label={`Item ${name}`} className="min-w-0 rounded-md border border-line p-3">
      <h3 className="font-mono text-[13px] font-semibold break-all">{name}</h3>
      {problem ? <p className="mt-1 text-danger">{problem}</p> : null}
      {conflict ? <p className="mt-1 text-danger">{theirs ? "Somebody has changed the item since it was loaded." : "Somebody has deleted the item since it was loaded."}</p> : null}
      <table className="mt-2 w-full table-fixed border-collapse text-left">
        <thead>
          <tr className="text-muted">
            <th className="w-1/4 py-1 pr-2 font-normal">Attribute</th>
            <th className="py-1 pr-2 font-normal">Loaded</th>
            {theirs ? <th className="py-1 pr-2 font-normal">Theirs</th> : null}
            <th className="py-1 pr-2 font-normal">Yours</th>
            <th className="w-10 py-1">
              <span className="sr-only">Take back</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {names.map((n) => (
            <tr key={n} className="border-t border-line align-top">
              <th scope="row" className="py-1.5 pr-2 font-mono text-[13px] font-normal break-all">
                {n}
              </th>
              <Old>{from[n]}</Old>
              {theirs ? <Old>{theirs[n]}</Old> : null}
              <Old>{after[n]}</Old>
              <td>
                {changes.has(n) ? (
                  <IconButton label={`Take back ${n}`} onClick={() => set(takeBack(staging, id, n))}>
                    <Undo2 size={16} aria-hidden />
                  </IconButton>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {conflict ? (
        <div className="mt-2 flex flex-wrap gap-2">
          <Button onClick={() => set(replaced(staging, id, undefined))}>{theirs ? "Take theirs" : "Give up mine"}</Button>
          {theirs ? <Button onClick={() => set(rebase(staging, id))}>Make my changes to theirs</Button> : null}
        </div>
      ) : null}
    </section>
  );
}

// Old is a cell with a value as it was.
export function Old({ children: v }: { children: Value | undefined }) {
  return <td className="py-1.5 pr-2 font-mono text-[13px] break-words whitespace-pre-wrap">{v ? shown(v) : <span className="text-muted">none</span>}</td>;
}

interface EditorProps {
  value: Value; // one of whyNot's scalars
  label: string;
  commit: (value: Value, then: "stay" | "down" | "right" | "save") => void;
  cancel: (problem?: string) => void;
}

// CellEditor changes a value in its cell. What is wrong with what is typed is said
// below.
export function CellEditor({ value, label, commit, cancel }: EditorProps) {
  const first = "B" in value ? base64(value.B) : textOf(value);
  const [text, setText] = useState(first);
  const [problem, setProblem] = useState<string>();
  const ended = useRef(false);
  const end = (then: "stay" | "down" | "right" | "save", now = text) => {
    if (ended.current) return;
    try {
      // As it was, to the letter, is no change: a number may be written in many ways.
      const next = now === first ? value : typed(value, now);
      ended.current = true;
      commit(next, then);
    } catch (err) {
      if (!(err instanceof NotAValue)) throw err;
      setProblem(err.message);
      if (then === "stay") {
        ended.current = true;
        cancel(err.message);
      }
    }
  };
  const common = {
    "aria-label": label,
    "aria-invalid": problem !== undefined,
    "aria-describedby": problem ? "cell-problem" : undefined,
    autoFocus: true,
    onBlur: () => end("stay"),
    onKeyDown: (e: React.KeyboardEvent) => {
      e.stopPropagation();
      const key = e.key === "s" && (e.ctrlKey || e.metaKey) ? "save" : e.key === "Enter" && !e.shiftKey ? "down" : e.key === "Tab" ? "right" : undefined;
      if (key) {
        e.preventDefault();
        end(key);
      } else if (e.key === "Escape") {
        e.preventDefault();
        ended.current = true;
        cancel();
      }
    },
  };
  const field = "block h-8 w-full min-w-40 border-0 bg-panel px-3 font-mono text-[13px] text-ink outline-2 -outline-offset-2 outline-accent";
  const on = (e: { target: { value: string } }) => {
    setText(e.target.value);
    setProblem(undefined);
  };
  let control: ReactNode;
  if ("BOOL" in value) {
    control = (
      <select {...common} value={text} onChange={on} className={field}>
        <option>true</option>
        <option>false</option>
      </select>
    );
  } else if ("S" in value) {
    control = <textarea {...common} value={text} onChange={on} rows={1} spellCheck={false} onFocus={(e) => e.currentTarget.select()} className={`${field} resize-none py-1.5 leading-5 ${/\n/.test(text) ? "h-28" : ""}`} />;
  } else {
    control = <input {...common} value={text} onChange={on} spellCheck={false} autoComplete="off" onFocus={(e) => e.currentTarget.select()} className={`${field} ${"N" in value ? "text-right" : ""}`} />;
  }
  return (
    <div data-editor className="absolute inset-x-0 top-0 z-10">
      {control}
      {problem ? (
        <p id="cell-problem" role="alert" className="absolute left-0 mt-0.5 rounded border border-danger bg-panel px-2 py-1 font-sans text-sm leading-5 whitespace-normal text-danger shadow-lg">
          {problem}
        </p>
      ) : null}
    </div>
  );
}
