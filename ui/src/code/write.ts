import { base64 } from "../model/value";
import type { Input } from "./call";

// A Dialect is how a language without types writes what is in a request.
export interface Dialect {
  indent: string;
  yes: string;
  no: string;
  nothing: string;
  text?: (s: string) => string; // as JSON has it, if there is none
  map: (members: string[], depth: number) => string; // in one line at a depth below zero
  member: (name: string, value: string) => string;
  list: (elements: string[]) => string;
  binary: (text: string) => string; // of base64
  // native writes what is a class of the language; undefined is all else.
  native?: (v: object) => string | undefined;
}

export function block(open: string, members: string[], close: string, indent: string, depth: number): string {
  if (members.length === 0) return `${open}${close}`;
  return `${open}\n${members.map((m) => `${indent.repeat(depth + 1)}${m},\n`).join("")}${indent.repeat(depth)}${close}`;
}

// write writes what is in a request: text, numbers, lists and what has members.
export function write(v: unknown, d: Dialect, depth: number): string {
  if (typeof v === "string") return (d.text ?? JSON.stringify)(v);
  if (typeof v === "number") return String(v);
  if (typeof v === "boolean") return v ? d.yes : d.no;
  if (v === null || v === undefined) return d.nothing;
  if (v instanceof Uint8Array) return d.binary(base64(v));
  const native = d.native?.(v);
  if (native !== undefined) return native;
  if (Array.isArray(v)) {
    const long = v.some((e) => typeof e === "object" && e !== null && !(e instanceof Uint8Array) && Object.keys(e as Input).length > 1);
    const elements = v.map((e) => write(e, d, long ? depth + 1 : depth));
    return long ? block("[", elements, "]", d.indent, depth) : d.list(elements);
  }
  const members = Object.entries(v as Input);
  const [only] = members;
  // A value with its type fits in a line.
  if (members.length === 1 && only && (typeof only[1] !== "object" || only[1] === null || only[1] instanceof Uint8Array)) return d.map([d.member(only[0], write(only[1], d, depth))], -1);
  return d.map(
    members.map(([name, e]) => d.member(name, write(e, d, depth + 1))),
    depth,
  );
}

// escaped is a text between double quotes, where what is special has a backslash and
// nothing is hidden.
export function escaped(s: string, special: RegExp): string {
  const short: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return s.replaceAll(special, "\\$&").replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (c) => short[c] ?? `\\u{${c.charCodeAt(0).toString(16)}}`);
}

// codeIn leaves out the text in a program: what is in quotation marks is no name.
export const codeIn = (text: string) => text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');

// quoted is a text as one word of a shell.
export function quoted(text: string): string {
  return /^[A-Za-z0-9_./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

// kebab is a name as the AWS CLI has it; snake as Python has it.
export function kebab(name: string): string {
  return name.replaceAll(/(?!^)([A-Z](?![A-Z]|$)|(?<=[a-z])[A-Z])/g, (c) => `-${c}`).toLowerCase();
}

export const snake = (name: string) => kebab(name).replaceAll("-", "_");
