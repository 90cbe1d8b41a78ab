import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

// An Exchange is a request of this page and its answer, as they were on the wire.
export interface Exchange {
  id: number;
  at: number; // milliseconds since 1970
  operation: string;
  account: string;
  region: string;
  request: string;
  status?: number; // none while there is no answer, or if there was none
  response?: string; // the first 64 KB
  milliseconds?: number;
}

// An Explanation is what the server says of how it read: docs/admin-api.md.
export interface Explanation {
  operation: string;
  table?: string;
  index?: string;
  keyCondition?: string;
  filter?: string;
  partitions: number;
  read: { items: number; bytes: number };
  fetched?: number;
  matched: number;
  returned: { items: number; bytes: number };
  units: { consumed: number; eventual: number; strong?: number; transactional?: number };
  planningMicroseconds: number;
  executionMicroseconds: number;
  advice: { code: string; text: string }[];
}

// isOwn tells whether pages ask such a thing by themselves, again and again, to know
// what a table is.
export function isOwn({ operation }: Pick<Exchange, "operation">): boolean {
  return /^(Describe|List)/.test(operation);
}

// Of what pages ask by themselves fewer are kept, so that they push nothing else out.
const keep = 200;
const keepOwn = 50;

// kept returns those that stay, of the newest first.
function kept(all: readonly Exchange[]): readonly Exchange[] {
  let own = 0;
  let others = 0;
  return all.filter((e) => (isOwn(e) ? ++own <= keepOwn : ++others <= keep));
}

// A Session is what this page has taken of the server since it was opened. What it asks
// by itself is not the last request.
export interface Session {
  read: number; // items that were read for
  returned: number; // these
  readUnits: number;
  writeUnits: number;
  last?: { operation: string; milliseconds: number };
}

let taken: Session = { read: 0, returned: 0, readUnits: 0, writeUnits: 0 };
const watchers = new Set<() => void>();

// session is for useSyncExternalStore.
export const session = {
  subscribe: (watcher: () => void) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
  snapshot: () => taken,
};

function take(more: (before: Session) => Partial<Session>) {
  taken = { ...taken, ...more(taken) };
  for (const watcher of watchers) watcher();
}

const writes = new Set(["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"]);
const statements = new Set(["ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"]);

interface Capacity {
  CapacityUnits?: number;
  ReadCapacityUnits?: number;
  WriteCapacityUnits?: number;
}

// unitsOf adds up what an answer says that was taken.
function unitsOf(output: object): number {
  const { ConsumedCapacity: all } = output as { ConsumedCapacity?: Capacity | Capacity[] };
  return [all ?? []].flat().reduce((sum, c) => sum + (c.CapacityUnits ?? 0), 0);
}
const longest = 64 * 1024;

let exchanges: readonly Exchange[] = [];
let serial = 0;
const listeners = new Set<() => void>();

// log is for useSyncExternalStore: what was asked of the server, newest first.
export const log = {
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  snapshot: () => exchanges,
  clear: () => change([]),
};

function change(next: readonly Exchange[]) {
  exchanges = next;
  for (const listener of listeners) listener();
}

function amend(id: number | undefined, more: Partial<Exchange>) {
  change(exchanges.map((e) => (e.id === id ? { ...e, ...more } : e)));
}

const ids = new WeakMap<object, number>();
const explanations = new WeakMap<object, Explanation>();

// explanationOf returns how the server came to an answer, for reads.
export function explanationOf(output: object): Explanation | undefined {
  return explanations.get(output);
}

interface HTTPRequest {
  headers: Record<string, string>;
  body?: unknown;
}

interface HTTPResponse {
  statusCode: number;
  headers: Record<string, string>;
  body?: unknown;
}

// observe has a client ask for explanations and for what writes take, and logs what it
// sends and gets.
export function observe(client: DynamoDBClient, place: { account: string; region: string }) {
  client.middlewareStack.add(
    (next, context) => (args) => {
      const operation = String(context.commandName ?? "").replace(/Command$/, "");
      return next(writes.has(operation) ? { ...args, input: { ReturnConsumedCapacity: "TOTAL", ...args.input } } : args);
    },
    { step: "initialize", name: "capacity" },
  );
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const request = args.request as HTTPRequest;
      request.headers["x-srv-explain"] = "1";
      const started = performance.now();
      const id = ++serial;
      ids.set(context, id);
      const entry: Exchange = {
        id,
        at: Date.now(),
        operation: String(context.commandName ?? "").replace(/Command$/, ""),
        ...place,
        request: typeof request.body === "string" ? request.body : request.body instanceof Uint8Array ? new TextDecoder().decode(request.body) : "",
      };
      change(kept([entry, ...exchanges]));
      try {
        const result = await next(args);
        const explained = (result.response as HTTPResponse).headers["x-srv-explain"];
        if (explained && typeof result.output === "object") {
          const explanation = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(explained), (c) => c.charCodeAt(0)))) as Explanation;
          explanations.set(result.output, explanation);
          take((s) => ({ read: s.read + explanation.read.items, returned: s.returned + explanation.returned.items, readUnits: s.readUnits + explanation.units.consumed }));
        } else if (typeof result.output === "object" && (writes.has(entry.operation) || statements.has(entry.operation))) {
          const units = unitsOf(result.output);
          const reads = statements.has(entry.operation) && /"Statement":"\s*select/i.test(entry.request);
          take((s) => (reads ? { readUnits: s.readUnits + units } : { writeUnits: s.writeUnits + units }));
        }
        return result;
      } finally {
        const milliseconds = performance.now() - started;
        amend(id, { milliseconds });
        if (!isOwn(entry)) take(() => ({ last: { operation: entry.operation, milliseconds } }));
      }
    },
    { step: "build", name: "explain" },
  );
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const response = result.response as HTTPResponse;
      if (response.body instanceof ReadableStream) {
        const [body, copy] = response.body.tee();
        response.body = body;
        void begin(copy).then(
          (text) => amend(ids.get(context), { status: response.statusCode, response: text }),
          () => amend(ids.get(context), { status: response.statusCode }),
        );
      }
      return result;
    },
    { step: "deserialize", name: "log", priority: "low" },
  );
}

// begin returns the beginning of a stream, as text.
async function begin(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (text.length < longest) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  void reader.cancel();
  return `${text.slice(0, longest)}…`;
}
