import type { Filling } from "../figures";
import { count } from "../format";

// FillingBar shows how far something is that is given the items of before.
export function FillingBar({ what, filling: { read, of } }: { what: string; filling: Filling }) {
  return (
    <span className="mt-1 flex items-center gap-2">
      <progress className="h-2 w-28 accent-accent" aria-label={`Filling ${what}`} {...(read === undefined ? {} : { value: Math.min(read, of), max: Math.max(of, 1) })} />
      <span className="text-muted tabular-nums">{read === undefined ? "waiting" : `${count(read)} of ${count(of)}`}</span>
    </span>
  );
}

// Status shows a status that DynamoDB has a word for.
export function Status({ status }: { status: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span className={`size-2 rounded-full ${status === "ACTIVE" ? "bg-good" : "bg-muted"}`} aria-hidden />
      {status.charAt(0) + status.slice(1).toLowerCase().replaceAll("_", " ")}
    </span>
  );
}
