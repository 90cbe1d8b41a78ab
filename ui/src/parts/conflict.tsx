import { useState } from "react";
import { apply, differences, merge } from "../model/diff";
import { equal, type Item, textOf, typeNames, typeOf, type Value } from "../model/value";
import { shorten } from "../editor/load";
import { Button } from "./button";
import { Warning } from "./dialog";

// A Clash is what was not saved, because the server has something else.
export interface Clash {
  base?: Item; // as it was loaded
  mine?: Item; // as it should have been; none if it should have been deleted
  theirs?: Item; // as it is; none if it is gone
}

interface Props {
  clash: Clash | undefined;
  busy: boolean;
  // save makes theirs what it is given, undefined deletes it.
  save: (to: Item | undefined) => void;
  // take forgets what is mine.
  take: () => void;
  close: () => void;
}

const own = (item: Item | undefined, name: string) => (item && Object.hasOwn(item, name) ? item[name] : undefined);

// Conflict shows an item as it was loaded, as others have made it, and as it should
// have become, and asks what shall be.
export function Conflict({ clash, ...rest }: Props) {
  // Each clash is another question.
  return clash ? <Question key={serial(clash)} clash={clash} {...rest} /> : null;
}

const serials = new WeakMap<Clash, number>();
let last = 0;
function serial(clash: Clash): number {
  if (!serials.has(clash)) serials.set(clash, ++last);
  return serials.get(clash) ?? 0;
}

function Question({ clash, busy, save, take, close }: Props & { clash: Clash }) {
  const { base, mine, theirs } = clash;
  const merged = base && mine && theirs ? merge(base, mine, theirs) : undefined;
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set()); // clashes in which theirs is taken
  const result = () => {
    if (!merged || !base || !mine || !theirs) return mine;
    return apply(theirs, differences(base, mine).filter((d) => !kept.has(d.name)));
  };
  const [title, text] = wording(clash);
  return (
    <Warning open close={close} title={title} text={text} wide>
      <Comparison clash={clash} clashes={merged?.clashes ?? []} kept={kept} setKept={setKept} />
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <Button onClick={close} disabled={busy}>
          Back to editing
        </Button>
        {base || !theirs ? (
          <Button onClick={take} disabled={busy}>
            {theirs ? "Take theirs" : "Let it be gone"}
          </Button>
        ) : null}
        <Button kind={mine && merged ? "plain" : mine ? "primary" : "danger"} onClick={() => save(mine)} disabled={busy}>
          {mine ? (theirs ? (base ? "Keep mine" : "Replace it with mine") : "Create it again") : "Delete it all the same"}
        </Button>
        {merged ? (
          <Button kind="primary" onClick={() => save(result())} disabled={busy}>
            {merged.clashes.length > 0 ? "Save what is chosen" : "Merge both"}
          </Button>
        ) : null}
      </div>
    </Warning>
  );
}

function wording({ base, mine, theirs }: Clash): [string, string] {
  if (!theirs) return ["The item is gone", "Somebody has deleted it since it was loaded. Nothing was written."];
  if (!base) return ["There is an item with this key", "Nothing was written. To keep that item, give yours another key."];
  if (!mine) return ["The item has changed", "Somebody has changed it since it was loaded. It was not deleted."];
  const { clashes } = merge(base, mine, theirs);
  return [
    "The item has changed",
    clashes.length > 0
      ? "Somebody has changed it since it was loaded. Nothing was written. Both of you changed the same: choose which is kept."
      : "Somebody has changed other attributes since it was loaded. Nothing was written. Both changes go together.",
  ];
}

interface ComparisonProps {
  clash: Clash;
  clashes: readonly string[]; // what both have changed
  kept: ReadonlySet<string>; // of that, in which theirs is taken
  setKept: (kept: ReadonlySet<string>) => void;
}

// Comparison shows what differs between an item as it was loaded, as others have made it,
// and as it should have become; where both have changed an attribute one is chosen.
export function Comparison({ clash: { base, mine, theirs }, clashes, kept, setKept }: ComparisonProps) {
  const names = [...new Set([base, theirs, mine].flatMap((item) => Object.keys(item ?? {})))];
  const given = [base, theirs, mine].filter((item) => item !== undefined);
  const differing = names.filter((name) => given.some((item) => !equal(own(item, name), own(given[0], name))));
  const same = names.length - differing.length;
  return (
    <div className="mt-4 max-h-[50vh] overflow-auto rounded-md border border-line" tabIndex={0} role="region" aria-label="What differs">
      <table className="w-full border-collapse text-start align-top">
        <thead className="sticky top-0 bg-raised">
          <tr>
            <Head>Attribute</Head>
            {base ? <Head>As it was loaded</Head> : null}
            {theirs ? <Head>Theirs</Head> : null}
            {mine ? <Head>Yours</Head> : null}
          </tr>
        </thead>
        <tbody>
          {differing.map((name) => {
            const [was, is, shall] = [own(base, name), own(theirs, name), own(mine, name)];
            const choose = clashes.includes(name) ? (theirsToo: boolean) => { const now = new Set(kept); if (theirsToo) now.add(name); else now.delete(name); setKept(now); } : undefined;
            return (
              <tr key={name} className="border-t border-line">
                <th scope="row" className="max-w-40 px-3 py-2 align-top font-medium break-words">
                  {name}
                </th>
                {base ? <Cell v={was} /> : null}
                {theirs ? <Cell v={is} changed={base && !equal(was, is)} choice={choose && { name, label: `Keep their ${name}`, on: kept.has(name), set: () => choose(true) }} /> : null}
                {mine ? <Cell v={shall} changed={base && !equal(was, shall)} choice={choose && { name, label: `Keep your ${name}`, on: !kept.has(name), set: () => choose(false) }} /> : null}
              </tr>
            );
          })}
        </tbody>
      </table>
      {same > 0 ? <p className="border-t border-line px-3 py-2 text-muted">{same === 1 ? "1 attribute is the same." : `${same} attributes are the same.`}</p> : null}
    </div>
  );
}

function Head({ children }: { children: string }) {
  return <th className="px-3 py-2 font-medium whitespace-nowrap">{children}</th>;
}

interface CellProps {
  v: Value | undefined;
  changed?: boolean;
  choice?: { name: string; label: string; on: boolean; set: () => void };
}

function Cell({ v, changed, choice }: CellProps) {
  return (
    <td className={`max-w-72 min-w-36 px-3 py-2 align-top ${changed ? "bg-raised" : ""}`}>
      {choice ? <input type="radio" name={`choice-${choice.name}`} aria-label={choice.label} checked={choice.on} onChange={choice.set} className="me-2 accent-accent" /> : null}
      <Shown v={v} />
      {changed ? <span className="block text-muted">changed</span> : null}
    </td>
  );
}

// Shown is a value where there is little room.
export function Shown({ v }: { v: Value | undefined }) {
  if (!v) return <span className="text-muted">not there</span>;
  const text = textOf(v);
  return (
    <>
      <span className="font-mono text-[13px] break-all whitespace-pre-wrap" title={typeNames[typeOf(v)]}>
        {text === "" ? <span className="text-muted">empty</span> : shorten(text, 300)}
      </span>{" "}
      <span className="text-muted">{typeNames[typeOf(v)]}</span>
    </>
  );
}
