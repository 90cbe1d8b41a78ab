import { BatchWriteItemCommand, DeleteTableCommand, DescribeTableCommand, type DynamoDBClient, PutItemCommand, ScanCommand, type WriteRequest } from "@aws-sdk/client-dynamodb";
import type { KeyAttribute } from "../model/table";
import { identity, type Item, itemOf, recordOf, typeOf } from "../model/value";
import type { Job } from "../parts/work";
import { isGone, messageOf } from "../server";

// A Misfit is an item that cannot be in the new table.
export interface Misfit {
  item: Item;
  why: string;
}

// A Copy is how far items have been copied.
export interface Copy {
  copied: number;
  misfits: Misfit[];
  next?: Item; // where to go on
  done?: boolean;
  seen?: Set<string>; // the new keys, if they may be the same for several items
}

const batch = 25;
const atOnce = 4;

// copyItems copies the items of a table into another one with these keys, from where
// a copy has got to. It returns how far it has got, also if it is stopped or fails:
// what has been read but not copied as a whole is read again the next time.
export async function copyItems(client: DynamoDBClient, from: string, to: string, keys: KeyAttribute[], total: number, so: Copy, { signal, progress }: Job): Promise<Copy & { failure?: string }> {
  const names = keys.map((k) => k.name);
  let state = so;
  try {
    do {
      progress(state.copied, total);
      const page = await client.send(new ScanCommand({ TableName: from, ExclusiveStartKey: state.next, ConsistentRead: true }), { abortSignal: signal });
      const seen = new Set(state.seen);
      const items: Item[] = [];
      const misfits: Misfit[] = [];
      for (const item of (page.Items ?? []).map(itemOf)) {
        const id = identity(item, names);
        const why = misfit(item, keys) || (seen.has(id) ? "another item has this key" : "");
        if (why) misfits.push({ item, why });
        else items.push(item);
        if (state.seen) seen.add(id);
      }
      await inBatches(items, async (some) => {
        // One item that is refused has all of its batch refused.
        const written = await write(client, to, some.map((Item) => ({ PutRequest: { Item } })), signal).catch(() => false);
        if (!written) misfits.push(...(await oneByOne(client, to, some, signal)));
      });
      state = {
        copied: state.copied + (page.Items?.length ?? 0) - misfits.length,
        misfits: [...state.misfits, ...misfits],
        ...(state.seen ? { seen } : {}),
        ...(page.LastEvaluatedKey ? { next: itemOf(page.LastEvaluatedKey) } : { done: true }),
      };
    } while (!state.done && !signal.aborted);
    return state;
  } catch (err) {
    return { ...state, ...(signal.aborted ? {} : { failure: messageOf(err) }) };
  }
}

function misfit(item: Item, keys: KeyAttribute[]): string {
  for (const { name, type } of keys) {
    const v = item[name];
    if (!v) return `it has no ${name}`;
    if (typeOf(v) !== type) return `its ${name} is of type ${typeOf(v)}, not ${type}`;
  }
  return "";
}

async function oneByOne(client: DynamoDBClient, table: string, items: Item[], signal: AbortSignal): Promise<Misfit[]> {
  const misfits: Misfit[] = [];
  for (const item of items) {
    try {
      await client.send(new PutItemCommand({ TableName: table, Item: item }), { abortSignal: signal });
    } catch (err) {
      if (signal.aborted) throw err;
      if (!(err instanceof Error) || err.name !== "ValidationException") throw err;
      misfits.push({ item, why: messageOf(err) });
    }
  }
  return misfits;
}

// deleteItems deletes all items of a table, batch by batch, and returns how many. It
// ends early when the job is stopped.
export async function deleteItems(client: DynamoDBClient, table: string, keys: string[], total: number, { signal, progress }: Job): Promise<number> {
  let deleted = 0;
  let next: Item | undefined;
  const names = recordOf(keys.map((name, i) => [`#k${i}`, name] as const));
  do {
    progress(deleted, total);
    const page = await client.send(
      new ScanCommand({ TableName: table, ExclusiveStartKey: next, ConsistentRead: true, ProjectionExpression: Object.keys(names).join(", "), ExpressionAttributeNames: names }),
      { abortSignal: signal },
    );
    await inBatches((page.Items ?? []).map(itemOf), async (some) => {
      if (signal.aborted) return;
      await write(client, table, some.map((Key) => ({ DeleteRequest: { Key } })), signal);
      deleted += some.length;
      progress(deleted, total);
    });
    next = page.LastEvaluatedKey && itemOf(page.LastEvaluatedKey);
  } while (next && !signal.aborted);
  return deleted;
}

async function inBatches(items: Item[], each: (some: Item[]) => Promise<void>): Promise<void> {
  const batches: Item[][] = [];
  for (let i = 0; i < items.length; i += batch) batches.push(items.slice(i, i + batch));
  const work = async () => {
    for (let some = batches.shift(); some; some = batches.shift()) await each(some);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

// write carries out requests, and again what is left of them, later and later.
async function write(client: DynamoDBClient, table: string, requests: WriteRequest[], signal: AbortSignal): Promise<true> {
  let left: WriteRequest[] | undefined = requests;
  for (let pause = 50; ; pause = Math.min(pause * 2, 5000)) {
    const { UnprocessedItems }: { UnprocessedItems?: Record<string, WriteRequest[]> } = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }), { abortSignal: signal });
    left = UnprocessedItems?.[table];
    if (!left || left.length === 0) return true;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

// deleteTable deletes a table and waits until it is gone.
export async function deleteTable(client: DynamoDBClient, name: string, signal?: AbortSignal): Promise<void> {
  await client.send(new DeleteTableCommand({ TableName: name }), { abortSignal: signal });
  for (;;) {
    try {
      await client.send(new DescribeTableCommand({ TableName: name }), { abortSignal: signal });
    } catch (err) {
      if (isGone(err)) return;
      throw err;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
