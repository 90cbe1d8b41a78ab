import { compare, type Item, own } from "../model/value";
import type { Rows } from "../query/pages";

export interface Sort {
  name: string;
  descending: boolean;
}

// A Sorter keeps the order of items that only become more: what came is sorted and
// merged into what was sorted before.
export class Sorter {
  #sort: Sort | undefined;
  #run: object | undefined;
  #first: Item | undefined;
  #last: Item | undefined;
  #order: number[] = [];

  // order returns the places of items in the order in which they are shown; undefined
  // is the order in which they came. Items without the attribute come last.
  order(items: Rows, sort: Sort | undefined): readonly number[] | undefined {
    if (!sort) return undefined;
    const before = this.#order.length;
    const grown =
      before > 0 && this.#sort?.name === sort.name && this.#sort.descending === sort.descending && this.#run === items.run && items.length >= before && items.at(0) === this.#first && items.at(before - 1) === this.#last;
    const done = grown ? this.#order : [];
    if (grown && items.length === before) return done;

    const values = Array.from({ length: items.length }, (_, i) => {
      const item = items.at(i);
      return item && own(item, sort.name);
    });
    const by = (i: number, j: number) => {
      const [a, b] = [values[i], values[j]];
      const way = sort.descending && a && b ? compare(b, a) : compare(a, b);
      return way || i - j;
    };
    const news = Array.from({ length: items.length - done.length }, (_, i) => done.length + i).sort(by);
    this.#sort = sort;
    this.#run = items.run;
    this.#first = items.at(0);
    this.#last = items.at(items.length - 1);
    this.#order = merge(done, news, by);
    return this.#order;
  }
}

function merge(a: readonly number[], b: readonly number[], by: (i: number, j: number) => number): number[] {
  const all: number[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    all.push(by(a[i] as number, b[j] as number) <= 0 ? (a[i++] as number) : (b[j++] as number));
  }
  while (i < a.length) all.push(a[i++] as number);
  while (j < b.length) all.push(b[j++] as number);
  return all;
}
