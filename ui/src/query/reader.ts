import { type DynamoDBClient, GetItemCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { useCallback, useEffect, useRef, useState } from "react";
import { type Explanation, explanationOf } from "../exchange";
import { count } from "../format";
import { type Item, itemOf } from "../model/value";
import type { Job } from "../parts/work";
import { clientOf, type Place } from "../server";
import { Pages, type Rows } from "./pages";
import type { Plan, Request } from "./plan";
import { readSegments } from "./segments";
import { isAlways, matches } from "./tree";

// Totals are what all pages of a query took together.
export interface Totals {
  pages: number;
  operation: string;
  index?: string;
  read: { items: number; bytes: number };
  returned: number; // by the server
  units: number;
  milliseconds: number; // until the answers were here
  advice: { code: string; text: string }[]; // each once, as of the last page that has it
}

// A Reading is what is known of a query's result.
export interface Reading {
  items: Rows;
  totals?: Totals;
  begun: boolean;
  busy: boolean;
  more: boolean; // there is more to read
  stopped?: boolean; // by somebody: it goes on when they say so
  error?: unknown; // the last page could not be read
}

const nothing: Reading = { items: [], begun: false, busy: false, more: false };

export interface Page {
  items: Item[];
  next: Item | undefined;
  explanation?: Explanation;
  milliseconds: number;
}

export async function readPage(client: DynamoDBClient, request: Request, start: Item | undefined, signal: AbortSignal): Promise<Page> {
  const began = performance.now();
  const options = { abortSignal: signal };
  if (request.operation === "GetItem") {
    const output = await client.send(new GetItemCommand(request.input), options);
    return { items: output.Item ? [itemOf(output.Item)] : [], next: undefined, explanation: explanationOf(output), milliseconds: performance.now() - began };
  }
  if (request.operation === "Scan" && request.input.TotalSegments !== undefined && request.input.Segment === undefined) {
    return readSegments(request.input, start, (input, at) => readPage(client, { operation: "Scan", input }, at, signal));
  }
  const from = start ? { ExclusiveStartKey: start } : {};
  const output =
    request.operation === "Query" ? await client.send(new QueryCommand({ ...request.input, ...from }), options) : await client.send(new ScanCommand({ ...request.input, ...from }), options);
  return {
    items: (output.Items ?? []).map(itemOf),
    next: output.LastEvaluatedKey && itemOf(output.LastEvaluatedKey),
    explanation: explanationOf(output),
    milliseconds: performance.now() - began,
  };
}

// sum adds a page to the totals.
export function sum(totals: Totals | undefined, page: Pick<Page, "explanation" | "milliseconds"> & { items: readonly unknown[] }): Totals {
  const e = page.explanation;
  const advice = new Map([...(totals?.advice ?? []), ...(e?.advice ?? [])].map((a) => [a.code, a]));
  const index = e?.index ?? totals?.index;
  return {
    pages: (totals?.pages ?? 0) + 1,
    operation: e?.operation ?? totals?.operation ?? "",
    ...(index === undefined ? {} : { index }),
    read: { items: (totals?.read.items ?? 0) + (e?.read.items ?? 0), bytes: (totals?.read.bytes ?? 0) + (e?.read.bytes ?? 0) },
    returned: (totals?.returned ?? 0) + page.items.length,
    units: (totals?.units ?? 0) + (e?.units.consumed ?? 0),
    milliseconds: (totals?.milliseconds ?? 0) + page.milliseconds,
    advice: [...advice.values()],
  };
}

// Items have about so many bytes in memory.
const mostBytes = 128 << 20;

// A grid that is higher than a browser can draw has no rows below.
export const mostRows = 1_000_000;

// A Session is one run of a query, page after page.
interface Session {
  plan: Plan;
  enough: number; // how many items more make a page
  pages: Pages;
  totals?: Totals;
  controller: AbortController;
}

// useReader returns what reads the pages of a query, one after another, and what it
// has read. What was read stays when a page cannot be: more goes on from there. What is
// far from what is looked at is dropped where there is much, and read again when it is.
export function useReader(place: Place, most = mostBytes) {
  const [reading, setReading] = useState<Reading>(nothing);
  const session = useRef<Session>(undefined);
  const { account, region } = place;
  const sight = useRef({ from: 0, to: 0 });
  const held = useRef(false);
  const timer = useRef(0);

  useEffect(
    () => () => {
      session.current?.controller.abort();
      window.clearTimeout(timer.current);
    },
    [],
  );

  // What has just come was shown once, so that its columns are known, before it goes.
  const trim = useCallback(() => {
    const s = session.current;
    if (!s || held.current || !s.pages.trim(sight.current.from, sight.current.to)) return;
    setReading((now) => (now.items.run === s.pages.rows().run ? { ...now, items: s.pages.rows() } : now));
  }, []);
  useEffect(trim, [trim, reading.items]);

  const readOf = useCallback(
    (s: Session, signal: AbortSignal) =>
      (start: Item | undefined, much: boolean): Promise<Page> => {
        const { Limit: _, ...unlimited } = s.plan.request.input as { Limit?: number };
        return readPage(clientOf({ account, region }), much ? ({ ...s.plan.request, input: unlimited } as Request) : s.plan.request, start, signal);
      },
    [account, region],
  );

  // go reads pages until enough says so. What another run has taken the place of is
  // not shown. If it is to replace an old one, that is what is shown until then, and
  // still if a page cannot be read. Where much is read its pages are as large as they
  // can be.
  const go = useCallback(
    async (s: Session, old: Session | undefined, enough: (found: number) => boolean, tell?: (s: Session) => void, much = false) => {
      const controller = new AbortController();
      s.controller = controller;
      const before = s.pages.length;
      const show = (more: Partial<Reading>) => {
        if (session.current === s && s.controller === controller) setReading({ items: s.pages.rows(), totals: s.totals, begun: true, busy: false, more: !s.pages.done, ...more });
      };
      if (!old) show({ busy: true });
      const read = readOf(s, controller.signal);
      try {
        while (!s.pages.done) {
          if (s.pages.length >= mostRows) throw new Error(`There are more than ${count(mostRows)} items, which is all that a grid can have. Ask for less, or export them.`);
          const page = await read(s.pages.next, much);
          s.pages.add(page, much);
          s.totals = sum(s.totals, page);
          tell?.(s);
          const stop = s.pages.done || enough(s.pages.length - before);
          if (!old) show({ busy: !stop });
          if (stop) break;
        }
        show({});
      } catch (error) {
        if (old && session.current === s) {
          session.current = old;
          setReading({ items: old.pages.rows(), totals: old.totals, begun: true, busy: false, more: !old.pages.done, error });
        } else {
          show(controller.signal.aborted ? { stopped: true } : { error });
        }
      }
    },
    [readOf],
  );

  const begin = (plan: Plan, enough: number): Session => {
    session.current?.controller.abort();
    const { local } = plan;
    const s: Session = { plan, enough, pages: new Pages(most, isAlways(local) ? undefined : (item) => matches(local, item)), controller: new AbortController() };
    session.current = s;
    return s;
  };

  // fill reads again what was dropped of some rows, or of all.
  const fill = useCallback(
    async (range: () => { from: number; to: number }, signal: AbortSignal, tell?: (s: Session) => void) => {
      const s = session.current;
      if (!s) return;
      const read = readOf(s, signal);
      for (;;) {
        const { from, to } = range();
        const p = s.pages.missing(from, to);
        if (p < 0 || session.current !== s || signal.aborted) return;
        await s.pages.reread(p, read);
        tell?.(s);
        setReading((now) => (session.current === s ? { ...now, items: s.pages.rows(), more: !s.pages.done } : now));
      }
    },
    [readOf],
  );
  const filling = useRef(false);
  // look tells which rows are in sight. Those that one only scrolls past are not read.
  const look = useCallback(
    (from: number, to: number) => {
      sight.current = { from, to };
      window.clearTimeout(timer.current);
      const s = session.current;
      if (filling.current || !s || s.pages.missing(from, to) < 0) return;
      timer.current = window.setTimeout(() => {
        filling.current = true;
        fill(() => sight.current, new AbortController().signal)
          .catch((error: unknown) => setReading((now) => (session.current === s ? { ...now, error } : now)))
          .finally(() => (filling.current = false));
      }, 60);
    },
    [fill],
  );

  return {
    reading,
    look,
    // hold keeps all in memory as long as it is on.
    hold: useCallback(
      (on: boolean) => {
        held.current = on;
        trim();
      },
      [trim],
    ),
    // whole brings all that was read into memory. It tells whether that is so.
    whole: async (job: Job): Promise<boolean> => {
      const s = session.current;
      const total = s?.pages.dropped ?? 0;
      await fill(() => ({ from: 0, to: Infinity }), job.signal, (now) => job.progress(total - now.pages.dropped, total));
      return s !== undefined && s === session.current && s.pages.dropped === 0;
    },
    // loaded yields all that was read, page by page.
    loaded: (signal: AbortSignal) => {
      const s = session.current;
      return s ? s.pages.all(readOf(s, signal)) : [];
    },
    // run begins anew and reads a page of items.
    run: (plan: Plan, page: number) => {
      const s = begin(plan, page);
      setReading({ ...nothing, begun: true, busy: true });
      void go(s, undefined, (found) => found >= page);
    },
    // clear forgets what was read.
    clear: () => {
      session.current?.controller.abort();
      session.current = undefined;
      setReading(nothing);
    },
    // more reads the next page, or again the one that could not be read.
    more: () => {
      const s = session.current;
      if (!s) return;
      if (s.pages.missing(sight.current.from, sight.current.to) >= 0) {
        setReading((now) => ({ ...now, error: undefined }));
        look(sight.current.from, sight.current.to);
      } else if (!s.pages.done) {
        void go(s, undefined, (found) => found >= s.enough);
      }
    },
    // all reads the rest.
    all: async (job: Job) => {
      const s = session.current;
      if (!s || s.pages.done) return;
      s.controller.abort();
      const stop = () => s.controller.abort();
      job.signal.addEventListener("abort", stop);
      await go(s, undefined, () => job.signal.aborted, () => job.progress(s.pages.length), true);
      job.signal.removeEventListener("abort", stop);
    },
    // again reads as many items as there were, and shows the old ones until then; where
    // some are not in memory, only those that are looked at.
    again: () => {
      const old = session.current;
      if (!old) return;
      if (old.pages.dropped > 0) {
        void old.pages
          .refresh(sight.current.from, sight.current.to, readOf(old, new AbortController().signal))
          .then(() => setReading((now) => (session.current === old ? { ...now, items: old.pages.rows(), more: !old.pages.done } : now)))
          .catch((error: unknown) => setReading((now) => (session.current === old ? { ...now, error } : now)));
        return;
      }
      const s = begin(old.plan, old.enough);
      const before = old.pages.length;
      void go(s, old, (found) => found >= Math.max(before, 1), undefined, before > old.enough);
    },
    stop: () => session.current?.controller.abort(),
  };
}

// scanEstimate is what a Scan of so many bytes takes.
export function scanEstimate(bytes: number, consistent: boolean): number {
  return Math.ceil(bytes / 4096) * (consistent ? 1 : 0.5);
}
