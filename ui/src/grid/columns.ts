import { type Item, textOf, type Type, typeOf, type Value } from "../model/value";
import type { Rows } from "../query/pages";
import type { Staging } from "./staging";

// A Column is an attribute that some of the items have.
export interface Column {
  name: string;
  types: readonly Type[]; // those of its values, the first seen first
  width: number; // in pixels, by what is in it
}

interface Seen {
  present: number;
  types: Type[];
  sampled: number;
  longest: number; // letters
}

// So many items decide how the columns stand: later ones only add to them, so that
// none moves under the reader's eyes.
const settled = 100;
const sample = 100;
const letter = 7.85;
export const narrowest = 72;
const widest = 340;

// A Tally knows the columns of items that only become more, without looking at one
// of them twice.
export class Tally {
  #seen = new Map<string, Seen>();
  #keys = "";
  #run: object | undefined;
  #fresh: readonly Item[] | undefined;
  #first: Item | undefined;
  #last: Item | undefined;
  #done = 0;
  #columns: readonly Column[] = [];

  // columns returns the attributes of items: the key's first, then those that most
  // items have. It returns the same array while nothing about them has changed.
  columns(items: Rows, keys: readonly string[]): readonly Column[] {
    const key = keys.join("\0");
    const same = items.run ? items.run === this.#run : items.length >= this.#done && items.at(0) === this.#first && items.at(this.#done - 1) === this.#last;
    const grown = this.#done > 0 && key === this.#keys && same;
    this.#run = items.run;
    if (!grown) {
      this.#seen = new Map(keys.map((name) => [name, { present: 0, types: [], sampled: 0, longest: 0 }]));
      this.#keys = key;
      this.#done = 0;
      this.#columns = [];
    }
    const from = Math.min(this.#done, items.length);
    let changed = this.#done === 0;
    if (grown && items.fresh !== this.#fresh) {
      for (const item of items.fresh ?? []) {
        for (const name in item) changed = (!this.#seen.has(name) && this.#add(name, item[name] as Value)) || changed;
      }
    }
    this.#fresh = items.fresh;
    if (items.length <= this.#done && this.#done > 0 && !changed) {
      this.#done = from;
      return this.#columns;
    }

    for (let i = from; i < items.length; i++) {
      const item = items.at(i);
      for (const name in item) {
        changed = this.#add(name, item[name] as Value) || changed;
      }
    }
    this.#first = items.at(0);
    this.#last = items.at(items.length - 1);
    this.#done = items.length;
    if (from < settled) {
      this.#columns = this.#arranged([...this.#seen.keys()], keys);
    } else if (changed) {
      const known = new Map(this.#columns.map((c) => [c.name, c]));
      const news = this.#arranged([...this.#seen.keys()].filter((name) => !known.has(name)), []);
      this.#columns = [...this.#columns.map((c) => ({ ...c, types: this.#seen.get(c.name)?.types ?? c.types })), ...news];
    }
    return this.#columns;
  }

  // add tells whether a value made a difference to its column.
  #add(name: string, v: Value): boolean {
    let seen = this.#seen.get(name);
    const isNew = !seen;
    if (!seen) {
      seen = { present: 0, types: [], sampled: 0, longest: 0 };
      this.#seen.set(name, seen);
    }
    seen.present++;
    if (seen.sampled < sample) {
      seen.sampled++;
      seen.longest = Math.max(seen.longest, lengthOf(v));
    }
    const type = typeOf(v);
    if (seen.types.includes(type)) return isNew;
    seen.types = [...seen.types, type];
    return true;
  }

  #arranged(names: string[], keys: readonly string[]): Column[] {
    const present = (name: string) => this.#seen.get(name)?.present ?? 0;
    const others = names.filter((name) => !keys.includes(name)).sort((a, b) => present(b) - present(a) || (a < b ? -1 : 1));
    return [...keys, ...others].map((name) => {
      const seen = this.#seen.get(name);
      return { name, types: seen?.types ?? [], width: widthOf(name, seen?.types ?? [], seen?.longest ?? 0) };
    });
  }
}

// withStaged returns columns and those of attributes that only what is staged has.
export function withStaged(columns: readonly Column[], staging: Staging | undefined): readonly Column[] {
  if (!staging || staging.size === 0) return columns;
  const known = new Set(columns.map((c) => c.name));
  const more = new Map<string, Value[]>();
  for (const { changes } of staging.values()) {
    for (const [name, v] of changes) {
      if (v && !known.has(name)) more.set(name, [...(more.get(name) ?? []), v]);
    }
  }
  if (more.size === 0) return columns;
  return [
    ...columns,
    ...[...more].map(([name, values]) => {
      const types = [...new Set(values.map(typeOf))];
      return { name, types, width: widthOf(name, types, Math.max(...values.slice(0, sample).map(lengthOf))) };
    }),
  ];
}

// lengthOf returns how many letters a cell shows, roughly.
function lengthOf(v: Value): number {
  if ("B" in v) return 24;
  if ("L" in v) return 6;
  if ("M" in v) return 18;
  if ("SS" in v || "NS" in v || "BS" in v) return textOf(v).length + 4;
  return textOf(v).length;
}

function widthOf(name: string, types: readonly Type[], letters: number): number {
  // Beside the name stand its types and the button of its menu.
  const header = (name.length + types.slice(0, 2).join(", ").length) * letter + 82;
  return Math.round(Math.min(widest, Math.max(narrowest, header, letters * letter + 26)));
}

// A Layout is how somebody wants the columns of a table.
export interface Layout {
  order?: readonly string[];
  pinned?: readonly string[]; // undefined: the key's
  hidden: readonly string[];
  widths: Readonly<Record<string, number>>;
  grouped?: boolean; // rows by their partition key
  coloured?: boolean; // keys by what is before their #
}

export const noLayout: Layout = { hidden: [], widths: {} };

// arrange returns the columns to show as a layout wants them: those that stay
// first, then the others.
export function arrange(columns: readonly Column[], keys: readonly string[], layout: Layout): { pinned: Column[]; others: Column[] } {
  const pins = layout.pinned ?? keys;
  const rank = new Map(layout.order?.map((name, i) => [name, i]));
  const hidden = new Set(layout.hidden);
  const shown = columns
    .map((column, i) => ({ column, at: rank.get(column.name) ?? rank.size + i }))
    .filter(({ column }) => !hidden.has(column.name))
    .sort((a, b) => a.at - b.at)
    .map(({ column }) => (Object.hasOwn(layout.widths, column.name) ? { ...column, width: layout.widths[column.name] as number } : column));
  return { pinned: shown.filter((c) => pins.includes(c.name)), others: shown.filter((c) => !pins.includes(c.name)) };
}

// moved returns a layout in which a column has changed places with its neighbour.
export function moved(columns: readonly Column[], keys: readonly string[], layout: Layout, name: string, by: -1 | 1): Layout {
  const { pinned, others } = arrange(columns, keys, layout);
  const group = pinned.some((c) => c.name === name) ? pinned : others;
  const neighbour = group[group.findIndex((c) => c.name === name) + by];
  return neighbour ? put(columns, keys, layout, name, neighbour.name, by > 0) : layout;
}

// put returns a layout in which a column stands before another one, or after it. It
// stays in sight if that does.
export function put(columns: readonly Column[], keys: readonly string[], layout: Layout, name: string, beside: string, after: boolean): Layout {
  if (name === beside) return layout;
  const { pinned, others } = arrange(columns, keys, layout);
  const order = [...pinned, ...others].map((c) => c.name).filter((n) => n !== name);
  order.splice(order.indexOf(beside) + (after ? 1 : 0), 0, name);
  const pins = (layout.pinned ?? keys).filter((n) => n !== name);
  const stays = pinned.some((c) => c.name === beside);
  const stayed = pinned.some((c) => c.name === name);
  // Hidden ones keep their places behind all others.
  return { ...layout, order: [...order, ...columns.map((c) => c.name).filter((n) => !order.includes(n))], ...(stays === stayed ? {} : { pinned: stays ? [...pins, name] : pins }) };
}

function layoutOf(stored: unknown): Layout {
  const kept = (typeof stored === "object" ? stored : null) as Partial<Layout> | null;
  const names = (x: unknown) => (Array.isArray(x) ? x.filter((n) => typeof n === "string") : undefined);
  const widths = Object.entries(kept?.widths ?? {}).filter(([, w]) => typeof w === "number");
  return { order: names(kept?.order), pinned: names(kept?.pinned), hidden: names(kept?.hidden) ?? [], widths: Object.fromEntries(widths), ...(kept?.grouped === true ? { grouped: true } : {}), ...(kept?.coloured === true ? { coloured: true } : {}) };
}

function stored(name: string, memory: string | undefined): unknown {
  if (memory === undefined) return undefined;
  try {
    return JSON.parse(localStorage.getItem(`${name}:${memory}`) ?? "null");
  } catch {
    return undefined;
  }
}

function store(name: string, memory: string | undefined, what: unknown): void {
  if (memory === undefined) return;
  try {
    localStorage.setItem(`${name}:${memory}`, JSON.stringify(what));
  } catch {
    // A browser that keeps nothing shows the columns as they come.
  }
}

export const readLayout = (memory: string | undefined): Layout => layoutOf(stored("stator.columns", memory));
export const keepLayout = (memory: string | undefined, layout: Layout): void => store("stator.columns", memory, layout);

// A Preset is a layout that has a name.
export interface Preset {
  name: string;
  layout: Layout;
}

export function readPresets(memory: string | undefined): Preset[] {
  const kept = stored("stator.column-presets", memory);
  return Array.isArray(kept) ? kept.flatMap((p: Partial<Preset> | null) => (typeof p?.name === "string" ? [{ name: p.name, layout: layoutOf(p.layout) }] : [])) : [];
}

// keepPreset keeps a layout under a name, in the place of another one that has that;
// undefined takes it away.
export function keepPreset(memory: string | undefined, name: string, layout: Layout | undefined): void {
  const others = readPresets(memory).filter((p) => p.name !== name);
  store("stator.column-presets", memory, [...others, ...(layout ? [{ name, layout }] : [])].sort((a, b) => a.name.localeCompare(b.name)));
}
