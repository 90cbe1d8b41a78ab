import { ScanCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { count, plural } from "../format";
import { readOnly } from "../given";
import { itemAddress } from "../live/address";
import { ask } from "../live/admin";
import { candidatesOf, warningsOf } from "../live/candidates";
import { Clock } from "../live/clock";
import { keyText } from "../live/records";
import { itemFromWire, itemOf } from "../model/value";
import { Button, IconButton } from "../parts/button";
import { CancelWarning, Warning } from "../parts/dialog";
import { TextField } from "../parts/field";
import { Failure } from "../parts/notice";
import { Empty, Panel, Skeleton } from "../parts/panel";
import { clientOf, messageOf, type Place } from "../server";

interface Counted {
  items: number;
  more?: boolean; // at least so many
}

// An Expiry is what GET /_admin/timetolive says of a table: docs/admin-api.md.
interface Expiry {
  now: string;
  status: "ENABLED" | "ENABLING" | "DISABLED" | "DISABLING";
  attribute?: string;
  complete: boolean;
  filling?: boolean;
  expired: Counted & { first?: { key: unknown; expired: number }[] };
  tooOld: Counted;
  due: (Counted & { within?: number })[];
  deletedIn?: string;
}

interface At {
  place: Place;
  table: string;
}

const queryKey = ({ place, table }: At) => ["timetolive", place.account, place.region, table];

// TimeToLive shows what expires when, and by which attribute.
export function TimeToLive() {
  const { account, region, table } = useParams({ from: "/t/$account/$region/$table" });
  const at = { place: { account, region }, table };
  const expiry = useQuery({
    queryKey: queryKey(at),
    queryFn: ({ signal }) => ask<Expiry>("GET", `/_admin/timetolive?${new URLSearchParams({ account, region, table })}`, undefined, signal),
    refetchInterval: 5000,
  });
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {expiry.isError ? (
        <Failure title="It cannot be told what expires when" message={messageOf(expiry.error)}>
          <Button onClick={() => void expiry.refetch()}>Try again</Button>
        </Failure>
      ) : null}
      {expiry.isPending ? <Skeleton rows={6} /> : null}
      {expiry.data?.status === "DISABLED" ? <Off {...at} now={expiry.data.now} /> : null}
      {expiry.data && expiry.data.status !== "DISABLED" ? <On {...at} expiry={expiry.data} refresh={() => void expiry.refetch()} /> : null}
      <Clock />
    </div>
  );
}

const sample = 200;
const other = "\0other"; // no attribute that can be chosen is called so

// date shows a time in seconds.
function date(seconds: number): string {
  const d = new Date(seconds * 1000);
  return Number.isNaN(d.getTime()) ? `${seconds}` : `${d.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

// Off lets choose what items are to expire by.
function Off({ place, table, now }: At & { now: string }) {
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<string>();
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const items = useQuery({
    queryKey: ["sample", place.account, place.region, table],
    queryFn: async ({ signal }) => ((await clientOf(place).send(new ScanCommand({ TableName: table, Limit: sample }), { abortSignal: signal })).Items ?? []).map(itemOf),
  });
  const candidates = candidatesOf(items.data ?? [], new Date(now).getTime() / 1000);
  const choice = chosen ?? (candidates[0]?.good ? candidates[0].name : other);
  const attribute = choice === other ? typed : choice;
  const enable = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await clientOf(place).send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: { AttributeName: attribute, Enabled: true } }));
      toast.success("The time to live is on");
      await queries.invalidateQueries({ queryKey: queryKey({ place, table }) });
    } catch (err) {
      setError(messageOf(err));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title="The time to live is off">
      <p className="max-w-prose text-muted">With it, items are deleted some time after the moment that one of their attributes says: a number, in seconds since 1970. Items without it stay.</p>
      {items.isError ? (
        <div className="mt-3">
          <Failure title="The items cannot be looked at" message={messageOf(items.error)}>
            <Button onClick={() => void items.refetch()}>Try again</Button>
          </Failure>
        </div>
      ) : null}
      {items.isPending ? <Skeleton rows={3} /> : null}
      <form className="mt-4" onSubmit={(e) => { e.preventDefault(); void enable(); }}>
        <fieldset>
          <legend className="font-medium">{items.data ? `Attribute, as ${plural(items.data.length, "item")} of the table ${items.data.length === 1 ? "has" : "have"} it` : "Attribute"}</legend>
          {items.data && candidates.length === 0 ? <p className="mt-1 text-muted">{items.data.length === 0 ? "The table has no items yet." : "None of their attributes looks like a time."}</p> : null}
          <div className="mt-2 flex flex-col gap-2">
            {candidates.map((c) => (
              <label key={c.name} className="flex max-w-2xl cursor-pointer gap-2.5 rounded-md border border-line p-3 has-checked:border-accent has-checked:bg-raised">
                <input type="radio" name="attribute" className="mt-1 size-4 accent-accent" checked={choice === c.name} onChange={() => setChosen(c.name)} />
                <span className="min-w-0">
                  <span className="font-mono font-medium break-all">{c.name}</span>
                  <span className="block text-muted">
                    {count(c.items)} {c.items === 1 ? "has" : "have"} it
                    {c.first !== undefined && c.last !== undefined ? (c.first === c.last ? `: ${date(c.first)}` : `, from ${date(c.first)} to ${date(c.last)}`) : ""}
                  </span>
                  {warningsOf(c).map((w) => (
                    <span key={w} className="block text-danger">
                      {w}
                    </span>
                  ))}
                </span>
              </label>
            ))}
            <label className="flex max-w-2xl cursor-pointer gap-2.5 rounded-md border border-line p-3 has-checked:border-accent has-checked:bg-raised">
              <input type="radio" name="attribute" className="mt-1 size-4 accent-accent" checked={choice === other} onChange={() => setChosen(other)} />
              <span>{candidates.length > 0 ? "Another one" : "One that items will have"}</span>
            </label>
            {choice === other ? (
              <div className="max-w-sm">
                <TextField label="Name of the attribute" value={typed} onChange={(e) => setTyped(e.target.value)} className="font-mono" />
              </div>
            ) : null}
          </div>
        </fieldset>
        {readOnly ? null : (
          <div className="mt-4">
            <Button kind="primary" type="submit" disabled={busy || attribute === ""}>
              Enable time to live
            </Button>
          </div>
        )}
      </form>
      {error ? (
        <div className="mt-4">
          <Failure title="The time to live was not enabled" message={error} />
        </div>
      ) : null}
    </Panel>
  );
}

const spans: Record<number, string> = { 60: "a minute", 3600: "an hour", 21_600: "6 hours", 86_400: "a day", 604_800: "a week", 2_592_000: "30 days", 31_536_000: "a year" };

// shown says how many, or that there are more than were counted.
const shown = ({ items, more }: Counted) => (more ? `over ${count(items)}` : count(items));

function On({ place, table, expiry, refresh }: At & { expiry: Expiry; refresh: () => void }) {
  const { status, attribute, expired, tooOld, due, now } = expiry;
  const rows: { label: string; counted: Counted; note?: string }[] = [
    { label: "Expired, not deleted yet", counted: expired },
    ...due.map((d) => ({ label: d.within ? `Within ${spans[d.within] ?? `${count(d.within)} seconds`}` : "Later", counted: d })),
    { label: "Over five years ago", counted: tooOld, note: "never deleted" },
  ];
  const most = Math.max(1, ...rows.map((r) => r.counted.items));
  const none = rows.every((r) => r.counted.items === 0);
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <p>
          Items expire by <span className="font-mono font-semibold break-all">{attribute}</span>
          {status === "ENABLED" ? "" : `: ${status === "ENABLING" ? "it is being enabled" : "it is being disabled"}`}
        </p>
        <span className="flex-1" />
        {readOnly ? null : (
          <>
            <ExpireNow place={place} table={table} />
            <Disable place={place} table={table} attribute={attribute ?? ""} />
          </>
        )}
      </div>
      {expiry.deletedIn ? <p className="rounded-md border border-line bg-raised px-3 py-2">Expired items of this global table are deleted in {expiry.deletedIn}, and from there here.</p> : null}
      {expiry.filling ? (
        <p role="status" className="rounded-md border border-line bg-raised px-3 py-2">
          Items that were there before are being looked through. Not all of them are counted yet.
        </p>
      ) : null}
      <div className="grid gap-4 xl:grid-cols-2">
        <Panel
          title="Expires in"
          actions={
            <IconButton label="Refresh" onClick={refresh}>
              <RefreshCw size={16} aria-hidden />
            </IconButton>
          }
        >
          {none ? (
            <Empty title="No item has a time">
              <p>
                Give items a number <span className="font-mono">{attribute}</span>: seconds since 1970. In an hour it is <span className="font-mono">{Math.floor(new Date(now).getTime() / 1000) + 3600}</span>.
              </p>
            </Empty>
          ) : (
            <table className="w-full">
              <caption className="sr-only">Items by how soon they expire, by the server’s clock</caption>
              <thead className="text-start text-muted">
                <tr>
                  <th className="w-56 py-1 font-medium">When</th>
                  <th className="w-28 py-1 pe-3 text-end font-medium">Items</th>
                  <td />
                </tr>
              </thead>
              <tbody>
                {rows.map(({ label, counted, note }) => (
                  <tr key={label} className="border-t border-line">
                    <th scope="row" className="py-1.5 text-start font-normal">
                      {label}
                      {note ? <span className="text-muted"> ({note})</span> : null}
                    </th>
                    <td className="py-1.5 pe-3 text-end tabular-nums">{shown(counted)}</td>
                    <td aria-hidden>
                      <div className="h-3.5 rounded-sm bg-accent" style={{ width: `${(counted.items / most) * 100}%`, minWidth: counted.items > 0 ? 3 : 0 }} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Panel>
        <Panel title="Expired and still there">
          {expired.first?.length ? (
            <>
              <div role="region" tabIndex={0} aria-label="Expired items" className="max-h-80 overflow-auto rounded-md border border-line">
                <table className="w-full">
                  <thead className="sticky top-0 bg-panel text-start text-muted">
                    <tr className="border-b border-line">
                      <th className="px-3 py-2 font-medium">Item</th>
                      <th className="px-3 py-2 font-medium">Expired</th>
                    </tr>
                  </thead>
                  <tbody>
                    {expired.first.map(({ key, expired: when }) => {
                      const item = itemFromWire(key);
                      return (
                        <tr key={JSON.stringify(key)} className="border-b border-line last:border-0">
                          <td className="max-w-80 truncate px-3 py-1.5 font-mono text-[13px]">
                            <a href={itemAddress(place, table, item)} className="text-accent underline">
                              {keyText(item)}
                            </a>
                          </td>
                          <td className="px-3 py-1.5 whitespace-nowrap tabular-nums">{date(when)}</td>
                        </tr>
                      );
                    })}
                  </tbody>
                </table>
              </div>
              {expired.items > expired.first.length || expired.more ? (
                <p className="mt-2 text-muted">
                  The first {count(expired.first.length)} of {shown(expired)}.
                </p>
              ) : null}
            </>
          ) : (
            <Empty title="Nothing has expired">
              <p>What has expired stays until “Expire now”, or until the server looks for it: every <span className="font-mono">--ttl-interval</span>. Advance the clock to see it happen.</p>
            </Empty>
          )}
        </Panel>
      </div>
    </>
  );
}

// ExpireNow deletes what has expired, after it has said how much that is.
function ExpireNow({ place, table }: At) {
  const queries = useQueryClient();
  const [found, setFound] = useState<number>();
  const [busy, setBusy] = useState(false);
  const expire = async (dryRun: boolean) => {
    setBusy(true);
    try {
      const { expired } = await ask<{ expired: number }>("POST", "/_admin/timetolive/expire", { ...place, table, dryRun });
      if (dryRun && expired > 0) return setFound(expired);
      if (expired > 0) toast.success(`${plural(expired, "item")} deleted`);
      else toast.info("Nothing has expired");
      setFound(undefined);
      await queries.invalidateQueries({ queryKey: queryKey({ place, table }) });
    } catch (err) {
      setFound(undefined);
      toast.error(messageOf(err), { duration: Number.POSITIVE_INFINITY });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button onClick={() => void expire(true)} disabled={busy}>
        <Trash2 size={16} aria-hidden />
        Expire now
      </Button>
      <Warning open={found !== undefined} close={() => setFound(undefined)} title={`Delete ${plural(found ?? 0, "item")}?`} text={`So many have expired in ${table}. It is done as DynamoDB would have done it sooner or later: indexes and stream follow.`}>
        <div className="mt-5 flex justify-end gap-2">
          <CancelWarning />
          <Button kind="danger" disabled={busy} onClick={() => void expire(false)}>
            {busy ? "Deleting…" : "Delete"}
          </Button>
        </div>
      </Warning>
    </>
  );
}

function Disable({ place, table, attribute }: At & { attribute: string }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const close = () => {
    setAsking(false);
    setError(undefined);
  };
  const disable = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await clientOf(place).send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: { AttributeName: attribute, Enabled: false } }));
      toast.success("The time to live is off");
      close();
      await queries.invalidateQueries({ queryKey: queryKey({ place, table }) });
    } catch (err) {
      setError(messageOf(err));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>Disable</Button>
      <Warning open={asking} close={close} title="Disable the time to live?" text="Items stay, whatever time they have. With DynamoDB, and with the profile aws, it can be changed once an hour only.">
        {error ? (
          <div className="mt-4">
            <Failure title="The time to live was not disabled" message={error} />
          </div>
        ) : null}
        <div className="mt-5 flex justify-end gap-2">
          <CancelWarning />
          <Button kind="danger" disabled={busy} onClick={() => void disable()}>
            Disable
          </Button>
        </div>
      </Warning>
    </>
  );
}
