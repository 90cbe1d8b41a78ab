import { fromPlain, parsePlainJSON, toPlainJSON } from "../model/plain";
import { base64, bytesOf, type Item, NotAValue, numberProblem, parseJSON, recordOf, type Type, typeNames, typeOf, type Value } from "../model/value";

// A Node is a value while it is edited: what is typed need not be a value yet. A
// change of one makes new nodes for it and for those it is in; all others stay.
export interface Node {
  id: number;
  name: string; // of a member of a map
  type: Type;
  text: string; // of a string, a number, binary in base64, and true or false
  children: readonly Node[]; // of a map, a list, and a set
}

let serial = 0;

export function newNode(type: Type = "S", name = ""): Node {
  serial++;
  return { id: serial, name, type, text: type === "BOOL" ? "false" : "", children: [] };
}

export const holds = (type: Type) => type === "M" || type === "L" || isSet(type);
export const isSet = (type: Type) => type === "SS" || type === "NS" || type === "BS";

// elementType returns what a set has.
export const elementType = (set: Type): Type => (set === "NS" ? "N" : set === "BS" ? "B" : "S");

export function nodeOf(v: Value, name = ""): Node {
  const node = newNode(typeOf(v), name);
  const text = "S" in v ? v.S : "N" in v ? v.N : "B" in v ? base64(v.B) : "BOOL" in v ? String(v.BOOL) : "";
  const children =
    "M" in v ? Object.entries(v.M).map(([n, e]) => nodeOf(e, n))
    : "L" in v ? v.L.map((e) => nodeOf(e))
    : "SS" in v ? v.SS.map((S) => nodeOf({ S }))
    : "NS" in v ? v.NS.map((N) => nodeOf({ N }))
    : "BS" in v ? v.BS.map((B) => nodeOf({ B }))
    : [];
  return { ...node, text, children };
}

// What is wrong with nodes, by their ids.
export type Problems = Map<number, string>;

// valueOf returns the value of a node, and adds to problems why it is none.
export function valueOf(node: Node, problems: Problems): Value {
  const { type, text, children } = node;
  const wrong = (at: Node, problem: string) => problems.set(at.id, problem);
  const number = (at: Node): string => {
    const problem = numberProblem(at.text);
    if (problem) wrong(at, at.text.trim() === "" ? "A number is needed" : problem.charAt(0).toUpperCase() + problem.slice(1));
    return at.text.trim();
  };
  const binary = (at: Node): Uint8Array => {
    try {
      return bytesOf(at.text);
    } catch (err) {
      if (!(err instanceof NotAValue)) throw err;
      wrong(at, "This is not base64");
      return new Uint8Array();
    }
  };
  switch (type) {
    case "S":
      return { S: text };
    case "N":
      return { N: number(node) };
    case "B":
      return { B: binary(node) };
    case "BOOL":
      return { BOOL: text === "true" };
    case "NULL":
      return { NULL: true };
    case "SS":
      return { SS: children.map((e) => e.text) };
    case "NS":
      return { NS: children.map(number) };
    case "BS":
      return { BS: children.map(binary) };
    case "L":
      return { L: children.map((e) => valueOf(e, problems)) };
    case "M": {
      const names = new Set<string>();
      return {
        M: recordOf(
          children.map((e) => {
            if (names.has(e.name)) wrong(e, e.name === "" ? "Two attributes have no name" : `There are two attributes called ${e.name}`);
            names.add(e.name);
            return [e.name, valueOf(e, problems)] as const;
          }),
        ),
      };
    }
  }
}

// itemOf returns the item of the node that has its attributes.
export function itemOf(root: Node): { item: Item; problems: Problems } {
  const problems: Problems = new Map();
  const v = valueOf(root, problems);
  return { item: "M" in v ? v.M : {}, problems };
}

// find returns the node at the path of a value.
export function find(root: Node, path: readonly string[]): Node | undefined {
  let node: Node | undefined = root;
  for (const step of path) {
    node = node?.type === "M" ? node.children.find((c) => c.name === step) : node?.children[Number(step)];
  }
  return node;
}

// way returns the nodes from the root to one, with both.
export function way(root: Node, id: number): Node[] {
  if (root.id === id) return [root];
  for (const child of root.children) {
    const rest = way(child, id);
    if (rest.length > 0) return [root, ...rest];
  }
  return [];
}

// edit changes the node with an id; undefined takes it away.
export function edit(root: Node, id: number, change: (node: Node) => Node | undefined): Node {
  const go = (node: Node): Node | undefined => {
    if (node.id === id) return change(node);
    let changed = false;
    const children = node.children.flatMap((child) => {
      const now = changed ? child : go(child);
      changed ||= now !== child;
      return now ? [now] : [];
    });
    return changed ? { ...node, children } : node;
  };
  return go(root) ?? root;
}

// add puts a node into another one, at its end if it is not said where.
export function add(root: Node, parent: number, node: Node, at = Number.POSITIVE_INFINITY): Node {
  return edit(root, parent, (n) => ({ ...n, children: n.children.toSpliced(at, 0, node) }));
}

// reorder moves an element of a list to another place: before the one that is there if
// it comes from behind that, else after it.
export function reorder(root: Node, parent: number, id: number, to: number): Node {
  return edit(root, parent, (n) => {
    const at = n.children.findIndex((c) => c.id === id);
    const moved = n.children[at];
    if (!moved || to < 0 || to >= n.children.length || to === at) return n;
    return { ...n, children: n.children.toSpliced(at, 1).toSpliced(to, 0, moved) };
  });
}

// A Refusal says why a node cannot become one of another type without loss.
export class Refusal extends Error {}

// retype returns a node as one of another type, if nothing is lost by it. What is
// empty can become anything. It throws a Refusal.
export function retype(node: Node, type: Type): Node {
  if (type === node.type) return node;
  const to = (text: string, children: readonly Node[] = []): Node => ({ ...node, type, text, children });
  const fresh = to(newNode(type).text);
  if (holds(node.type) ? node.children.length === 0 : node.type === "NULL" || (node.text === "" && node.type !== "BOOL")) {
    return fresh;
  }
  const name = typeNames[type].toLowerCase();
  const refuse = (why: string): never => {
    throw new Refusal(`${why} Empty it first to have a ${name} instead.`);
  };
  const elementOf = (e: Node): Node => ({ ...newNode(e.type), text: e.text, children: e.children });

  if (holds(node.type)) {
    const { children } = node;
    if (type === "S" && (node.type === "M" || node.type === "L")) {
      const problems: Problems = new Map();
      const v = valueOf(node, problems);
      if (problems.size > 0) refuse("There is something wrong in it.");
      return to("M" in v ? toPlainJSON(v.M) : toPlainJSON({ v }).slice('{"v":'.length, -1));
    }
    if (node.type === "M" || type === "M") return refuse(`A ${typeNames[node.type].toLowerCase()} cannot become a ${name} without loss.`);
    if (type === "L") return to("", children);
    if (isSet(type)) {
      const of = elementType(type);
      return to("", children.map((e) => convertElement(e, of, refuse)));
    }
    const [only, ...more] = children;
    if (!only || more.length > 0) return refuse(`It has ${children.length} elements.`);
    return { ...retype(only, type), id: node.id, name: node.name };
  }

  if (isSet(type)) {
    return to("", [elementOf({ ...retype(node, elementType(type)) })]);
  }
  if (type === "L" || type === "M") {
    const parsed = node.type === "S" ? json(node.text) : undefined;
    if (parsed && typeOf(parsed) === type) return { ...nodeOf(parsed, node.name), id: node.id };
    if (type === "L") return to("", [elementOf(node)]);
    return refuse("A map has attributes with names, and this is no JSON of one.");
  }
  if (type === "NULL") return refuse("Null has no value, and this has one.");
  if (type === "S") return to(node.type === "B" ? decode(node.text, refuse) : node.text);
  if (type === "B" && node.type === "S") return to(base64(new TextEncoder().encode(node.text)));
  if (type === "N" && node.type === "S") {
    const problem = numberProblem(node.text);
    return problem ? refuse(`${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`) : to(node.text.trim());
  }
  if (type === "BOOL" && node.type === "S") {
    return /^(true|false)$/i.test(node.text.trim()) ? to(node.text.trim().toLowerCase()) : refuse("It is neither true nor false.");
  }
  return refuse(`A ${typeNames[node.type].toLowerCase()} cannot become a ${name} without loss.`);
}

function convertElement(e: Node, type: Type, refuse: (why: string) => never): Node {
  if (holds(e.type) || e.type === "NULL" || e.type === "BOOL") {
    return refuse(`A set has no ${typeNames[e.type].toLowerCase()} in it.`);
  }
  return retype(e, type);
}

function decode(text: string, refuse: (why: string) => never): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOf(text));
  } catch {
    return refuse("These bytes are no text.");
  }
}

// json returns the value that text is in plain JSON, if it is one.
function json(text: string): Value | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return text.trimStart().startsWith("{") ? { M: parsePlainJSON(text) } : fromPlain(parseJSON(text));
  } catch {
    return undefined;
  }
}
