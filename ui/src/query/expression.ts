import { type Item, type Value } from "../model/value";
import type { Path } from "./path";
import { arity, comparators, isTest, type Operator, operators, type Test, type Tree } from "./tree";

// Placeholders collects what stands for names and values in the expressions of one
// request. They are named after the attributes, as far as these are words.
export class Placeholders {
  readonly names = new Map<string, string>(); // by attribute
  readonly values = new Map<string, Value>(); // by placeholder

  name(attribute: string): string {
    let placeholder = this.names.get(attribute);
    if (!placeholder) {
      placeholder = unused(`#${word(attribute) ?? "n"}`, new Set(this.names.values()));
      this.names.set(attribute, placeholder);
    }
    return placeholder;
  }

  value(v: Value, about: Path): string {
    const last = about.findLast((step) => typeof step === "string") ?? "";
    const placeholder = unused(`:${word(String(last)) ?? "v"}`, this.values);
    this.values.set(placeholder, v);
    return placeholder;
  }

  path(path: Path): string {
    return path.map((step, i) => (typeof step === "number" ? `[${step}]` : `${i > 0 ? "." : ""}${this.name(step)}`)).join("");
  }
}

function word(name: string): string | undefined {
  return /^[A-Za-z_][A-Za-z0-9_]{0,30}$/.test(name) ? name : undefined;
}

function unused(base: string, taken: { has: (name: string) => boolean }): string {
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base}${i}`;
  return name;
}

// expressionOf writes a condition in DynamoDB's words.
export function expressionOf(tree: Tree, p: Placeholders): string {
  if (isTest(tree)) return testOf(tree, p);
  if ("not" in tree) return `NOT ${tight(tree.not, p)}`;
  return "and" in tree ? tree.and.map((t) => tight(t, p)).join(" AND ") : tree.or.map((t) => tight(t, p)).join(" OR ");
}

function tight(tree: Tree, p: Placeholders): string {
  return "and" in tree || "or" in tree ? `(${expressionOf(tree, p)})` : expressionOf(tree, p);
}

function testOf({ path, operator, values, size }: Test, p: Placeholders): string {
  const subject = size ? `size(${p.path(path)})` : p.path(path);
  return written(operator, subject, values.map((v) => p.value(v, path)));
}

// written returns what an operator says of a subject and its operands.
export function written(operator: Test["operator"], subject: string, operands: readonly string[]): string {
  switch (operator) {
    case "BETWEEN":
      return `${subject} BETWEEN ${operands.join(" AND ")}`;
    case "IN":
      return `${subject} IN (${operands.join(", ")})`;
    case "attribute_exists":
    case "attribute_not_exists":
    case "attribute_type":
    case "begins_with":
    case "contains":
      return `${operator}(${[subject, ...operands].join(", ")})`;
    default:
      return `${subject} ${operator} ${operands[0]}`;
  }
}

// NotReadable says why an expression cannot be shown as conditions. It may still
// be right: the server decides that.
export class NotReadable extends Error {}

const token = /\s*(?:([#:]?[A-Za-z_][A-Za-z0-9_]*|[#:][A-Za-z0-9_]+)|(\d+)|(<>|<=|>=|[=<>().,[\]])|(\S))/y;

class Reader {
  readonly #tokens: string[] = [];
  #at = 0;
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: Item;

  constructor(text: string, names: ReadonlyMap<string, string>, values: Item) {
    this.#names = names;
    this.#values = values;
    const at = new RegExp(token);
    for (let m = at.exec(text); m && m[0].trim() !== ""; m = at.exec(text)) this.#tokens.push(m[0].trim());
  }

  peek(): string {
    return this.#tokens[this.#at] ?? "";
  }

  next(): string {
    return this.#tokens[this.#at++] ?? "";
  }

  // took goes past a word, in any letters, if that comes next.
  took(word: string): boolean {
    const is = this.peek().toUpperCase() === word.toUpperCase();
    if (is) this.#at++;
    return is;
  }

  want(word: string) {
    if (!this.took(word)) throw new NotReadable(`“${word}” is missing before “${this.peek() || "the end"}”`);
  }

  end() {
    if (this.peek() !== "") throw new NotReadable(`“${this.peek()}” is not understood`);
  }

  or(): Tree {
    const parts = [this.and()];
    while (this.took("OR")) parts.push(this.and());
    return parts.length === 1 && parts[0] ? parts[0] : { or: parts };
  }

  and(): Tree {
    const parts = [this.not()];
    while (this.took("AND")) parts.push(this.not());
    return parts.length === 1 && parts[0] ? parts[0] : { and: parts };
  }

  not(): Tree {
    if (this.took("NOT")) return { not: this.not() };
    if (this.took("(")) {
      const inner = this.or();
      this.want(")");
      return inner;
    }
    return this.test();
  }

  test(): Tree {
    const name = this.peek().toLowerCase() as Operator;
    if (operators.includes(name) && arity(name) !== undefined && !comparators.includes(name as "=") && name !== ("between" as Operator)) {
      this.next();
      this.want("(");
      const path = this.path();
      const values: Value[] = [];
      while (this.took(",")) values.push(this.value());
      this.want(")");
      return checked({ path, operator: name, values });
    }
    if (this.peek().startsWith(":")) {
      const value = this.value();
      const operator = this.next() as "=";
      const turned = { "=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;
      if (!comparators.includes(operator)) throw new NotReadable("a value stands where an attribute should");
      return { ...this.subject(), operator: turned[operator], values: [value] };
    }
    const subject = this.subject();
    if (this.took("BETWEEN")) {
      const low = this.value();
      this.want("AND");
      return { ...subject, operator: "BETWEEN", values: [low, this.value()] };
    }
    if (this.took("IN")) {
      this.want("(");
      const values = [this.value()];
      while (this.took(",")) values.push(this.value());
      this.want(")");
      return { ...subject, operator: "IN", values };
    }
    const operator = this.next() as "=";
    if (!comparators.includes(operator)) throw new NotReadable(`“${operator || "the end"}” is no operator`);
    return { ...subject, operator, values: [this.value()] };
  }

  subject(): { path: Path; size?: true } {
    if (this.peek().toLowerCase() !== "size" || this.#tokens[this.#at + 1] !== "(") return { path: this.path() };
    this.next();
    this.want("(");
    const path = this.path();
    this.want(")");
    return { path, size: true };
  }

  value(): Value {
    const name = this.next();
    if (!name.startsWith(":")) throw new NotReadable(`a condition compares an attribute with a value, not with “${name || "nothing"}”`);
    const v = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    if (!v) throw new NotReadable(`the value ${name} is not given`);
    return v;
  }

  path(): Path {
    const path: [string, ...(string | number)[]] = [this.name()];
    for (;;) {
      if (this.took(".")) path.push(this.name());
      else if (this.took("[")) {
        const index = this.next();
        if (!/^\d{1,9}$/.test(index)) throw new NotReadable(`“${index}” is no number of an element`);
        path.push(Number(index));
        this.want("]");
      } else return path;
    }
  }

  name(): string {
    const name = this.next();
    if (!/^[#A-Za-z_]/.test(name)) throw new NotReadable(`“${name || "the end"}” is no attribute`);
    if (!name.startsWith("#")) return name;
    const attribute = this.#names.get(name);
    if (attribute === undefined) throw new NotReadable(`the name ${name} is not given`);
    return attribute;
  }
}

function checked(test: Test): Test {
  if (test.values.length !== arity(test.operator)) throw new NotReadable(`${test.operator} has ${test.values.length} values`);
  return test;
}

// treeOf reads a condition, and throws a NotReadable where that is not possible.
// names are by their placeholders.
export function treeOf(text: string, names: ReadonlyMap<string, string>, values: Item): Tree {
  const reader = new Reader(text, names, values);
  const tree = reader.or();
  reader.end();
  return tree;
}

// pathsIn reads a projection.
export function pathsIn(text: string, names: ReadonlyMap<string, string>): Path[] {
  const reader = new Reader(text, names, {});
  const paths = [reader.path()];
  while (reader.took(",")) paths.push(reader.path());
  reader.end();
  return paths;
}

// updateOf reads an update that sets attributes to values and removes others, and
// throws a NotReadable of any other.
export function updateOf(text: string, names: ReadonlyMap<string, string>, values: Item): { set: [Path, Value][]; remove: Path[] } {
  const reader = new Reader(text, names, values);
  const set: [Path, Value][] = [];
  const remove: Path[] = [];
  while (reader.peek() !== "") {
    const setting = reader.took("SET");
    if (!setting) reader.want("REMOVE");
    do {
      const path = reader.path();
      if (setting) {
        reader.want("=");
        set.push([path, reader.value()]);
      } else remove.push(path);
    } while (reader.took(","));
  }
  return { set, remove };
}
