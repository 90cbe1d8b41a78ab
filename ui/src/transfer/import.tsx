import type { ScalarAttributeType, TableDescription } from "@aws-sdk/client-dynamodb";
import { type DragEvent, useEffect, useMemo, useState } from "react";
import { plural } from "../format";
import { shown } from "../grid/cell";
import type { Result } from "../grid/items";
import { typeNames, typeOf, type Value } from "../model/value";
import { Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { Choice } from "../parts/field";
import { Skeleton } from "../parts/panel";
import type { useWork } from "../parts/work";
import { clientOf, messageOf, type Place } from "../server";
import type { ColumnType } from "./cell";
import { type Entry, read, rows, type Shape, shapeOf } from "./read";
import { mostTroubles, type Policy, Sender, type Trouble } from "./send";

interface Props {
  place: Place;
  table: string;
  keys: readonly string[];
  description: TableDescription;
  file?: File; // one that was dropped on the page
  work: ReturnType<typeof useWork>;
  close: () => void;
  done: (result: Result) => void;
}

interface Source {
  name: string;
  blob: Blob;
}

interface Preview {
  entries: Entry[];
  columns: string[];
}

const looked = 200;
const rowsShown = 8;

const columnTypes: [ColumnType, string][] = [
  ["auto", "As each cell says"],
  ["S", "String"],
  ["N", "Number"],
  ["BOOL", "Boolean"],
  ["B", "Binary, base64"],
  ["JSON", "JSON"],
  ["none", "Leave out"],
];

const policies: [Policy, string][] = [
  ["replace", "Replace them"],
  ["skip", "Keep them, and leave out those of the file"],
  ["fail", "Keep them, and report those of the file"],
];

// Import asks for a file and how to read it, shows how it begins, and writes what
// is in it.
export default function Import({ place, table, keys, description, file, work, close, done }: Props) {
  const [source, setSource] = useState<Source | undefined>(file && { name: file.name, blob: file });
  const [pasted, setPasted] = useState("");
  const [shape, setShape] = useState<Shape>();
  const [types, setTypes] = useState<ReadonlyMap<string, ColumnType>>(new Map());
  const [policy, setPolicy] = useState<Policy>("replace");
  const [preview, setPreview] = useState<Preview>();
  const [error, setError] = useState<string>();
  // What is a key, also of an index, has its type from there.
  const defined = useMemo(() => new Map((description.AttributeDefinitions ?? []).map((d) => [d.AttributeName ?? "", d.AttributeType ?? "S"] as [string, ScalarAttributeType])), [description]);
  const all = useMemo(() => new Map<string, ColumnType>([...types, ...defined]), [types, defined]);

  useEffect(() => {
    let current = true;
    setShape(undefined);
    setPreview(undefined);
    setTypes(new Map());
    if (source) {
      shapeOf(source.blob, keys).then(
        (s) => current && setShape(s),
        (err: unknown) => current && setError(messageOf(err)),
      );
    }
    return () => {
      current = false;
    };
  }, [source, keys]);

  useEffect(() => {
    let current = true;
    setError(undefined);
    if (source && shape) {
      begin(source.blob, shape, keys, all).then(
        (p) => current && setPreview(p),
        (err: unknown) => current && setError(messageOf(err)),
      );
    }
    return () => {
      current = false;
    };
  }, [source, shape, keys, all]);

  const run = () => {
    if (!source || !shape) return;
    close();
    void work.run("Importing", async ({ signal, progress }) => {
      const troubles: Trouble[] = [];
      let failed = 0;
      const fail = ({ line, raw }: Entry, message: string) => {
        failed++;
        if (troubles.length < mostTroubles) troubles.push({ about: `Line ${line}`, message, raw });
      };
      let seen = 0;
      const sender = new Sender<Entry>({ client: clientOf(place), table, keys, policy, signal, changed: () => progress(seen), failed: fail });
      let problem: string | undefined;
      let header: string | undefined;
      try {
        if (shape.kind === "csv") {
          for await (const row of rows(source.blob, shape.separator)) {
            header = row.raw;
            break;
          }
        }
        for await (const entry of read(source.blob, shape, keys, all)) {
          if (signal.aborted) break;
          seen++;
          const { item } = entry;
          const missing = item && keys.find((name) => !item[name]);
          if (!item) fail(entry, entry.problem ?? "");
          else if (missing !== undefined) fail(entry, `The key's attribute ${missing} is missing.`);
          else await sender.put(item, entry);
          if (seen % 100 === 0) progress(seen);
        }
        await sender.end();
      } catch (err) {
        if (!signal.aborted) problem = messageOf(err);
      }
      const { done: written, skipped } = sender.counts;
      done({
        text: `${plural(written, "item")} imported${skipped > 0 ? `, ${plural(skipped, "item")} left out that ${skipped === 1 ? "was" : "were"} there already` : ""}${signal.aborted ? `, then it was stopped at row ${seen}` : ""}.`,
        error: problem,
        troubles,
        failed,
        ...(header === undefined ? {} : { header }),
      });
    });
  };

  const take = (files: FileList | null) => {
    const first = files?.[0];
    if (first) setSource({ name: first.name, blob: first });
  };

  return (
    <Dialog open close={close} title={`Import items into ${table}`} wide>
      <div className="flex flex-col gap-4">
        {source ? (
          <div className="flex flex-wrap items-end gap-4">
            <p className="min-w-40 flex-1 pb-2 break-all">
              <span className="font-medium">{source.name}</span>
            </p>
            {shape ? (
              <div className="w-72">
                <Choice label="Read it as" value={kindOf(shape)} onChange={(e) => setShape(withKind(shape, e.target.value as Kind))} options={Object.entries(kinds)} />
              </div>
            ) : null}
            <Button onClick={() => { setSource(undefined); setError(undefined); }}>Another file</Button>
          </div>
        ) : (
          <Drop take={take}>
            <label className="block font-medium" htmlFor="import-file">
              A file of CSV, JSON, NDJSON or DynamoDB JSON
            </label>
            <p className="mt-1 mb-2 text-muted">Also what exports of AWS have, and answers of a Scan. Drop it here, or choose it.</p>
            <input id="import-file" type="file" accept=".csv,.tsv,.txt,.json,.ndjson,.jsonl" onChange={(e) => take(e.target.files)} className="max-w-full" />
            <label className="mt-4 mb-1 block font-medium" htmlFor="import-text">
              Or paste it
            </label>
            <textarea id="import-text" value={pasted} onChange={(e) => setPasted(e.target.value)} rows={6} spellCheck={false} className="w-full rounded-md border border-line bg-panel p-2 font-mono text-[13px]" />
            <div className="mt-2 flex justify-end">
              <Button disabled={pasted.trim() === ""} onClick={() => setSource({ name: "What was pasted", blob: new Blob([pasted]) })}>
                Look at it
              </Button>
            </div>
          </Drop>
        )}
        {error ? <p role="alert">It cannot be read: {error}</p> : null}
        {source && !preview && !error ? <Skeleton rows={4} /> : null}
        {preview && shape ? (
          <>
            <Sample preview={preview} csv={shape.kind === "csv"} keys={keys} defined={defined} types={types} setType={(name, type) => setTypes(new Map([...types, [name, type]]))} />
            <Choice label="Items that are there already" value={policy} onChange={(e) => setPolicy(e.target.value as Policy)} options={policies} />
            {shape.kind === "csv" ? (
              <p className="text-muted">
                An empty cell is no attribute, and "" is the empty string. Digits, true, false and null in quotation marks are text. {`{"SS": ["a"]}`} in a cell is a value in DynamoDB JSON, other objects and lists are plain JSON.
              </p>
            ) : null}
          </>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" disabled={!preview || preview.entries.every((e) => !e.item)} onClick={run}>
            Import
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

const kinds = { csv: "CSV, separated by commas", semicolons: "CSV, separated by semicolons", tabs: "CSV, separated by tabs", plain: "JSON", wire: "DynamoDB JSON" };
type Kind = keyof typeof kinds;

const separators: Partial<Record<Kind, string>> = { csv: ",", semicolons: ";", tabs: "\t" };

function kindOf(shape: Shape): Kind {
  if (shape.kind !== "csv") return shape.wire ? "wire" : "plain";
  return shape.separator === ";" ? "semicolons" : shape.separator === "\t" ? "tabs" : "csv";
}

function withKind(shape: Shape, kind: Kind): Shape {
  const separator = separators[kind];
  if (separator !== undefined) return { ...shape, kind: "csv", separator };
  return { ...shape, kind: shape.kind === "csv" ? "json" : shape.kind, wire: kind === "wire" };
}

// begin reads the first entries of a file.
async function begin(file: Blob, shape: Shape, keys: readonly string[], types: ReadonlyMap<string, ColumnType>): Promise<Preview> {
  const entries: Entry[] = [];
  const columns = new Set<string>(keys);
  if (shape.kind === "csv") {
    for await (const row of rows(file, shape.separator)) {
      for (const field of row.fields) columns.add(field.text);
      break;
    }
  }
  for await (const entry of read(file, shape, keys, types)) {
    entries.push(entry);
    for (const name of Object.keys(entry.item ?? {})) columns.add(name);
    if (entries.length >= looked) break;
  }
  return { entries, columns: [...columns] };
}

interface SampleProps {
  preview: Preview;
  csv: boolean;
  keys: readonly string[];
  defined: ReadonlyMap<string, ScalarAttributeType>;
  types: ReadonlyMap<string, ColumnType>;
  setType: (name: string, type: ColumnType) => void;
}

// Sample shows how a file begins, as it will be written.
function Sample({ preview, csv, keys, defined, types, setType }: SampleProps) {
  const { entries, columns } = preview;
  const wrong = entries.filter((e) => !e.item || keys.some((name) => !e.item?.[name]));
  const typesOf = (name: string) => {
    const all = [...new Set(entries.flatMap((e) => { const v = e.item?.[name]; return v ? [typeNames[typeOf(v)]] : []; }))];
    return all.length > 3 ? `${all.slice(0, 2).join(", ")} and others` : all.join(", ") || "Nothing yet";
  };
  return (
    <div className="flex flex-col gap-2">
      <p aria-live="polite">
        {entries.length === 0 ? "There is nothing in it." : `It begins with ${plural(entries.length, "row")} to look at${entries.length < looked ? ", and has no more" : ""}.`}
        {wrong.length > 0 ? ` ${plural(wrong.length, "row")} cannot be imported: line ${wrong[0]?.line}, ${wrong[0]?.problem ?? "a key's attribute is missing"}.` : ""}
      </p>
      <div tabIndex={0} role="region" aria-label="How it begins" className="max-h-80 overflow-auto rounded-md border border-line">
        <table className="border-collapse">
          <thead>
            <tr>
              <th className="border-b border-line px-3 py-2 text-start font-medium">Line</th>
              {columns.map((name) => (
                <th key={name} className="border-b border-line px-3 py-2 text-start align-top font-medium whitespace-nowrap">
                  {name}
                  {keys.includes(name) ? <span className="ms-1.5 rounded border border-line px-1 text-[11px] font-normal text-muted">key</span> : null}
                  {csv && !defined.has(name) ? (
                    <select aria-label={`Type of ${name}`} value={types.get(name) ?? "auto"} onChange={(e) => setType(name, e.target.value as ColumnType)} className="mt-1 block h-7 rounded border border-line bg-panel px-1 font-normal">
                      {columnTypes.map(([value, text]) => (
                        <option key={value} value={value}>
                          {text}
                        </option>
                      ))}
                    </select>
                  ) : null}
                  <span className="block font-normal text-muted">{typesOf(name)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {entries.slice(0, rowsShown).map((entry, i) => (
              <tr key={i} className="border-b border-line">
                <td className="px-3 py-1 text-end text-muted tabular-nums">{entry.line}</td>
                {entry.item ? columns.map((name) => <Cell key={name} value={entry.item?.[name]} />) : <td colSpan={columns.length} className="px-3 py-1 text-danger">{entry.problem}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Cell({ value }: { value: Value | undefined }) {
  return <td className={`max-w-64 truncate px-3 py-1 font-mono text-[13px] ${value ? ("N" in value ? "text-end" : "") : "bg-ground"}`}>{value ? shown(value) : null}</td>;
}

function Drop({ take, children }: { take: (files: FileList | null) => void; children: React.ReactNode }) {
  const [over, setOver] = useState(false);
  const on = (e: DragEvent, is: boolean) => {
    e.preventDefault();
    e.stopPropagation();
    setOver(is);
  };
  return (
    <div
      className={`rounded-md border border-dashed p-4 ${over ? "border-accent bg-raised" : "border-line"}`}
      onDragOver={(e) => on(e, true)}
      onDragLeave={(e) => on(e, false)}
      onDrop={(e) => {
        on(e, false);
        take(e.dataTransfer.files);
      }}
    >
      {children}
    </div>
  );
}
