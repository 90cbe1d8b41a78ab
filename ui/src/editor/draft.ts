import { locate, parsePlainJSON, type Position, positionOf, problemOf, toPlainJSON } from "../model/plain";
import type { Source } from "../model/table";
import { equal, type Item, parseDynamoJSON, recordOf, toDynamoJSON, type Type, typeOf, type Value } from "../model/value";
import { problemsOf } from "./check";
import { find, itemOf, type Node, nodeOf, type Problems } from "./node";

export type View = "form" | "plain" | "wire";

// A Draft is an item while it is edited, in one of three forms.
export type Draft = { view: "form"; root: Node } | { view: "plain" | "wire"; text: string };

// A Trouble is something that is wrong with a draft, and where: in the form at a
// node, in text at a position. Those that are hard cannot be written in another
// form, so the draft stays in the one it has.
export interface Trouble {
  text: string;
  hard: boolean;
  node?: number;
  position?: Position;
}

// A Reading is what a draft says.
export interface Reading {
  item?: Item; // none if it says nothing
  troubles: Trouble[];
  problems: Problems; // of the nodes
}

// ordered returns an item with its key first.
function ordered(item: Item, [table]: readonly Source[]): Item {
  const keys = table ? [...table.hash, ...table.range].map((k) => k.name) : [];
  const first = keys.flatMap((name) => { const v = Object.hasOwn(item, name) ? item[name] : undefined; return v ? [[name, v] as const] : []; });
  return recordOf([...first, ...Object.entries(item).filter(([name]) => !keys.includes(name))]);
}

export function draftOf(item: Item, view: View, sources: readonly Source[]): Draft {
  const all = ordered(item, sources);
  if (view === "form") return { view, root: nodeOf({ M: all }) };
  return { view, text: view === "plain" ? toPlainJSON(all, 2) : toDynamoJSON(all, 2) };
}

const dotted = (path: readonly string[]) => path.join(".");

export function read(draft: Draft, sources: readonly Source[]): Reading {
  if (draft.view === "form") {
    const { item, problems } = itemOf(draft.root);
    if (problems.size > 0) {
      return { item, problems, troubles: [...problems].map(([node, text]) => ({ text: `${labelOf(draft.root, node)}${text}`, hard: true, node })) };
    }
    const troubles = problemsOf(item, sources).map(({ path, text }): Trouble => {
      const node = path.length > 0 ? find(draft.root, path) : undefined;
      if (node) problems.set(node.id, text);
      return { text: `${path.length > 0 ? `${dotted(path)}: ` : ""}${text}`, hard: false, ...(node ? { node: node.id } : {}) };
    });
    return { item, problems, troubles };
  }
  const { view, text } = draft;
  try {
    const item = view === "plain" ? parsePlainJSON(text) : parseDynamoJSON(text);
    const troubles = problemsOf(item, sources).map(
      ({ path, text: problem }): Trouble => ({ text: `${path.length > 0 ? `${dotted(path)}: ` : ""}${problem}`, hard: false, ...(path.length > 0 ? { position: locate(text, path, view) } : {}) }),
    );
    return { item, problems: new Map(), troubles };
  } catch (err) {
    const position = positionOf(text, err, view);
    return { problems: new Map(), troubles: [{ text: problemOf(err), hard: true, ...(position ? { position } : {}) }] };
  }
}

function labelOf(root: Node, id: number): string {
  const go = (node: Node, label: string): string | undefined => {
    if (node.id === id) return label;
    for (const [i, child] of node.children.entries()) {
      const name = node.type === "M" ? child.name || "(no name)" : String(i);
      const found = go(child, label === "" ? name : `${label}.${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const label = go(root, "");
  return label ? `${label}: ` : "";
}

const unlikeJSON = new Set<Type>(["B", "SS", "NS", "BS"]);

// hasMore tells whether an item has what plain JSON has no literals for.
export function hasMore(v: Value): boolean {
  if (unlikeJSON.has(typeOf(v))) return true;
  if ("L" in v) return v.L.some(hasMore);
  if ("M" in v) return Object.values(v.M).some(hasMore);
  return false;
}

// viewOf returns how an item is shown to who likes one way: those who like JSON get
// DynamoDB's where plain JSON would need markers.
export function viewOf(item: Item, liked: View): View {
  return liked === "plain" && hasMore({ M: item }) ? "wire" : liked;
}

// isSame tells whether a draft says what an item is.
export function isSame(reading: Reading, item: Item): boolean {
  return reading.item !== undefined && !reading.troubles.some((t) => t.hard) && equal({ M: reading.item }, { M: item });
}
