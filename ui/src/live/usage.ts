import { ask } from "./admin";

// A Counted is how often something was done, and how long it took in microseconds.
export interface Counted {
  count: number;
  p50: number;
  p99: number;
}

export interface Units {
  read: number;
  write: number;
}

// A Part is a table itself or one of its indexes.
export interface Part {
  items: number;
  bytes: number;
  consumed?: Units;
  provisioned?: Units;
  reads?: number;
}

// A TableUsage is what GET /_admin/metrics says of a table: docs/admin-api.md.
export interface TableUsage extends Counted, Part {
  account: string;
  region: string;
  table: string;
  records?: number;
  throttles?: Record<string, number>;
  stream?: { behindMilliseconds: number };
  indexes: (Part & { index: string })[];
  operations: Record<string, Counted>;
  errors: Record<string, number>;
}

export interface Usage {
  at: string;
  seconds?: number; // since the event before; none of the totals
  tables: TableUsage[];
}

// A Sample is what was done with one table in about a second.
export interface Sample {
  at: number; // seconds since 1970, by this machine's clock: the server's may be set
  seconds: number;
  usage?: TableUsage; // none if nothing was done
}

// An hour of samples.
export const maxSamples = 3600;

// A History is what was sampled, the oldest first.
export type History = readonly Sample[];

export function withSamples(history: History, samples: readonly Sample[]): History {
  const all = [...history, ...samples];
  return all.length > maxSamples ? all.slice(all.length - maxSamples) : all;
}

// A Past is what GET /_admin/metrics/history says: docs/admin-api.md.
export interface Past {
  now: string;
  steps: { at: string; seconds: number; usage?: TableUsage }[];
}

// pastOf returns samples of what was before, by this machine's clock, which says now.
export function pastOf({ now, steps }: Past, clock: number): History {
  const server = Date.parse(now) / 1000;
  return steps.map(({ at, seconds, usage }) => ({ at: clock - (server - Date.parse(at) / 1000), seconds, usage }));
}

// pastQuery is how a page asks what was done with a table before: in steps of ten seconds
// for ten minutes, of a minute for an hour, or of five minutes for a day. What is not
// known by the second is asked for again.
export function pastQuery({ account, region, table }: Which, step: 10 | 60 | 300) {
  return {
    queryKey: ["metrics past", account, region, table, step],
    queryFn: async ({ signal }: { signal: AbortSignal }) =>
      pastOf(await ask<Past>("GET", `/_admin/metrics/history?${new URLSearchParams({ account, region, table, step: String(step) })}`, undefined, signal), Date.now() / 1000),
    ...(step === 10 ? { staleTime: 10_000, gcTime: 0 } : { refetchInterval: 60_000 }),
  };
}

// readsOf returns how many pages were read of an index.
export function readsOf(history: History, index: string): number {
  return history.reduce((sum, { usage }) => sum + (usage?.indexes.find((ix) => ix.index === index)?.reads ?? 0), 0);
}

// joined returns what was before with what was sampled since.
export function joined(past: History, samples: History): History {
  const end = past.at(-1)?.at ?? 0;
  return [...past, ...samples.filter((s) => s.at > end)];
}

interface Which {
  account: string;
  region: string;
  table: string;
}

export function usageOf(usage: Usage, { account, region, table }: Which): TableUsage | undefined {
  return usage.tables.find((t) => t.account === account && t.region === region && t.table === table);
}

export function sampleOf(usage: Usage, which: Which, at: number): Sample {
  return { at, seconds: usage.seconds ?? 1, usage: usageOf(usage, which) };
}

// A Series is a line of a chart. A value that is null is one that there is not.
export interface Series {
  label: string;
  values: (number | null)[];
}

// A Chart is what is drawn, or shown as a table: all lines have a value for each time.
export interface ChartData {
  times: number[];
  series: Series[];
}

// A Step is the samples of one point in a chart: none where it was not sampled.
interface Step {
  at: number;
  samples: Sample[];
}

// A break between samples is so long, in seconds, that something was not sampled.
const breakAfter = 2;

// stepsOf returns the last seconds of a history, as points so many seconds apart:
// with 1, a point for each sample.
export function stepsOf(history: History, seconds: number, apart: number): Step[] {
  const end = history.at(-1)?.at ?? 0;
  const steps: Step[] = [];
  for (const s of history.slice(-seconds - breakAfter)) {
    if (s.at <= end - seconds) continue;
    const last = steps.at(-1);
    const at = apart === 1 ? s.at : Math.floor(s.at / apart) * apart;
    if (last && at === last.at) {
      last.samples.push(s);
      continue;
    }
    const missing = last ? (apart === 1 ? s.at - s.seconds - last.at > breakAfter : at - last.at > 2 * apart) : false;
    if (last && missing) steps.push({ at: last.at + apart, samples: [] });
    steps.push({ at, samples: [s] });
  }
  return steps;
}

// rate returns how much there was a second, in each step.
function rate(steps: readonly Step[], of: (u: TableUsage) => number | undefined): (number | null)[] {
  return steps.map(({ samples }) => {
    if (samples.length === 0) return null;
    const seconds = samples.reduce((sum, s) => sum + s.seconds, 0);
    return samples.reduce((sum, s) => sum + ((s.usage && of(s.usage)) ?? 0), 0) / seconds;
  });
}

const lines = 6; // so many can be told apart

// most returns the names that have most, and how much others have together.
function most(steps: readonly Step[], of: (u: TableUsage) => Record<string, number>): Series[] {
  const sums = new Map<string, number>();
  for (const { usage } of steps.flatMap((s) => s.samples)) {
    for (const [name, n] of Object.entries(usage ? of(usage) : {})) sums.set(name, (sums.get(name) ?? 0) + n);
  }
  const names = [...sums.keys()].sort((a, b) => (sums.get(b) ?? 0) - (sums.get(a) ?? 0) || a.localeCompare(b));
  const shown = new Set(names.length > lines ? names.slice(0, lines - 1) : names);
  const rest = names.filter((n) => !shown.has(n));
  return [
    ...[...shown].sort().map((label) => ({ label, values: rate(steps, (u) => of(u)[label]) })),
    ...(rest.length > 0 ? [{ label: "Others", values: rate(steps, (u) => rest.reduce((sum, n) => sum + (of(u)[n] ?? 0), 0)) }] : []),
  ];
}

export function operations(steps: readonly Step[]): Series[] {
  return most(steps, (u) => Object.fromEntries(Object.entries(u.operations).map(([name, { count }]) => [name, count])));
}

export function errors(steps: readonly Step[]): Series[] {
  return most(steps, (u) => u.errors);
}

const reasons: Record<string, string> = { probability: "By --error-probability", rule: "By a rule of faults" };

// throttles returns requests that were throttled, by why.
export function throttles(steps: readonly Step[]): Series[] {
  return most(steps, (u) => Object.fromEntries(Object.entries(u.throttles ?? {}).map(([why, n]) => [reasons[why] ?? why, n])));
}

// behind returns how many seconds readers of the stream were behind, at most; it stays
// as it is while nobody reads.
export function behind(steps: readonly Step[]): Series[] {
  let known: number | null = null;
  const values = steps.map(({ samples }) => {
    const seen = samples.flatMap((s) => (s.usage?.stream ? [s.usage.stream.behindMilliseconds / 1000] : []));
    if (seen.length > 0) known = Math.max(...seen);
    return samples.length > 0 ? known : null;
  });
  return known === null ? [] : [{ label: "Readers", values }];
}

const all = (u: TableUsage, of: (units: Units) => number) => [u, ...u.indexes].reduce((sum, part) => sum + (part.consumed ? of(part.consumed) : 0), 0);

// units returns what the table and its indexes took together, and what the table
// is provisioned for.
export function units(steps: readonly Step[], provisioned?: Units): Series[] {
  return [
    { label: "Read units", values: rate(steps, (u) => all(u, (c) => c.read)) },
    { label: "Write units", values: rate(steps, (u) => all(u, (c) => c.write)) },
    ...(provisioned
      ? [
          { label: "Read, provisioned", values: steps.map(() => provisioned.read) },
          { label: "Write, provisioned", values: steps.map(() => provisioned.write) },
        ]
      : []),
  ];
}

// indexUnits returns what each index took, reads and writes together.
export function indexUnits(steps: readonly Step[]): Series[] {
  return most(steps, (u) => Object.fromEntries(u.indexes.map(({ index, consumed }) => [index, (consumed?.read ?? 0) + (consumed?.write ?? 0)])));
}

// latencies returns milliseconds: the longest of those in a step.
export function latencies(steps: readonly Step[]): Series[] {
  const longest = (of: (c: Counted) => number) =>
    steps.map(({ samples }) => {
      const found = samples.flatMap((s) => (s.usage && s.usage.count > 0 ? [of(s.usage) / 1000] : []));
      return found.length > 0 ? Math.max(...found) : null;
    });
  return [
    { label: "Half took at most", values: longest((c) => c.p50) },
    { label: "99 of 100 took at most", values: longest((c) => c.p99) },
  ];
}

// sizes returns how many items, or bytes, there were. Where nothing was done there are as
// many as before. What there was before the first sample that tells is not known, but if
// none does, it is what there is now.
export function sizes(steps: readonly Step[], label: string, of: (p: Part) => number, now?: number): Series {
  let known = steps.some(({ samples }) => samples.some((s) => s.usage)) ? null : (now ?? null);
  return {
    label,
    values: steps.map(({ samples }) => {
      const last = samples.findLast((s) => s.usage)?.usage;
      if (last) known = of(last);
      return samples.length > 0 ? known : null;
    }),
  };
}
