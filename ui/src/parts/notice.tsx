import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";

// Failure says what went wrong and offers the way on.
export function Failure({ title, message, children }: { title: string; message: string; children?: ReactNode }) {
  return (
    <div role="alert" className="flex gap-3 rounded-md border border-danger bg-panel p-4">
      <CircleAlert size={18} className="mt-0.5 shrink-0 text-danger" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{title}</p>
        <p className="mt-1 break-words">{message}</p>
        {children ? <div className="mt-3 flex flex-wrap gap-2">{children}</div> : null}
      </div>
    </div>
  );
}

// ReadOnly stands where something would be changed that is not to be.
export function ReadOnly({ what }: { what: string }) {
  return (
    <div className="rounded-lg border border-line bg-panel px-4 py-10 text-center">
      <p className="text-base font-semibold">{what}</p>
      <p className="mx-auto mt-1 max-w-prose text-muted">
        The server was started with <code>--ui-read-only</code>: this browser shows what there is, and changes nothing. Other clients can.
      </p>
    </div>
  );
}

// Gone says that what a page was about is no longer there.
export function Gone({ what, message, children }: { what: string; message: string; children?: ReactNode }) {
  return (
    <div role="alert" className="rounded-lg border border-line bg-panel px-4 py-10 text-center">
      <p className="text-base font-semibold">{what}</p>
      <p className="mx-auto mt-1 max-w-prose break-words text-muted">{message}</p>
      <div className="mt-4 flex flex-wrap justify-center gap-2">{children}</div>
    </div>
  );
}
