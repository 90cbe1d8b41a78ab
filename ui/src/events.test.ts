import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Connection, EventReader, listen, type ServerEvent } from "./events";

test("events are read however they are cut", () => {
  const text = 'retry: 250\n\nid: a:1\n\n: beat\n\nid: a:2,b:1\nevent: record\ndata: {"x":\ndata:1}\n\r\ndata: last\r\n\r\n';
  const whole = new EventReader();
  const expected = [
    { id: "a:2,b:1", type: "record", data: '{"x":\n1}' },
    { id: "a:2,b:1", type: "message", data: "last" },
  ];
  expect(whole.read(text)).toEqual(expected);
  expect(whole.retry).toBe(250);
  const cut = new EventReader();
  expect([...text].flatMap((c) => cut.read(c))).toEqual(expected);
});

test("an ID without an event is where to come back to", () => {
  const reader = new EventReader();
  expect(reader.read("id: here\n\n")).toEqual([]);
  expect(reader.lastID).toBe("here");
});

beforeEach(() => void vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false })));
afterEach(() => void vi.unstubAllGlobals());

// play listens to a server that answers like this, one after the other.
async function play(...answers: (Response | Error)[]) {
  const asked: (string | undefined)[] = [];
  const events: ServerEvent[] = [];
  const states: Connection[] = [];
  const controller = new AbortController();
  vi.stubGlobal("fetch", async (_: string, init: { headers: Record<string, string> }) => {
    asked.push(init.headers["Last-Event-ID"]);
    const answer = answers.shift();
    if (!answer) {
      controller.abort();
      throw new TypeError("no more");
    }
    if (answer instanceof Error) throw answer;
    return answer;
  });
  await listen("/events", { onEvents: (some) => events.push(...some), onConnection: (c) => states.push(c) }, controller.signal);
  return { asked, events: events.map((e) => e.data), states };
}

test("after a break it goes on where it was", async () => {
  const { asked, events, states } = await play(
    new Response("retry: 0\n\nid: 0\n\n"),
    new Response("id: 1\ndata: a\n\nid: 2\ndata: ha"),
    new TypeError("refused"),
    new Response("too many", { status: 503 }),
    new Response("id: 2\ndata: half\n\nevent: end\ndata: {}\n\n"),
  );
  expect(asked).toEqual([undefined, "0", "1", "1", "1"]);
  expect(events).toEqual(["a", "half", "{}"]);
  expect(states.filter((s) => s.state === "lost").map((s) => s.message)).toEqual([
    "The server does not answer.",
    "The server does not answer.",
    "The server does not answer.",
    "too many",
  ]);
  expect(states.at(-1)).toEqual({ state: "ended" });
});

test("what is refused is not asked for again", async () => {
  const body = '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no stream"}';
  expect((await play(new Response(body, { status: 400 }))).states).toEqual([{ state: "connecting" }, { state: "ended", message: "ResourceNotFoundException: no stream" }]);
  expect((await play(new Response(`event: error\ndata: ${body}\n\n`))).states.at(-1)).toEqual({ state: "ended", message: "ResourceNotFoundException: no stream" });
});

test("while nobody looks there is no connection", async () => {
  const page = document as unknown as EventTarget & { hidden: boolean };
  const look = (hidden: boolean) => {
    page.hidden = hidden;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  const asked: (string | undefined)[] = [];
  const bodies = [
    // This one does not end, until it is left.
    (signal: AbortSignal) => new ReadableStream<Uint8Array>({
      start(c) {
        c.enqueue(new TextEncoder().encode("id: 1\ndata: a\n\n"));
        signal.addEventListener("abort", () => c.error(new DOMException("left", "AbortError")));
      },
    }),
    () => "event: end\ndata: {}\n\n",
  ];
  vi.stubGlobal("fetch", async (_: string, { headers, signal }: { headers: Record<string, string>; signal: AbortSignal }) => {
    asked.push(headers["Last-Event-ID"]);
    return new Response(bodies.shift()?.(signal));
  });
  page.hidden = true;
  const states: string[] = [];
  await listen("/events", {
    onEvents: (events) => events.some((e) => e.data === "a") && look(true),
    onConnection: ({ state }) => {
      states.push(state);
      if (state === "hidden") queueMicrotask(() => look(false));
    },
  }, new AbortController().signal);
  expect(states).toEqual(["hidden", "connecting", "open", "hidden", "connecting", "open", "ended"]);
  expect(asked).toEqual([undefined, "1"]);
});
