import { useEffect, useRef, useSyncExternalStore } from "react";
import { flag, useKept, kept, type Kept } from "./kept";

// A Shortcut is what a key does. Its keys are written like "mod+k", "?" or "g i":
// mod is ⌘ where there is such a key and Ctrl elsewhere, a space stands between
// keys that are pressed one after the other.
export interface Shortcut {
  keys: string;
  description: string;
  // Where it works, for the list of them all. What a page has goes before what is
  // everywhere.
  scope: string;
  run: () => void;
}

export const everywhere = "Everywhere";

let active: readonly Shortcut[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Shortcut[]) {
  active = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

// useShortcuts returns all that are active now, in the order in which they came.
export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(subscribe, () => active);
}

// singleKeys tells whether keys without ⌘ or Ctrl do anything. Who speaks to the
// machine, or hits keys by accident, can do without them.
export const singleKeys: Kept<boolean> = { name: "stator.single-keys", initial: true, read: flag };

export function useSingleKeys() {
  return useKept(singleKeys);
}

// useKey has a key do something while the component is there, and says so in the
// list of keys.
export function useKey(keys: string, description: string, run: () => void, { scope = "This page", enabled = true } = {}) {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!enabled) return;
    const mine: Shortcut = { keys, description, scope, run: () => latest.current() };
    change([...active, mine]);
    return () => change(active.filter((s) => s !== mine));
  }, [keys, description, scope, enabled]);
}

export const mac = /Mac|iPhone|iPad/.test(navigator.platform);

// pressed writes a key event as shortcuts are written; "" is a modifier alone.
export function pressed(e: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  if (/^(Control|Meta|Alt|AltGraph|Shift|CapsLock|Dead)$/.test(e.key)) return "";
  const mod = mac ? e.metaKey : e.ctrlKey;
  const other = mac ? e.ctrlKey : e.metaKey;
  const name = e.key === " " ? "space" : e.key.toLowerCase();
  // Of a character the key itself tells whether Shift was held.
  const shift = e.shiftKey && (name.length > 1 || mod || /[a-z]/.test(name));
  return [...(mod ? ["mod"] : []), ...(other ? ["other"] : []), ...(e.altKey ? ["alt"] : []), ...(shift ? ["shift"] : []), name].join("+");
}

// names returns how the keys of a shortcut are called on this machine: those of one
// stroke each.
export function names(keys: string): string[] {
  const symbols: Record<string, string> = mac
    ? { mod: "⌘", shift: "⇧", alt: "⌥", enter: "↵" }
    : { mod: "Ctrl", shift: "Shift", alt: "Alt", enter: "Enter" };
  return keys.split(" ").map((stroke) =>
    stroke
      .split("+")
      .map((part) => symbols[part] ?? { escape: "Esc", space: "Space", delete: "Del" }[part] ?? (part.length === 1 ? part : part.charAt(0).toUpperCase() + part.slice(1)))
      .map((part, i, all) => (i === all.length - 1 && all.length > 1 && part.length === 1 ? part.toUpperCase() : part))
      .join(mac ? "" : "+"),
  );
}

// ariaKeys returns keys as aria-keyshortcuts has them.
export function ariaKeys(keys: string): string {
  return keys.replaceAll("mod", mac ? "Meta" : "Control");
}

// choose returns what the strokes so far do: a shortcut, true if more may come, or
// undefined. A page's goes before one that is everywhere, a later one before an
// earlier one.
export function choose(strokes: string, shortcuts: readonly Shortcut[]): Shortcut | true | undefined {
  const own = shortcuts.filter((s) => s.keys === strokes);
  const found = own.findLast((s) => s.scope !== everywhere) ?? own.at(-1);
  return found ?? (shortcuts.some((s) => s.keys.startsWith(`${strokes} `)) ? true : undefined);
}

// typing tells whether keys are text where they are pressed.
function typing(at: EventTarget | null): boolean {
  return at instanceof HTMLElement && (at.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) && !/^(checkbox|radio|button|submit|range)$/.test((at as HTMLInputElement).type)));
}

// Fields take back what was typed into them themselves.
const ofFields = new Set(["mod+z", "mod+shift+z", "mod+y"]);

const pause = 1500;

// listen has the keys of a window do what they are for, until the function that it
// returns is called.
export function listen(to: Window): () => void {
  let before = "";
  let timer = 0;
  const onKey = (e: KeyboardEvent) => {
    const stroke = pressed(e);
    if (stroke === "" || e.defaultPrevented || e.isComposing) return;
    const combined = stroke.startsWith("mod+");
    const within = e.target instanceof Element && e.target.closest("[role=dialog], [role=alertdialog], [role=menu]") !== null;
    if (combined ? ofFields.has(stroke) && (typing(e.target) || within) : typing(e.target) || within || !kept(singleKeys)) {
      before = "";
      return;
    }
    // What is in a dialog is asked for there, not behind it.
    const able = within ? active.filter((s) => s.scope === everywhere) : active;
    to.clearTimeout(timer);
    const found = (before && choose(`${before} ${stroke}`, able)) || choose(stroke, able);
    before = "";
    if (found === true) {
      before = stroke;
      timer = to.setTimeout(() => (before = ""), pause);
    } else if (found) {
      e.preventDefault();
      found.run();
    }
  };
  to.addEventListener("keydown", onKey);
  return () => {
    to.removeEventListener("keydown", onKey);
    to.clearTimeout(timer);
  };
}
