import { useSyncExternalStore } from "react";
import { session } from "../exchange";
import { count, plural } from "../format";
import { version } from "../given";

const decimal = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

// Bar says, below every page, what this page has taken of the server since it was
// opened. It is no live region: who wants to know it looks there.
export function Bar() {
  const { read, returned, readUnits, writeUnits, last } = useSyncExternalStore(session.subscribe, session.snapshot);
  return (
    <footer aria-label="Status" className="sticky bottom-0 z-20 flex h-7 shrink-0 items-center gap-4 overflow-hidden border-t border-line bg-panel px-3 text-xs whitespace-nowrap text-muted tabular-nums">
      <span title="Since this page was opened: how many items came here, of how many that were read for them">
        {plural(returned, "item")} loaded of {count(read)} read
      </span>
      <span title="Since this page was opened: request units of this page’s own requests">
        {decimal.format(readUnits)} RU, {decimal.format(writeUnits)} WU
      </span>
      {last ? (
        <span className="truncate" title="The last request, in this browser">
          {last.operation} {count(Math.round(last.milliseconds))} ms
        </span>
      ) : null}
      <span className="flex-1" />
      {version ? <span className="truncate">stator {version}</span> : null}
    </footer>
  );
}
