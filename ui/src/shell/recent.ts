import { keep, kept, type Kept, texts } from "../kept";

const most = 20;

// recent has the tables that were looked at, the last one first.
export const recent: Kept<string[]> = { name: "stator.recent", initial: [], read: texts };

export function visit(key: string) {
  const before = kept(recent);
  if (before[0] !== key) keep(recent, [key, ...before.filter((k) => k !== key)].slice(0, most));
}
