import { apply, type Difference } from "../model/diff";
import { isDone, type Result, saveAll, type Target } from "../model/save";
import { bytesOf, equal, type Item, NotAValue, numberProblem, type Value } from "../model/value";

// A Staged item is one that is changed here and not yet saved.
export interface Staged {
  from: Item; // as it was loaded
  changes: ReadonlyMap<string, Value>;
  conflict?: { theirs?: Item }; // what it has become meanwhile; none if it is gone
  problem?: string; // why the server refused it
}

// Staging is all of them, by the identity of the item.
export type Staging = ReadonlyMap<string, Staged>;

export const nothingStaged: Staging = new Map();

// stage returns a staging in which an attribute is another; to what it was loaded
// as, is no change.
export function stage(staging: Staging, id: string, item: Item, name: string, value: Value): Staging {
  const { from, changes } = staging.get(id) ?? { from: item, changes: new Map<string, Value>() };
  const next = new Map(changes);
  if (equal(from[name], value)) next.delete(name);
  else next.set(name, value);
  return replaced(staging, id, next.size > 0 ? { from, changes: next } : undefined);
}

// takeBack returns a staging without the change of an attribute.
export function takeBack(staging: Staging, id: string, name: string): Staging {
  const staged = staging.get(id);
  const original = staged?.from[name];
  return staged && original ? stage(staging, id, staged.from, name, original) : staging;
}

// rebase returns a staging in which the changes of an item are made to what it has
// become.
export function rebase(staging: Staging, id: string): Staging {
  const staged = staging.get(id);
  const theirs = staged?.conflict?.theirs;
  if (!staged || !theirs) return staging;
  const changes = new Map([...staged.changes].filter(([name, value]) => !equal(theirs[name], value)));
  return replaced(staging, id, changes.size > 0 ? { from: theirs, changes } : undefined);
}

export function replaced(staging: Staging, id: string, staged: Staged | undefined): Staging {
  const next = new Map(staging);
  if (staged) next.set(id, staged);
  else next.delete(id);
  return next;
}

export function changesIn(staging: Staging): number {
  return [...staging.values()].reduce((sum, { changes }) => sum + changes.size, 0);
}

// wanted returns an item as it shall be.
export function wanted({ from, changes }: Staged): Item {
  return apply(from, [...changes].map(([name, after]): Difference => ({ name, after })));
}

// whyNot says why a cell is not changed where it is.
export function whyNot(item: Item, name: string, keys: readonly string[]): string | undefined {
  if (keys.includes(name)) return "A key cannot be changed: it tells the item from all others. Open the item to copy it under another key.";
  const v = item[name];
  if (!v) return "The item has no such attribute. Open the item to add it.";
  if ("S" in v || "N" in v || "B" in v || "BOOL" in v) return undefined;
  return "Only texts, numbers, binary and Booleans are changed in their cells. Open the item to change this.";
}

// typed returns the value of the same type that somebody has typed. It throws a
// NotAValue.
export function typed(old: Value, text: string): Value {
  if ("N" in old) {
    const problem = numberProblem(text);
    if (problem) throw new NotAValue(text.trim() === "" ? "a number is missing" : problem);
    return { N: text.trim() };
  }
  if ("B" in old) return { B: bytesOf(text.trim()) };
  if ("BOOL" in old) return { BOOL: text === "true" };
  return { S: text };
}

// saveStaged writes what is staged, each item only if it is what was loaded. It
// returns what is left, with what is wrong with it.
export async function saveStaged(target: Target, staging: Staging): Promise<{ saved: number; left: Staging }> {
  const all = [...staging];
  const results = await saveAll(target, all.map(([, staged]) => ({ from: staged.from, to: wanted(staged) })));
  const left = new Map<string, Staged>();
  for (const [i, [id, { from, changes }]] of all.entries()) {
    const result = results[i] as Result;
    if (isDone(result)) continue;
    if (result.done === "failed") left.set(id, { from, changes, problem: result.message });
    else if (result.done === "conflict") left.set(id, { from, changes, conflict: result.theirs ? { theirs: result.theirs } : {} });
    else left.set(id, { from, changes });
  }
  return { saved: all.length - left.size, left };
}
