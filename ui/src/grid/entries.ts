import { type Item, own, textOf, type Value } from "../model/value";
import type { Entry } from "../parts/menu";
import { type Column, keepPreset, type Layout, narrowest, noLayout, readPresets } from "./columns";
import { copyEntries, copyText } from "./copy";
import type { Group } from "./groups";
import type { Share } from "./selection";

// What the menus of a grid have.

// A CellFilter is what somebody wants to see more of, by what is in a cell.
export type CellFilter = { attribute: string; op: "=" | "<>" | "begins_with"; value: Value } | { partition: Item };

export function short(text: string): string {
  return text.length > 28 ? `${text.slice(0, 27)}…` : text;
}

interface OfGroups {
  folded: ReadonlySet<string>;
  fold: (group: Group) => void;
  foldAll: () => void;
  unfoldAll: () => void;
}

const allGroups = ({ folded, foldAll, unfoldAll }: OfGroups): Entry[] => [
  { text: "Show the items of all", do: unfoldAll, disabled: folded.size === 0 },
  { text: "Hide the items of all", do: foldAll },
];

interface AtHeading extends OfGroups {
  group: Group;
  share: Share; // of its items are selected
  first: Item | undefined;
  onToggle: () => void;
  onFilter?: (filter: CellFilter) => void;
}

// headingEntries are those of what stands above the items of one partition key.
export function headingEntries({ group, share, first, onToggle, onFilter, ...groups }: AtHeading): Entry[] {
  return [
    { text: groups.folded.has(group.id) ? "Show its items" : "Hide its items", hint: "Enter", do: () => groups.fold(group) },
    { text: share === "all" ? "Take them out of the selection" : "Select its items", hint: "x", do: onToggle },
    ...(onFilter && first && group.value ? [{ text: "Query this partition", do: () => onFilter({ partition: first }) }] : []),
    "line",
    ...allGroups(groups),
  ];
}

interface AtCell {
  item: Item;
  column?: string; // none where rows are selected
  value?: Value; // what is shown
  isNew: boolean;
  selected: boolean;
  editable: boolean;
  keys: readonly string[];
  columns: readonly Column[];
  table?: string;
  onOpen: () => void;
  onToggle: () => void;
  onChange?: () => void; // its value is to be changed
  onRemove?: () => void; // its attribute
  onForget?: () => void; // its item, which is new
  onFilter?: (filter: CellFilter) => void;
  onFollow?: (attribute: string, value: Value) => void;
}

// cellEntries are those of a cell.
export function cellEntries(at: AtCell): Entry[] {
  const { item, column, value: v, isNew, keys, onFilter, onFollow } = at;
  const change: Entry[] = [
    ...(at.onChange && column !== undefined ? [{ text: "Change the value", hint: "F2", do: at.onChange, disabled: !at.editable }] : []),
    ...(at.onRemove && column !== undefined && v ? [{ text: "Remove the attribute", do: at.onRemove, disabled: keys.includes(column) && !isNew }] : []),
  ];
  const copy: Entry[] = v ? [{ text: "Copy the value", do: () => void copyText(textOf(v), "The value") }] : [];
  if (isNew) {
    return [...change, ...copy, ...(at.onForget ? ["line" as const, { text: "Take out the new item", hint: "Del", do: at.onForget }] : [])];
  }
  const partition = keys[0] !== undefined && own(item, keys[0]) !== undefined;
  return [
    { text: "Open the item", hint: "Space", do: at.onOpen },
    ...change,
    { text: at.selected ? "Take out of the selection" : "Select", hint: "x", do: at.onToggle },
    ...copy,
    { text: "Copy the item", entries: copyEntries(() => [item], () => at.columns.map((c) => c.name), at.table) },
    ...(onFilter && v && column !== undefined ? ["line" as const, ...filters(column, v, onFilter)] : []),
    ...(onFilter && partition ? [{ text: "Query this partition", do: () => onFilter({ partition: item }) }] : []),
    ...(onFollow && v && column !== undefined && ("S" in v || "N" in v || "B" in v) ? [{ text: "Follow to a table…", do: () => onFollow(column, v) }] : []),
  ];
}

function filters(attribute: string, value: Value, onFilter: (filter: CellFilter) => void): Entry[] {
  const scalar = "S" in value || "N" in value || "B" in value || "BOOL" in value || "NULL" in value;
  const start = "S" in value ? (/^.+?[#/:|]/.exec(value.S)?.[0] ?? value.S) : "";
  const compare = (sign: string, op: "=" | "<>"): Entry => ({ text: `${short(attribute)} ${sign} ${short(textOf(value))}`, do: () => onFilter({ attribute, op, value }) });
  return [
    ...(scalar ? [compare("=", "="), compare("≠", "<>")] : []),
    ...(start ? [{ text: `${short(attribute)} begins with ${short(start)}`, do: () => onFilter({ attribute, op: "begins_with" as const, value: { S: start } }) }] : []),
  ];
}

interface Arranged {
  columns: readonly Column[]; // as wide as their values
  layout: Layout;
  onLayout: (next: Layout) => void;
}

interface AtColumn extends Arranged {
  column: Column;
  pinned: readonly Column[];
  only: boolean; // there is no other one
  onSort: (descending: boolean) => void;
  onShift: (by: -1 | 1) => void;
}

// columnEntries are those of the head of a column.
export function columnEntries({ column, columns, pinned, only, layout, onLayout, onSort, onShift }: AtColumn): Entry[] {
  const { name } = column;
  const pins = pinned.map((c) => c.name);
  const wide = (width: number) => onLayout({ ...layout, widths: { ...layout.widths, [name]: Math.max(narrowest, width) } });
  const natural = columns.find((c) => c.name === name)?.width ?? narrowest;
  return [
    { text: "Sort up, loaded rows only", do: () => onSort(false) },
    { text: "Sort down, loaded rows only", do: () => onSort(true) },
    "line",
    pins.includes(name) ? { text: "Let it scroll", do: () => onLayout({ ...layout, pinned: pins.filter((n) => n !== name) }) } : { text: "Keep it in sight", do: () => onLayout({ ...layout, pinned: [...pins, name] }) },
    { text: "Move left", hint: "Shift+←", do: () => onShift(-1) },
    { text: "Move right", hint: "Shift+→", do: () => onShift(1) },
    "line",
    { text: "Wider", do: () => wide(column.width + 60) },
    { text: "Narrower", do: () => wide(column.width - 60) },
    { text: "As wide as its values", do: () => wide(natural) },
    "line",
    { text: "Hide", do: () => onLayout({ ...layout, hidden: [...layout.hidden, name] }), disabled: only },
    { text: "Copy the name", do: () => void copyText(name, "The name") },
  ];
}

interface View extends Pick<Arranged, "layout" | "onLayout">, OfGroups {
  by: string; // the partition key
  grouped: boolean;
  onGroup: (on: boolean) => void;
}

// viewEntries say how rows are shown.
export function viewEntries({ by, grouped, layout, onLayout, onGroup, ...groups }: View): Entry[] {
  return [
    { text: `Group by ${short(by)}`, checked: layout.grouped ?? false, set: onGroup },
    { text: "Colour keys by what is before #", checked: layout.coloured ?? false, set: (on) => onLayout({ ...layout, coloured: on }) },
    ...(grouped ? ["line" as const, ...allGroups(groups)] : []),
  ];
}

interface OfColumns extends Arranged {
  memory?: string; // under which name they are kept
  onPreset: (layout: Layout) => void;
  onName: () => void; // a preset is to be kept
}

// columnsEntries say which columns are shown.
export function columnsEntries({ columns, layout, memory, onLayout, onPreset, onName }: OfColumns): Entry[] {
  return [
    { text: "Show all", do: () => onLayout({ ...layout, hidden: [] }), disabled: layout.hidden.length === 0 },
    { text: "As it was at first", do: () => onLayout({ ...noLayout, grouped: layout.grouped, coloured: layout.coloured }) },
    ...(memory === undefined
      ? []
      : [
          "line" as const,
          ...readPresets(memory).map((preset) => ({ text: preset.name, entries: [{ text: "Take it", do: () => onPreset(preset.layout) }, { text: "Forget it", do: () => keepPreset(memory, preset.name, undefined) }] })),
          { text: "Keep under a name…", do: onName },
        ]),
    "line",
    ...columns.map(({ name }): Entry => ({
      text: name,
      checked: !layout.hidden.includes(name),
      set: (on) => onLayout({ ...layout, hidden: on ? layout.hidden.filter((n) => n !== name) : [...layout.hidden, name] }),
    })),
  ];
}
