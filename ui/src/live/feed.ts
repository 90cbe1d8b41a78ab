import { useEffect, useEffectEvent, useState } from "react";
import { type Connection, listen, type ServerEvent } from "../events";
import type { Usage } from "./usage";

// What is done with the tables is listened to once, whoever wants to know it: a web
// browser has few connections.
interface Listener {
  onEvents: (events: ServerEvent[]) => void;
  onConnection: (connection: Connection) => void;
}

// The last minute of it is kept for who asks only now.
const minute = 60;
let last: readonly Usage[] = [];

export function lastMinute(): readonly Usage[] {
  return last;
}

const listeners = new Set<Listener>();
let connection: Connection = { state: "connecting" };
let controller: AbortController | undefined;

function subscribe(listener: Listener): () => void {
  listeners.add(listener);
  listener.onConnection(connection);
  if (!controller) {
    controller = new AbortController();
    const { signal } = controller;
    const onConnection = (now: Connection) => {
      if (signal.aborted) return;
      connection = now;
      for (const l of listeners) l.onConnection(now);
    };
    const onEvents = (events: ServerEvent[]) => {
      last = [...last, ...events.filter((e) => e.type === "metrics").map((e) => JSON.parse(e.data) as Usage)].slice(-minute);
      for (const l of listeners) l.onEvents(events);
    };
    void listen("/_admin/metrics/live", { onEvents, onConnection }, signal);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    controller?.abort();
    controller = undefined;
    connection = { state: "connecting" };
  };
}

// useFeed hears each second what was done with the tables: docs/admin-api.md.
export function useFeed(onEvents: (events: ServerEvent[]) => void): Connection {
  const [now, setNow] = useState<Connection>(connection);
  const deliver = useEffectEvent(onEvents);
  useEffect(() => subscribe({ onEvents: (events) => deliver(events), onConnection: setNow }), []);
  return now;
}
