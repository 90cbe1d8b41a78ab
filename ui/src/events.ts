import { useEffect, useEffectEvent, useState } from "react";

// A ServerEvent is one of a page of server-sent events: see docs/admin-api.md.
export interface ServerEvent {
  id: string; // where to come back to after it
  type: string;
  data: string;
}

// A Connection is how it stands with such a page.
export type Connection =
  | { state: "connecting" }
  | { state: "open" }
  | { state: "lost"; message: string } // it is tried again
  | { state: "hidden" } // nobody looks: it goes on where it was when somebody does
  | { state: "ended"; message?: string }; // for good; the message is the server's

// An EventReader reads events from text, however it is cut.
export class EventReader {
  // lastID is where to come back to. It may be further than the last event.
  lastID = "";
  // retry is how many milliseconds to wait before that.
  retry = 1000;
  #rest = "";
  #id: string | undefined; // of the event that is being read
  #type = "";
  #data: string[] = [];

  read(text: string): ServerEvent[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    const events: ServerEvent[] = [];
    for (const line of lines) {
      if (line !== "") {
        this.#field(line);
        continue;
      }
      this.lastID = this.#id ?? this.lastID;
      if (this.#data.length > 0) {
        events.push({ id: this.lastID, type: this.#type || "message", data: this.#data.join("\n") });
      }
      this.#begin();
    }
    return events;
  }

  // forget drops what has been read of an event that will not be whole.
  forget() {
    this.#rest = "";
    this.#begin();
  }

  #begin() {
    this.#id = undefined;
    this.#type = "";
    this.#data = [];
  }

  #field(line: string) {
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment
    const [name, value] = colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
    if (name === "data") this.#data.push(value);
    if (name === "event") this.#type = value;
    if (name === "id") this.#id = value;
    if (name === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
  }
}

interface Listener {
  onEvents: (events: ServerEvent[]) => void; // all that came together
  onConnection: (connection: Connection) => void;
}

const longestWait = 5000;

// listen reads a page of events until the signal says so or the server says that
// there is no more. After a break it goes on behind the last event, so that none
// is missed and none comes twice. An EventSource would do that, too, but does not
// tell why a server refuses, nor where it is if there were no events.
export async function listen(url: string, { onEvents, onConnection }: Listener, signal: AbortSignal): Promise<void> {
  const reader = new EventReader();
  let wait = 0;
  while (!signal.aborted) {
    if (document.hidden) {
      onConnection({ state: "hidden" });
      await shown(signal);
      continue;
    }
    const part = new AbortController();
    const leave = () => part.abort();
    const hide = () => document.hidden && part.abort();
    signal.addEventListener("abort", leave);
    document.addEventListener("visibilitychange", hide);
    try {
      if (wait === 0) onConnection({ state: "connecting" });
      const answer = await fetch(url, { signal: part.signal, headers: { Accept: "text/event-stream", ...(reader.lastID ? { "Last-Event-ID": reader.lastID } : {}) } });
      if (!answer.ok || !answer.body) {
        const message = refusal(answer.status, await answer.text());
        if (answer.status < 500) return onConnection({ state: "ended", message });
        throw new Error(message);
      }
      onConnection({ state: "open" });
      wait = 0;
      const decoder = new TextDecoder();
      for (const body = answer.body.getReader(); ; ) {
        const { done, value } = await body.read();
        if (done) break;
        const events = reader.read(decoder.decode(value, { stream: true }));
        if (events.length > 0 && !signal.aborted) onEvents(events);
        const last = events.at(-1);
        if (last?.type === "end") return onConnection({ state: "ended" });
        if (last?.type === "error") return onConnection({ state: "ended", message: refusal(0, last.data) });
      }
      throw new TypeError("the answer ended");
    } catch (err) {
      reader.forget();
      if (signal.aborted) return;
      if (part.signal.aborted) continue; // hidden
      onConnection({ state: "lost", message: err instanceof TypeError ? "The server does not answer." : String((err as Error).message) });
      wait = Math.min(Math.max(wait * 2, reader.retry), longestWait);
      await pause(wait, signal);
    } finally {
      signal.removeEventListener("abort", leave);
      document.removeEventListener("visibilitychange", hide);
    }
  }
}

// refusal returns what a page beside the API says that does not do what it is asked for.
export function refusal(status: number, body: string): string {
  try {
    const { __type, message, Message } = JSON.parse(body) as { __type?: string; message?: string; Message?: string };
    return [__type?.replace(/^.*#/, ""), message ?? Message].filter(Boolean).join(": ");
  } catch {
    return body.trim() || `status ${status}`;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

function shown(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    document.addEventListener("visibilitychange", done);
    signal.addEventListener("abort", done);
  });
}

// useEvents listens to a page of events for as long as it is in use, and tells how
// it stands. Another URL is another page; without one there is nothing to listen to.
export function useEvents(url: string | undefined, onEvents: (events: ServerEvent[]) => void): Connection {
  const [connection, setConnection] = useState<Connection>({ state: "connecting" });
  const deliver = useEffectEvent(onEvents);
  useEffect(() => {
    if (url === undefined) return;
    const controller = new AbortController();
    void listen(url, { onEvents: (events) => deliver(events), onConnection: (c) => { if (!controller.signal.aborted) setConnection(c); } }, controller.signal);
    return () => controller.abort();
  }, [url]);
  return connection;
}
