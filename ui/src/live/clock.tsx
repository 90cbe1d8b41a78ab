import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw, Snowflake, Sun } from "lucide-react";
import { useEffect, useState } from "react";
import { readOnly } from "../given";
import { Button } from "../parts/button";
import { TextField } from "../parts/field";
import { Failure } from "../parts/notice";
import { Panel, Skeleton } from "../parts/panel";
import { messageOf } from "../server";
import { ask } from "./admin";

// A ServerClock is what GET /_admin/clock says.
export interface ServerClock {
  now: string;
  frozen: boolean;
  offset: string; // from the machine's clock
}

// clockQuery is how to ask what time it is for the server. read is when that was,
// by performance.now().
export const clockQuery = {
  queryKey: ["clock"],
  queryFn: async ({ signal }: { signal: AbortSignal }) => ({ ...(await ask<ServerClock>("GET", "/_admin/clock", undefined, signal)), read: performance.now() }),
};

// Now shows a time that goes on since it was read.
function Now({ now, read, frozen }: { now: string; read: number; frozen: boolean }) {
  const [passed, setPassed] = useState(0);
  useEffect(() => {
    setPassed(0);
    if (frozen) return;
    const timer = setInterval(() => setPassed(performance.now() - read), 1000);
    return () => clearInterval(timer);
  }, [read, frozen]);
  const time = new Date(new Date(now).getTime() + passed).toISOString().slice(0, 19);
  return (
    <time dateTime={`${time}Z`} className="text-lg font-semibold tabular-nums">
      {time.replace("T", " ")} UTC
    </time>
  );
}

// Clock shows the server's clock and sets it.
export function Clock() {
  const queries = useQueryClient();
  const clock = useQuery({ ...clockQuery, refetchInterval: 10_000 });
  const [by, setBy] = useState("");
  const [error, setError] = useState<string>();
  const change = async (how: { advance?: string; frozen?: boolean; reset?: boolean }) => {
    setError(undefined);
    try {
      await ask<ServerClock>("PUT", "/_admin/clock", how);
      setBy("");
      // Whatever else is shown may be other than it was.
      await queries.invalidateQueries();
    } catch (err) {
      setError(messageOf(err));
    }
  };
  return (
    <Panel title="Clock of the server">
      {clock.isError ? (
        <Failure title="The clock cannot be read" message={messageOf(clock.error)}>
          <Button onClick={() => void clock.refetch()}>Try again</Button>
        </Failure>
      ) : null}
      {clock.isPending ? <Skeleton rows={2} /> : null}
      {clock.data ? (
        <>
          <p>
            <Now {...clock.data} />
            <span className="ms-3 text-muted">
              {clock.data.frozen ? "It stands still. " : ""}
              {clock.data.offset === "0s" ? "It is the machine’s clock." : `${clock.data.offset} from the machine’s clock.`}
            </span>
          </p>
          <p className="mt-1 max-w-prose text-muted">There is one clock for all tables of all accounts: what is set here expires items and changes statuses everywhere. After a restart it is the machine’s again.</p>
          <div className={`mt-3 flex flex-wrap items-end gap-2 ${readOnly ? "hidden" : ""}`}>
            <Button onClick={() => void change({ advance: "1h" })}>Advance 1 hour</Button>
            <Button onClick={() => void change({ advance: "24h" })}>1 day</Button>
            <Button onClick={() => void change({ advance: "168h" })}>7 days</Button>
            <form className="flex gap-2" onSubmit={(e) => { e.preventDefault(); void change({ advance: by }); }}>
              <div className="w-32">
                <TextField hidden label="Advance by" placeholder="90m, -2h" value={by} onChange={(e) => setBy(e.target.value)} />
              </div>
              <Button type="submit" disabled={by.trim() === ""}>
                Advance
              </Button>
            </form>
            <Button onClick={() => void change({ frozen: !clock.data.frozen })}>
              {clock.data.frozen ? <Sun size={16} aria-hidden /> : <Snowflake size={16} aria-hidden />}
              {clock.data.frozen ? "Let it go on" : "Stop it"}
            </Button>
            <Button onClick={() => void change({ reset: true })} disabled={clock.data.offset === "0s" && !clock.data.frozen}>
              <RotateCcw size={16} aria-hidden />
              Back to the machine’s
            </Button>
          </div>
        </>
      ) : null}
      {error ? (
        <div className="mt-3">
          <Failure title="The clock was not changed" message={error} />
        </div>
      ) : null}
    </Panel>
  );
}
