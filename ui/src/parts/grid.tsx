import { ChevronDown, Columns3, Rows3, X } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { toast } from "sonner";
import { count } from "../format";
import { hint, ValueLine } from "../grid/cell";
import { arrange, type Column, keepLayout, keepPreset, type Layout, moved, narrowest, put, readLayout, readPresets, Tally, withStaged } from "../grid/columns";
import { copyEntries, formatted } from "../grid/copy";
import { cellEntries, type CellFilter, columnEntries, columnsEntries, headingEntries, short, viewEntries } from "../grid/entries";
import { headerHeight } from "../grid/frame";
import { type Group, grouped } from "../grid/groups";
import { Header, type HeaderHandlers } from "../grid/header";
import { type Drop, dragColumn, resizeColumn } from "../grid/pointer";
import { NamePreset } from "../grid/presets";
import { Heading, Missing, Row, type RowHandlers } from "../grid/rows";
import { useSelection } from "../grid/selection";
import { type Added, sheetOf } from "../grid/sheet";
import { type Sort, Sorter } from "../grid/sort";
import { type Cell, type Staging, whyNot } from "../grid/staging";
import { overscan, type Place, stepOf, useViewport } from "../grid/viewport";
import { type Item, own, textOf, type Value } from "../model/value";
import type { Rows } from "../query/pages";
import { IconButton } from "./button";
import { type Entry, MenuButton, type Point, PointMenu } from "./menu";

export interface GridProps {
  label: string; // for those who do not see it
  items: Rows; // what is loaded, in order
  keys: readonly string[]; // the key's attributes, which come first; they tell items apart
  open?: string; // the identity of the item that is looked at
  onOpen: (item: Item) => void;
  onEnd?: () => void; // the end of what is loaded comes into sight
  more?: boolean; // there are items that are not loaded
  // Where items may be dropped from memory: which rows are in sight, whether all of them
  // are needed, and how those that are not there come back, for something that is done.
  onLook?: (from: number, to: number) => void;
  onHold?: (on: boolean) => void;
  onWhole?: (what: string) => Promise<boolean>;
  table?: string; // what the items are copied as: put-item into it
  memory?: string; // under which name the order and width of columns are kept
  onFilter?: (filter: CellFilter) => void;
  onFollow?: (attribute: string, value: Value) => void; // to the items of another table
  // Which items are selected, by rowsOf; without it the grid keeps that itself.
  selection?: ReadonlySet<string>;
  onSelection?: (selection: ReadonlySet<string>) => void;
  actions?: ReactNode; // stand above the grid
  selectionActions?: ReactNode; // stand there when something is selected
  onDelete?: () => void; // the key Delete, when something is selected
  // Cells can be changed: what is staged by the identity of the item, and who is
  // told of a change.
  staging?: Staging;
  onEdit?: (item: Item, id: string, name: string, value: Value | undefined) => void;
  onSave?: () => void; // what is staged
  check?: (id: string, item: Item, name: string, value: Value) => string | undefined; // why the server would refuse a value
  partial?: boolean; // items have attributes that were not read
  // Items that are staged and not there yet: they stand above all others.
  added?: readonly Added[];
  onForget?: (id: string) => void; // one of them
  onPaste?: (text: string, at: Pasting) => boolean; // whether that was of use
}

// A Pasting is where somebody pastes: the columns from the one that has the keyboard
// on, and its cell.
export interface Pasting {
  columns: readonly Column[];
  cell?: { item: Item; id: string; name: string };
}

const nobody: readonly Added[] = [];

// Grid shows items, an attribute in each column. Of many items and attributes only
// those in sight are there.
export function Grid(props: GridProps) {
  const { label, items, keys: given, open, onOpen, onEnd, more, table, memory, onFilter, onFollow, actions, selectionActions, onDelete, staging, onEdit, onSave, check, partial, added = nobody, onForget, onPaste, onLook, onHold, onWhole } = props;
  const name = useId();
  const keyText = JSON.stringify(given);
  const keys = useMemo(() => JSON.parse(keyText) as string[], [keyText]);

  // Columns and rows.
  const [tally] = useState(() => new Tally());
  const [sorter] = useState(() => new Sorter());
  const [layout, setLayout] = useState(() => readLayout(memory));
  const [sort, setSort] = useState<Sort>();
  const loadedColumns = useMemo(() => tally.columns(items, keys), [tally, items, keys]);
  const columns = useMemo(() => withStaged(loadedColumns, staging), [loadedColumns, staging]);
  const order = useMemo(() => sorter.order(items, sort), [sorter, items, sort]);
  const { pinned, others } = useMemo(() => arrange(columns, keys, layout), [columns, keys, layout]);
  const by = layout.grouped ? keys[0] : undefined;
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const grouping = useMemo(() => (by === undefined ? undefined : grouped(items, order, by, folded)), [items, order, by, folded]);
  const sheet = useMemo(() => sheetOf(items, keys, added, order, grouping), [items, keys, added, order, grouping]);
  const coloured = useMemo(() => (layout.coloured ? new Set(keys) : undefined), [layout.coloured, keys]);
  const columnsShown = pinned.length + others.length;
  const columnAt = (column: number): Column | undefined => (column <= pinned.length ? pinned[column - 1] : others[column - 1 - pinned.length]);
  const change = (next: Layout) => {
    setLayout(next);
    keepLayout(memory, next);
  };

  // withAll does something that needs all rows when they are there.
  const [waiting, setWaiting] = useState(false);
  const withAll = (what: string, then: () => void) => {
    if (!items.dropped || !onWhole) return then();
    setWaiting(true);
    void onWhole(what).then((all) => {
      if (all) then();
      setWaiting(false);
    });
  };

  // What is selected, and where the keyboard is.
  const selection = useSelection({ sheet, items, keys, given: props.selection, onChange: props.onSelection, withAll });
  const [place, setPlace] = useState<Place>();
  const active = place && place.row < sheet.rows && place.column <= columnsShown ? place : undefined;
  const [editing, setEditing] = useState<{ id: string; column: string }>();
  const [menu, setMenu] = useState<{ at: Point; place: Place }>();
  const [naming, setNaming] = useState(false);
  const [said, setSaid] = useState(""); // to those who do not see it
  const [drop, setDrop] = useState<Drop>();
  const opening = useRef(0);
  useEffect(() => () => window.clearTimeout(opening.current), []);
  const needsAll = waiting || selection.ids.size > 0 || sort !== undefined || by !== undefined;
  useEffect(() => onHold?.(needsAll), [onHold, needsAll]);

  // What is in sight.
  const scroller = useRef<HTMLDivElement>(null);
  const view = useViewport({ scroller, rowCount: sheet.rows, pinned, others, active });
  const seen = view.rows.filter((row) => row.index !== active?.row);
  const [firstSeen, lastSeen, last] = [seen[0]?.index ?? 0, seen.at(-1)?.index ?? 0, view.rows.at(-1)?.index ?? 0];
  useEffect(() => {
    // In another order, all is there.
    if (!order && by === undefined) onLook?.(firstSeen - added.length, lastSeen - added.length);
  }, [onLook, order, by, firstSeen, lastSeen, added.length, items]);
  useEffect(() => {
    // Headings alone would never fill the grid.
    if (folded.size > 0 && by !== undefined) return;
    if (onEnd && items.length > 0 && last >= sheet.rows - 1 - overscan) onEnd();
  }, [onEnd, last, items.length, sheet.rows, folded, by]);

  // New items come into sight.
  const before = useRef(added.length);
  useEffect(() => {
    if (added.length > before.current) {
      if (scroller.current) scroller.current.scrollTop = 0;
      setPlace((now) => ({ row: 0, column: Math.max(1, now?.column ?? 1) }));
    }
    before.current = added.length;
  }, [added.length]);

  // go moves the keyboard to a cell and brings that into sight.
  const go = (to: Place) => {
    const next = { row: Math.max(-1, Math.min(sheet.rows - 1, to.row)), column: Math.max(0, Math.min(columnsShown, to.column)) };
    setPlace(next);
    view.reveal(next);
    return next;
  };

  const fold = ({ id }: Group) => {
    const next = new Set(folded);
    if (!next.delete(id)) next.add(id);
    setFolded(next);
  };
  const groups = { folded, fold, foldAll: () => setFolded(new Set(sheet.groups?.map((g) => g.id))), unfoldAll: () => setFolded(new Set()) };

  const sortBy = (column: string, descending: boolean) => withAll("Sorting", () => setSort({ name: column, descending }));
  const sortNext = (column: string) => {
    if (sort?.name !== column) return sortBy(column, false);
    return sort.descending ? setSort(undefined) : sortBy(column, true);
  };

  // shownAt returns the value that a cell shows.
  const shownAt = (row: number, column: string): Value | undefined => {
    const changes = staging?.get(sheet.id(row))?.changes;
    const item = sheet.item(row);
    return changes?.has(column) ? changes.get(column) : item && own(item, column);
  };
  const cellAt = ({ row, column }: Place): Cell | undefined => {
    const item = sheet.item(row);
    const name = columnAt(column)?.name;
    const v = name === undefined || row < 0 ? undefined : shownAt(row, name);
    // What is staged decides, not what was loaded.
    return item && name !== undefined ? { item: { ...item, ...(v ? { [name]: v } : {}) }, name, isNew: sheet.isNew(row), partial: partial && !v } : undefined;
  };

  // edit changes a cell in its place, or says why not.
  const edit = (where: Place): boolean => {
    const cell = cellAt(where);
    if (!onEdit || !cell) return false;
    const reason = whyNot(cell, keys);
    if (reason) {
      toast.message(reason);
      return false;
    }
    window.clearTimeout(opening.current);
    go(where);
    setEditing({ id: sheet.id(where.row), column: cell.name });
    return true;
  };
  const editable = (where: Place): boolean => {
    const cell = cellAt(where);
    return onEdit !== undefined && cell !== undefined && whyNot(cell, keys) === undefined;
  };
  const leaveEditor = () => {
    setEditing(undefined);
    scroller.current?.focus({ preventScroll: true });
  };
  const saving = useRef(onSave);
  saving.current = onSave;
  // Rows and the header are drawn anew only for what they show: whom they tell stays.
  const rowHandlers = useRef<RowHandlers>(undefined);
  rowHandlers.current = {
    commit: (item, id, column, value, then) => {
      onEdit?.(item, id, column, value);
      if (then === "stay") return setEditing(undefined);
      leaveEditor();
      if (active && then !== "save") go({ row: active.row + (then === "down" ? 1 : 0), column: active.column + (then === "right" ? 1 : 0) });
      // What is staged now is there after the next rendering.
      if (then === "save") window.setTimeout(() => saving.current?.());
    },
    check: (item, id, column, value) => check?.(id, item, column, value),
    cancel: (problem) => {
      if (problem === undefined) return leaveEditor();
      setEditing(undefined);
      toast.error("The cell is as it was", { description: problem });
    },
  };
  const [onRow] = useState<RowHandlers>(() => ({
    commit: (...all) => rowHandlers.current?.commit(...all),
    check: (...all) => rowHandlers.current?.check(...all),
    cancel: (problem) => rowHandlers.current?.cancel(problem),
  }));

  const openMenu = (at: Point, where: Place) => {
    go(where);
    setMenu({ at, place: where });
  };
  // menuBelow opens the menu of the cell that has the keyboard, below it.
  const menuBelow = (where: Place) => {
    const box = document.getElementById(`${name}-active`)?.getBoundingClientRect();
    if (box) openMenu({ x: box.left + 8, y: box.bottom }, where);
  };

  // shift moves a column, and the keyboard with it.
  const shift = (column: Column, by: -1 | 1) => {
    const next = moved(columns, keys, layout, column.name, by);
    if (next === layout) return;
    change(next);
    const now = arrange(columns, keys, next);
    const at = [...now.pinned, ...now.others].findIndex((c) => c.name === column.name) + 1;
    go({ row: -1, column: at });
    setSaid(`${column.name} is column ${at} of ${columnsShown}`);
  };

  const headerHandlers = useRef<HeaderHandlers>(undefined);
  headerHandlers.current = {
    sort: sortNext,
    menu: (at, column) => openMenu(at, { row: -1, column }),
    drag: (e, column) => {
      if (!scroller.current) return;
      dragColumn(e, {
        scroller: scroller.current,
        left: view.staysWidth,
        nameOf: (at) => columnAt(at)?.name,
        onMove: setDrop,
        onDrop: (to) => change(put(columns, keys, layout, column.name, to.name, to.after)),
      });
    },
    resize: (e, column) => {
      let next = layout;
      resizeColumn(
        e,
        (by) => {
          next = { ...layout, widths: { ...layout.widths, [column.name]: Math.max(narrowest, Math.round(column.width + by)) } };
          setLayout(next);
        },
        () => keepLayout(memory, next),
      );
    },
  };
  const [onHeader] = useState<HeaderHandlers>(() => ({
    sort: (column) => headerHandlers.current?.sort(column),
    menu: (at, column) => headerHandlers.current?.menu(at, column),
    drag: (e, column) => headerHandlers.current?.drag(e, column),
    resize: (e, column) => headerHandlers.current?.resize(e, column),
  }));

  const onClick = (e: MouseEvent) => {
    const where = view.placeOf(e);
    if (!where || (e.target as Element).closest("[data-editor]")) return;
    setPlace(where);
    if (where.row < 0) {
      if (where.column === 0) selection.allOrNone();
      return;
    }
    if (e.shiftKey) return selection.range(where.row);
    const group = sheet.group(where.row);
    if (group && where.column > 0) return fold(group);
    if (where.column === 0 || e.metaKey || e.ctrlKey) return selection.toggle(where.row);
    selection.anchor.current = where.row;
    const item = sheet.item(where.row);
    if (!item || sheet.isNew(where.row) || e.detail > 1) return;
    window.clearTimeout(opening.current);
    // What opens beside the grid must not come under the second click of two.
    if (open === undefined && editable(where)) opening.current = window.setTimeout(() => onOpen(item), 250);
    else onOpen(item);
  };

  const onKeyDown = (e: KeyboardEvent) => {
    if (e.target !== e.currentTarget) return;
    const from = active ?? { row: 0, column: Math.min(1, columnsShown) };
    const far = e.ctrlKey || e.metaKey;
    const menuKey = e.key === "ContextMenu" || (e.key === "F10" && e.shiftKey) || (e.key === "ArrowDown" && e.altKey);
    const step = e.altKey || menuKey ? undefined : stepOf(e.key, far, from, { row: sheet.rows - 1, column: columnsShown }, view.page());
    const item = from.row >= 0 ? sheet.item(from.row) : undefined;
    const column = columnAt(from.column);
    const group = sheet.group(from.row);
    const isNew = sheet.isNew(from.row);
    const remove = e.key === "Delete" || e.key === "Backspace";
    if (group && from.column > 0 && !e.shiftKey && !far && (e.key === "Enter" || e.key === " " || e.key === (folded.has(group.id) ? "ArrowRight" : "ArrowLeft"))) {
      fold(group);
    } else if (group && (e.key === "x" || (e.key === " " && from.column === 0)) && !far && !e.altKey) {
      selection.toggle(from.row);
    } else if (from.row < 0 && e.shiftKey && !far && (e.key === "ArrowLeft" || e.key === "ArrowRight")) {
      if (column) shift(column, e.key === "ArrowLeft" ? -1 : 1);
    } else if (step) {
      const first = !active;
      const to = go(first && e.key.startsWith("Arrow") && !far ? from : step);
      if (e.shiftKey && to.row >= 0 && to.row !== from.row) selection.range(to.row);
      else if (to.row >= 0 && !e.shiftKey) selection.anchor.current = to.row;
    } else if (menuKey) {
      menuBelow(from);
    } else if (e.key === "Enter" && from.row < 0) {
      if (from.column === 0) selection.allOrNone();
      else if (column) sortNext(column.name);
    } else if (e.key === "F2" && item) {
      edit(from);
    } else if ((e.key === "Enter" || e.key === " ") && item && !far) {
      if (e.key === " " && from.column === 0) selection.toggle(from.row);
      else if (isNew) edit(from);
      else if (e.key === " " || !editable(from) || !edit(from)) onOpen(item);
    } else if (e.key === "x" && item && !far && !e.altKey) {
      selection.toggle(from.row);
    } else if (e.key === "a" && far) {
      selection.all();
    } else if (remove && isNew && onForget) {
      onForget(sheet.id(from.row));
    } else if (e.key === "Escape" && selection.ids.size > 0) {
      selection.clear();
    } else if (remove && selection.ids.size > 0 && onDelete) {
      onDelete();
    } else {
      return;
    }
    e.preventDefault();
    e.stopPropagation();
  };

  // menuOf returns what there is to do with a cell, a heading, or a column.
  const menuOf = (where: Place): Entry[] => {
    const column = columnAt(where.column);
    if (where.row < 0) {
      return column ? columnEntries({ column, columns, pinned, only: columnsShown === 1, layout, onLayout: change, onSort: (descending) => sortBy(column.name, descending), onShift: (by) => shift(column, by) }) : [];
    }
    const onToggle = () => selection.toggle(where.row);
    const group = sheet.group(where.row);
    if (group) return headingEntries({ ...groups, group, share: selection.shareOf(group), first: sheet.first(group), onToggle, onFilter });
    const item = sheet.item(where.row);
    if (!item) return [];
    const id = sheet.id(where.row);
    return cellEntries({
      item,
      column: column?.name,
      value: column && shownAt(where.row, column.name),
      isNew: sheet.isNew(where.row),
      selected: selection.ids.has(id),
      editable: editable(where),
      keys,
      columns,
      table,
      onOpen: () => onOpen(item),
      onToggle,
      onChange: onEdit && (() => void edit(where)),
      onRemove: onEdit && column && (() => onEdit(item, id, column.name, undefined)),
      onForget: onForget && (() => onForget(id)),
      onFilter,
      onFollow,
    });
  };

  // Browsers tell of a paste where text is marked, which need not be in the grid.
  const pasting = useRef<(e: ClipboardEvent) => void>(undefined);
  pasting.current = (e) => {
    if (!onPaste || document.activeElement !== scroller.current) return;
    const from = active && active.column > 0 ? active.column : 1;
    const item = active && active.row >= 0 ? sheet.item(active.row) : undefined;
    const cell = active && item && editable(active) ? cellAt(active) : undefined;
    const at = { columns: [...pinned, ...others].slice(from - 1), ...(cell && active && item ? { cell: { item, id: sheet.id(active.row), name: cell.name } } : {}) };
    if (onPaste(e.clipboardData?.getData("text/plain") ?? "", at)) e.preventDefault();
  };
  useEffect(() => {
    const onPasted = (e: ClipboardEvent) => pasting.current?.(e);
    document.addEventListener("paste", onPasted);
    return () => document.removeEventListener("paste", onPasted);
  }, []);

  const copyAll = () => columns.map((c) => c.name);
  const activeItem = active && active.row >= 0 ? sheet.item(active.row) : undefined;
  const activeColumn = active ? columnAt(active.column) : undefined;
  const activeValue = active && activeItem && activeColumn ? shownAt(active.row, activeColumn.name) : undefined;

  return (
    <div className="flex min-h-0 min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        {selection.ids.size > 0 ? (
          <>
            <span className="font-medium" role="status">
              {count(selection.ids.size)} selected
            </span>
            {selectionActions}
            <MenuButton entries={() => copyEntries(selection.items, copyAll, table)}>
              Copy <ChevronDown size={14} aria-hidden />
            </MenuButton>
            <IconButton label="Select nothing" onClick={selection.clear}>
              <X size={16} aria-hidden />
            </IconButton>
          </>
        ) : null}
        {sort ? (
          <span className="flex items-center gap-1 text-muted" role="status">
            <span>
              Sorted by <span className="font-mono text-[13px] text-ink">{short(sort.name)}</span> {sort.descending ? "down" : "up"}, loaded rows only
            </span>
            <IconButton label="Do not sort" onClick={() => setSort(undefined)}>
              <X size={16} aria-hidden />
            </IconButton>
          </span>
        ) : null}
        <span className="flex-1" />
        {actions}
        {keys.length > 0 ? (
          <MenuButton entries={() => viewEntries({ ...groups, by: keys[0] ?? "", grouped: grouping !== undefined, layout, onLayout: change, onGroup: (on) => withAll("Grouping", () => change({ ...layout, grouped: on })) })}>
            <Rows3 size={16} aria-hidden /> View
          </MenuButton>
        ) : null}
        <MenuButton entries={() => columnsEntries({ columns, layout, memory, onLayout: change, onPreset: (preset) => withAll("Grouping", () => change(preset)), onName: () => setNaming(true) })}>
          <Columns3 size={16} aria-hidden /> Columns
          {layout.hidden.length > 0 ? <span className="text-muted">{layout.hidden.length} hidden</span> : null}
        </MenuButton>
      </div>

      <div
        ref={scroller}
        role="grid"
        dir="ltr" // in all languages: columns are counted from the left
        aria-label={label}
        aria-rowcount={more ? -1 : sheet.rows + 1}
        aria-colcount={columnsShown + 1}
        aria-multiselectable
        aria-activedescendant={active ? `${name}-active` : undefined}
        tabIndex={0}
        className="relative max-h-[70vh] overflow-auto rounded-md border border-line bg-panel [contain:strict]"
        style={{ height: view.height + headerHeight + 2 + (view.frame.width > view.width ? 16 : 0), overflowAnchor: "none" }}
        onClick={onClick}
        onKeyDown={onKeyDown}
        onDoubleClick={(e) => {
          const where = view.placeOf(e);
          if (where && where.row >= 0 && where.column > 0 && !(e.target as Element).closest("[data-editor]")) edit(where);
        }}
        onMouseDown={(e) => {
          // Else a range of text would be selected with the rows.
          if (e.shiftKey) e.preventDefault();
        }}
        onContextMenu={(e) => {
          const where = view.placeOf(e) ?? active;
          if (!where) return;
          e.preventDefault();
          if (e.clientX === 0 && e.clientY === 0) menuBelow(where);
          else openMenu({ x: e.clientX, y: e.clientY }, where);
        }}
        onPointerOver={(e) => {
          const where = e.pointerType === "mouse" ? view.placeOf(e) : undefined;
          const cell = (e.target as Element).closest<HTMLElement>("[data-column]");
          if (!where || where.row < 0 || where.column === 0 || !cell) return;
          const column = columnAt(where.column);
          if (column) cell.title = hint(shownAt(where.row, column.name));
        }}
        onCopy={(e) => {
          if (e.target !== e.currentTarget && (e.target as Element).closest("[data-editor]")) return;
          if (window.getSelection()?.isCollapsed === false) return;
          const text =
            selection.ids.size > 0 ? formatted("TSV", selection.items(), copyAll(), table) : activeValue && textOf(activeValue);
          if (text === undefined) return;
          e.preventDefault();
          e.clipboardData.setData("text/plain", text);
        }}
      >
        {drop ? <div aria-hidden className="pointer-events-none absolute top-0 z-[4] w-0.5 bg-accent" style={{ left: drop.x - 1, height: headerHeight + view.height }} /> : null}
        <Header frame={view.frame} active={active?.row === -1 ? active.column : -1} sort={sort} selected={selection.share} name={name} on={onHeader} />
        <div role="rowgroup" className={`relative ${view.scrolls ? "pointer-events-none" : ""}`} style={{ height: view.height, width: view.frame.width }}>
          {view.rows.map(({ index, start }) => {
            const item = sheet.item(index);
            const group = sheet.group(index);
            if (group && by !== undefined) {
              return <Heading key={`group ${group.id}`} group={group} at={index} start={start} frame={view.frame} columns={columnsShown} folded={folded.has(group.id)} selected={selection.shareOf(group)} active={active?.row === index ? active.column : -1} name={name} by={by} coloured={layout.coloured ?? false} more={more ?? false} />;
            }
            if (!item) return <Missing key={`missing ${index}`} at={index} start={start} width={view.frame.width} />;
            const id = sheet.id(index);
            return <Row key={id} item={item} at={index} start={start} id={id} frame={view.frame} selected={selection.ids.has(id)} open={id === open} active={active?.row === index ? active.column : -1} name={name} staged={staging?.get(id)} problem={sheet.problem(index)} coloured={coloured} editing={editing?.id === id && active?.row === index && columnAt(active.column)?.name === editing.column ? active.column : -1} on={onRow} />;
          })}
        </div>
      </div>
      <p className="sr-only" role="status">
        {said}
      </p>
      {naming ? (
        <NamePreset
          taken={readPresets(memory).map((p) => p.name)}
          close={() => setNaming(false)}
          keep={(as) => {
            keepPreset(memory, as, layout);
            setNaming(false);
            toast.success(`The columns are kept as “${as}”`);
          }}
        />
      ) : null}
      <ValueLine name={activeItem ? activeColumn?.name : undefined} value={activeValue} />
      <PointMenu
        at={menu?.at}
        label={menu && menu.place.row < 0 ? "Column" : "Cell"}
        entries={menu ? menuOf(menu.place) : []}
        close={() => setMenu(undefined)}
        back={() => scroller.current}
      />
    </div>
  );
}
