import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { X } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { readOnly } from "../given";
import { type Item, textOf, typeNames, typeOf, type Value } from "../model/value";
import { Button, IconButton } from "../parts/button";
import { CancelWarning, Warning } from "../parts/dialog";
import { Check } from "../parts/field";
import { clientOf, messageOf, type Place } from "../server";
import { itemAddress } from "./address";
import { differences, keyText, own, type StreamRecord } from "./records";

const marks = { same: "", added: "+ added", changed: "~ changed", removed: "− removed" };
const colours = { same: "", added: "text-good", changed: "text-accent", removed: "text-danger" };

interface Props {
  place: Place;
  table: string;
  keys: readonly string[];
  record: StreamRecord;
  onClose: () => void;
}

// Change shows what a record says: the item before and after, side by side.
export function Change({ place, table, keys, record, onClose }: Props) {
  const [all, setAll] = useState(false);
  const { before, after, key } = record;
  const rows = differences(before ?? {}, after ?? {}, keys).filter((d) => all || d.kind !== "same" || keys.includes(d.name));
  const compared = before && after;
  const link = "text-accent underline";
  return (
    <aside aria-label="Record" className="flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-panel p-4 xl:w-[40rem] xl:shrink-0">
      <div className="flex items-center gap-2">
        <h2 className="min-w-0 flex-1 truncate text-base font-semibold">
          {record.name} {keyText(key)}
        </h2>
        <IconButton label="Close the record" onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt className="text-muted">Written</dt>
        <dd>{new Date(record.at).toISOString()}</dd>
        <dt className="text-muted">Sequence number</dt>
        <dd className="font-mono break-all">{record.sequence}</dd>
        <dt className="text-muted">Shard</dt>
        <dd className="font-mono break-all">{record.shard}</dd>
        {record.expired ? (
          <>
            <dt className="text-muted">Deleted by</dt>
            <dd>the time to live</dd>
          </>
        ) : null}
        <dt className="text-muted">Item</dt>
        <dd>
          <a href={itemAddress(place, table, key)} className={link}>
            Open it as it is now
          </a>
        </dd>
      </dl>
      {before || after ? (
        <div tabIndex={0} role="region" aria-label="Images" className="max-h-[60vh] overflow-auto rounded-md border border-line">
          <table className="w-full border-collapse">
            <thead className="sticky top-0 bg-panel text-start">
              <tr className="border-b border-line">
                <th className="px-3 py-2 font-medium">Attribute</th>
                {before ? <th className="px-3 py-2 font-medium">Old image</th> : null}
                {after ? <th className="px-3 py-2 font-medium">New image</th> : null}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, kind }) => (
                <tr key={name} className={`border-b border-line align-top last:border-0 ${compared && kind !== "same" ? "bg-raised" : ""}`}>
                  <th scope="row" className="px-3 py-1.5 text-start font-mono text-[13px] font-medium break-all">
                    {name}
                    {compared && kind !== "same" ? <span className={`block font-sans font-normal whitespace-nowrap ${colours[kind]}`}>{marks[kind]}</span> : null}
                  </th>
                  {before ? <Side image={before} name={name} /> : null}
                  {after ? <Side image={after} name={name} /> : null}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p className="text-muted">The stream has keys only: what the item was, and what it became, is not in its records.</p>
      )}
      <div className="flex flex-wrap items-center gap-3">
        {compared ? <Check label="Attributes that are the same, too" checked={all} onChange={(e) => setAll(e.target.checked)} /> : null}
        <span className="flex-1" />
        <div className="flex flex-wrap gap-2">
          {after && !readOnly ? <Replay place={place} table={table} image={after} which="new" /> : null}
          {before && !readOnly ? <Replay place={place} table={table} image={before} which="old" /> : null}
        </div>
      </div>
    </aside>
  );
}

function Side({ image, name }: { image: Item; name: string }) {
  const v: Value | undefined = own(image, name);
  return (
    <td className="px-3 py-1.5 font-mono text-[13px] break-all whitespace-pre-wrap">
      {v ? (
        <>
          <abbr title={typeNames[typeOf(v)]} className="me-1.5 text-muted no-underline">
            {typeOf(v)}
          </abbr>
          {textOf(v)}
        </>
      ) : (
        <span className="font-sans text-muted">not there</span>
      )}
    </td>
  );
}

// Replay writes an image to the table again.
function Replay({ place, table, image, which }: { place: Place; table: string; image: Item; which: "new" | "old" }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const put = async () => {
    setBusy(true);
    try {
      await clientOf(place).send(new PutItemCommand({ TableName: table, Item: image }));
      toast.success("The item was written");
      setAsking(false);
    } catch (err) {
      toast.error(messageOf(err), { duration: Number.POSITIVE_INFINITY });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>Put {which} image again</Button>
      <Warning open={asking} close={() => setAsking(false)} title={`Put the ${which} image again?`} text={`The item becomes what is in this record. What it is now will be gone from ${table}.`}>
        <div className="mt-5 flex justify-end gap-2">
          <CancelWarning />
          <Button kind="danger" disabled={busy} onClick={() => void put()}>
            Put the item
          </Button>
        </div>
      </Warning>
    </>
  );
}
