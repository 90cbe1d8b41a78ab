import type { Item } from "../model/value";
import type { Plan, Request } from "../query/plan";
import { readPage } from "../query/reader";
import { isAlways, matches } from "../query/tree";
import { clientOf, type Place } from "../server";

// pagesOf reads all that a query matches, in pages as long as the server makes them.
export async function* pagesOf(place: Place, plan: Plan, signal: AbortSignal): AsyncGenerator<Item[]> {
  const { Limit: _, ...input } = plan.request.input as { Limit?: number };
  const request = { ...plan.request, input } as Request;
  let start: Item | undefined;
  do {
    const page = await readPage(clientOf(place), request, start, signal);
    yield isAlways(plan.local) ? page.items : page.items.filter((item) => matches(plan.local, item));
    start = page.next;
  } while (start && !signal.aborted);
}
