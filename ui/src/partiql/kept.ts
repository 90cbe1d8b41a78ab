import { kept, keep, type Kept } from "../kept";

// A Snippet is text with a name, to be used again.
export interface Snippet {
  name: string;
  text: string;
}

// A Run is text that was run, and when.
export interface Run {
  text: string;
  at: number; // milliseconds since 1970
}

const most = 100;
const room = 128 * 1024; // characters of all of them

const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === "object" && v !== null;
const listOf =
  <T,>(is: (v: unknown) => v is T) =>
  (v: unknown): T[] | undefined =>
    Array.isArray(v) ? v.filter(is) : undefined;

export const history: Kept<Run[]> = { name: "stator.partiql.history", initial: [], read: listOf((v): v is Run => isRecord(v) && typeof v.text === "string" && typeof v.at === "number") };
export const snippets: Kept<Snippet[]> = { name: "stator.partiql.snippets", initial: [], read: listOf((v): v is Snippet => isRecord(v) && typeof v.text === "string" && typeof v.name === "string") };
export const draft: Kept<string> = { name: "stator.partiql.text", initial: "", read: (v) => (typeof v === "string" ? v : undefined) };

// bounded returns the newest of what there is room for: what is there again is
// there once.
export function bounded(runs: readonly Run[]): Run[] {
  const seen = new Set<string>();
  let size = 0;
  return runs.filter(({ text }) => {
    if (seen.has(text) || seen.size >= most || size + text.length > room) return false;
    seen.add(text);
    size += text.length;
    return true;
  });
}

export function remember(text: string) {
  if (text.trim() !== "") keep(history, bounded([{ text, at: Date.now() }, ...kept(history)]));
}
