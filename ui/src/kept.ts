import { useCallback, useSyncExternalStore } from "react";

// What is kept of this browser's choices, read once and told to all who use it.
const values = new Map<string, unknown>();
const listeners = new Set<() => void>();

// Another tab of the same browser may have changed it.
window.addEventListener("storage", (e) => {
  if (e.key === null) values.clear();
  else values.delete(e.key);
  for (const listener of listeners) listener();
});

// A Kept says what is kept under a name: initial where there is nothing, or where
// read does not take what is there for what it should be.
export interface Kept<T> {
  name: string;
  initial: T;
  read: (stored: unknown) => T | undefined;
}

export function kept<T>({ name, initial, read }: Kept<T>): T {
  if (!values.has(name)) {
    let value: T | undefined;
    try {
      const text = localStorage.getItem(name);
      value = text === null ? undefined : read(JSON.parse(text));
    } catch {
      // It is not ours, or nothing is kept at all.
    }
    values.set(name, value ?? initial);
  }
  return values.get(name) as T;
}

export function keep<T>({ name }: Kept<T>, value: T) {
  values.set(name, value);
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // There is no room, or nothing may be kept: it holds until the page is left.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// useKept is useState for what is kept.
export function useKept<T>(what: Kept<T>): [T, (value: T) => void] {
  const value = useSyncExternalStore(subscribe, () => kept(what));
  const set = useCallback((next: T) => keep(what, next), [what]);
  return [value, set];
}

// texts reads a list of strings.
export function texts(stored: unknown): string[] | undefined {
  return Array.isArray(stored) && stored.every((s) => typeof s === "string") ? stored : undefined;
}

export function flag(stored: unknown): boolean | undefined {
  return typeof stored === "boolean" ? stored : undefined;
}
