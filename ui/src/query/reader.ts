import { type DynamoDBClient, GetItemCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { useCallback, useEffect, useRef, useState } from "react";
import { type Explanation, explanationOf } from "../exchange";
import { type Item, itemOf } from "../model/value";
import type { Job } from "../parts/work";
import { clientOf, type Place } from "../server";
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
  items: readonly Item[];
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
  next?: Item;
  explanation?: Explanation;
  milliseconds: number;
}

export async function readPage(client: DynamoDBClient, request: Request, start: Item | undefined, signal: AbortSignal): Promise<Page> {
  const began = performance.now();
  const options = { abortSignal: signal };
  if (request.operation === "GetItem") {
    const output = await client.send(new GetItemCommand(request.input), options);
    return { items: output.Item ? [itemOf(output.Item)] : [], explanation: explanationOf(output), milliseconds: performance.now() - began };
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

// A Session is one run of a query, page after page.
interface Session {
  plan: Plan;
  enough: number; // how many items more make a page
  items: Item[];
  start?: Item;
  totals?: Totals;
  done: boolean;
  controller: AbortController;
}

// useReader returns what reads the pages of a query, one after another, and what it
// has read. What was read stays when a page cannot be: more goes on from there.
export function useReader(place: Place) {
  const [reading, setReading] = useState<Reading>(nothing);
  const session = useRef<Session>(undefined);
  const { account, region } = place;

  useEffect(() => () => session.current?.controller.abort(), []);

  // go reads pages until enough says so. What another run has taken the place of is
  // not shown. If it is to replace an old one, that is what is shown until then, and
  // still if a page cannot be read. Where much is read its pages are as large as they
  // can be.
  const go = useCallback(
    async (s: Session, old: Session | undefined, enough: (found: number) => boolean, tell?: (s: Session) => void, much?: boolean) => {
      const controller = new AbortController();
      s.controller = controller;
      const before = s.items.length;
      const show = (more: Partial<Reading>) => {
        if (session.current === s && s.controller === controller) setReading({ items: s.items, totals: s.totals, begun: true, busy: false, more: !s.done, ...more });
      };
      if (!old) show({ busy: true });
      const { request, local } = s.plan;
      const { Limit: _, ...unlimited } = request.input as { Limit?: number };
      const asked = much ? ({ ...request, input: unlimited } as Request) : request;
      try {
        while (!s.done) {
          const page = await readPage(clientOf({ account, region }), asked, s.start, controller.signal);
          const found = isAlways(local) ? page.items : page.items.filter((item) => matches(local, item));
          s.items = [...s.items, ...found];
          s.totals = sum(s.totals, page);
          s.start = page.next;
          s.done = page.next === undefined;
          tell?.(s);
          const stop = s.done || enough(s.items.length - before);
          if (!old) show({ busy: !stop });
          if (stop) break;
        }
        show({});
      } catch (error) {
        if (old && session.current === s) {
          session.current = old;
          setReading({ items: old.items, totals: old.totals, begun: true, busy: false, more: !old.done, error });
        } else {
          show(controller.signal.aborted ? { stopped: true } : { error });
        }
      }
    },
    [account, region],
  );

  const begin = (plan: Plan, enough: number): Session => {
    session.current?.controller.abort();
    const s: Session = { plan, enough, items: [], done: false, controller: new AbortController() };
    session.current = s;
    return s;
  };

  return {
    reading,
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
      if (s && !s.done) void go(s, undefined, (found) => found >= s.enough);
    },
    // all reads the rest.
    all: async (job: Job) => {
      const s = session.current;
      if (!s || s.done) return;
      s.controller.abort();
      const stop = () => s.controller.abort();
      job.signal.addEventListener("abort", stop);
      await go(s, undefined, () => job.signal.aborted, () => job.progress(s.items.length), true);
      job.signal.removeEventListener("abort", stop);
    },
    // again reads as many items as there were, and shows the old ones until then.
    again: () => {
      const old = session.current;
      if (!old) return;
      const s = begin(old.plan, old.enough);
      void go(s, old, (found) => found >= Math.max(old.items.length, 1), undefined, old.items.length > old.enough);
    },
    stop: () => session.current?.controller.abort(),
  };
}

// scanEstimate is what a Scan of so many bytes takes.
export function scanEstimate(bytes: number, consistent: boolean): number {
  return Math.ceil(bytes / 4096) * (consistent ? 1 : 0.5);
}
