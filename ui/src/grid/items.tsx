import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { ClipboardPaste, Download, Trash2, Upload, X } from "lucide-react";
import { type DragEvent, lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { toast } from "sonner";
import { count, plural } from "../format";
import { keyTypes, problemsOf } from "../editor/check";
import { readOnly } from "../given";
import { sourcesOf } from "../model/table";
import { identity, type Item, keyOf, numberKey, own, toDynamoJSON, type Value } from "../model/value";
import { Button, IconButton } from "../parts/button";
import { CancelWarning, Dialog, Warning } from "../parts/dialog";
import { Choice } from "../parts/field";
import { Grid, type GridProps, type Pasting } from "../parts/grid";
import { rowIdentity } from "./sheet";
import { type Job, Progress, useWork } from "../parts/work";
import { inMemory } from "../query/pages";
import type { Plan } from "../query/plan";
import { isAlways } from "../query/tree";
import { useTarget } from "../parts/target";
import { clientOf, messageOf, type Place } from "../server";
import { pagesOf } from "../transfer/pages";
import { mostTroubles, Sender, type Trouble } from "../transfer/send";
import { download, type Format, formats, Writer } from "../transfer/write";
import { cellValue, mostRows, pasted, sheetOf } from "./paste";
import { StagedBar } from "./staged";
import { newItems, nothingStaged, replaced, saveStaged, stage, stageNew, type Staging, wanted } from "./staging";
import { useUndo } from "./undo";

const Import = lazy(() => import("../transfer/import"));

// A Result is what came of work with many items.
export interface Result {
  text: string;
  error?: string; // why it ended before all was done
  troubles: readonly Trouble[]; // as many of those that failed as are kept
  failed: number;
  header?: string; // of a CSV file, to go before the rows that failed
}

interface Props extends Pick<GridProps, "items" | "keys" | "open" | "onOpen" | "onEnd" | "more" | "memory" | "onFilter" | "onFollow" | "onLook" | "onHold"> {
  place: Place;
  table: string;
  description: TableDescription;
  plan: Plan | undefined; // what the items were read with
  // whole brings all that was read into memory, loaded yields it.
  whole: (job: Job) => Promise<boolean>;
  loaded: (signal: AbortSignal) => AsyncIterable<readonly Item[]> | Iterable<readonly Item[]>;
  onChanged: () => void; // items were written
  nothing?: ReactNode; // stands where neither items nor new ones are
}

const none: ReadonlySet<string> = new Set();

// ItemsGrid shows the items of a table and what can be done with many of them.
export function ItemsGrid(props: Props) {
  const { place, table, memory, description, plan, items, keys, more, onChanged } = props;
  const [selection, setSelection] = useState<ReadonlySet<string>>(none);
  const [asking, setAsking] = useState<"export" | "import" | "selected" | "matching">();
  const [dropped, setDropped] = useState<File>();
  const [over, setOver] = useState(false);
  const [result, setResult] = useState<Result>();
  const [staging, setStaging] = useState<Staging>(nothingStaged);
  const work = useWork();
  const busy = work.state !== undefined;
  const selected = useMemo(() => (selection.size > 0 ? Array.from(inMemory(items)).flatMap(([item, i]) => (selection.has(rowIdentity(item, keys, i)) ? [item] : [])) : []), [items, keys, selection]);
  const known = selected.length > 0 && selected.every((item) => keys.every((name) => own(item, name)));
  const close = () => setAsking(undefined);
  const { undo, saved: lastSaved, button: undoButton, dialog: undoDialog } = useUndo({ place, table, keys, busy, run: work.run, onChanged });

  // remove deletes items, those of each page while the next is read.
  const remove = (pages: Iterable<readonly Item[]> | ((signal: AbortSignal) => AsyncIterable<readonly Item[]>), total: number) => {
    close();
    setResult(undefined);
    void work.run("Deleting", async ({ signal, progress }) => {
      const troubles: Trouble[] = [];
      const sender = new Sender<Item>({
        client: clientOf(place),
        table,
        keys,
        signal,
        changed: ({ done, failed }) => progress(done + failed, Math.max(total, done + failed)),
        failed: (key, message) => void (troubles.length < mostTroubles && troubles.push({ about: toDynamoJSON(key), message })),
      });
      let error: string | undefined;
      try {
        for await (const page of typeof pages === "function" ? pages(signal) : pages) {
          for (const item of page) {
            if (signal.aborted) break;
            const key = keyOf(item, keys);
            if (Object.keys(key).length < keys.length) throw new Error("The query does not read the keys of the items. Leave out what it shows of them.");
            await sender.delete(key, key);
          }
          if (signal.aborted) break;
        }
        await sender.end();
      } catch (err) {
        if (!signal.aborted) error = messageOf(err);
      }
      const { done, failed } = sender.counts;
      setResult({ text: `${plural(done, "item")} deleted${signal.aborted || error ? ` of ${count(total)}` : ""}${signal.aborted ? ", then it was stopped" : ""}.`, error, troubles, failed });
      setSelection(none);
      onChanged();
    });
  };

  const write = (format: Format, what: "loaded" | "selected" | "matching") => {
    close();
    setResult(undefined);
    void work.run("Exporting", async ({ signal, progress }) => {
      const writer = new Writer(format, keys);
      let error: string | undefined;
      try {
        const pages = what === "matching" && plan ? pagesOf(place, plan, signal) : what === "selected" ? [selected] : props.loaded(signal);
        for await (const page of pages) {
          writer.add(page);
          progress(writer.count);
          if (signal.aborted) break;
        }
      } catch (err) {
        if (!signal.aborted) error = messageOf(err);
      }
      const partial = signal.aborted || error !== undefined;
      if (writer.count > 0 || !partial) download(await writer.finish(), `${table}${partial ? "-part" : ""}.${formats[format].extension}`);
      setResult({ text: `${plural(writer.count, "item")} exported${signal.aborted ? ", then it was stopped" : ""}.`, error, troubles: [], failed: 0 });
    });
  };

  const sources = useMemo(() => sourcesOf(description), [description]);
  const news = useMemo(() => newItems(staging), [staging]);
  const wrong = useMemo(() => {
    const all = new Map<string, string>();
    const seen = new Set<string>();
    for (const { id, item } of news) {
      const [problem] = problemsOf(item, sources);
      const key = keys.map((name) => { const v = own(item, name); return v && "N" in v ? numberKey(v.N) : identity(item, [name]); }).join();
      if (problem) all.set(id, `${problem.path.length > 0 ? `${problem.path.join(".")}: ` : ""}${problem.text}`);
      else if (seen.has(key)) all.set(id, "Another new item has this key");
      seen.add(key);
    }
    return all;
  }, [news, sources, keys]);
  const added = useMemo(() => news.map(({ id, staged }) => ({ id, problem: wrong.get(id) ?? staged.problem ?? (staged.conflict ? "There is an item with this key" : undefined) })), [news, wrong]);
  // check says what is wrong with an item only if it has a value.
  const check = (id: string, item: Item, name: string, value: Value): string | undefined => {
    const now = staging.get(id);
    const before = problemsOf(now ? wanted(now) : item, sources);
    const next = stage(staging, id, item, name, value).get(id);
    const after = problemsOf(next ? wanted(next) : item, sources);
    return after.find((problem) => problem.path[0] === name || (problem.path.length === 0 && !before.some((b) => b.text === problem.text)))?.text;
  };

  const paste = (text: string, at: Pasting): boolean => {
    const sheet = sheetOf(text);
    const [first] = sheet.rows;
    if (busy || !first) return false;
    const keyed = keyTypes(sources);
    const typeOf = (name: string) => {
      const types = at.columns.find((c) => c.name === name)?.types;
      return keyed.get(name) ?? (types?.length === 1 ? types[0] : undefined);
    };
    const [field] = first;
    if (sheet.rows.length === 1 && sheet.columns === 1 && at.cell && field) {
      const { item, id, name } = at.cell;
      const value = cellValue(field, typeOf(name)) ?? { S: "" };
      const problem = check(id, item, name, value);
      if (problem) toast.error("The cell is as it was", { description: problem });
      else setStaging(stage(staging, id, item, name, value));
      return true;
    }
    const { items: fresh, headings, omitted } = pasted(sheet, { keys, columns: at.columns.map((c) => c.name), typeOf });
    if (fresh.length === 0) return false;
    setStaging(stageNew(staging, fresh));
    const left = sheet.rows.length - fresh.length - (headings ? 1 : 0);
    toast.message(`${plural(fresh.length, "new item")}, not saved yet`, {
      description: [
        headings ? "The first row names the attributes." : `The columns are those of the grid from ${at.columns[0]?.name ?? ""} on.`,
        ...(omitted > 0 ? [`${plural(omitted, "column")} without a name ${omitted === 1 ? "is" : "are"} left out.`] : []),
        ...(left > 0 ? [`${plural(left, "row")} after the first ${count(mostRows)} ${left === 1 ? "is" : "are"} left out: more are imported from a file.`] : []),
      ].join(" "),
    });
    return true;
  };
  const nowhere: Pasting = { columns: keys.map((name) => ({ name, types: [], width: 0 })) };
  const pasteRows = async () => {
    try {
      if (!paste(await navigator.clipboard.readText(), nowhere)) toast.message("There are no rows in the clipboard", { description: "Copy some in a spreadsheet, with the names of the attributes above them." });
    } catch {
      toast.message("The browser does not show this page the clipboard", { description: "Press Ctrl+V or ⌘V in the grid instead." });
    }
  };
  // Where there is no grid it can be pasted all the same.
  const isEmpty = items.length === 0 && news.length === 0;
  const latestPaste = useRef(paste);
  latestPaste.current = paste;
  useEffect(() => {
    if (!isEmpty || readOnly) return;
    const onPaste = (e: ClipboardEvent) => {
      if (e.target instanceof Element && e.target.closest("input,textarea,select,[contenteditable],[role=dialog],[role=alertdialog],aside")) return;
      if (latestPaste.current(e.clipboardData?.getData("text/plain") ?? "", nowhere)) e.preventDefault();
    };
    window.addEventListener("paste", onPaste);
    return () => window.removeEventListener("paste", onPaste);
  });

  // whole brings back items that were dropped, for something that needs all.
  const whole = async (what: string): Promise<boolean> => {
    if (busy) return false;
    toast.message(`${what} needs all ${count(items.length)} items: ${count(items.dropped ?? 0)} are read again`);
    return work.run("Reading again", async (job) => {
      try {
        if (await props.whole(job)) return true;
        if (!job.signal.aborted) toast.error("There are other items by now: try again");
      } catch (err) {
        if (!job.signal.aborted) toast.error("Not all items can be read again", { description: messageOf(err) });
      }
      return false;
    });
  };

  const target = useTarget(place, table, keys);
  const save = () => {
    if (busy || staging.size === 0 || wrong.size > 0) return;
    void work.run("Saving", async () => {
      const { saved, left } = await saveStaged(target, staging);
      setStaging(left);
      if (saved > 0) {
        const changes = lastSaved();
        toast.success(`${plural(saved, "item")} saved`, { action: { label: "Undo", onClick: () => undo(changes) } });
        onChanged();
      }
    });
  };

  const actions = (
    <>
      {readOnly ? null : (
        <>
          {undoButton}
          <IconButton label="Paste rows" title="Paste rows of a spreadsheet (Ctrl+V or ⌘V in the grid)" onClick={() => void pasteRows()} disabled={busy}>
            <ClipboardPaste size={16} aria-hidden />
          </IconButton>
          <Button onClick={() => setAsking("import")} disabled={busy}>
            <Upload size={16} aria-hidden /> Import
          </Button>
        </>
      )}
      <Button onClick={() => setAsking("export")} disabled={busy || items.length === 0}>
        <Download size={16} aria-hidden /> Export
      </Button>
      {readOnly ? null : (
        <Button onClick={() => setAsking("matching")} disabled={busy || items.length === 0 || !plan}>
          <Trash2 size={16} aria-hidden /> Delete all…
        </Button>
      )}
    </>
  );

  const hasFile = (e: DragEvent) => !readOnly && e.dataTransfer.types.includes("Files");
  return (
    <div
      className={`flex min-h-0 min-w-0 flex-col gap-2 rounded-md ${over ? "outline-2 outline-offset-4 outline-accent outline-dashed" : ""}`}
      onDragOver={(e) => {
        if (!hasFile(e) || busy) return;
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={(e) => {
        if (!e.currentTarget.contains(e.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(e) => {
        setOver(false);
        if (!hasFile(e) || busy) return;
        e.preventDefault();
        setDropped(e.dataTransfer.files[0]);
        setAsking("import");
      }}
    >
      <Progress work={work} />
      {result ? <Outcome result={result} table={table} close={() => setResult(undefined)} /> : null}
      <StagedBar staging={staging} keys={keys} strong={target.strong} wrong={wrong} busy={busy} set={setStaging} save={save} />
      {!isEmpty ? (
        <Grid
          label="Items"
          items={items}
          keys={keys}
          table={table}
          memory={memory}
          open={props.open}
          onOpen={props.onOpen}
          onEnd={props.onEnd}
          onLook={props.onLook}
          onHold={props.onHold}
          onWhole={whole}
          more={more}
          onFilter={props.onFilter}
          onFollow={props.onFollow}
          selection={selection}
          onSelection={setSelection}
          actions={actions}
          selectionActions={
            readOnly ? null : (
              <Button onClick={() => setAsking("selected")} disabled={busy || !known}>
                Delete
              </Button>
            )
          }
          staging={staging}
          onEdit={readOnly ? undefined : (item, id, name, value) => setStaging((now) => stage(now, id, item, name, value))}
          onSave={save}
          check={check}
          partial={plan?.partial}
          added={added}
          onForget={(id) => setStaging((now) => replaced(now, id, undefined))}
          onPaste={readOnly ? undefined : paste}
          onDelete={readOnly ? undefined : () => known && !busy && setAsking("selected")}
        />
      ) : (
        <>
          {props.nothing}
          <div className="flex flex-wrap justify-end gap-2">{actions}</div>
        </>
      )}
      {undoDialog}
      {asking === "export" ? <ExportDialog loaded={items.length} more={more ?? false} selected={selected.length} plan={plan} close={close} write={write} /> : null}
      {asking === "import" ? (
        <Suspense>
          <Import
            place={place}
            table={table}
            keys={keys}
            description={description}
            file={dropped}
            work={work}
            close={() => {
              setDropped(undefined);
              close();
            }}
            done={(r) => {
              setResult(r);
              onChanged();
            }}
          />
        </Suspense>
      ) : null}
      {asking === "selected" ? (
        <Warning open close={close} title={`Delete ${plural(selected.length, "item")}?`} text="They cannot be brought back.">
          <div className="mt-4 flex justify-end gap-2">
            <CancelWarning />
            <Button kind="danger" onClick={() => remove([selected], selected.length)}>
              Delete {plural(selected.length, "item")}
            </Button>
          </div>
        </Warning>
      ) : null}
      {asking === "matching" && plan ? <DeleteMatching place={place} table={table} plan={plan} close={close} remove={(total) => remove((signal) => pagesOf(place, plan, signal), total)} /> : null}
    </div>
  );
}

function ExportDialog({ loaded, more, selected, plan, close, write }: { loaded: number; more: boolean; selected: number; plan: Plan | undefined; close: () => void; write: (format: Format, what: "loaded" | "selected" | "matching") => void }) {
  const [what, setWhat] = useState<"loaded" | "selected" | "matching">(selected > 0 ? "selected" : more ? "matching" : "loaded");
  const [format, setFormat] = useState<Format>("NDJSON");
  return (
    <Dialog open close={close} title="Export items">
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          write(format, what);
        }}
      >
        <Choice
          label="Items"
          value={what}
          onChange={(e) => setWhat(e.target.value as typeof what)}
          options={[
            ...(selected > 0 ? [["selected", `The selection: ${plural(selected, "item")}`] as [string, string]] : []),
            ["loaded", `What is loaded: ${plural(loaded, "item")}`],
            ...(plan ? [["matching", more ? "Everything that the query matches, read to its end" : "Everything that the query matches, read anew"] as [string, string]] : []),
          ]}
          hint={plan?.partial ? "The query does not read all attributes: the others are not exported." : undefined}
        />
        <Choice label="Format" value={format} onChange={(e) => setFormat(e.target.value as Format)} options={Object.keys(formats).map((f) => [f, f])} hint={formats[format].about} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit">
            Export
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

// DeleteMatching counts first, then asks.
function DeleteMatching({ place, table, plan, close, remove }: { place: Place; table: string; plan: Plan; close: () => void; remove: (total: number) => void }) {
  const work = useWork();
  const [counted, setCounted] = useState<number>();
  const [error, setError] = useState<string>();
  const run = () =>
    void work.run("Counting", async ({ signal, progress }) => {
      setError(undefined);
      let n = 0;
      try {
        for await (const page of pagesOf(place, plan, signal)) progress((n += page.length));
        if (!signal.aborted) setCounted(n);
      } catch (err) {
        if (!signal.aborted) setError(messageOf(err));
      }
    });
  const all = plan.request.operation === "Scan" && isAlways(plan.filter) && isAlways(plan.local) && !plan.source.index;
  const leave = () => {
    work.stop();
    close();
  };
  return (
    <Warning
      open
      close={leave}
      title={all ? "Delete all items of the table?" : "Delete all items that match?"}
      text={all ? `${table} stays, without its items. They cannot be brought back.` : `What the query matches is deleted from ${table}: all of it, not only what is loaded. It cannot be brought back.`}
    >
      <div className="mt-4 flex flex-col gap-3">
        <p className="text-muted">{plan.reason}</p>
        {work.state ? <Progress work={work} /> : null}
        {error ? <p role="alert">They cannot be counted: {error}</p> : null}
        {counted !== undefined ? (
          <p role="status" className="font-medium">
            {counted === 0 ? "No item matches." : `${plural(counted, "item")} ${counted === 1 ? "matches" : "match"} now.`}
          </p>
        ) : null}
        <div className="flex justify-end gap-2">
          <CancelWarning />
          {counted === undefined ? (
            <Button onClick={run} disabled={work.state !== undefined}>
              Count them
            </Button>
          ) : (
            <Button kind="danger" disabled={counted === 0} onClick={() => remove(counted)}>
              Delete {plural(counted, "item")}
            </Button>
          )}
        </div>
      </div>
    </Warning>
  );
}

const shownTroubles = 200;

// Outcome says what came of work, and what went wrong with which item.
function Outcome({ result, table, close }: { result: Result; table: string; close: () => void }) {
  const { text, error, troubles, failed, header } = result;
  const raws = troubles.flatMap((t) => t.raw ?? []);
  const save = (name: string, lines: readonly string[]) => download(new Blob([lines.join("\n"), "\n"], { type: "text/plain" }), `${table}-${name}`);
  return (
    <section aria-label="Result of the work" className={`rounded-md border bg-panel px-3 py-2 ${error || troubles.length > 0 ? "border-danger" : "border-line"}`}>
      <div className="flex items-start gap-2">
        <div role="status" className="min-w-0 flex-1 pt-1.5">
          <p className="font-medium">{text}</p>
          {error ? <p className="break-words">It ended too early: {error}</p> : null}
          {failed > 0 ? <p>{plural(failed, "item")} failed.</p> : null}
        </div>
        {raws.length > 0 ? <Button onClick={() => save(header === undefined ? "failed.ndjson" : "failed.csv", header === undefined ? raws.map((raw) => raw.replaceAll(/\s*\n\s*/g, " ")) : [header, ...raws])}>Download what failed</Button> : null}
        {troubles.length > 0 ? <Button onClick={() => save("failures.txt", troubles.map((t) => `${t.about}: ${t.message}`))}>Download the reasons</Button> : null}
        <IconButton label="Close the result" onClick={close}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      {troubles.length > 0 ? (
        <Scroll label="What failed">
          {troubles.slice(0, shownTroubles).map((t, i) => (
            <li key={i} className="border-t border-line py-1 break-words">
              <span className="font-mono text-[13px]">{t.about}</span> {t.message}
            </li>
          ))}
          {troubles.length > shownTroubles ? <li className="border-t border-line py-1 text-muted">… and {count(failed - shownTroubles)} more</li> : null}
        </Scroll>
      ) : null}
    </section>
  );
}

function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul tabIndex={0} aria-label={label} className="mt-2 max-h-48 overflow-auto">
      {children}
    </ul>
  );
}
