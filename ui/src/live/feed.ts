import { useEffect, useEffectEvent, useState } from "react";
import { type Connection, listen, type ServerEvent } from "../events";

// What is done with the tables is listened to once, whoever wants to know it: a web
// browser has few connections.
interface Listener {
  onEvents: (events: ServerEvent[]) => void;
  onConnection: (connection: Connection) => void;
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
    void listen("/_admin/metrics/live", { onEvents: (events) => listeners.forEach((l) => l.onEvents(events)), onConnection }, signal);
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
