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

const keep = 200;
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

// observe has a client ask for explanations, and logs what it sends and gets.
export function observe(client: DynamoDBClient, place: { account: string; region: string }) {
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
      change([entry, ...exchanges.slice(0, keep - 1)]);
      try {
        const result = await next(args);
        const explained = (result.response as HTTPResponse).headers["x-srv-explain"];
        if (explained && typeof result.output === "object") {
          explanations.set(result.output, JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(explained), (c) => c.charCodeAt(0)))) as Explanation);
        }
        return result;
      } finally {
        amend(id, { milliseconds: performance.now() - started });
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
