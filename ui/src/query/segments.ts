import type { ScanCommandInput } from "@aws-sdk/client-dynamodb";
import type { Explanation } from "../exchange";
import type { Item } from "../model/value";
import type { Page } from "./reader";

type Input = ScanCommandInput & { TableName: string };

// readSegments reads a page of each segment of a Scan that has several, all at once, and
// returns them as one page. Where the next begins is in each segment another place: its
// start has those of the segments that are not read yet, by their numbers.
export async function readSegments(input: Input, start: Item | undefined, read: (input: Input, start: Item | undefined) => Promise<Page>): Promise<Page> {
  const { TotalSegments = 1, Limit } = input;
  const began = performance.now();
  const open = Array.from({ length: TotalSegments }, (_, n) => n).flatMap((n): [number, Item | undefined][] => {
    const at = start?.[n];
    if (!start) return [[n, undefined]];
    return at && "M" in at ? [[n, at.M]] : [];
  });
  const pages = await Promise.all(open.map(([Segment, at]) => read({ ...input, Segment, ...(Limit ? { Limit: Math.ceil(Limit / open.length) } : {}) }, at)));
  const next = Object.fromEntries(pages.flatMap((page, i) => (page.next ? [[String(open[i]?.[0]), { M: page.next }] as const] : [])));
  return {
    items: pages.flatMap((page) => page.items),
    next: Object.keys(next).length > 0 ? next : undefined,
    explanation: together(pages.flatMap((page) => page.explanation ?? [])),
    milliseconds: performance.now() - began,
  };
}

// together returns what several reads took.
function together(all: readonly Explanation[]): Explanation | undefined {
  const [first, ...others] = all;
  return others.reduce<Explanation | undefined>(
    (sum, e) =>
      sum && {
        ...sum,
        partitions: sum.partitions + e.partitions,
        read: { items: sum.read.items + e.read.items, bytes: sum.read.bytes + e.read.bytes },
        matched: sum.matched + e.matched,
        returned: { items: sum.returned.items + e.returned.items, bytes: sum.returned.bytes + e.returned.bytes },
        units: { ...sum.units, consumed: sum.units.consumed + e.units.consumed },
        advice: [...sum.advice, ...e.advice],
      },
    first,
  );
}
