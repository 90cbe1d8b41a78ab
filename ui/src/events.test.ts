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
