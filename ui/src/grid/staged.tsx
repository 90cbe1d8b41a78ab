import { Undo2 } from "lucide-react";
import { type KeyboardEvent as KeyPress, type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { plural } from "../format";
import { merge } from "../model/diff";
import { keyOf, NotAValue, own, textOf, type Value } from "../model/value";
import { Button, IconButton } from "../parts/button";
import { Comparison } from "../parts/conflict";
import { Dialog } from "../parts/dialog";
import { shown } from "./cell";
import { type CellType, cellTypeOf, cellTypes, rebase, replaced, retyped, type Staged, type Staging, summary, takeBack, typed, wanted } from "./staging";

interface BarProps {
  staging: Staging;
  keys: readonly string[];
  strong: boolean | undefined; // no transactions are to be had
  // Why new items cannot be saved, by their ids.
  wrong: ReadonlyMap<string, string>;
  busy: boolean;
  set: (staging: Staging) => void;
  save: () => void;
}

// StagedBar tells what is changed and not saved, and what can be done about it.
export function StagedBar({ staging, keys, strong, wrong, busy, set, save }: BarProps) {
  const [reviewing, setReviewing] = useState(false);
  const conflicts = [...staging.values()].filter((s) => s.conflict).length;
  const problems = [...staging.values()].filter((s) => s.problem);
  const { changes, changed, added } = summary(staging);
  const what = [...(changed > 0 ? [`${plural(changes, "change")} in ${plural(changed, "item")}`] : []), ...(added > 0 ? [plural(added, "new item")] : [])].join(" and ");
  const latest = useRef(save);
  latest.current = save;
  const active = staging.size > 0;
  const blocked = busy || conflicts > 0 || wrong.size > 0;
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
    <section aria-label="Changes" className={`flex flex-wrap items-center gap-2 rounded-md border bg-raised px-3 py-2 ${conflicts + problems.length + wrong.size > 0 ? "border-danger" : "border-accent"}`}>
      <div role="status" className="min-w-40 flex-1">
        <p className="font-medium">
          {what}, not saved
        </p>
        {conflicts > 0 ? (
          <p>
            {conflicts === 1 ? "One of the items was" : `${conflicts} of the items were`} changed by somebody else. {staging.size > 1 ? "None is saved before that is decided." : ""}
          </p>
        ) : null}
        {wrong.size > 0 ? <p>{wrong.size === 1 ? "One of the new items cannot be saved as it is: the reason stands beside it." : `${wrong.size} of the new items cannot be saved as they are: the reasons stand beside them.`}</p> : null}
        {problems[0] ? <p className="break-words">Not saved: {problems[0].problem}</p> : null}
      </div>
      <Button onClick={() => setReviewing(true)}>Review</Button>
      <Button kind="primary" onClick={save} disabled={blocked} title="Ctrl+S or ⌘S">
        Save
      </Button>
      {wrong.size > 0 && wrong.size < staging.size ? (
        <Button onClick={() => set(new Map([...staging].filter(([id]) => !wrong.has(id))))} disabled={busy}>
          Discard {wrong.size === 1 ? "the wrong one" : "the wrong ones"}
        </Button>
      ) : null}
      <Button onClick={() => set(new Map())} disabled={busy}>
        Discard
      </Button>
      <Dialog open={reviewing} close={() => setReviewing(false)} title="Changes" text={`An item is only saved if it is what it was when it was loaded, a new one if there is none with its key. ${strong ? "Each is saved by itself: a table with strong consistency takes no transactions." : "Several are saved in one transaction, 100 at a time: all of them or none."}`} wide>
        <div className="flex flex-col gap-4">
          {[...staging].slice(0, mostReviewed).map(([id, staged]) => (
            <Changed key={id} id={id} staged={staged} keys={keys} wrong={wrong.get(id)} staging={staging} set={set} />
          ))}
          {staging.size > mostReviewed ? <p className="text-muted">… and {plural(staging.size - mostReviewed, "item")} more</p> : null}
        </div>
        <div className="mt-4 flex justify-end gap-2">
          <Button onClick={() => setReviewing(false)}>Close</Button>
          <Button
            kind="primary"
            disabled={blocked}
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

const mostReviewed = 200;

function Changed({ id, staged, keys, wrong, staging, set }: { id: string; staged: Staged; keys: readonly string[]; wrong: string | undefined; staging: Staging; set: (staging: Staging) => void }) {
  const { from, isNew, changes, conflict } = staged;
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set()); // attributes in which theirs is taken
  const problem = staged.problem ?? wrong;
  const theirs = conflict?.theirs;
  const after = wanted(staged);
  const name = Object.values(keyOf(isNew ? after : from, keys)).map(textOf).join(", ");
  return (
    <section aria-label={`Item ${name}`} className="min-w-0 rounded-md border border-line p-3">
      <h3 className="font-mono text-[13px] font-semibold break-all">
        {isNew ? <span className="me-2 rounded bg-accent px-1.5 py-0.5 font-sans text-on-accent">New</span> : null}
        {name}
      </h3>
      {problem ? <p className="mt-1 text-danger">{problem}</p> : null}
      {conflict ? <p className="mt-1 text-danger">{isNew ? "There is an item with this key already." : theirs ? "Somebody has changed the item since it was loaded." : "Somebody has deleted the item since it was loaded."}</p> : null}
      {theirs ? (
        <Comparison clash={isNew ? { mine: after, theirs } : { base: from, mine: after, theirs }} clashes={isNew ? [] : merge(from, after, theirs).clashes} kept={kept} setKept={setKept} />
      ) : (
        <table className="mt-2 w-full table-fixed border-collapse text-start">
          <thead>
            <tr className="text-muted">
              <th className="w-1/4 py-1 pe-2 font-normal">Attribute</th>
              {isNew ? null : <th className="py-1 pe-2 font-normal">Loaded</th>}
              <th className="py-1 pe-2 font-normal">Yours</th>
              <th className="w-10 py-1">
                <span className="sr-only">Take back</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {[...changes.keys()].map((n) => (
              <tr key={n} className="border-t border-line align-top">
                <th scope="row" className="py-1.5 pe-2 font-mono text-[13px] font-normal break-all">
                  {n}
                </th>
                {isNew ? null : <Old>{own(from, n)}</Old>}
                <Old>{own(after, n)}</Old>
                <td>
                  <IconButton label={`Take back ${n}`} onClick={() => set(takeBack(staging, id, n))}>
                    <Undo2 size={16} aria-hidden />
                  </IconButton>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {conflict ? (
        <div className="mt-2 flex flex-wrap gap-2">
          <Button onClick={() => set(replaced(staging, id, undefined))}>{theirs && !isNew ? "Take theirs" : "Give up mine"}</Button>
          {theirs ? <Button onClick={() => set(rebase(staging, id, keys, kept))}>{isNew ? "Change the one that is there" : "Make my changes to theirs"}</Button> : null}
        </div>
      ) : isNew ? (
        <div className="mt-2">
          <Button onClick={() => set(replaced(staging, id, undefined))}>Take it out</Button>
        </div>
      ) : null}
    </section>
  );
}

// Old is a cell with a value as it was.
export function Old({ children: v }: { children: Value | undefined }) {
  return <td className="py-1.5 pe-2 font-mono text-[13px] break-words whitespace-pre-wrap">{v ? shown(v) : <span className="text-muted">none</span>}</td>;
}

type Then = "stay" | "down" | "right" | "save";

interface EditorProps {
  value: Value | undefined; // what the cell has, if it is not there yet none
  label: string;
  check: (value: Value) => string | undefined; // why the server would refuse it
  commit: (value: Value, then: Then) => void;
  cancel: (problem?: string) => void;
}

// CellEditor changes a value, and its type, in its cell. What is wrong with what is
// typed is said below.
export function CellEditor({ value, label, check, commit, cancel }: EditorProps) {
  const firstType = cellTypeOf(value);
  const first = value && !("NULL" in value) ? textOf(value) : "";
  const [type, setType] = useState(firstType);
  const [text, setText] = useState(first);
  const [problem, setProblem] = useState<string>();
  const [touched, setTouched] = useState(false);
  const ended = useRef(false);
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement & HTMLTextAreaElement & HTMLSelectElement>(null);
  const menu = useRef<HTMLSelectElement>(null);
  // Beside the last columns there is no room to the right.
  const [atEnd, setAtEnd] = useState(false);
  useLayoutEffect(() => {
    const right = box.current?.closest("[role=grid]")?.getBoundingClientRect().right;
    if (box.current && right !== undefined && box.current.getBoundingClientRect().right > right) setAtEnd(true);
  }, []);
  const end = (then: Then) => {
    if (ended.current) return;
    if (!touched && !value) {
      ended.current = true;
      cancel();
      return;
    }
    try {
      // As it was, to the letter, is no change: a number may be written in many ways.
      const next = value && text === first && type === firstType ? value : typed(type, text);
      const refused = next === value ? undefined : check(next);
      if (refused !== undefined) throw new NotAValue(refused);
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
  const onKeyDown = (e: KeyPress) => {
    e.stopPropagation();
    const key = e.key === "s" && (e.ctrlKey || e.metaKey) ? "save" : e.key === "Enter" && !e.shiftKey ? "down" : e.key === "Tab" ? "right" : undefined;
    if (key) {
      e.preventDefault();
      end(key);
    } else if (e.key === "F2") {
      e.preventDefault();
      (document.activeElement === menu.current ? field.current : menu.current)?.focus();
    } else if (e.key === "Escape") {
      e.preventDefault();
      ended.current = true;
      cancel();
    }
  };
  const on = (e: { target: { value: string } }) => {
    setTouched(true);
    setText(e.target.value);
    setProblem(undefined);
  };
  const common = {
    ref: field,
    "aria-label": label,
    "aria-invalid": problem !== undefined,
    "aria-describedby": problem ? "cell-problem" : undefined,
    autoFocus: true,
  };
  const look = "block h-8 w-40 min-w-0 flex-1 border-0 bg-panel px-3 font-mono text-[13px] text-ink outline-none";
  let control: ReactNode;
  if (type === "BOOL") {
    control = (
      <select {...common} value={text} onChange={on} className={look}>
        <option>true</option>
        <option>false</option>
      </select>
    );
  } else if (type === "NULL") {
    control = <input {...common} value="null" readOnly className={`${look} text-muted italic`} />;
  } else if (type === "S") {
    control = <textarea {...common} value={text} onChange={on} rows={1} spellCheck={false} onFocus={(e) => e.currentTarget.select()} className={`${look} resize-none py-1.5 leading-5 ${/\n/.test(text) ? "h-28" : ""}`} />;
  } else {
    control = <input {...common} value={text} onChange={on} spellCheck={false} autoComplete="off" onFocus={(e) => e.currentTarget.select()} className={`${look} ${type === "N" ? "text-end" : ""}`} />;
  }
  return (
    <div
      ref={box}
      data-editor
      className={`absolute top-0 z-10 min-w-full ${atEnd ? "end-0" : "start-0"}`}
      onKeyDown={onKeyDown}
      onBlur={(e) => {
        if (!e.currentTarget.contains(e.relatedTarget)) end("stay");
      }}
    >
      <div className="flex min-w-full items-start bg-panel shadow-lg outline-2 -outline-offset-2 outline-accent">
        {control}
        <select
          ref={menu}
          aria-label={`Type of ${label}`}
          title="Type (F2)"
          value={type}
          onChange={(e) => {
            const to = e.target.value as CellType;
            setTouched(true);
            setText(retyped(text, type, to));
            setType(to);
            setProblem(undefined);
          }}
          className="m-0.5 h-7 w-32 shrink-0 rounded border-0 border-s border-line bg-raised px-1 text-[13px] text-ink"
        >
          {cellTypes.map(([t, name]) => (
            <option key={t} value={t}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {problem ? <Below box={box}>{problem}</Below> : null}
    </div>
  );
}

// Below says what is wrong under a cell, also where the grid ends there.
function Below({ box, children }: { box: RefObject<HTMLElement | null>; children: string }) {
  const { left, bottom } = box.current?.getBoundingClientRect() ?? { left: 0, bottom: 0 };
  return createPortal(
    <p id="cell-problem" role="alert" style={{ left: Math.max(8, Math.min(left, window.innerWidth - 460)), top: bottom + 2 }} className="fixed z-20 max-w-md rounded border border-danger bg-panel px-2 py-1 text-sm text-danger shadow-lg">
      {children}
    </p>,
    document.body,
  );
}
