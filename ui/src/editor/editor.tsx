import { CircleAlert, CodeXml, History as Clock, Save, Undo2 } from "lucide-react";
import { Tabs } from "radix-ui";
import { lazy, type Ref, Suspense, useCallback, useDeferredValue, useEffect, useId, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from "react";
import { toast } from "sonner";
import { bytes, plural } from "../format";
import { readOnly } from "../given";
import { type Kept, useKept } from "../kept";
import { ariaKeys, names, useKey } from "../keys";
import { differences } from "../model/diff";
import { toPlainJSON } from "../model/plain";
import { type Change, createInput, deleteInput, move, moveInput, type Outcome, putInput, save as saveItem, type Target, undo, updateInput } from "../model/save";
import { keyNames, type Source } from "../model/table";
import { equalItems, type Item, itemSize, keyOf, maxItemSize, toDynamoJSON } from "../model/value";
import type { Call, Input } from "../code/call";
import { Button, IconButton } from "../parts/button";
import { CancelWarning, Dialog, Warning } from "../parts/dialog";
import { type Entry, MenuButton } from "../parts/menu";
import { Failure } from "../parts/notice";
import { Skeleton } from "../parts/panel";
import { useTarget } from "../parts/target";
import { messageOf, type Place } from "../server";
import { showUses } from "../shell/uses";
import { lockOf } from "./check";
import { type Clash, Conflict, Shown } from "../parts/conflict";
import { type Draft, draftOf, isSame, type Reading, read, type Trouble, type View, viewOf } from "./draft";
import { type Goal, Tree } from "./form";
import { keyText } from "./load";
import type { Node } from "./node";

const Text = lazy(async () => ({ default: (await import("./text")).Text }));
const History = lazy(async () => ({ default: (await import("./history")).History }));
const Codes = lazy(async () => ({ default: (await import("../parts/codes")).Codes }));

// A form is there to be filled in.
const views: [View, string][] = [
  ...(readOnly ? [] : [["form", "Form"] as [View, string]]),
  ["plain", "JSON"],
  ["wire", "DynamoDB JSON"],
];

// The way in which items are liked to be shown.
const likedView: Kept<View> = { name: "stator.item-view", initial: readOnly ? "plain" : "form", read: (stored) => views.find(([view]) => view === stored)?.[0] };

// A Handle is how those around an editor ask it for something.
export interface Handle {
  // save returns whether there is nothing left to save.
  save: () => Promise<boolean>;
}

export interface EditorProps {
  place: Place;
  table: string;
  sources: readonly Source[];
  base?: Item; // as it was loaded; none is a new item
  start?: Item; // what a new item begins with
  onDirty: (dirty: boolean) => void;
  // The item, or another one, was written: item is what is there now.
  onSaved: (item: Item) => void;
  onDeleted: () => void;
  onUndone: () => void;
  onDuplicate?: (item: Item) => void;
  onOpenPage?: (item: Item) => void;
  ref?: Ref<Handle>;
}

// Editor shows an item as a form, as JSON and as DynamoDB JSON, and saves what is
// made of it: if nobody else has changed it.
export function Editor({ place, table, sources, base: given, start, onDirty, onSaved, onDeleted, onUndone, onDuplicate, onOpenPage, ref }: EditorProps) {
  const keys = useMemo(() => sources.slice(0, 1).flatMap(keyNames), [sources]);
  const target = useTarget(place, table, keys);
  const [liked, setLiked] = useKept(likedView);
  // What is to be saved is compared with what it was made from, whatever is there by
  // now.
  const [base, setBase] = useState(given);
  const initial = base ?? start ?? {};
  const [draft, setDraft] = useState<Draft>(() => draftOf(initial, base ? viewOf(base, liked) : "form", sources));
  const [unlocked, setUnlocked] = useState(false);
  const [tried, setTried] = useState(false); // of a new item nothing is wrong before
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [goal, setGoal] = useState<Goal>();
  const [spot, setSpot] = useState<{ offset: number }>();
  const [clash, setClash] = useState<Clash>();
  const [moving, setMoving] = useState<Item>();
  const [deleting, setDeleting] = useState(false);
  const [coding, setCoding] = useState(false);
  const [remembering, setRemembering] = useState(false);
  const [last, setLast] = useState<Change>();
  const troublesBox = useRef<HTMLDivElement>(null);

  // What a draft says is worked out a little after each key.
  const late = useDeferredValue(draft);
  const reading = useStable(useMemo(() => read(late, sources), [late, sources]));
  const untouched = useRef(draft);
  const dirty = base ? !isSame(reading, base) : draft !== untouched.current;
  // At once: what is shown as saved can be left.
  useLayoutEffect(() => onDirty(dirty), [dirty, onDirty]);

  const adopt = useCallback(
    (item: Item, instead: Draft | undefined) => {
      setBase(item);
      setUnlocked(false);
      // What was typed meanwhile stays.
      setDraft((now) => (isSame(read(now, sources), item) || (instead && now !== instead) ? now : draftOf(item, now.view, sources)));
    },
    [sources],
  );
  // An item that was read anew takes the place of the one before, unless something
  // else has been made of that.
  const before = useRef(given);
  const clean = useRef(true);
  useEffect(() => {
    clean.current = !dirty;
  }, [dirty]);
  useEffect(() => {
    if (given && before.current !== given && clean.current) adopt(given, undefined);
    before.current = given;
  }, [given, adopt]);

  const change = useCallback((to: (root: Node) => Node) => setDraft((now) => (now.view === "form" ? { view: "form", root: to(now.root) } : now)), []);

  // What was pressed takes the focus first.
  const point = (trouble: Trouble | undefined) => window.setTimeout(() => goTo(trouble));
  const goTo = (trouble: Trouble | undefined) => {
    if (trouble?.node !== undefined) setGoal({ id: trouble.node });
    else if (trouble?.position) setSpot({ offset: trouble.position.offset });
    else troublesBox.current?.focus();
  };

  const show = (view: View) => {
    const said = read(draft, sources);
    const hard = said.troubles.find((t) => t.hard);
    if (hard || !said.item) {
      setTried(true);
      toast.error(`This cannot be shown another way before it is mended. ${where(hard)}`);
      point(hard);
      return;
    }
    setDraft(draftOf(said.item, view, sources));
    if (base) setLiked(view);
  };

  const done = (outcome: Outcome, changed: Change): boolean => {
    switch (outcome.done) {
      case "unchanged":
        if (outcome.item) {
          adopt(outcome.item, draft);
          onSaved(outcome.item);
        } else if (!changed.to) {
          onDeleted();
        }
        toast.info(changed.from && changed.to ? "There is nothing to save: the item is as it was" : "It is like that already");
        return true;
      case "saved": {
        setTried(false);
        setLast(outcome.undo);
        const others = outcome.item && changed.to ? differences(changed.to, outcome.item).map((d) => d.name) : [];
        toast.success(changed.to ? (changed.from ? "Item saved" : "Item created") : "Item deleted", {
          ...(others.length > 0 ? { description: `Somebody else has added ${others.join(", ")}.` } : {}),
          action: { label: "Undo", onClick: () => void takeBack(outcome.undo) },
        });
        if (outcome.item) {
          adopt(outcome.item, draft);
          onSaved(outcome.item);
        } else {
          onDeleted();
        }
        return true;
      }
      case "conflict":
        setClash({ ...(changed.from ? { base: changed.from } : {}), ...(changed.to ? { mine: changed.to } : {}), ...(outcome.theirs ? { theirs: outcome.theirs } : {}) });
        return false;
      case "taken":
        setClash({ ...(changed.to ? { mine: changed.to } : {}), theirs: outcome.theirs });
        return false;
      case "moved":
        setMoving(changed.to);
        return false;
    }
  };

  const write = async (changed: Change, how: () => Promise<Outcome> = () => saveItem(target, changed)): Promise<boolean> => {
    setBusy(true);
    setFailure(undefined);
    try {
      return done(await how(), changed);
    } catch (err) {
      setFailure(messageOf(err));
      return false;
    } finally {
      setBusy(false);
    }
  };

  const save = async (): Promise<boolean> => {
    if (busy) return false;
    const said = read(draft, sources);
    const [first] = said.troubles;
    if (first || !said.item) {
      setTried(true);
      toast.error(`Not saved. ${where(first)}`);
      point(first);
      return false;
    }
    return write({ ...(base ? { from: base } : {}), to: said.item });
  };

  const takeBack = async (changed: Change) => {
    try {
      const outcome = await undo(target, changed);
      if (outcome.done === "saved" || outcome.done === "unchanged") {
        toast.success("Taken back");
        setLast(undefined);
        onUndone();
      } else {
        toast.error("It cannot be taken back: the item has changed since");
      }
    } catch (err) {
      toast.error(messageOf(err));
    }
  };

  useImperativeHandle(ref, () => ({ save }));
  useKey("mod+s", "Save the item", () => void save(), { enabled: !readOnly });

  const discard = () => {
    untouched.current = draftOf(initial, base ? draft.view : "form", sources);
    setDraft(untouched.current);
    setUnlocked(false);
    setTried(false);
    setFailure(undefined);
  };

  const copy = async (what: string, text: string | undefined) => {
    if (text === undefined) {
      toast.error("There is nothing to copy before what is wrong is mended");
      return;
    }
    try {
      await navigator.clipboard.writeText(text);
      toast.success(`${what} copied`);
    } catch (err) {
      toast.error(`The browser does not let it be copied. ${messageOf(err)}`);
    }
  };
  useKey("c", "Copy the item’s key", () => void copy("Key", base && toDynamoJSON(keyOf(base, keys))), { enabled: base !== undefined });
  useKey("d", "Duplicate the item", () => base && onDuplicate?.(base), { enabled: base !== undefined && onDuplicate !== undefined && !readOnly });
  const entries = (): Entry[] => {
    const { item, troubles } = read(draft, sources);
    const said = troubles.some((t) => t.hard) ? undefined : item;
    return [
      { text: "Copy key", do: () => void copy("Key", said && toDynamoJSON(keyOf(said, keys))) },
      { text: "Copy as JSON", do: () => void copy("JSON", said && toPlainJSON(said, 2)) },
      { text: "Copy as DynamoDB JSON", do: () => void copy("DynamoDB JSON", said && toDynamoJSON(said, 2)) },
      ...(base
        ? ([
            "line",
            { text: "Requests with this item", do: () => showUses({ place, table, key: keyOf(base, keys) }) },
            ...(onOpenPage ? [{ text: "Open on its own page", do: () => onOpenPage(base) }] : []),
            ...(onDuplicate && !readOnly ? [{ text: "Duplicate…", do: () => onDuplicate(base) }] : []),
            ...(readOnly
              ? []
              : ([
                  { text: "Undo the last save", do: () => void (last && takeBack(last)), disabled: !last },
                  "line",
                  { text: "Delete…", do: () => setDeleting(true) },
                ] satisfies Entry[])),
          ] satisfies Entry[])
        : []),
    ];
  };

  const locks = useMemo(() => new Map(keys.map((name) => [name, base && !unlocked ? (lockOf(name, sources) ?? "") : ""])), [keys, base, unlocked, sources]);
  const unlock = useCallback(() => setUnlocked(true), []);
  const complain = base !== undefined || tried;
  const troubles = complain ? reading.troubles : [];

  return (
    <div className="@container flex min-h-0 min-w-0 flex-1 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        {readOnly ? null : (
          <>
            <Button kind="primary" onClick={() => void save()} disabled={busy || (base !== undefined && !dirty)} aria-keyshortcuts={ariaKeys("mod+s")} title={names("mod+s").join(" ")}>
              <Save size={15} aria-hidden />
              {base ? "Save" : "Create item"}
            </Button>
            <Button onClick={discard} disabled={busy || !dirty}>
              <Undo2 size={15} aria-hidden />
              Discard
            </Button>
          </>
        )}
        <span className="min-w-0 flex-1 text-muted" role="status">
          {busy ? "Saving…" : base && dirty ? "Not saved yet" : ""}
        </span>
        {base ? (
          <IconButton label="History" onClick={() => setRemembering(true)}>
            <Clock size={16} aria-hidden />
          </IconButton>
        ) : null}
        <IconButton label="Show code" onClick={() => setCoding(true)}>
          <CodeXml size={16} aria-hidden />
        </IconButton>
        <MenuButton label="More" entries={entries}>
          ⋯
        </MenuButton>
      </div>

      {failure ? <Failure title="It was not saved" message={failure} /> : null}

      <Tabs.Root value={draft.view} onValueChange={(view) => show(view as View)} activationMode="manual" className="flex min-h-0 flex-1 flex-col gap-2">
        <Tabs.List aria-label="Ways to show the item" className="flex border-b border-line">
          {views.map(([view, name]) => (
            <Tabs.Trigger key={view} value={view} className="cursor-pointer border-b-2 border-transparent px-3 py-1.5 text-muted hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink">
              {name}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <div ref={troublesBox} tabIndex={-1} role="status" className="outline-none">
          {troubles.length > 0 ? <Troubles troubles={troubles} point={point} /> : null}
        </div>
        <Tabs.Content value="form" className="min-h-0 flex-1 overflow-auto p-0.5" tabIndex={-1}>
          {draft.view === "form" ? <Tree root={draft.root} change={change} problems={complain ? reading.problems : none} keys={locks} goal={goal} {...(base ? { unlock } : {})} /> : null}
        </Tabs.Content>
        {(["plain", "wire"] as const).map((view) => (
          <Tabs.Content key={view} value={view} className="flex min-h-0 flex-1 flex-col gap-1" tabIndex={-1}>
            {draft.view === view ? (
              <Suspense fallback={<Skeleton />}>
                <Text view={view} text={draft.text} sources={sources} goal={spot} className="min-h-60 flex-1" onText={readOnly ? undefined : (text) => setDraft({ view, text })} />
              </Suspense>
            ) : null}
            {view === "plain" ? (
              <p className="text-muted">
                Numbers keep all digits. Sets are <code>{'{"$SS": […]}'}</code>, <code>$NS</code>, <code>$BS</code>; binary is <code>{'{"$B": "base64"}'}</code>.
              </p>
            ) : null}
          </Tabs.Content>
        ))}
      </Tabs.Root>

      {base && reading.item && dirty ? <Changes before={base} after={reading.item} /> : null}
      <Size reading={reading} base={base} />

      <Conflict
        clash={clash}
        busy={busy}
        close={() => setClash(undefined)}
        take={() => {
          setClash(undefined);
          if (!clash?.theirs) {
            onDeleted();
            return;
          }
          adopt(clash.theirs, undefined);
          onSaved(clash.theirs);
        }}
        save={(to) => {
          setClash(undefined);
          const from = clash?.theirs;
          void write({ ...(from ? { from } : {}), ...(to ? { to } : {}) });
        }}
      />
      <Moving
        from={base}
        to={moving}
        keys={keys}
        strong={target.strong}
        close={() => setMoving(undefined)}
        copy={(to) => { setMoving(undefined); void write({ to }); }}
        move={(from, to) => { setMoving(undefined); void write({ from, to }, () => move(target, from, to)); }}
      />
      {remembering && base ? (
        <Suspense>
          <History
            place={place}
            table={table}
            keys={keys}
            item={base}
            close={() => setRemembering(false)}
            use={(image) => {
              setRemembering(false);
              setDraft(draftOf(image, draft.view, sources));
              toast.info("It is in the editor, and not saved yet");
            }}
          />
        </Suspense>
      ) : null}
      {coding ? <ShowCode close={() => setCoding(false)} target={target} place={place} base={base} reading={read(draft, sources)} /> : null}
      <Warning open={deleting} close={() => setDeleting(false)} title="Delete this item?" text={base ? keyText(base, keys) : ""}>
        <div className="mt-5 flex justify-end gap-2">
          <CancelWarning />
          <Button kind="danger" onClick={() => { setDeleting(false); if (base) void write({ from: base }); }}>
            Delete
          </Button>
        </div>
      </Warning>
    </div>
  );
}

const none: ReadonlyMap<number, string> & Map<number, string> = new Map();

// useStable keeps the problems of a reading that has the same ones, so that rows
// need not be shown anew for each key.
function useStable(reading: Reading): Reading {
  const kept = useRef(reading.problems);
  const same = kept.current.size === reading.problems.size && [...reading.problems].every(([id, text]) => kept.current.get(id) === text);
  const problems = same ? kept.current : reading.problems;
  useEffect(() => {
    kept.current = problems;
  }, [problems]);
  return useMemo(() => ({ ...reading, problems }), [reading, problems]);
}

function where(trouble: Trouble | undefined): string {
  if (!trouble) return "It says nothing.";
  return trouble.position ? `Line ${trouble.position.line}, column ${trouble.position.column}: ${trouble.text}` : trouble.text;
}

function Troubles({ troubles, point }: { troubles: readonly Trouble[]; point: (trouble: Trouble) => void }) {
  const most = 5;
  return (
    <div className="rounded-md border border-danger p-2">
      <p className="flex items-center gap-2 font-medium">
        <CircleAlert size={15} className="shrink-0 text-danger" aria-hidden />
        {plural(troubles.length, "problem")}
      </p>
      <ul>
        {troubles.slice(0, most).map((t, i) => (
          <li key={i}>
            {t.node !== undefined || t.position ? (
              <button type="button" className="cursor-pointer text-start break-words text-accent underline" onClick={() => point(t)}>
                {where(t)}
              </button>
            ) : (
              where(t)
            )}
          </li>
        ))}
      </ul>
      {troubles.length > most ? <p className="text-muted">and {troubles.length - most} more</p> : null}
    </div>
  );
}

// Changes tells what will be saved.
function Changes({ before, after }: { before: Item; after: Item }) {
  const changes = differences(before, after);
  if (changes.length === 0) return null;
  return (
    <details className="max-h-64 shrink-0 overflow-auto rounded-md border border-line">
      <summary className="cursor-pointer px-3 py-1.5 font-medium">{plural(changes.length, "attribute")} to save</summary>
      <ul className="border-t border-line">
        {changes.map(({ name, before: was, after: is }) => (
          <li key={name} className="border-b border-line px-3 py-1.5 last:border-0">
            <p className="font-medium break-words">
              {name} <span className="font-normal text-muted">{was ? (is ? "changed" : "removed") : "added"}</span>
            </p>
            {was ? (
              <p>
                <span className="text-muted">from </span>
                <Shown v={was} />
              </p>
            ) : null}
            {is ? (
              <p>
                <span className="text-muted">to </span>
                <Shown v={is} />
              </p>
            ) : null}
          </li>
        ))}
      </ul>
    </details>
  );
}

// callsOf returns what can be done with an item, as requests: what is first is what
// Save sends.
function callsOf(target: Target, base: Item | undefined, to: Item | undefined): [what: string, call: Call][] {
  const { table, keys } = target;
  const call = (operation: string, input: Input): Call => {
    // It is for the page, to show what is there; older SDKs do not know it.
    const { ReturnValuesOnConditionCheckFailure: _, ...rest } = input;
    return { operation, input: rest, key: { hash: keys.slice(0, 1), range: keys.slice(1) } };
  };
  const all: [string, Call][] = [];
  if (to && !base) all.push(["Create", call("PutItem", createInput(target, to))]);
  if (to && base && !equalItems(base, to)) {
    if (equalItems(keyOf(base, keys), keyOf(to, keys))) {
      const update = updateInput(target, base, differences(base, to));
      all.push(["Save", update ? call("UpdateItem", update) : call("PutItem", putInput(target, base, to))]);
    } else if (target.strong) {
      all.push(["Create", call("PutItem", createInput(target, to))]);
    } else {
      const { TransactItems = [] } = moveInput(target, base, to);
      all.push(["Move", call("TransactWriteItems", { TransactItems: TransactItems.map((t) => Object.fromEntries(Object.entries(t).map(([kind, input]) => [kind, call(kind, input as Input).input]))) })]);
    }
  }
  if (base) {
    all.push(["Read", call("GetItem", { TableName: table, Key: keyOf(base, keys) })]);
    all.push(["Put", call("PutItem", { TableName: table, Item: to ?? base })]);
    all.push(["Delete", call("DeleteItem", deleteInput(target, base))]);
  }
  return all;
}

const callTexts: Record<string, string> = {
  Create: "What Create item sends: nothing is written where there is such an item.",
  Save: "What Save sends: nothing is written if somebody else has changed the item.",
  Move: "With another key this is another item: both are written, or neither.",
  Read: "What is there now.",
  Put: "The whole item, in the place of what there may be.",
  Delete: "What Delete sends: nothing is deleted if somebody else has changed the item.",
};

// ShowCode has what can be done with an item as code, to be pasted elsewhere.
function ShowCode({ close, target, place, base, reading }: { close: () => void; target: Target; place: Place; base: Item | undefined; reading: Reading }) {
  const wrong = reading.troubles.length > 0 || !reading.item;
  const [all] = useState(() => callsOf(target, base, wrong ? undefined : reading.item));
  const [chosen, setChosen] = useState(0);
  const [what, made] = all[chosen] ?? [];
  const calls = useMemo(() => (made ? [made] : []), [made]);
  return (
    <Dialog open close={close} wide title="As code" text={what ? callTexts[what] : "There is nothing to be sent before what is wrong is mended."}>
      {wrong && base ? <p className="mb-3">Something is wrong in what was typed: what Save would send is shown when that is mended.</p> : null}
      {all.length > 1 ? (
        <div role="radiogroup" aria-label="Request" className="mb-3 flex flex-wrap gap-x-4 gap-y-1">
          {all.map(([name, { operation }], i) => (
            <label key={name} className="flex min-h-7 cursor-pointer items-center gap-1.5">
              <input type="radio" name="request" className="accent-accent" checked={i === chosen} onChange={() => setChosen(i)} />
              {name} <span className="text-muted">{operation}</span>
            </label>
          ))}
        </div>
      ) : null}
      {made ? (
        <Suspense fallback={<Skeleton />}>
          <Codes calls={calls} place={place} />
        </Suspense>
      ) : null}
    </Dialog>
  );
}

// Size tells how large an item is, and what it takes to write and to read it.
function Size({ reading, base }: { reading: Reading; base: Item | undefined }) {
  const id = useId();
  if (!reading.item) return null;
  const size = itemSize(reading.item);
  // The larger one counts.
  const written = Math.max(1, Math.ceil(Math.max(size, base ? itemSize(base) : 0) / 1024));
  const read4 = Math.max(1, Math.ceil(size / 4096));
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
      <span id={id} className={size > maxItemSize ? "text-danger" : ""}>
        {bytes(size)} of 400 KB
      </span>
      <span role="meter" aria-labelledby={id} aria-valuemin={0} aria-valuemax={maxItemSize} aria-valuenow={Math.min(size, maxItemSize)} className="h-1.5 w-20 overflow-hidden rounded bg-line">
        <span className={`block h-full ${size > maxItemSize ? "bg-danger" : "bg-accent"}`} style={{ width: `${Math.min(100, Math.max(2, (size / maxItemSize) * 100))}%` }} />
      </span>
      <span>
        {written} WCU to write, {read4} RCU to read ({read4 / 2} eventually consistent)
      </span>
    </div>
  );
}

interface MovingProps {
  from: Item | undefined;
  to: Item | undefined;
  keys: readonly string[];
  strong: boolean | undefined;
  close: () => void;
  copy: (to: Item) => void;
  move: (from: Item, to: Item) => void;
}

function Moving({ from, to, keys, strong, close, copy, move: both }: MovingProps) {
  const text = `A key cannot be changed in place. What you have can be saved as a new item; the old one can be deleted ${strong ? "after that: a table with strong consistency takes no transactions" : "in the same transaction"}.`;
  return (
    <Warning open={to !== undefined} close={close} title="With another key this is another item" text={text}>
      {from && to ? (
        <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1">
          <dt className="text-muted">Old</dt>
          <dd className="font-mono text-[13px] break-all">{keyText(from, keys)}</dd>
          <dt className="text-muted">New</dt>
          <dd className="font-mono text-[13px] break-all">{keyText(to, keys)}</dd>
        </dl>
      ) : null}
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <CancelWarning />
        <Button onClick={() => { if (to) copy(to); }}>Create the new, keep the old</Button>
        <Button kind="primary" onClick={() => { if (from && to) both(from, to); }}>
          Create the new, delete the old
        </Button>
      </div>
    </Warning>
  );
}
