import { useMemo } from "react";
import { identity, type Item, textOf, typeOf } from "../model/value";

export interface GridProps {
  label: string; // for those who do not see it
  items: readonly Item[]; // what is loaded, in order
  keys: readonly string[]; // the key's attributes, which come first; they tell items apart
  open?: string; // the identity of the item that is looked at
  onOpen: (item: Item) => void;
  onEnd?: () => void; // the end of what is loaded comes into sight
}

// columnsOf returns the attributes of items: the key's first, then those that most
// items have.
export function columnsOf(items: readonly Item[], keys: readonly string[]): string[] {
  const present = new Map<string, number>();
  for (const item of items) {
    for (const name of Object.keys(item)) present.set(name, (present.get(name) ?? 0) + 1);
  }
  const others = [...present].filter(([name]) => !keys.includes(name)).sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
  return [...keys, ...others.map(([name]) => name)];
}

// Grid shows items, an attribute in each column.
export function Grid({ label, items, keys, open, onOpen, onEnd }: GridProps) {
  const columns = useMemo(() => columnsOf(items, keys), [items, keys]);
  return (
    <div
      role="region"
      tabIndex={0}
      aria-label={label}
      className="max-h-[70vh] overflow-auto rounded-md border border-line bg-panel"
      onScroll={(e) => {
        const at = e.currentTarget;
        if (at.scrollTop + at.clientHeight * 2 > at.scrollHeight) onEnd?.();
      }}
    >
      <table className="border-collapse">
        <thead className="sticky top-0 bg-panel text-left">
          <tr>
            {columns.map((name) => (
              <th key={name} className="border-b border-line px-3 py-2 font-medium whitespace-nowrap">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => {
            const id = identity(item, keys);
            return (
              <tr key={id} onClick={() => onOpen(item)} aria-selected={id === open} className="cursor-pointer border-b border-line hover:bg-raised aria-selected:bg-raised">
                {columns.map((name) => {
                  const v = item[name];
                  return (
                    <td key={name} className={`max-w-80 truncate px-3 py-1.5 font-mono text-[13px] ${v && typeOf(v) === "N" ? "text-right" : ""}`}>
                      {v ? textOf(v) : ""}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
