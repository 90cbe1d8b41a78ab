import { type ListedTable, type Place, tableKey } from "../server";

// score tells how well a name matches what was typed: the letters are in it in this
// order, and the closer together and to the beginning of a word the better. Undefined
// is no match.
export function score(typed: string, name: string): number | undefined {
  const query = typed.trim().toLowerCase();
  const text = name.toLowerCase();
  if (query === "") return 0;
  const at = text.indexOf(query);
  if (at >= 0) return 1000 - Math.min(at, 400) + (at === 0 || /[^a-z0-9]/.test(text.charAt(at - 1)) ? 500 : 0) - Math.min(text.length, 255) / 256;
  let total = 0;
  let last = -1;
  for (const letter of query) {
    if (letter === " ") continue;
    const next = text.indexOf(letter, last + 1);
    if (next < 0) return undefined;
    total += next === last + 1 ? 5 : next === 0 || /[^a-z0-9]/.test(text.charAt(next - 1)) ? 3 : -Math.min(next - last, 20) / 20;
    last = next;
  }
  return total - text.length / 256;
}

// best returns those whose name matches, the best first.
export function best<T>(typed: string, all: readonly T[], nameOf: (one: T) => string): T[] {
  if (typed.trim() === "") return [...all];
  return all
    .flatMap((one) => {
      const n = score(typed, nameOf(one));
      return n === undefined ? [] : [{ one, n }];
    })
    .sort((a, b) => b.n - a.n)
    .map(({ one }) => one);
}

// likely tells whether an attribute is likely to have keys of a table, by their names.
export function likely(attribute: string, table: string): boolean {
  const stem = attribute.toLowerCase().replace(/[-_.# ]*(ids?|keys?|pk|refs?|no|number)$/, "");
  return stem.length > 1 && table.toLowerCase().includes(stem.replace(/s$/, ""));
}

// A PlaceCount is where tables are, and how many.
export interface PlaceCount extends Place {
  tables: number;
}

export function placesOf(tables: readonly ListedTable[]): PlaceCount[] {
  const places = new Map<string, PlaceCount>();
  for (const { account, region } of tables) {
    const place = places.get(`${account}/${region}`) ?? { account, region, tables: 0 };
    place.tables++;
    places.set(`${account}/${region}`, place);
  }
  return [...places.values()].sort((a, b) => a.account.localeCompare(b.account) || a.region.localeCompare(b.region));
}

// A Row is a line of the list of tables.
export type Row =
  | { kind: "heading"; text: string; id: string }
  | { kind: "group"; prefix: string; tables: number; open: boolean; id: string }
  | { kind: "table"; table: ListedTable; pinned: boolean; indented?: boolean; place?: string; id: string };

// With so many tables they are shown in groups: of at least three that begin alike.
const many = 25;
const few = 3;

// rowsOf returns the lines in which tables are shown: those that are pinned, and
// all, of each place and by the beginning of their names where there are many. closed
// has the groups that are shut. placeOf says where a table is, if that is not plain.
export function rowsOf(tables: readonly ListedTable[], typed: string, pinned: ReadonlySet<string>, closed: ReadonlySet<string>, placeOf?: (place: Place) => string): Row[] {
  const line = (table: ListedTable, more: { indented?: boolean; place?: string } = {}): Row => ({ kind: "table", table, pinned: pinned.has(tableKey(table)), ...more, id: tableKey(table) });
  const apart = (table: ListedTable) => line(table, { place: placeOf?.(table) });
  if (typed.trim() !== "") return best(typed, tables, (t) => t.name).map(apart);
  const sorted = [...tables].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.region.localeCompare(b.region) || a.account.localeCompare(b.account)));
  const top = sorted.filter((t) => pinned.has(tableKey(t)));
  const rest = sorted.filter((t) => !pinned.has(tableKey(t)));
  const rows: Row[] = top.length > 0 ? [{ kind: "heading", text: "Pinned", id: "pinned" }, ...top.map(apart)] : [];
  const groups = (place: string, some: ListedTable[]) => (rest.length < many ? some.map((t) => line(t)) : groupsOf(place, some, closed, line));
  if (!placeOf) {
    if (top.length > 0 && rest.length > 0) rows.push({ kind: "heading", text: "Others", id: "others" });
    return [...rows, ...groups("", rest)];
  }
  for (const place of placesOf(rest)) {
    const text = placeOf(place);
    rows.push({ kind: "heading", text, id: `place ${text}` }, ...groups(`${text} `, rest.filter((t) => t.region === place.region && t.account === place.account)));
  }
  return rows;
}

function groupsOf(place: string, tables: ListedTable[], closed: ReadonlySet<string>, line: (table: ListedTable, more?: { indented: boolean }) => Row): Row[] {
  const groups = new Map<string, ListedTable[]>();
  for (const t of tables) {
    const prefix = prefixOf(t.name);
    const members = groups.get(prefix);
    if (members) members.push(t);
    else groups.set(prefix, [t]);
  }
  const entries: { name: string; rows: Row[] }[] = [];
  for (const [prefix, members] of groups) {
    if (prefix === "" || members.length < few) {
      entries.push(...members.map((t) => ({ name: t.name, rows: [line(t)] })));
      continue;
    }
    const id = `group ${place}${prefix}`;
    const open = !closed.has(id);
    entries.push({ name: prefix, rows: [{ kind: "group", prefix, tables: members.length, open, id }, ...(open ? members.map((t) => line(t, { indented: true })) : [])] });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)).flatMap((e) => e.rows);
}

// prefixOf returns a name up to its first separator; "" if it has none.
export function prefixOf(name: string): string {
  return /^[^-_.]+[-_.]/.exec(name)?.[0] ?? "";
}
