import { apply, type Difference, differences } from "../model/diff";
import { isDone, type Result, saveAll, type Target } from "../model/save";
import { base64, bytesOf, equal, identity, type Item, NotAValue, numberProblem, own, recordOf, typeOf, type Value } from "../model/value";

// A Staged item is one that is changed here and not yet saved.
export interface Staged {
  from: Item; // as it was loaded; nothing of one that is new
  isNew?: boolean;
  changes: ReadonlyMap<string, Value | undefined>; // undefined takes the attribute away
  conflict?: { theirs?: Item }; // what it has become meanwhile; none if it is gone
  problem?: string; // why the server refused it
}

// Staging is all of them, by the identity of the item.
export type Staging = ReadonlyMap<string, Staged>;

export const nothingStaged: Staging = new Map();

let serial = 0;

// stageNew returns a staging with new items. What identifies one is no key: that can
// still change.
export function stageNew(staging: Staging, items: readonly Item[]): Staging {
  const next = new Map(staging);
  for (const item of items) next.set(`+${++serial}`, { from: {}, isNew: true, changes: new Map(Object.entries(item)) });
  return next;
}

// stage returns a staging in which an attribute is another, or none; to what it was
// loaded as, is no change.
export function stage(staging: Staging, id: string, item: Item, name: string, value: Value | undefined): Staging {
  const { from, isNew, changes } = staging.get(id) ?? { from: item, isNew: undefined, changes: new Map<string, Value | undefined>() };
  const next = new Map(changes);
  if (equal(own(from, name), value)) next.delete(name);
  else next.set(name, value);
  return replaced(staging, id, next.size > 0 || isNew ? { from, ...(isNew ? { isNew } : {}), changes: next } : undefined);
}

// takeBack returns a staging without the change of an attribute.
export function takeBack(staging: Staging, id: string, name: string): Staging {
  const staged = staging.get(id);
  return staged ? stage(staging, id, staged.from, name, own(staged.from, name)) : staging;
}

// rebase returns a staging in which the changes of an item are made to what it has
// become, but for those of some attributes; those of a new one, to the one that has its
// key.
export function rebase(staging: Staging, id: string, keys: readonly string[], but: ReadonlySet<string> = new Set()): Staging {
  const staged = staging.get(id);
  const theirs = staged?.conflict?.theirs;
  if (!staged || !theirs) return staging;
  if (staged.isNew) {
    const there = identity(theirs, keys);
    return [...staged.changes].reduce((all, [name, value]) => stage(all, there, theirs, name, value), replaced(staging, id, undefined));
  }
  const changes = new Map([...staged.changes].filter(([name, value]) => !but.has(name) && !equal(own(theirs, name), value)));
  return replaced(staging, id, changes.size > 0 ? { from: theirs, changes } : undefined);
}

export function replaced(staging: Staging, id: string, staged: Staged | undefined): Staging {
  const next = new Map(staging);
  if (staged) next.set(id, staged);
  else next.delete(id);
  return next;
}

// wanted returns an item as it shall be.
export function wanted({ from, changes }: Staged): Item {
  return apply(from, [...changes].map(([name, after]): Difference => ({ name, ...(after ? { after } : {}) })));
}

// A Cell is where a value stands.
export interface Cell {
  item: Item;
  name: string;
  isNew?: boolean | undefined; // its item is not saved yet
  partial?: boolean | undefined; // its item has attributes that were not read
}

// whyNot says why a cell is not changed where it is.
export function whyNot({ item, name, isNew, partial }: Cell, keys: readonly string[]): string | undefined {
  if (keys.includes(name) && !isNew) return "A key cannot be changed: it tells the item from all others. Open the item to copy it under another key.";
  const v = own(item, name);
  if (!v) return partial && !isNew ? "The query does not read all attributes. Open the item to see whether it has this one." : undefined;
  if ("S" in v || "N" in v || "B" in v || "BOOL" in v || "NULL" in v) return undefined;
  return "Lists, maps and sets are not changed in their cells. Open the item to change this.";
}

// A CellType is how a value is typed into a cell.
export type CellType = "S" | "N" | "BOOL" | "NULL" | "B" | "hex";

export const cellTypes: [CellType, string][] = [
  ["S", "String"],
  ["N", "Number"],
  ["BOOL", "Boolean"],
  ["NULL", "Null"],
  ["B", "Binary, base64"],
  ["hex", "Binary, hex"],
];

export function cellTypeOf(v: Value | undefined): CellType {
  const type = v ? typeOf(v) : "S";
  return cellTypes.some(([t]) => t === type) ? (type as CellType) : "S";
}

const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join(" ");

function fromHex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new NotAValue("these are not two hexadecimal digits for each byte");
  return Uint8Array.from(digits.match(/../g) ?? [], (d) => parseInt(d, 16));
}

// typed returns the value of a type that somebody has typed. It throws a NotAValue.
export function typed(type: CellType, text: string): Value {
  switch (type) {
    case "N": {
      const problem = numberProblem(text);
      if (problem) throw new NotAValue(text.trim() === "" ? "a number is missing" : problem);
      return { N: text.trim() };
    }
    case "B":
      return { B: bytesOf(text.trim()) };
    case "hex":
      return { B: fromHex(text) };
    case "BOOL":
      return { BOOL: text === "true" };
    case "NULL":
      return { NULL: true };
    case "S":
      return { S: text };
  }
}

// retyped returns what was typed as one type, written as another: the same bytes, or
// as it is where that is nothing.
export function retyped(text: string, from: CellType, to: CellType): string {
  const isBinary = (type: CellType) => type === "B" || type === "hex";
  if (isBinary(from) || isBinary(to)) {
    try {
      const bytes = isBinary(from) ? (from === "B" ? bytesOf(text.trim()) : fromHex(text)) : new TextEncoder().encode(from === "NULL" ? "" : text);
      if (isBinary(to)) return to === "B" ? base64(bytes) : hex(bytes);
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      // It is none, or no text: then it stays as it is typed.
    }
  }
  return to === "BOOL" ? String(/^\s*true\s*$/i.test(text)) : text;
}

// saveStaged writes what is staged, each item only if it is what was loaded, and new
// ones only where there is none with their key. It returns what is left, with what is
// wrong with it.
export async function saveStaged(target: Target, staging: Staging): Promise<{ saved: number; left: Staging }> {
  const all = [...staging];
  const results = await saveAll(target, all.map(([, staged]) => ({ ...(staged.isNew ? {} : { from: staged.from }), to: wanted(staged) })));
  const left = new Map<string, Staged>();
  for (const [i, [id, { conflict: _, problem: __, ...staged }]] of all.entries()) {
    const result = results[i] as Result;
    if (isDone(result)) continue;
    if (result.done === "failed") left.set(id, { ...staged, problem: result.message });
    else if (result.done === "conflict" || result.done === "taken") left.set(id, { ...staged, conflict: result.theirs ? { theirs: result.theirs } : {} });
    else left.set(id, staged);
  }
  return { saved: all.length - left.size, left };
}

// summary says how much is staged.
export function summary(staging: Staging): { changes: number; changed: number; added: number } {
  const old = [...staging.values()].filter((s) => !s.isNew);
  return { changes: old.reduce((sum, { changes }) => sum + changes.size, 0), changed: old.length, added: staging.size - old.length };
}

// changesOf returns what becomes of the attributes of an item.
export function changesOf(staged: Staged): Difference[] {
  return differences(staged.from, wanted(staged));
}

// newItems returns what the new ones of a staging are to be.
export function newItems(staging: Staging): { id: string; staged: Staged; item: Item }[] {
  return [...staging].flatMap(([id, staged]) => (staged.isNew ? [{ id, staged, item: recordOf([...staged.changes].flatMap(([name, v]) => (v ? [[name, v] as const] : []))) }] : []));
}
