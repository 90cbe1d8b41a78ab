import { ArrowLeft, X } from "lucide-react";
import { useMemo, useState, useSyncExternalStore } from "react";
import { toast } from "sonner";
import { keyText } from "../editor/load";
import { type Exchange, isOwn, log } from "../exchange";
import { count, plural } from "../format";
import { flag, type Kept, useKept } from "../kept";
import { Button, IconButton } from "../parts/button";
import { Snippet } from "../parts/copy";
import { Check } from "../parts/field";
import { uses } from "./uses";
import { aboutOf, cliOf, curlOf, isUsed, pretty } from "./wire";

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

const ownShown: Kept<boolean> = { name: "stator.log-own", initial: false, read: flag };

// Log shows what this page asked of DynamoDB's API, below whatever page there is.
export default function Log({ close }: { close: () => void }) {
  const all = useSyncExternalStore(log.subscribe, log.snapshot);
  const used = useSyncExternalStore(uses.subscribe, uses.snapshot);
  const [own, setOwn] = useKept(ownShown);
  const exchanges = useMemo(() => {
    if (used) return all.filter((e) => isUsed(used, e));
    // What was refused is shown, whoever asked for it.
    return own ? all : all.filter((e) => !isOwn(e) || (e.status !== undefined && e.status >= 400));
  }, [all, own, used]);
  const [open, setOpen] = useState<number>();
  const chosen = exchanges.find((e) => e.id === open);
  return (
    <section aria-label="Request log" className="fixed inset-x-0 bottom-7 z-20 flex h-[40vh] flex-col border-t border-line bg-panel shadow-[0_-4px_16px_rgb(0_0_0/0.12)]">
      <div className="flex items-center gap-3 border-b border-line px-3 py-1.5">
        <h2 className="font-semibold">Requests</h2>
        {used ? (
          <>
            <p className="min-w-0 flex-1 truncate text-muted">
              {plural(exchanges.length, "request")} of this page with the item <code className="font-mono text-[13px] text-ink">{keyText(used.key, Object.keys(used.key))}</code> of {used.table}
            </p>
            <Button onClick={() => uses.of(undefined)}>Show all</Button>
          </>
        ) : (
          <>
            <p className="min-w-0 flex-1 truncate text-muted">
              {plural(exchanges.length, "request")} to DynamoDB’s API, the newest first. Pages below <code className="font-mono text-[13px]">/_admin</code> are not listed.
            </p>
            <span className="shrink-0" title="Descriptions and lists of tables, from time to time">
              <Check label="What pages ask by themselves, too" checked={own} onChange={(e) => setOwn(e.target.checked)} />
            </span>
          </>
        )}
        <Button onClick={() => log.clear()} disabled={all.length === 0}>
          Clear
        </Button>
        <IconButton label="Close the request log" onClick={close}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <div className="flex min-h-0 flex-1">
        <div className={`min-h-0 overflow-y-auto ${chosen ? "hidden w-[26rem] shrink-0 border-e border-line md:block" : "flex-1"}`} role="region" aria-label="Requests" tabIndex={0}>
          {exchanges.length === 0 ? (
            <p className="px-3 py-6 text-center text-muted">{used ? "No request that is kept has it. What asks for it, or changes it, shows up here from now on." : "What the pages ask from now on shows up here."}</p>
          ) : (
            <ul>
              {exchanges.map((e) => (
                <li key={e.id}>
                  <button
                    type="button"
                    aria-pressed={e.id === open}
                    onClick={() => setOpen(e.id === open ? undefined : e.id)}
                    className="flex min-h-7 w-full cursor-pointer items-center gap-3 px-3 py-1 text-start hover:bg-raised aria-pressed:bg-raised"
                  >
                    <span className="shrink-0 text-muted tabular-nums">{time.format(e.at)}</span>
                    <Status of={e} />
                    <span className="shrink-0 font-medium">{e.operation}</span>
                    <span className="min-w-0 flex-1 truncate text-muted">
                      {aboutOf(e.request) ?? ""}
                      {chosen ? "" : `  ${e.region}`}
                    </span>
                    <span className="shrink-0 text-muted tabular-nums">{e.milliseconds === undefined ? "" : `${count(Math.round(e.milliseconds))} ms`}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </div>
        {chosen ? <Detail key={chosen.id} exchange={chosen} back={() => setOpen(undefined)} /> : null}
      </div>
    </section>
  );
}

function Status({ of: { status, milliseconds } }: { of: Exchange }) {
  const ended = milliseconds !== undefined;
  const text = status === undefined ? (ended ? "no answer" : "…") : String(status);
  const bad = status === undefined ? ended : status >= 400;
  return <span className={`w-16 shrink-0 tabular-nums ${bad ? "font-medium text-danger" : "text-muted"}`}>{text}</span>;
}

function Detail({ exchange, back }: { exchange: Exchange; back: () => void }) {
  const { operation, status, request, response, account, region } = exchange;
  const copy = async (name: string, text: string) => {
    await navigator.clipboard.writeText(text);
    toast.success(`Copied as ${name}`);
  };
  const endpoint = window.location.origin;
  return (
    <div role="region" aria-label={operation} tabIndex={0} className="min-h-0 min-w-0 flex-1 overflow-y-auto p-3">
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <IconButton label="Back to all requests" onClick={back} className="md:hidden">
          <ArrowLeft size={16} aria-hidden />
        </IconButton>
        <h3 className="font-semibold">{operation}</h3>
        <span className="text-muted">
          {region}, {account}
        </span>
        <span className="flex-1" />
        <Button onClick={() => void copy("cURL", curlOf(exchange, endpoint))}>Copy as cURL</Button>
        <Button onClick={() => void copy("AWS CLI", cliOf(exchange, endpoint))}>Copy as AWS CLI</Button>
      </div>
      <div className="grid gap-3 xl:grid-cols-2">
        <div className="min-w-0">
          <h4 className="mb-1 font-medium">Request</h4>
          <Snippet label="request" text={pretty(request)} />
        </div>
        <div className="min-w-0">
          <h4 className="mb-1 font-medium">Response{status === undefined ? "" : `, ${status}`}</h4>
          {response === undefined ? <p className="text-muted">There is none{exchange.milliseconds === undefined ? " yet" : ""}.</p> : <Snippet label="response" text={pretty(response)} />}
        </div>
      </div>
    </div>
  );
}
