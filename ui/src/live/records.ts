import type { ServerEvent } from "../events";
import { equal, type Item, itemFromWire, textOf } from "../model/value";

export const eventNames = ["INSERT", "MODIFY", "REMOVE"] as const;
export type EventName = (typeof eventNames)[number];

// A StreamRecord is a change of an item, as GetRecords tells of it.
export interface StreamRecord {
  id: string; // the record's place in the stream
  name: EventName;
  at: number; // milliseconds since 1970, to the second
  sequence: string;
  shard: string;
  key: Item;
  before?: Item; // the old image, if the stream has them
  after?: Item;
  changed?: string[]; // names of attributes, if both images are known
  expired: boolean; // by its time to live
  json: string; // as the server sent it
}

// An Entry is a line of the list: a record, or where some are missing.
export type Entry = StreamRecord | { id: string; missing: string };

interface Wire {
  eventID: string;
  eventName: EventName;
  userIdentity?: { Type?: string; PrincipalId?: string };
  dynamodb: {
    ApproximateCreationDateTime?: number;
    Keys?: unknown;
    NewImage?: unknown;
    OldImage?: unknown;
    SequenceNumber: string;
  };
}

export function recordOf(event: ServerEvent): StreamRecord {
  const { eventName, eventID, userIdentity, dynamodb } = JSON.parse(event.data) as Wire;
  const image = (wire: unknown) => (wire === undefined ? undefined : itemFromWire(wire));
  const [before, after] = [image(dynamodb.OldImage), image(dynamodb.NewImage)];
  return {
    id: eventID,
    name: eventName,
    at: (dynamodb.ApproximateCreationDateTime ?? 0) * 1000,
    sequence: dynamodb.SequenceNumber,
    shard: event.id.split(":", 1)[0] ?? "",
    key: itemFromWire(dynamodb.Keys ?? {}),
    before,
    after,
    changed: changedNames(eventName, before, after),
    expired: userIdentity?.Type === "Service" && userIdentity.PrincipalId === "dynamodb.amazonaws.com",
    json: event.data,
  };
}

function changedNames(name: EventName, before?: Item, after?: Item): string[] | undefined {
  if (name === "INSERT") return after && Object.keys(after);
  if (name === "REMOVE") return before && Object.keys(before);
  if (!before || !after) return undefined;
  return differences(before, after).flatMap((d) => (d.kind === "same" ? [] : [d.name]));
}

export interface Difference {
  name: string;
  kind: "same" | "added" | "changed" | "removed";
}

// differences compares the attributes of two images: those of the key, which are
// the same in both, come first.
export function differences(before: Item, after: Item, key: readonly string[] = []): Difference[] {
  const names = new Set([...key, ...[...Object.keys(before), ...Object.keys(after)].toSorted()]);
  return [...names].flatMap((name): Difference[] => {
    const [was, is] = [own(before, name), own(after, name)];
    if (!was && !is) return [];
    return [{ name, kind: !was ? "added" : !is ? "removed" : equal(was, is) ? "same" : "changed" }];
  });
}

export const own = (item: Item | undefined, name: string) => (item && Object.hasOwn(item, name) ? item[name] : undefined);

// What is kept of a stream: so many records, and so much of their text.
export const maxRecords = 10_000;
const maxText = 32 << 20;

// A Tail is what has been read of a stream, newest first.
export interface Tail {
  entries: readonly Entry[];
  paused: boolean;
  waiting: readonly Entry[]; // what has come while it was paused
  received: number;
  dropped: number; // of what was received, because it became too much
}

export const emptyTail: Tail = { entries: [], paused: false, waiting: [], received: 0, dropped: 0 };

export type TailAction = { do: "add"; entries: Entry[] } | { do: "pause" } | { do: "resume" } | { do: "clear" };

export function tailReducer(tail: Tail, action: TailAction): Tail {
  switch (action.do) {
    case "add": {
      const received = tail.received + action.entries.filter((e) => !("missing" in e)).length;
      const into = tail.paused ? "waiting" : "entries";
      return bounded({ ...tail, received, [into]: [...action.entries.toReversed(), ...tail[into]] });
    }
    case "pause":
      return { ...tail, paused: true };
    case "resume":
      return bounded({ ...tail, paused: false, waiting: [], entries: [...tail.waiting, ...tail.entries] });
    case "clear":
      return { ...tail, entries: [], waiting: [], received: 0, dropped: 0 };
  }
}

// bounded drops the oldest of what is too much.
function bounded(tail: Tail): Tail {
  const waiting = newest(tail.waiting, maxRecords, maxText);
  const entries = newest(tail.entries, maxRecords - waiting.length, maxText - size(waiting));
  return { ...tail, waiting, entries, dropped: tail.dropped + tail.waiting.length - waiting.length + tail.entries.length - entries.length };
}

function newest(entries: readonly Entry[], most: number, text: number): readonly Entry[] {
  let n = 0;
  for (let sum = 0; n < Math.min(entries.length, most); n++) {
    const e = entries[n];
    sum += e && "json" in e ? e.json.length : 0;
    if (sum > text && n > 0) break;
  }
  return n === entries.length ? entries : entries.slice(0, n);
}

const size = (entries: readonly Entry[]) => entries.reduce((sum, e) => sum + ("json" in e ? e.json.length : 0), 0);

let gaps = 0;

// entriesOf reads what came of a stream.
export function entriesOf(events: ServerEvent[]): Entry[] {
  return events.flatMap((event): Entry[] => {
    if (event.type === "record") return [recordOf(event)];
    if (event.type !== "trimmed") return [];
    return [{ id: `gap ${++gaps}`, missing: "Records before the next one were too old to be read, and are lost." }];
  });
}

export interface Filter {
  name: EventName | "";
  text: string; // in the key, or the sequence number
  attribute: string; // that is other than it was
}

export function matches({ name, text, attribute }: Filter, e: Entry): boolean {
  if ("missing" in e) return true;
  if (name && e.name !== name) return false;
  const sought = text.trim().toLowerCase();
  if (sought && e.sequence !== sought && !keyText(e.key).toLowerCase().includes(sought)) return false;
  if (!attribute) return true;
  return e.changed ? e.changed.includes(attribute) : own(e.after ?? e.before, attribute) !== undefined;
}

export function keyText(key: Item): string {
  return Object.values(key).map(textOf).join(" · ");
}
