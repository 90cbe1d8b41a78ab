import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  DynamoDBServiceException,
  PutItemCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { identity, type Item, keyOf } from "../model/value";
import { messageOf } from "../server";

// A Policy is what becomes of items that are there already.
export type Policy = "replace" | "skip" | "fail";

export interface Counts {
  done: number;
  skipped: number;
  failed: number;
}

interface Write<T> {
  put?: Item;
  delete?: Item; // a key
  tag: T;
}

// A Destination is where a Sender writes, and who is told.
export interface Destination<T> {
  client: DynamoDBClient;
  table: string;
  keys: readonly string[];
  policy?: Policy;
  signal: AbortSignal;
  changed: (counts: Counts) => void;
  failed: (tag: T, message: string) => void;
}

// A Trouble is what went wrong with one of many.
export interface Trouble {
  about: string; // an item's key, or a line
  message: string;
  raw?: string; // what was in the file
}

// So many troubles are kept; more would only fill the memory.
export const mostTroubles = 100_000;

const batchSize = 25;
const atOnce = 4;
const attempts = 8;

// A Sender writes or deletes many items, some at once. What one of them is refused
// for is told of that one, and the others are written; if the server does not answer
// at all, it throws.
export class Sender<T> {
  readonly counts: Counts = { done: 0, skipped: 0, failed: 0 };
  readonly #to: Destination<T>;
  readonly #flying = new Set<Promise<void>>();
  readonly #under = new Set<string>(); // the keys that are being written
  #batch: Write<T>[] = [];
  #error: unknown;

  constructor(to: Destination<T>) {
    this.#to = to;
  }

  put(item: Item, tag: T): Promise<void> {
    return this.#add({ put: item, tag });
  }

  delete(key: Item, tag: T): Promise<void> {
    return this.#add({ delete: key, tag });
  }

  // end waits until all is written.
  async end(): Promise<void> {
    this.#launch();
    await Promise.all(this.#flying);
    if (this.#error !== undefined) throw this.#error;
  }

  async #add(write: Write<T>): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    const id = this.#idOf(write);
    // Of two with the same key the later one is to win: they go one after the other.
    if (this.#under.has(id)) await this.end();
    this.#under.add(id);
    this.#batch.push(write);
    if (this.#batch.length < batchSize) return;
    this.#launch();
    while (this.#flying.size >= atOnce) await Promise.race(this.#flying);
  }

  #idOf(write: Write<T>): string {
    return identity(write.put ?? write.delete ?? {}, this.#to.keys);
  }

  #launch(): void {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    const flight = this.#fly(batch)
      .catch((err: unknown) => {
        this.#error ??= err;
      })
      .finally(() => {
        for (const write of batch) this.#under.delete(this.#idOf(write));
        this.#flying.delete(flight);
        this.#to.changed(this.counts);
      });
    this.#flying.add(flight);
  }

  async #fly(batch: Write<T>[]): Promise<void> {
    const { policy, signal } = this.#to;
    if (policy === "skip" || policy === "fail") {
      await Promise.all(batch.map((write) => this.#one(write)));
      return;
    }
    let left = batch;
    for (let attempt = 0; left.length > 0 && !signal.aborted; attempt++) {
      const requests = left.map((w): WriteRequest => (w.put ? { PutRequest: { Item: w.put } } : { DeleteRequest: { Key: w.delete } }));
      let unprocessed: WriteRequest[];
      try {
        const output = await this.#to.client.send(new BatchWriteItemCommand({ RequestItems: { [this.#to.table]: requests } }), { abortSignal: signal });
        unprocessed = output.UnprocessedItems?.[this.#to.table] ?? [];
      } catch (err) {
        if (signal.aborted) return;
        if (refuses(err)) {
          // One of them is wrong: which one, only the server knows.
          for (const write of left) await this.#one(write);
          return;
        }
        if (attempt >= attempts) throw err;
        await pause(attempt, signal);
        continue;
      }
      const again = new Set(unprocessed.map((r) => identity((r.PutRequest?.Item ?? r.DeleteRequest?.Key ?? {}) as Item, this.#to.keys)));
      this.counts.done += left.length - again.size;
      left = left.filter((write) => again.has(this.#idOf(write)));
      this.#to.changed(this.counts);
      if (left.length > 0) {
        if (attempt >= attempts) for (const write of left) this.#fail(write, "The server did not get to it: it was throttled too often.");
        if (attempt >= attempts) return;
        await pause(attempt, signal);
      }
    }
  }

  async #one(write: Write<T>): Promise<void> {
    const { client, table, keys, policy, signal } = this.#to;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        if (write.put) {
          const condition = policy === "skip" || policy === "fail" ? { ConditionExpression: "attribute_not_exists(#k)", ExpressionAttributeNames: { "#k": keys[0] ?? "" } } : {};
          await client.send(new PutItemCommand({ TableName: table, Item: write.put, ...condition }), { abortSignal: signal });
        } else {
          await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(write.delete ?? {}, keys) }), { abortSignal: signal });
        }
        this.counts.done++;
        return;
      } catch (err) {
        if (signal.aborted) return;
        if (err instanceof ConditionalCheckFailedException) {
          if (policy === "skip") this.counts.skipped++;
          else this.#fail(write, "There is an item with this key.");
          return;
        }
        if (refuses(err)) {
          this.#fail(write, messageOf(err));
          return;
        }
        if (attempt >= attempts) throw err;
        await pause(attempt, signal);
      }
    }
  }

  #fail(write: Write<T>, message: string): void {
    this.counts.failed++;
    this.#to.failed(write.tag, message);
  }
}

// refuses tells whether an error is the request's, and will be there again.
function refuses(err: unknown): boolean {
  if (!(err instanceof DynamoDBServiceException)) return false;
  const status = err.$metadata.httpStatusCode ?? 0;
  return status >= 400 && status < 500 && !/Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded/.test(err.name) && err.name !== "ResourceNotFoundException";
}

function pause(attempt: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, Math.min(50 * 2 ** attempt, 2000));
    signal.addEventListener("abort", () => { window.clearTimeout(timer); resolve(); }, { once: true });
  });
}
