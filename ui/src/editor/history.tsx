import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Minus, Pencil, Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { plural } from "../format";
import { type Past, readHistory } from "../live/history";
import { readOnly } from "../given";
import { differences } from "../model/diff";
import type { Item } from "../model/value";
import { Button, buttonClass } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { Failure } from "../parts/notice";
import { Empty, Skeleton } from "../parts/panel";
import { messageOf, type Place, tableQuery } from "../server";
import { Shown } from "../parts/conflict";

interface Props {
  place: Place;
  table: string;
  keys: readonly string[];
  item: Item; // its key is enough
  close: () => void;
  // use takes an image into the editor.
  use: (image: Item) => void;
}

// History shows what was done to an item in the last 24 hours, as the table's stream
// has it.
export function History({ close, ...rest }: Props) {
  const description = useQuery(tableQuery(rest.place, rest.table)).data as TableDescription | undefined;
  const arn = description?.LatestStreamArn;
  const on = description?.StreamSpecification?.StreamEnabled === true;
  return (
    <Dialog open close={close} wide title="History" text="What the table’s stream has of the item: the changes of the last 24 hours, the newest first.">
      {!description ? (
        <Skeleton />
      ) : arn ? (
        <Read {...rest} arn={arn} on={on} images={description.StreamSpecification?.StreamViewType ?? ""} />
      ) : (
        <Empty title="The table has no stream">
          <p>What was done to its items is not kept. With a stream, changes from now on are there for 24 hours.</p>
          <ToStream {...rest} primary />
        </Empty>
      )}
    </Dialog>
  );
}

function ToStream({ place, table, primary }: { place: Place; table: string; primary?: boolean }) {
  return (
    <p className="mt-3">
      <Link to="/t/$account/$region/$table/stream" params={{ ...place, table }} className={buttonClass(primary ? "primary" : undefined)}>
        To the stream
      </Link>
    </p>
  );
}

interface State {
  found: readonly Past[];
  read: number;
  ended?: "whole" | "stopped" | { error: unknown };
}

function Read({ place, table, keys, item, arn, on, images, use }: Omit<Props, "close"> & { arn: string; on: boolean; images: string }) {
  const [state, setState] = useState<State>({ found: [], read: 0 });
  const [runs, setRuns] = useState(0);
  const [controller, setController] = useState<AbortController>();
  const { account, region } = place;
  useEffect(() => {
    const mine = new AbortController();
    setController(mine);
    setState({ found: [], read: 0 });
    const end = (ended: State["ended"]) => setState((now) => ({ ...now, ended }));
    readHistory({ account, region }, arn, item, keys, mine.signal, (found, read) => {
      if (!mine.signal.aborted) setState({ found, read });
    }).then(
      () => end("whole"),
      (error: unknown) => end(mine.signal.aborted ? "stopped" : { error }),
    );
    return () => mine.abort();
  }, [account, region, arn, item, keys, runs]);
  const { found, read, ended } = state;
  const failed = typeof ended === "object" ? ended : undefined;

  return (
    <div className="flex flex-col gap-3">
      <div className="flex min-h-9 flex-wrap items-center gap-3">
        <p role="status" className="min-w-0 flex-1">
          {plural(found.length, "change")}
          <span className="text-muted">
            {" "}
            · {plural(read, "record")} of the stream read{ended === undefined ? "…" : ended === "stopped" ? ", then stopped" : ""}
          </span>
        </p>
        {ended === undefined ? <Button onClick={() => controller?.abort()}>Stop</Button> : <Button onClick={() => setRuns(runs + 1)}>Read again</Button>}
      </div>
      {on ? null : <p className="text-muted">The stream is off by now: later changes are not in it.</p>}
      {failed ? <Failure title="The stream cannot be read" message={messageOf(failed.error)} /> : null}
      {ended === "whole" && found.length === 0 ? (
        <Empty title="The item has not been changed in the last 24 hours">
          <p>{on ? "What is done to it from now on is here." : "What was done to it before is not kept."}</p>
          {on ? null : <ToStream place={place} table={table} />}
        </Empty>
      ) : null}
      {found.length > 0 && images !== "" && images !== "NEW_AND_OLD_IMAGES" ? (
        <p className="text-muted">{images === "KEYS_ONLY" ? "The stream has keys only: what the item was, and what it became, is not in its records." : `The stream has the ${images === "NEW_IMAGE" ? "new" : "old"} images only: what differs is not in its records.`}</p>
      ) : null}
      {found.length > 0 ? (
        <ol aria-label="Changes, newest first" className="flex max-h-[55vh] flex-col gap-2 overflow-auto" tabIndex={0}>
          {found.map((past) => (
            <Change key={past.sequence} past={past} keys={keys} use={use} />
          ))}
        </ol>
      ) : null}
    </div>
  );
}

const icons = { INSERT: Plus, MODIFY: Pencil, REMOVE: Minus };
const colours = { INSERT: "text-good", MODIFY: "text-accent", REMOVE: "text-danger" };

// Change shows one change: what differs, or the image if there is but one.
function Change({ past: { name, at, expired, before, after, sequence }, keys, use }: { past: Past; keys: readonly string[]; use: (image: Item) => void }) {
  const Icon = icons[name];
  const changes = differences(before ?? {}, after ?? {}).filter((d) => !keys.includes(d.name));
  const both = before && after;
  const image = after ?? before;
  return (
    <li className="rounded-md border border-line">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-raised px-3 py-1.5">
        <span className={`inline-flex items-center gap-1.5 font-medium ${colours[name]}`}>
          <Icon size={14} aria-hidden />
          {name}
        </span>
        <time dateTime={new Date(at).toISOString()} title={`${new Date(at).toISOString()}, sequence number ${sequence}`} className="tabular-nums">
          {new Date(at).toLocaleString()}
        </time>
        {expired ? <span className="text-muted">by its time to live</span> : null}
        <span className="flex-1" />
        {image && !readOnly ? (
          <button type="button" className="cursor-pointer text-accent hover:underline" onClick={() => use(image)}>
            Take {both ? "what it became" : after ? "this item" : "what it was"} into the editor
          </button>
        ) : null}
      </div>
      {changes.length > 0 ? (
        <dl className="grid grid-cols-[minmax(6rem,auto)_1fr] gap-x-4 px-3 py-1.5">
          {changes.map(({ name: attribute, before: was, after: is }) => (
            <div key={attribute} className="contents">
              <dt className="max-w-52 py-0.5 font-medium break-words">{attribute}</dt>
              <dd className="min-w-0 py-0.5">
                {both ? (
                  <>
                    <Shown v={was} /> <span className="text-muted">→</span> <Shown v={is} />
                  </>
                ) : (
                  <Shown v={is ?? was} />
                )}
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
      {image && changes.length === 0 ? <p className="px-3 py-1.5 text-muted">The key, and no more.</p> : null}
    </li>
  );
}
