import { type Item, own, type Value } from "../model/value";

// Rows are items that were read, one after another; some of them may not be in memory
// just now. An array is such rows.
export interface Rows {
  readonly length: number;
  at: (i: number) => Item | undefined;
  // run is the same as long as what is read only becomes more, or is read again.
  readonly run?: object;
  readonly dropped?: number; // how many are not in memory
  readonly fresh?: readonly Item[]; // the last ones that were read again
}

// inMemory yields the rows that are there, with their places.
export function* inMemory(rows: Rows): Generator<[Item, number]> {
  for (let i = 0; i < rows.length; i++) {
    const item = rows.at(i);
    if (item) yield [item, i];
  }
}

// A Read is a page as it came: where it begins, and where the next one does.
export interface Read {
  items: readonly Item[];
  next: Item | undefined;
}

// Reader reads the page that begins somewhere, as long as the server makes it if much.
export type Reader = (start: Item | undefined, much: boolean) => Promise<Read>;

interface Page {
  start: Item | undefined;
  next: Item | undefined;
  much: boolean;
  first: string; // says its first item, or nothing
  count: number;
  weight: number;
  items: readonly Item[] | undefined; // none while they are dropped
}

// What an item takes in memory, roughly, in bytes: each value is an object with a
// string.
const itemWeight = 64;
const valueWeight = 48;

export function weightOf(item: Item): number {
  let sum = itemWeight;
  for (const name in item) sum += weighed(item[name] as Value);
  return sum;
}

function weighed(v: Value): number {
  if ("S" in v) return valueWeight + v.S.length;
  if ("N" in v) return valueWeight + v.N.length;
  if ("B" in v) return valueWeight + v.B.length + 100;
  if ("M" in v) return valueWeight + weightOf(v.M);
  if ("L" in v) return v.L.reduce((sum, e) => sum + weighed(e), valueWeight);
  const set = "SS" in v ? v.SS : "NS" in v ? v.NS : "BS" in v ? v.BS : [];
  return [...set].reduce((sum, e) => sum + e.length + 24, valueWeight);
}

// said returns the key that is in an item, as text; nothing if it lacks some of it.
function said(item: Item | undefined, names: readonly string[]): string {
  if (!item || names.length === 0) return "";
  const parts = names.map((name) => own(item, name));
  return parts.every((v) => v) ? JSON.stringify(parts.map((v) => (v && "B" in v ? [...v.B] : v))) : "";
}

const namesOf = (key: Item | undefined) => (key ? Object.keys(key).sort() : []);

// So many pages are looked at for the end of one that is read again.
const ahead = 64;

// Pages are what a query has read, in its order. They have at most so many bytes in
// memory: what is far from what is looked at is dropped, and read again from where it
// began.
export class Pages {
  readonly #run = {};
  readonly #most: number;
  readonly #keep: ((item: Item) => boolean) | undefined;
  #pages: Page[] = [];
  #ends: number[] = []; // how many items are up to the end of each page
  #weight = 0;
  #dropped = 0;
  #fresh: readonly Item[] = [];
  #last = 0; // the page that was asked for last

  // keep says which of the items that are read are rows; without it all are.
  constructor(most: number, keep?: (item: Item) => boolean) {
    this.#most = most;
    this.#keep = keep;
  }

  get length(): number {
    return this.#ends.at(-1) ?? 0;
  }

  get dropped(): number {
    return this.#dropped;
  }

  // next is where what was not read yet begins.
  get next(): Item | undefined {
    return this.#pages.at(-1)?.next;
  }

  // done tells whether all was read.
  get done(): boolean {
    return this.#pages.length > 0 && this.next === undefined;
  }

  // rows returns what is there now; it is another one after each change.
  rows(): Rows {
    return { length: this.length, dropped: this.#dropped, run: this.#run, fresh: this.#fresh, at: (i) => this.at(i) };
  }

  at(i: number): Item | undefined {
    if (i < 0 || i >= this.length) return undefined;
    const p = this.#pageAt(i);
    return this.#pages[p]?.items?.[i - this.#begin(p)];
  }

  add(read: Read, much: boolean): void {
    this.#replace(this.#pages.length, 0, [this.#page(this.next, read, much)]);
  }

  // trim drops pages that are far from the rows that are looked at until the others
  // have no more bytes than they may. It tells whether it did.
  trim(from: number, to: number): boolean {
    if (this.#weight <= this.#most) return false;
    const [first, last] = this.#span(from, to);
    // The next one on either side is there before it is looked at.
    const far = this.#pages
      .map((page, p) => ({ page, distance: p < first ? first - p : p - last }))
      .filter(({ page, distance }) => page.items && page.count > 0 && distance > 1)
      .sort((a, b) => b.distance - a.distance);
    // More than is needed, or it would be so with each page that comes.
    for (const { page } of far) {
      if (this.#weight <= this.#most * 0.8) break;
      this.#drop(page);
    }
    return far.length > 0;
  }

  // missing returns the first page of the rows that is not in memory; -1 is none.
  missing(from: number, to: number): number {
    if (this.#dropped === 0) return -1;
    const [first, last] = this.#span(from, to);
    for (let p = first; p <= last; p++) if (this.#pages[p] && !this.#pages[p]?.items) return p;
    return -1;
  }

  // reread reads a page again.
  async reread(p: number, read: Reader): Promise<void> {
    const page = this.#pages[p];
    if (!page) return;
    const { pages, end } = await this.#again(p, read);
    // Another one was faster.
    if (this.#pages[p] !== page) return;
    this.#replace(p, end - p + 1, pages);
    this.#fresh = pages.flatMap((now) => now.items ?? []);
  }

  // refresh drops all but what is looked at, and reads that again.
  async refresh(from: number, to: number, read: Reader): Promise<void> {
    const [first, last] = this.#span(from, to);
    for (const [p, page] of this.#pages.entries()) if (page.items && (p < first || p > last)) this.#drop(page);
    for (let p = Math.min(last, this.#pages.length - 1); p >= first; p--) await this.reread(p, read);
  }

  // all yields all items, page by page. Those that were dropped are read again and not
  // kept.
  async *all(read: Reader): AsyncGenerator<readonly Item[]> {
    for (let p = 0; p < this.#pages.length; p++) {
      const items = this.#pages[p]?.items;
      if (items) {
        yield items;
        continue;
      }
      const { pages, end } = await this.#again(p, read);
      for (const page of pages) yield page.items ?? [];
      p = end;
    }
  }

  // again reads a page again and returns what it is now, and the last of the pages that
  // this is in place of. Items have come and gone meanwhile, and the server makes pages
  // by their number: it ends with the last item of the old one, before the first of the
  // next one, or where the server says so. If none of these is there any more, it goes
  // on to the end of a page after it.
  async #again(p: number, read: Reader): Promise<{ pages: Page[]; end: number }> {
    const old = this.#pages[p] as Page;
    const names = namesOf(old.next ?? old.start);
    const within = this.#pages.slice(p, p + ahead);
    const lasts = new Map(within.map((page, i) => [said(page.next, names), p + i]));
    const firsts = new Map(this.#pages.slice(p + 1, p + ahead + 1).map((page, i) => [page.first, p + i]));
    lasts.delete("");
    firsts.delete("");
    const most = within.reduce((sum, page) => sum + page.count, 0) * 2 + 1000;
    const items: Item[] = [];
    const made = (next: Item | undefined, end: number) => ({ pages: [this.#page(old.start, { items, next }, old.much)], end });
    let start = old.start;
    for (;;) {
      const got = await read(start, old.much);
      for (const item of got.items) {
        const key = said(item, names);
        const before = firsts.get(key);
        if (before !== undefined) return made(this.#pages[before]?.next, before);
        items.push(item);
        const last = lasts.get(key);
        if (last !== undefined) return made(this.#pages[last]?.next, last);
      }
      const last = lasts.get(said(got.next, names));
      if (last !== undefined) return made(got.next, last);
      // What was after it is gone, or will be read anew.
      if (!got.next || items.length > most) return made(got.next, this.#pages.length - 1);
      start = got.next;
    }
  }

  #page(start: Item | undefined, read: Read, much: boolean): Page {
    const items = this.#keep ? read.items.filter(this.#keep) : read.items;
    return { start, next: read.next, much, first: said(read.items[0], namesOf(read.next ?? start)), count: items.length, weight: items.reduce((sum, item) => sum + weightOf(item), 0), items };
  }

  #drop(page: Page): void {
    page.items = undefined;
    this.#weight -= page.weight;
    this.#dropped += page.count;
  }

  #replace(p: number, count: number, pages: Page[]): void {
    for (const page of this.#pages.splice(p, count, ...pages)) {
      if (page.items) this.#weight -= page.weight;
      else this.#dropped -= page.count;
    }
    for (const page of pages) this.#weight += page.weight;
    this.#ends.length = p;
    for (let i = p; i < this.#pages.length; i++) this.#ends.push((this.#ends[i - 1] ?? 0) + (this.#pages[i]?.count ?? 0));
    this.#last = 0;
  }

  #begin(p: number): number {
    return this.#ends[p - 1] ?? 0;
  }

  // span returns the pages that rows are on.
  #span(from: number, to: number): [number, number] {
    const within = (i: number) => Math.max(0, Math.min(this.length - 1, i));
    return [this.#pageAt(within(from)), this.#pageAt(within(to))];
  }

  #pageAt(i: number): number {
    if (i >= this.#begin(this.#last) && i < (this.#ends[this.#last] ?? 0)) return this.#last;
    let [low, high] = [0, this.#pages.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] ?? 0) <= i) low = middle + 1;
      else high = middle;
    }
    this.#last = Math.max(0, low);
    return this.#last;
  }
}
