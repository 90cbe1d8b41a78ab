import { TransactionCanceledException, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { apply, type Difference, differences } from "../model/diff";
import { save, type Target, updateInput } from "../model/save";
import { bytesOf, equal, equalItems, type Item, itemOf, itemSize, NotAValue, numberProblem, type Value } from "../model/value";
import { messageOf } from "../server";

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

// A transaction has at most so many items and bytes; each may be there twice, as it
// was and as it shall be.
const most = 100;
const mostBytes = 4 << 20;

// saveAll writes what is staged, each item only if it is what was loaded: one by
// itself, more in transactions, so that either all of them are written or none. It
// returns what is left, with what is wrong with it.
export async function saveAll(target: Target, staging: Staging): Promise<{ saved: number; left: Staging }> {
  const left = new Map(staging);
  let saved = 0;
  const one = async (id: string, staged: Staged) => {
    try {
      const outcome = await save(target, { from: staged.from, to: wanted(staged) });
      if (outcome.done === "saved" || outcome.done === "unchanged") {
        left.delete(id);
        saved++;
      } else {
        left.set(id, { from: staged.from, changes: staged.changes, conflict: outcome.done === "conflict" ? { theirs: outcome.theirs } : {} });
      }
    } catch (err) {
      left.set(id, { from: staged.from, changes: staged.changes, problem: messageOf(err) });
    }
  };
  const alone: [string, Staged][] = [];
  const together: { id: string; staged: Staged; input: NonNullable<ReturnType<typeof updateInput>> }[][] = [];
  let bytes = Infinity;
  for (const [id, staged] of staging) {
    const input = updateInput(target, staged.from, differences(staged.from, wanted(staged)));
    const size = itemSize(staged.from) + itemSize(wanted(staged));
    if (!input || staging.size === 1 || size > mostBytes) {
      alone.push([id, staged]);
      continue;
    }
    bytes += size;
    if (bytes > mostBytes || (together.at(-1)?.length ?? most) >= most) {
      together.push([]);
      bytes = size;
    }
    together.at(-1)?.push({ id, staged, input });
  }
  for (const [id, staged] of alone) await one(id, staged);
  for (const group of together) {
    try {
      await target.client.send(new TransactWriteItemsCommand({ TransactItems: group.map(({ input }) => ({ Update: input })) }));
      for (const { id } of group) left.delete(id);
      saved += group.length;
    } catch (err) {
      const reasons = err instanceof TransactionCanceledException ? (err.CancellationReasons ?? []) : [];
      for (const [i, { id, staged }] of group.entries()) {
        const { from, changes } = staged;
        const reason = reasons[i];
        const theirs = reason?.Item && itemOf(reason.Item);
        if (reason?.Code === "ConditionalCheckFailed") {
          if (theirs && equalItems(theirs, wanted(staged))) left.delete(id);
          else left.set(id, { from, changes, conflict: theirs ? { theirs } : {} });
        } else if (reasons.length === 0 || (reason?.Code && reason.Code !== "None")) {
          left.set(id, { from, changes, problem: reason?.Message ?? messageOf(err) });
        } else {
          left.set(id, { from, changes });
        }
      }
    }
  }
  return { saved, left };
}
