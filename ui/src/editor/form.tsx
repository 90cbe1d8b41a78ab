import { ArrowDown, ArrowUp, ChevronDown, ChevronRight, GripVertical, Lock, Plus, Trash2 } from "lucide-react";
import { createContext, type DragEvent, type KeyboardEvent, memo, type RefObject, useCallback, useContext, useEffect, useId, useMemo, useRef, useState } from "react";
import { plural } from "../format";
import { type Type, typeNames, types } from "../model/value";
import { add, edit, elementType, holds, isSet, newNode, type Node, type Problems, Refusal, reorder, retype, way } from "./node";

// A Place to go: a node that gets the focus, whatever it is hidden in. Another one
// is another object, though it be the same node.
export interface Goal {
  id: number;
}

interface Around {
  change: (to: (root: Node) => Node) => void;
  problems: Problems;
  // keys are the attributes of the table's key, and why they are locked; "" if they
  // are not.
  keys: ReadonlyMap<string, string>;
  unlock?: () => void;
  open: { all: boolean }; // how far nodes are opened
  goal: { id: number; through: ReadonlySet<number> } | undefined;
  fresh: RefObject<number | undefined>; // what was added last, and has not had the focus
  dragged: RefObject<{ id: number; parent: number; index: number } | undefined>; // an element of a list
}

const Form = createContext<Around | undefined>(undefined);

function useForm(): Around {
  const around = useContext(Form);
  if (!around) throw new Error("there is no form");
  return around;
}

interface TreeProps extends Omit<Around, "open" | "goal" | "fresh" | "dragged"> {
  root: Node;
  goal: Goal | undefined;
}

const countOf = (node: Node): number => node.children.reduce((sum, c) => sum + countOf(c), 1);

// Tree shows an item's attributes, with fields for all that can be changed.
export function Tree({ root, goal, change, problems, keys, unlock }: TreeProps) {
  // Of small items all is open.
  const [open, setOpen] = useState(() => ({ all: countOf(root) <= 200 }));
  const fresh = useRef<number>(undefined);
  const dragged = useRef<{ id: number; parent: number; index: number }>(undefined);
  const nested = root.children.some((c) => holds(c.type));
  // The way to a goal is looked up once: it is not gone there again.
  // oxlint-disable-next-line exhaustive-deps
  const there = useMemo(() => goal && { id: goal.id, through: new Set(way(root, goal.id).map((n) => n.id)) }, [goal]);
  const around = useMemo<Around>(() => ({ change, problems, keys, ...(unlock ? { unlock } : {}), open, goal: there, fresh, dragged }), [change, problems, keys, unlock, open, there]);
  return (
    <Form.Provider value={around}>
      {nested ? (
        <div className="mb-1 flex justify-end gap-3">
          <button type="button" className="cursor-pointer text-accent hover:underline" onClick={() => setOpen({ all: true })}>
            Open all
          </button>
          <button type="button" className="cursor-pointer text-accent hover:underline" onClick={() => setOpen({ all: false })}>
            Close all
          </button>
        </div>
      ) : null}
      <Children node={root} label="" depth={0} />
    </Form.Provider>
  );
}

const page = 100;

// Children are what is in a map, list, or set, and what adds to it.
function Children({ node, label, depth }: { node: Node; label: string; depth: number }) {
  const { change, goal, fresh } = useForm();
  const [shown, setShown] = useState(page);
  const { children } = node;
  const wanted = goal?.through.has(node.id) ? children.findIndex((c) => goal.through.has(c.id)) : -1;
  useEffect(() => {
    if (wanted >= 0) setShown((n) => Math.max(n, wanted + 1));
  }, [wanted, goal]);

  const { id } = node;
  // grow adds one, at the end if it is not said where.
  const grow = useCallback(
    (type: Type, at?: number) => {
      const made = newNode(type);
      fresh.current = made.id;
      setShown((n) => (at === undefined ? Number.POSITIVE_INFINITY : n + 1));
      change((root) => add(root, id, made, at));
    },
    [change, fresh, id],
  );
  const what = node.type === "M" ? "attribute" : "element";
  return (
    <>
      <ul className={depth === 0 ? "" : depth < 8 ? "ms-3 border-s border-line ps-2" : "ms-1 border-s border-line ps-1"} aria-label={label ? `In ${label}` : "Attributes"}>
        {children.slice(0, shown).map((child, i) => (
          <Row
            key={child.id}
            node={child}
            parent={node.id}
            kind={node.type}
            index={i}
            grow={grow}
            last={i === children.length - 1}
            depth={depth}
            label={node.type === "M" ? (label ? `${label}.${child.name || "(no name)"}` : child.name || "the new attribute") : `${label}[${i}]`}
          />
        ))}
      </ul>
      <div className={`flex flex-wrap gap-3 py-1 ${depth === 0 ? "" : "ms-3 ps-2"}`}>
        {children.length > shown ? (
          <button type="button" className="cursor-pointer text-accent hover:underline" onClick={() => setShown(shown + page)}>
            Show {Math.min(page, children.length - shown)} more of {plural(children.length, what)}
          </button>
        ) : null}
        <button
          type="button"
          id={`add-${node.id}`}
          aria-label={label ? `Add ${what} to ${label}` : `Add ${what}`}
          className="inline-flex min-h-6 cursor-pointer items-center gap-1 text-accent hover:underline"
          title={node.type === "M" ? undefined : "Enter in an element adds the next one; Shift and Enter begin a new line"}
          onClick={() => grow(isSet(node.type) ? elementType(node.type) : "S")}
        >
          <Plus size={14} aria-hidden />
          Add {what}
        </button>
      </div>
    </>
  );
}

const field = "rounded border border-line bg-panel px-1.5 py-1 text-ink aria-invalid:border-danger [&[readonly]]:bg-raised [&[readonly]]:text-muted";
const small = "inline-flex size-7 shrink-0 cursor-pointer items-center justify-center rounded text-muted enabled:hover:bg-raised enabled:hover:text-ink disabled:cursor-not-allowed disabled:opacity-40";

interface RowProps {
  node: Node;
  parent: number;
  kind: Type; // of the parent
  index: number;
  grow: (type: Type, at: number) => void;
  last: boolean;
  depth: number;
  label: string;
}

const Row = memo(function Row({ node, parent, kind, index, grow, last, depth, label }: RowProps) {
  const { change, problems, keys, unlock, open: all, goal, fresh, dragged } = useForm();
  const [open, setOpen] = useState(all.all || depth > 0);
  const [refusal, setRefusal] = useState<string>();
  const id = useId();
  const li = useRef<HTMLLIElement>(null);
  const holding = holds(node.type);
  const problem = problems.get(node.id) ?? refusal;
  const key = depth === 0 && kind === "M" ? keys.get(node.name) : undefined;
  const locked = key ? key : undefined;

  const first = useRef(all);
  useEffect(() => {
    if (first.current !== all) setOpen(all.all);
    first.current = all;
  }, [all]);

  // The field that a goal means: of what has just been added the first, of what is
  // wrong the value.
  useEffect(() => {
    if (fresh.current !== node.id) return;
    fresh.current = undefined;
    li.current?.querySelector<HTMLElement>("textarea, input, select")?.focus();
  }, [fresh, node.id]);
  useEffect(() => {
    if (!goal?.through.has(node.id)) return;
    if (goal.id !== node.id) {
      setOpen(true);
      return;
    }
    const fields = li.current?.querySelectorAll<HTMLElement>(":scope > div textarea:not(:read-only), :scope > div input:not(:read-only), :scope > div select, :scope > div button");
    const to = li.current?.querySelector<HTMLElement>(":scope > div [data-value]") ?? fields?.[0];
    to?.focus();
    to?.scrollIntoView({ block: "center" });
  }, [goal, node.id]);

  const meant = useRef<Node>(undefined); // what the value was when the choice of types was entered
  const set = (to: Partial<Node>) => {
    setRefusal(undefined);
    change((root) => edit(root, node.id, (n) => ({ ...n, ...to })));
  };
  const become = (type: Type) => {
    try {
      // Arrow keys go through types that are not meant: none of them takes anything
      // of the value, nor the focus.
      const from = meant.current?.id === node.id ? meant.current : node;
      const next = from.type === type ? from : retype(from, type);
      const begun = isSet(type) && next.children.length === 0 ? newNode(elementType(type)) : undefined;
      setOpen(true);
      set({ ...next, children: begun ? [begun] : next.children });
    } catch (err) {
      if (!(err instanceof Refusal)) throw err;
      setRefusal(err.message);
    }
  };
  const remove = () => {
    change((root) => edit(root, node.id, () => undefined));
    window.requestAnimationFrame(() => document.getElementById(`add-${parent}`)?.focus());
  };
  const move = (by: -1 | 1) => change((root) => reorder(root, parent, node.id, index + by));
  const orderly = kind === "L";
  const onKeyDown = (e: KeyboardEvent) => {
    if (orderly && e.altKey && (e.key === "ArrowUp" || e.key === "ArrowDown")) {
      e.preventDefault();
      e.stopPropagation();
      move(e.key === "ArrowUp" ? -1 : 1);
      // What is moved in the page may lose the focus by that.
      const at = e.target as HTMLElement;
      window.requestAnimationFrame(() => at.focus());
    } else if (kind !== "M" && e.key === "Enter" && !e.shiftKey && !e.nativeEvent.isComposing && (e.target as Element).matches("[data-value]:not(select)")) {
      // Who types one element after the other means the next one, and no new line.
      e.preventDefault();
      if (node.text !== "") grow(node.type, index + 1);
    }
  };
  // An element goes where it is let go of: among those of its own list.
  const [over, setOver] = useState<"above" | "below">();
  const onDragOver = (e: DragEvent) => {
    const from = dragged.current;
    if (!orderly || from?.parent !== parent) return;
    e.preventDefault();
    e.stopPropagation();
    e.dataTransfer.dropEffect = "move";
    setOver(from.index === index ? undefined : from.index > index ? "above" : "below");
  };
  const onDrop = (e: DragEvent) => {
    const from = dragged.current;
    setOver(undefined);
    if (!orderly || from?.parent !== parent) return;
    e.preventDefault();
    e.stopPropagation();
    change((root) => reorder(root, parent, from.id, index));
  };
  const described = problem ? { "aria-invalid": true, "aria-describedby": `${id}-problem` } : {};

  return (
    <li
      ref={li}
      className={`min-w-60 py-1 @lg:py-0.5 ${over === "above" ? "shadow-[0_-2px_0_var(--accent)]" : over === "below" ? "shadow-[0_2px_0_var(--accent)]" : ""}`}
      onDragOver={onDragOver}
      onDragLeave={() => setOver(undefined)}
      onDrop={onDrop}
    >
      <div className="flex flex-wrap items-start gap-1" onKeyDown={onKeyDown}>
        {holding ? (
          <button type="button" className={small} aria-expanded={open} aria-label={`${open ? "Close" : "Open"} ${label}`} onClick={() => setOpen(!open)}>
            {open ? <ChevronDown size={15} aria-hidden /> : <ChevronRight size={15} aria-hidden />}
          </button>
        ) : (
          <span className="w-7 shrink-0" aria-hidden />
        )}
        {kind === "M" ? (
          <Text
            className={`${field} w-24 grow font-medium @lg:max-w-52 @lg:basis-44`}
            aria-label={`Name of ${label}`}
            placeholder="name"
            value={node.name}
            readOnly={key !== undefined}
            onText={(name) => set({ name })}
            onEnter={() => (li.current?.querySelector<HTMLElement>(":scope > div [data-value]") ?? li.current?.querySelector("select"))?.focus()}
            {...(holding ? described : {})}
          />
        ) : kind === "L" ? (
          <span
            draggable
            aria-hidden
            title="Drag it to another place"
            className="flex h-[31px] w-10 shrink-0 cursor-grab items-center justify-end gap-0.5 font-mono text-muted hover:text-ink"
            onDragStart={(e) => {
              dragged.current = { id: node.id, parent, index };
              e.dataTransfer.effectAllowed = "move";
              e.dataTransfer.setData("text/plain", label);
              if (li.current) e.dataTransfer.setDragImage(li.current, 0, 0);
            }}
            onDragEnd={() => (dragged.current = undefined)}
          >
            <GripVertical size={14} />
            {index}
          </span>
        ) : null}
        {isSet(kind) ? null : key === undefined ? (
          <select className={`${field} h-[31px] w-32`} aria-label={`Type of ${label}`} value={node.type} onFocus={() => (meant.current = node)} onBlur={() => (meant.current = undefined)} onChange={(e) => become(e.target.value as Type)}>
            {types.map((t) => (
              <option key={t} value={t}>
                {typeNames[t]}
              </option>
            ))}
          </select>
        ) : (
          <span className="w-32 px-1.5 py-1 whitespace-nowrap text-muted">{typeNames[node.type]}, key</span>
        )}
        <Value node={node} label={label} locked={locked !== undefined} needed={key === ""} inline={isSet(kind)} set={set} described={described} />
        <span className="ms-auto flex">
          {orderly ? (
            <>
              <button type="button" className={small} aria-label={`Move ${label} up`} title="Up (Alt ↑)" disabled={index === 0} onClick={() => move(-1)}>
                <ArrowUp size={14} aria-hidden />
              </button>
              <button type="button" className={small} aria-label={`Move ${label} down`} title="Down (Alt ↓)" disabled={last} onClick={() => move(1)}>
                <ArrowDown size={14} aria-hidden />
              </button>
            </>
          ) : null}
          {locked ? (
            <button type="button" className={small} aria-label={`Unlock ${label}. ${locked}`} title={`${locked}. Unlock to save as another item.`} onClick={unlock}>
              <Lock size={14} aria-hidden />
            </button>
          ) : key === undefined ? (
            <button type="button" className={small} aria-label={`Remove ${label}`} title="Remove" onClick={remove}>
              <Trash2 size={14} aria-hidden />
            </button>
          ) : (
            <span className="w-7" aria-hidden />
          )}
        </span>
      </div>
      {problem ? (
        <p id={`${id}-problem`} className="ms-8 text-danger" role={refusal ? "alert" : undefined}>
          {problem}
        </p>
      ) : null}
      {holding && open ? <Children node={node} label={label} depth={depth + 1} /> : null}
    </li>
  );
});

interface ValueProps {
  node: Node;
  label: string;
  locked: boolean;
  needed: boolean;
  inline: boolean; // there is nothing else in the line
  set: (to: Partial<Node>) => void;
  described: object;
}

// Where there is little room, a value has a line of its own.
const below = "order-last ms-8 basis-[calc(100%-2rem)] @lg:order-none @lg:ms-0 @lg:basis-32 @lg:grow-3";

function Value({ node, label, locked, needed, inline, set, described }: ValueProps) {
  const name = `Value of ${label}`;
  const at = `min-w-24 ${inline ? "flex-1" : below}`;
  const empty = needed ? "needed: the key tells items apart" : "";
  switch (node.type) {
    case "S":
      return <Text data-value className={`${field} ${at} max-h-80 font-mono text-[13px]`} aria-label={name} placeholder={empty || "empty"} value={node.text} readOnly={locked} onText={(text) => set({ text })} {...described} />;
    case "N":
      return (
        <input
          data-value
          className={`${field} ${at} font-mono text-[13px]`}
          aria-label={name}
          placeholder={empty || "0"}
          inputMode="decimal"
          autoComplete="off"
          value={node.text}
          readOnly={locked}
          onChange={(e) => set({ text: e.target.value })}
          {...described}
        />
      );
    case "B":
      return (
        <span className={`${at} flex items-start gap-2`}>
          <Text data-value className={`${field} max-h-40 min-w-0 flex-1 font-mono text-[13px] break-all`} aria-label={`${name} in base64`} placeholder={empty || "base64, empty"} value={node.text} readOnly={locked} onText={(text) => set({ text })} {...described} />
          <span className="py-1 text-muted">{plural(Math.floor((node.text.replaceAll(/[\s=]/g, "").length * 3) / 4), "byte")}</span>
        </span>
      );
    case "BOOL":
      return (
        <select data-value className={`${field} ${at} h-[31px]`} aria-label={name} value={node.text} onChange={(e) => set({ text: e.target.value })}>
          <option value="true">true</option>
          <option value="false">false</option>
        </select>
      );
    case "NULL":
      return <span className="hidden basis-32 grow-3 px-1.5 py-1 text-muted @lg:inline">null</span>;
    default:
      return <span className="hidden basis-32 grow-3 px-1.5 py-1 text-muted @lg:inline">{plural(node.children.length, node.type === "M" ? "attribute" : "element")}</span>;
  }
}

type TextProps = Omit<React.ComponentProps<"textarea">, "value" | "onChange"> & { value: string; onText: (text: string) => void; onEnter?: () => void; "data-value"?: boolean };

// Text is a field for any text. What browsers make of line ends stays out of what is
// not edited: they have no carriage returns.
function Text({ value, onText, onEnter, className = "", ...rest }: TextProps) {
  return (
    <textarea
      rows={1}
      className={`field-sizing-content resize-none overflow-y-auto break-words ${className}`}
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(e) => onText(splice(value, e.target.value))}
      onKeyDown={
        onEnter &&
        ((e) => {
          if (e.key !== "Enter" || e.nativeEvent.isComposing) return;
          e.preventDefault();
          onEnter();
        })
      }
      {...rest}
    />
  );
}

// splice makes in text the change that was made in what a field shows of it, in
// which each end of a line is one character.
export function splice(text: string, shown: string): string {
  if (!text.includes("\r")) return shown;
  const parts = text.match(/\r\n|[^]/g) ?? [];
  const same = (at: number, of: number) => (parts[at]?.startsWith("\r") ? "\n" : parts[at]) === shown[of];
  const shorter = Math.min(parts.length, shown.length);
  let head = 0;
  while (head < shorter && same(head, head)) head++;
  let tail = 0;
  while (tail < shorter - head && same(parts.length - 1 - tail, shown.length - 1 - tail)) tail++;
  return parts.slice(0, head).join("") + shown.slice(head, shown.length - tail) + parts.slice(parts.length - tail).join("");
}
