import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { messageOf } from "../server";
import { apply, type Difference, differences, invert } from "./diff";
import { note, strike } from "./journal";
import { equalItems, type Item, itemOf, itemSize, keyOf } from "./value";

// A Target is where items are written.
export interface Target {
  client: DynamoDBClient;
  table: string;
  keys: readonly string[]; // the names of the table's key, partition key first
  strong?: boolean; // it takes no transactions, as no table with strong consistency does
}

// A Change is an item as it was loaded and as it shall be: there is none before it
// is created, and none after it is deleted.
export interface Change {
  from?: Item;
  to?: Item;
}

// An Outcome is what became of a change that was to be saved.
export type Outcome =
  // The item is as it shall be: nothing had to be written.
  | { done: "unchanged"; item?: Item }
  // item is what is there now, with what others have added since it was loaded.
  // Saving undo takes the change back.
  | { done: "saved"; item?: Item; undo: Change }
  // The item is not what was loaded: theirs is what it is; none if it is gone.
  | { done: "conflict"; theirs?: Item }
  // There is an item with the new key.
  | { done: "taken"; theirs: Item }
  // The key differs, so it is another item: ask, then move.
  | { done: "moved" };

// save makes a change if nobody else has changed the item since it was loaded, and
// writes down how it is taken back. What goes wrong otherwise is thrown.
export async function save(target: Target, change: Change): Promise<Outcome> {
  return noted(target, await write(target, change));
}

function noted(target: Target, outcome: Outcome): Outcome {
  if (outcome.done === "saved") note(target, [outcome.undo]);
  return outcome;
}

async function write(target: Target, change: Change): Promise<Outcome> {
  const { from, to } = change;
  const { client, keys } = target;
  try {
    if (from && to) {
      if (!equalItems(keyOf(from, keys), keyOf(to, keys))) return { done: "moved" };
      const changes = differences(from, to);
      if (changes.length === 0) return { done: "unchanged", item: from };
      const update = updateInput(target, from, changes);
      if (!update) return await replace(target, from, to);
      const { Attributes } = await client.send(new UpdateItemCommand({ ...update, ReturnValues: "ALL_NEW" }));
      const item = Attributes ? itemOf(Attributes) : to;
      return { done: "saved", item, undo: { from: item, to: apply(item, invert(changes)) } };
    }
    if (to) {
      await client.send(new PutItemCommand(createInput(target, to)));
      return { done: "saved", item: to, undo: { from: to } };
    }
    if (from) {
      const { Attributes } = await client.send(new DeleteItemCommand({ ...deleteInput(target, from), ReturnValues: "ALL_OLD" }));
      return { done: "saved", undo: { to: Attributes ? itemOf(Attributes) : from } };
    }
    return { done: "unchanged" };
  } catch (err) {
    if (!(err instanceof ConditionalCheckFailedException)) throw err;
    return refused(change, err.Item);
  }
}

// move makes a copy of an item with another key and deletes the item: both or
// neither. Of a strong table there are both for a moment.
export async function move(target: Target, from: Item, to: Item): Promise<Outcome> {
  return noted(target, await writeMove(target, from, to));
}

async function writeMove(target: Target, from: Item, to: Item): Promise<Outcome> {
  if (target.strong) return moveInSteps(target, from, to);
  try {
    await target.client.send(new TransactWriteItemsCommand(moveInput(target, from, to)));
    return { done: "saved", item: to, undo: { from: to, to: from } };
  } catch (err) {
    if (!(err instanceof TransactionCanceledException)) throw err;
    const [copy, original] = err.CancellationReasons ?? [];
    if (original?.Code === "ConditionalCheckFailed") return refused({ from }, original.Item);
    if (copy?.Code === "ConditionalCheckFailed") return refused({ to }, copy.Item);
    throw err;
  }
}

async function moveInSteps(target: Target, from: Item, to: Item): Promise<Outcome> {
  const copied = await write(target, { to });
  if (!isDone(copied)) return copied;
  const takeBack = () => write(target, { from: to });
  let gone: Outcome;
  try {
    gone = await write(target, { from });
  } catch (err) {
    if (copied.done === "saved") await takeBack();
    throw err;
  }
  if (isDone(gone)) return { done: "saved", item: to, undo: { from: to, to: from } };
  if (copied.done === "saved") await takeBack();
  return gone;
}

// undo takes back what was saved, also a move.
export async function undo(target: Target, change: Change): Promise<Outcome> {
  const written = await write(target, change);
  const outcome = written.done === "moved" && change.from && change.to ? await writeMove(target, change.from, change.to) : written;
  if (isDone(outcome)) strike(target, [change]);
  return outcome;
}

// isDone tells whether an item is as it should become.
export function isDone(outcome: Result): outcome is Outcome & { done: "saved" | "unchanged" } {
  return outcome.done === "saved" || outcome.done === "unchanged";
}

// A Result is what became of one of several changes.
export type Result =
  | Outcome
  | { done: "failed"; message: string }
  // It was not made because another one of its transaction was not.
  | { done: "held" };

// A transaction has at most so many items and bytes; each may be there twice, as it
// was and as it shall be.
const most = 100;
const mostBytes = 4 << 20;

// saveAll makes changes of different items, each only if nobody else has changed that
// since it was loaded: one by itself, as all of a strong table, more in transactions, so
// that either all of one are made or none. It writes down how they are taken back together.
export async function saveAll(target: Target, changes: readonly Change[]): Promise<Result[]> {
  const results = await writeAll(target, changes);
  note(target, results.flatMap((r) => (r.done === "saved" ? [r.undo] : [])));
  return results;
}

// undoAll takes back what saveAll has saved.
export async function undoAll(target: Target, changes: readonly Change[]): Promise<Result[]> {
  const results = await writeAll(target, changes);
  strike(target, changes.filter((_, i) => isDone(results[i] as Result)));
  return results;
}

async function writeAll(target: Target, changes: readonly Change[]): Promise<Result[]> {
  const results: Result[] = changes.map(() => ({ done: "held" }));
  const groups: { i: number; input: TransactWriteItem }[][] = [];
  const alone: number[] = [];
  let bytes = Infinity;
  for (const [i, change] of changes.entries()) {
    const input = changes.length > 1 && !target.strong ? transactInput(target, change) : undefined;
    const size = itemSize(change.from ?? {}) + itemSize(change.to ?? {});
    if (!input || size > mostBytes) {
      alone.push(i);
      continue;
    }
    bytes += size;
    if (bytes > mostBytes || (groups.at(-1)?.length ?? most) >= most) {
      groups.push([]);
      bytes = size;
    }
    groups.at(-1)?.push({ i, input });
  }
  for (const i of alone) {
    const change = changes[i] as Change;
    try {
      const outcome = await write(target, change);
      results[i] = outcome.done === "moved" && change.from && change.to ? await writeMove(target, change.from, change.to) : outcome;
    } catch (err) {
      results[i] = { done: "failed", message: messageOf(err) };
    }
  }
  for (const group of groups) {
    try {
      await target.client.send(new TransactWriteItemsCommand({ TransactItems: group.map(({ input }) => input) }));
      for (const { i } of group) results[i] = saved(changes[i] as Change);
    } catch (err) {
      const reasons = err instanceof TransactionCanceledException ? (err.CancellationReasons ?? []) : [];
      for (const [at, { i }] of group.entries()) {
        const reason = reasons[at];
        if (reason?.Code === "ConditionalCheckFailed") results[i] = refused(changes[i] as Change, reason.Item);
        else if (reasons.length === 0 || (reason?.Code && reason.Code !== "None")) results[i] = { done: "failed", message: reason?.Message ?? messageOf(err) };
      }
    }
  }
  return results;
}

// saved returns the outcome of a change that was made in a transaction, which does not
// tell what others have added.
function saved(change: Change): Outcome {
  const { from, to } = change;
  return { done: "saved", ...(to ? { item: to } : {}), undo: { ...(to ? { from: to } : {}), ...(from ? { to: from } : {}) } };
}

// transactInput asks for a change as one of a transaction; undefined if it has to be
// made by itself.
function transactInput(target: Target, { from, to }: Change): TransactWriteItem | undefined {
  if (!from) return to && { Put: createInput(target, to) };
  if (!to) return { Delete: deleteInput(target, from) };
  if (!equalItems(keyOf(from, target.keys), keyOf(to, target.keys))) return undefined;
  const changes = differences(from, to);
  const update = changes.length > 0 ? updateInput(target, from, changes) : undefined;
  return update && { Update: update };
}

function refused({ from, to }: Change, item: Record<string, AttributeValue> | undefined): Outcome {
  const theirs = item && itemOf(item);
  if (theirs && to ? equalItems(theirs, to) : !theirs && !to) return { done: "unchanged", ...(theirs ? { item: theirs } : {}) };
  if (theirs && !from) return { done: "taken", theirs };
  return { done: "conflict", ...(theirs ? { theirs } : {}) };
}

// replace puts a whole item, where an update would be too long. That would lose
// attributes that others have added under names that no condition can know, so they
// are looked for before: between that and the write is a gap, though a short one.
async function replace(target: Target, from: Item, to: Item): Promise<Outcome> {
  const { client, table, keys } = target;
  const { Item: item } = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(from, keys), ConsistentRead: true }));
  if (!item || !equalItems(itemOf(item), from)) return refused({ from, to }, item);
  await client.send(new PutItemCommand(putInput(target, from, to)));
  return { done: "saved", item: to, undo: { from: to, to: from } };
}

// An expression has at most 4 KB and 300 operators: an "=" or a function, and the
// "AND" before the next, for each of 150 attributes.
const maxExpression = 4096;
const maxCompared = 150;

// Names are placeholders of an expression, one for each name.
class Names {
  readonly #all = new Map<string, number>();

  of(name: string): string {
    let n = this.#all.get(name);
    if (n === undefined) {
      n = this.#all.size;
      this.#all.set(name, n);
    }
    return `#${n}`;
  }

  record(): Record<string, string> {
    return Object.fromEntries([...this.#all].map(([name, n]) => [`#${n}`, name]));
  }
}

// unchanged returns the condition that an item is what was loaded, with its values.
//
// Every attribute that was loaded is compared, as a whole and however large it is:
// "=" is exact for all types, to all digits and through all levels, and the values
// of an item stay below what an expression's values may be. Attributes that are to
// be added must not be there yet. Those that are to be changed come first, so where
// there are more than an expression can have, what is not compared is what is not
// written either. What others have added under other names cannot be asked for: an
// update leaves it alone.
function unchanged(from: Item, changes: readonly Difference[], keys: readonly string[], names: Names): { condition: string; values: Item } {
  const values: Item = {};
  const conditions: string[] = [];
  const first = changes.map(({ name }) => name);
  // Without a key's attribute the condition would be none of an item that has
  // nothing but its key.
  const others = Object.keys(from).filter((name) => !keys.includes(name) && !first.includes(name));
  for (const name of [...keys.slice(0, 1), ...first, ...others].slice(0, maxCompared)) {
    const value = Object.hasOwn(from, name) ? from[name] : undefined;
    const placeholder = names.of(name);
    if (value) {
      values[`:o${placeholder.slice(1)}`] = value;
      conditions.push(`${placeholder}=:o${placeholder.slice(1)}`);
    } else {
      conditions.push(`attribute_not_exists(${placeholder})`);
    }
  }
  // attribute_not_exists is long.
  while (conditions.join(" AND ").length > maxExpression) conditions.pop();
  return { condition: conditions.join(" AND "), values };
}

// used leaves out values that an expression does not have: they would be refused.
function used(values: Item, ...expressions: string[]): Item {
  const there = new Set(expressions.flatMap((e) => e.match(/:\w+/g) ?? []));
  return Object.fromEntries(Object.entries(values).filter(([name]) => there.has(name)));
}

const theirsToo = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

// createInput asks for an item that is not there yet.
export function createInput({ table, keys }: Target, to: Item) {
  return {
    TableName: table,
    Item: to,
    ConditionExpression: "attribute_not_exists(#0)",
    ExpressionAttributeNames: { "#0": keys[0] ?? "" },
    ...theirsToo,
  } satisfies PutItemCommandInput;
}

// updateInput asks for changes to an item that is what was loaded; undefined if
// there are more than an expression can have.
export function updateInput({ table, keys }: Target, from: Item, changes: readonly Difference[]) {
  const names = new Names();
  const { condition, values } = unchanged(from, changes, keys, names);
  const set = changes.flatMap(({ name, after }) => {
    if (!after) return [];
    const placeholder = names.of(name);
    values[`:n${placeholder.slice(1)}`] = after;
    return [`${placeholder}=:n${placeholder.slice(1)}`];
  });
  const remove = changes.flatMap(({ name, after }) => (after ? [] : [names.of(name)]));
  const update = [set.length > 0 ? `SET ${set.join(",")}` : "", remove.length > 0 ? `REMOVE ${remove.join(",")}` : ""].filter(Boolean).join(" ");
  // As many attributes can be compared as changed, or some would be overwritten blindly.
  if (update.length > maxExpression || changes.some(({ name }) => !condition.split(/[^#\d]/).includes(names.of(name)))) return undefined;
  return {
    TableName: table,
    Key: keyOf(from, keys),
    UpdateExpression: update,
    ConditionExpression: condition,
    ExpressionAttributeNames: names.record(),
    ExpressionAttributeValues: used(values, update, condition),
    ...theirsToo,
  } satisfies UpdateItemCommandInput;
}

// putInput asks for an item in the place of what was loaded.
export function putInput({ table, keys }: Target, from: Item, to: Item) {
  const names = new Names();
  const { condition, values } = unchanged(from, [], keys, names);
  return {
    TableName: table,
    Item: to,
    ConditionExpression: condition,
    ExpressionAttributeNames: names.record(),
    ExpressionAttributeValues: used(values, condition),
    ...theirsToo,
  } satisfies PutItemCommandInput;
}

// deleteInput asks for what was loaded to be gone.
export function deleteInput({ table, keys }: Target, from: Item) {
  const names = new Names();
  const { condition, values } = unchanged(from, [], keys, names);
  return {
    TableName: table,
    Key: keyOf(from, keys),
    ConditionExpression: condition,
    ExpressionAttributeNames: names.record(),
    ExpressionAttributeValues: used(values, condition),
    ...theirsToo,
  } satisfies DeleteItemCommandInput;
}

// moveInput asks for an item to be there under another key, and no longer under its
// old one.
export function moveInput(target: Target, from: Item, to: Item): TransactWriteItemsCommandInput {
  return { TransactItems: [{ Put: createInput(target, to) }, { Delete: deleteInput(target, from) }] };
}
