import { useState } from "react";
import { count } from "../format";
import { lastMinute, useFeed } from "../live/feed";

const seconds = 60;
const width = 72;
const height = 20;

// Rate shows how many operations on items there are a second, in all tables: now, and
// as a line of the last minute.
export function Rate() {
  const [usages, setUsages] = useState(lastMinute);
  const connection = useFeed(() => setUsages(lastMinute()));
  const rates = usages.map((u) => u.tables.reduce((sum, t) => sum + t.count, 0) / (u.seconds ?? 1));
  if (connection.state !== "open" || rates.length === 0) return null;
  const shown = (n: number) => count(n < 10 ? Math.round(n * 10) / 10 : Math.round(n));
  const now = rates.at(-1) ?? 0;
  const most = Math.max(...rates);
  // The newest is at the right edge.
  const points = rates.map((r, i) => `${(((seconds - rates.length + i) / (seconds - 1)) * width).toFixed(1)},${(height - 1 - (r / (most || 1)) * (height - 3)).toFixed(1)}`).join(" ");
  const text = `Activity in all tables: ${shown(now)} requests for items a second, at most ${shown(most)} in the last minute`;
  return (
    <div role="img" aria-label={text} title={text} className="hidden items-center gap-2 text-muted lg:flex">
      <svg width={width} height={height} aria-hidden className="overflow-visible">
        <polyline points={points} fill="none" stroke="var(--accent)" strokeWidth="1.5" strokeLinejoin="round" />
      </svg>
      <span aria-hidden className="w-16 text-xs whitespace-nowrap tabular-nums">
        {shown(now)} ops/s
      </span>
    </div>
  );
}
