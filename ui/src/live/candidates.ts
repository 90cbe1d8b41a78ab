import type { Item, Value } from "../model/value";

// A Candidate is an attribute that items may expire by.
export interface Candidate {
  name: string;
  items: number; // that have it
  good: number; // in which it is a time in seconds that is not too long ago
  tooOld: number; // over five years ago: DynamoDB never deletes those
  milliseconds: number;
  text: number; // a time, but no number
  first?: number; // of the good ones, in seconds since 1970
  last?: number;
}

const year = 365 * 24 * 3600;
const oldest = Date.UTC(1990) / 1000; // what is less is no time
const tooOldAfter = 5 * year;

type Kind = "good" | "tooOld" | "milliseconds" | "text";

// kindOf tells what a value is as a time to live; undefined is nothing of the kind.
function kindOf(v: Value, now: number): Kind | undefined {
  if ("S" in v) return /^\d{10}(\d{3})?$|^\d{4}-\d\d-\d\d([T ]|$)/.test(v.S) ? "text" : undefined;
  if (!("N" in v)) return undefined;
  const n = Number(v.N); // to compare with, not to keep
  const time = (seconds: number) => seconds >= oldest && seconds < now + 100 * year;
  if (time(n)) return n < now - tooOldAfter ? "tooOld" : "good";
  return time(n / 1000) ? "milliseconds" : undefined;
}

// candidatesOf finds what items may expire by, the likeliest first. The time is in
// seconds since 1970.
export function candidatesOf(items: readonly Item[], now: number): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const item of items) {
    for (const [name, v] of Object.entries(item)) {
      const c = found.get(name) ?? { name, items: 0, good: 0, tooOld: 0, milliseconds: 0, text: 0 };
      found.set(name, c);
      c.items++;
      const kind = kindOf(v, now);
      if (!kind) continue;
      c[kind]++;
      if (kind === "good" && "N" in v) {
        const n = Number(v.N);
        c.first = Math.min(c.first ?? n, n);
        c.last = Math.max(c.last ?? n, n);
      }
    }
  }
  const likely = (c: Candidate) => Number(/ttl|expir|delete_?(at|after|on)|valid_?(to|until)/i.test(c.name));
  return [...found.values()]
    .filter((c) => c.good + c.tooOld + c.milliseconds + c.text > 0)
    .sort((a, b) => Number(b.good > 0) - Number(a.good > 0) || likely(b) - likely(a) || Number((b.last ?? 0) > now) - Number((a.last ?? 0) > now) || b.good - a.good || a.name.localeCompare(b.name));
}

// warningsOf says what would not expire.
export function warningsOf(c: Candidate): string[] {
  const of = (n: number) => (n === c.items ? (n === 1 ? "The one that has it has" : "All have") : `${n} of ${c.items} have`);
  return [
    ...(c.milliseconds > 0 ? [`${of(c.milliseconds)} milliseconds: to DynamoDB that is in over fifty thousand years. It takes seconds.`] : []),
    ...(c.text > 0 ? [`${of(c.text)} text, which is ignored: it must be a number.`] : []),
    ...(c.tooOld > 0 ? [`${of(c.tooOld)} a time over five years ago, which is ignored.`] : []),
  ];
}
