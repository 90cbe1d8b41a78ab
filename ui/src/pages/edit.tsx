import { CreateTableCommand, type CreateTableCommandInput, type DynamoDBClient, type TableDescription, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Check as Done, Circle, CircleAlert, LoaderCircle, Undo2, X } from "lucide-react";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { toast } from "sonner";
import { type Change, changesOf, keyText, send, type Settings, type Step, stepsOf } from "../definition/changes";
import { type Copy, copyItems, deleteItems, deleteTable } from "../definition/copy";
import { definitionOf, emptyIndex, formOf, type IndexForm, type TableForm } from "../definition/form";
import { untilActive, wantedFrom } from "../definition/live";
import type { Definition, Wanted } from "../definition/wanted";
import { plural } from "../format";
import { readOnly } from "../given";
import { keyNames, type KeyAttribute, sourcesOf } from "../model/table";
import { textOf } from "../model/value";
import { Button, buttonClass, IconButton } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { Check, Choice, TextField } from "../parts/field";
import { Languages } from "../parts/languages";
import { Failure } from "../parts/notice";
import { Panel, Skeleton } from "../parts/panel";
import { Confirmed, Removal } from "../parts/removal";
import { billings, classes, IndexFields, KeyRow, Limits, nameHint, Part, Row, views } from "../parts/table-fields";
import { Tags } from "../parts/tags";
import { Progress, useWork } from "../parts/work";
import { clientOf, messageOf, type Place, tableQuery } from "../server";

const route = "/t/$account/$region/$table";

// Edit changes the settings of a table, request by request, and has what is done
// with a table as a whole.
export function Edit() {
  const { account, region, table } = useParams({ from: route });
  const place = useMemo(() => ({ account, region }), [account, region]);
  const description = useQuery(tableQuery(place, table)).data as TableDescription;
  const wanted = useQuery({
    queryKey: ["wanted", account, region, table, JSON.stringify(description)],
    queryFn: () => wantedFrom(description, place),
    placeholderData: (last: Wanted | undefined) => last,
  });
  if (wanted.isError && !wanted.data) {
    return (
      <Failure title="The settings cannot be read" message={messageOf(wanted.error)}>
        <Button onClick={() => void wanted.refetch()}>Try again</Button>
      </Failure>
    );
  }
  if (!wanted.data) return <Skeleton />;
  if (readOnly) {
    return (
      <Panel title="The table as it is">
        <Languages wanted={wanted.data} place={{ account, region }} />
      </Panel>
    );
  }
  return (
    <div className="flex flex-col gap-6">
      <SettingsForm place={place} table={description} wanted={wanted.data} />
      <Whole place={place} table={description} wanted={wanted.data} />
    </div>
  );
}

const settingsOf = ({ definition, timeToLive = "" }: Wanted): Settings => ({ form: formOf(definition), timeToLive });

// A Run is what became of the requests of one change.
interface Run {
  steps: Step[];
  done: number;
  busy: boolean;
  waiting?: string; // what for
  failure?: string;
}

function SettingsForm({ place, table, wanted }: { place: Place; table: TableDescription; wanted: Wanted }) {
  const queries = useQueryClient();
  // What is compared with is the table as it was when the first change was typed:
  // what others change meanwhile is not undone by accident.
  const text = JSON.stringify(wanted);
  const live = useMemo(() => settingsOf(JSON.parse(text) as Wanted), [text]);
  const [edit, setEdit] = useState<{ base: Settings; baseText: string; now: Settings }>();
  const [run, setRun] = useState<Run>();
  const controller = useRef<AbortController>(undefined);
  const name = table.TableName ?? "";
  const base = edit?.base ?? live;
  const now = edit?.now ?? live;
  const set = (change: Partial<TableForm>) => setEdit({ base, baseText: edit?.baseText ?? text, now: { ...now, form: { ...now.form, ...change } } });
  const setTimeToLive = (timeToLive: string) => setEdit({ base, baseText: edit?.baseText ?? text, now: { ...now, timeToLive } });
  const changes = changesOf(base, now);
  const steps = stepsOf(table.TableArn ?? "", base, now);
  const busy = run?.busy ?? false;
  const locals = now.form.indexes.filter((ix) => ix.local);

  const save = async () => {
    const client = clientOf(place);
    const { signal } = (controller.current = new AbortController());
    let done = 0;
    const tell = (more: Partial<Run>) => setRun({ steps, done, busy: true, ...more });
    const see = (t: TableDescription) => {
      queries.setQueryData(tableQuery(place, name).queryKey, t);
      tell({ waiting: waitsFor(t) });
    };
    let failure: string | undefined;
    try {
      for (const step of steps) {
        tell({});
        await untilActive(client, name, signal, see);
        await send(client, step, signal);
        done++;
      }
      tell({});
      await untilActive(client, name, signal, see);
    } catch (err) {
      failure = signal.aborted ? "It was stopped." : messageOf(err);
    }
    // What is left to do is what still differs.
    try {
      const t = await queries.fetchQuery({ ...tableQuery(place, name), staleTime: 0 });
      const fresh = await wantedFrom(t, place);
      setEdit(failure === undefined ? undefined : { base: settingsOf(fresh), baseText: JSON.stringify(fresh), now });
      await queries.invalidateQueries({ queryKey: ["wanted"] });
    } catch {
      // The page says so when it asks again.
    }
    setRun(failure === undefined ? undefined : { steps, done, busy: false, failure });
    if (failure === undefined) toast.success(`${name} is changed`);
    await queries.invalidateQueries({ queryKey: ["tables"] });
  };

  return (
    <form
      className="grid gap-6 lg:grid-cols-[minmax(0,4fr)_minmax(0,3fr)]"
      onSubmit={(e) => {
        e.preventDefault();
        void save();
      }}
    >
      <fieldset disabled={busy} className="flex min-w-0 flex-col gap-4">
        <Part title="Capacity">
          <Row>
            <Choice label="Mode" value={now.form.billing} onChange={(e) => set({ billing: e.target.value as TableForm["billing"] })} options={billings} />
            <Choice label="Table class" value={now.form.class || "STANDARD"} onChange={(e) => set({ class: e.target.value as TableForm["class"] })} options={classes} />
          </Row>
          {now.form.billing === "PROVISIONED" ? (
            <Row>
              <TextField label="Read units" required type="number" min={1} value={now.form.read} onChange={(e) => set({ read: e.target.value })} />
              <TextField label="Write units" required type="number" min={1} value={now.form.write} onChange={(e) => set({ write: e.target.value })} />
            </Row>
          ) : null}
          <Limits billing={now.form.billing} of={now.form} set={set} />
        </Part>

        <Part title="Global indexes">
          <Indexes key={edit?.baseText ?? text} base={base.form} form={now.form} set={set} />
          {locals.length > 0 ? (
            <p className="text-muted">
              Local indexes are as old as their table, and stay: {locals.map((ix) => ix.name).join(", ")}.
            </p>
          ) : null}
        </Part>

        <Part title="More">
          <Choice
            label="Stream"
            value={now.form.stream}
            onChange={(e) => set({ stream: e.target.value as TableForm["stream"] })}
            options={views}
            hint={base.form.stream !== "" && now.form.stream !== base.form.stream ? "The stream ends. Its records can be read for a day." : undefined}
          />
          <TextField
            label="Time to live"
            value={now.timeToLive}
            onChange={(e) => setTimeToLive(e.target.value)}
            placeholder="attribute"
            hint={
              <>
                An attribute with seconds since 1970, after which an item expires; leave it empty for none.{" "}
                <Link to="/t/$account/$region/$table/ttl" params={{ ...place, table: name }} className="text-accent underline">
                  What expires when
                </Link>
              </>
            }
          />
          <Check label="Encrypt it with a key of KMS" checked={now.form.encrypt} onChange={(e) => set({ encrypt: e.target.checked, key: e.target.checked ? base.form.key : "" })} />
          {now.form.encrypt ? <TextField label="Key" value={now.form.key} onChange={(e) => set({ key: e.target.value })} hint="ID or ARN; leave it empty for the one that AWS manages." /> : null}
          <Check label="Protect it against deletion" checked={now.form.protect} onChange={(e) => set({ protect: e.target.checked })} />
          <Tags tags={now.form.tags} set={(tags) => set({ tags })} />
        </Part>
      </fieldset>

      <div className="flex min-w-0 flex-col gap-4 lg:sticky lg:top-4 lg:self-start">
        {changes.length > 0 || run ? (
          <Panel title={run?.failure ? "Not all is changed" : "Changes"}>
            {run?.failure ? (
              <div className="mb-3">
                <Failure title={`Request ${run.done + 1} of ${run.steps.length}: ${run.steps[run.done]?.title ?? "waiting until the table is active"}`} message={run.failure} />
              </div>
            ) : null}
            {edit && edit.baseText !== text && !run ? (
              <div className="mb-3 flex flex-wrap items-center gap-2" role="status">
                <span className="flex-1">The table has changed meanwhile.</span>
                <Button onClick={() => setEdit(undefined)}>Load it anew</Button>
              </div>
            ) : null}
            <Differences changes={changes} />
            <Steps steps={busy && run ? run.steps : steps} run={busy ? run : undefined} />
            <div className="mt-4 flex flex-wrap items-center gap-2">
              <Button kind="primary" type="submit" disabled={busy || steps.length === 0}>
                {run?.failure ? "Try the rest again" : "Save"}
              </Button>
              {busy ? (
                <Button onClick={() => controller.current?.abort()}>Stop</Button>
              ) : (
                <Button
                  onClick={() => {
                    setEdit(undefined);
                    setRun(undefined);
                  }}
                >
                  Discard
                </Button>
              )}
              <span className="text-muted" aria-live="polite">
                {busy ? (run?.waiting ?? "") : ""}
              </span>
            </div>
          </Panel>
        ) : null}
        <Panel title="The table as it is">
          <Languages wanted={wanted} place={place} />
        </Panel>
      </div>
    </form>
  );
}

// waitsFor says what a table that is not active is waiting for.
function waitsFor(t: TableDescription): string | undefined {
  const ix = (t.GlobalSecondaryIndexes ?? []).find((i) => i.IndexStatus !== "ACTIVE" || i.Backfilling);
  if (ix) return `The index ${ix.IndexName} is ${ix.Backfilling ? "being filled" : (ix.IndexStatus ?? "").toLowerCase()}…`;
  return t.TableStatus === "ACTIVE" ? undefined : `The table is ${(t.TableStatus ?? "").toLowerCase()}…`;
}

function Differences({ changes }: { changes: Change[] }) {
  if (changes.length === 0) return <p className="text-muted">There is nothing left to change.</p>;
  return (
    <div className="overflow-x-auto" role="region" aria-label="Differences" tabIndex={0}>
      <table className="w-full border-collapse">
        <thead className="text-start text-muted">
          <tr>
            <th className="py-1 pe-3 font-medium">Setting</th>
            <th className="py-1 pe-3 font-medium">Before</th>
            <th className="py-1 font-medium">After</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((c) => (
            <tr key={c.what} className="border-t border-line align-top">
              <th scope="row" className="py-1.5 pe-3 text-start font-medium">
                {c.what}
              </th>
              <td className="py-1.5 pe-3 break-words text-muted">{c.before}</td>
              <td className="py-1.5 break-words">{c.after}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Steps({ steps, run }: { steps: Step[]; run?: Run }) {
  if (steps.length === 0) return null;
  return (
    <>
      <h3 className="mt-4 font-medium">
        {plural(steps.length, "request")}
        {steps.length > 1 ? ", one after the other" : ""}
      </h3>
      <ol className="mt-2 flex flex-col gap-1.5" aria-label="Requests">
        {steps.map((step, i) => {
          const [Icon, state] = !run || i > run.done ? [Circle, "to do"] : i < run.done ? [Done, "done"] : [LoaderCircle, "on its way"];
          return (
            <li key={`${i} ${step.title}`}>
              <details>
                <summary className="flex cursor-pointer items-center gap-2">
                  <Icon size={14} className={state === "done" ? "text-good" : state === "to do" ? "text-muted" : "animate-spin text-accent"} aria-label={state} role="img" />
                  <span className="font-mono text-[13px] text-muted">{step.operation}</span>
                  <span>{step.title}</span>
                </summary>
                <pre tabIndex={0} aria-label={`${step.title}: request`} className="mt-1 max-h-60 overflow-auto rounded-md bg-raised p-2 font-mono text-[13px] whitespace-pre-wrap">
                  {JSON.stringify(step.input, null, 2)}
                </pre>
              </details>
            </li>
          );
        })}
      </ol>
    </>
  );
}

// Indexes are those that stay, those that are to go, and those that are to come.
function Indexes({ base, form, set }: { base: TableForm; form: TableForm; set: (change: Partial<TableForm>) => void }) {
  const there = (ix: IndexForm) => base.indexes.find((other) => !other.local && other.name === ix.name && keyText(other) === keyText(ix));
  const change = (ix: IndexForm, more: Partial<IndexForm>) => set({ indexes: form.indexes.map((other) => (other.id === ix.id ? { ...other, ...more } : other)) });
  const remove = (ix: IndexForm) => set({ indexes: form.indexes.filter((other) => other.id !== ix.id) });
  const global = form.indexes.filter((ix) => !ix.local);
  // One that is being typed is new, whatever its name is by now.
  const [added, setAdded] = useState<ReadonlySet<number>>(new Set());
  const gone = base.indexes.filter((ix) => !ix.local && !global.some((other) => there(other)?.name === ix.name && !added.has(other.id)));
  return (
    <>
      {global.map((ix) => {
        const old = !added.has(ix.id) && there(ix);
        return (
          <div key={ix.id} role="group" aria-label={old ? `Index ${ix.name}` : `New index ${ix.name}`} className="flex flex-col gap-3 rounded-md border border-line p-3">
            <div className="flex items-center gap-2">
              <span className="min-w-0 flex-1">
                <span className="font-medium break-all">{old ? ix.name : "New index"}</span> {old ? <span className="text-muted">{keyText(ix)}</span> : null}
              </span>
              <IconButton label={old ? `Drop the index ${ix.name}` : `Remove the new index ${ix.name}`} onClick={() => remove(ix)}>
                <X size={16} aria-hidden />
              </IconButton>
            </div>
            {old ? (
              <>
                {form.billing === "PROVISIONED" ? (
                  <Row>
                    <TextField label={`Read units of ${ix.name}`} type="number" min={1} placeholder="as the table" value={ix.read} onChange={(e) => change(ix, { read: e.target.value })} />
                    <TextField label={`Write units of ${ix.name}`} type="number" min={1} placeholder="as the table" value={ix.write} onChange={(e) => change(ix, { write: e.target.value })} />
                  </Row>
                ) : null}
                <Limits billing={form.billing} of={ix} set={(more) => change(ix, more)} />
              </>
            ) : (
              <IndexFields index={ix} billing={form.billing} set={(more) => change(ix, more)} />
            )}
          </div>
        );
      })}
      {gone.map((ix) => (
        <div key={`gone ${ix.name}`} role="group" aria-label={`Index ${ix.name}, which goes`} className="flex items-center gap-2 rounded-md border border-dashed border-line px-3 py-1">
          <span className="min-w-0 flex-1 break-all text-muted">
            <s>{ix.name}</s> is dropped
          </span>
          <Button onClick={() => set({ indexes: [...form.indexes, ix] })} aria-label={`Keep the index ${ix.name}`}>
            <Undo2 size={16} aria-hidden />
            Keep
          </Button>
        </div>
      ))}
      {global.length + gone.length === 0 ? <p className="text-muted">There are none.</p> : null}
      <div>
        <Button
          onClick={() => {
            const ix = emptyIndex(false);
            setAdded(new Set([...added, ix.id]));
            set({ indexes: [...form.indexes, ix] });
          }}
        >
          Add an index
        </Button>
      </div>
    </>
  );
}

// Whole is what is done with a table as a whole.
function Whole({ place, table, wanted }: { place: Place; table: TableDescription; wanted: Wanted }) {
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"copy" | "purge" | "delete">();
  const items = table.ItemCount ?? 0;
  const name = table.TableName ?? "";
  const close = () => setAsking(undefined);
  return (
    <Panel title="The table as a whole">
      <ul className="flex flex-col divide-y divide-line">
        <Action text="Rename it, or change its key" hint="DynamoDB can do neither. Its items are copied into a new table, and then the old one may go.">
          <Button onClick={() => setAsking("copy")}>Copy into a new table…</Button>
        </Action>
        <Action text="Make another one like it" hint="With the same settings, and without items.">
          <Link to="/create" search={{ ...place, from: name }} className={buttonClass()}>
            Clone…
          </Link>
        </Action>
        <Action text="Empty it" hint={`Deletes all ${plural(items, "item")}.`}>
          <Button kind="danger" onClick={() => setAsking("purge")}>
            Delete all items…
          </Button>
        </Action>
        <Action text="Delete it" hint="With its items, indexes and settings.">
          <Button kind="danger" onClick={() => setAsking("delete")}>
            Delete table…
          </Button>
        </Action>
      </ul>
      <CopyDialog open={asking === "copy"} close={close} place={place} table={table} wanted={wanted} />
      <Purge open={asking === "purge"} close={close} place={place} table={table} wanted={wanted} />
      <Removal open={asking === "delete"} close={close} tables={[{ ...place, name, items }]} done={(n) => { if (n > 0) void navigate({ to: "/" }); }} />
    </Panel>
  );
}

function Action({ text, hint, children }: { text: string; hint: string; children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center gap-3 py-3 first:pt-0 last:pb-0">
      <div className="min-w-60 flex-1">
        <p className="font-medium">{text}</p>
        <p className="text-muted">{hint}</p>
      </div>
      {children}
    </li>
  );
}

// create makes a table with all that was wanted of it.
async function create(client: DynamoDBClient, { definition, timeToLive }: Wanted, signal?: AbortSignal): Promise<void> {
  const name = definition.TableName ?? "";
  await client.send(new CreateTableCommand(definition as CreateTableCommandInput), { abortSignal: signal });
  await untilActive(client, name, signal);
  if (timeToLive) await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true } }), { abortSignal: signal });
}

// Purge deletes all items, in one of two ways.
function Purge({ open, close, place, table, wanted }: { open: boolean; close: () => void; place: Place; table: TableDescription; wanted: Wanted }) {
  const queries = useQueryClient();
  const work = useWork();
  const name = table.TableName ?? "";
  const replicated = (table.Replicas ?? []).length > 0;
  const [anew, setAnew] = useState(false);
  const [lost, setLost] = useState<Definition>();
  const items = table.ItemCount ?? 0;
  const keys = sourcesOf(table).slice(0, 1).flatMap(keyNames);

  const purge = async () => {
    const client = clientOf(place);
    let deleted = false;
    try {
      await work.run("Deleting", async (job) => {
        if (!anew || replicated) {
          const n = await deleteItems(client, name, keys, items, job);
          toast.success(`${plural(n, "item")} deleted${job.signal.aborted ? ", then it was stopped" : ""}`);
          return;
        }
        await deleteTable(client, name);
        deleted = true;
        await create(client, wanted);
        deleted = false;
        toast.success(`${name} is new, and has no items`);
      });
    } catch (err) {
      toast.error(messageOf(err), { duration: Number.POSITIVE_INFINITY });
      if (deleted) setLost(wanted.definition);
    }
    await queries.invalidateQueries();
  };

  return (
    <>
      <Confirmed
        open={open}
        close={close}
        title={`Delete all items of ${name}?`}
        text={`${plural(items, "item")} will be gone, and cannot be brought back.`}
        name={name}
        action="Delete all items"
        work={work}
        run={purge}
      >
        <fieldset className="mt-4 flex flex-col gap-2" disabled={work.state !== undefined}>
          <legend className="sr-only">How</legend>
          <Way name="way" checked={!anew || replicated} set={() => setAnew(false)} text="Batch by batch" hint="The table stays. Its stream tells of each item, and replicas follow." />
          <Way
            name="way"
            checked={anew && !replicated}
            set={() => setAnew(true)}
            disabled={replicated}
            text="Delete the table and create it anew"
            hint={replicated ? "Not with replicas." : "Faster, but for a moment there is no table, its stream ends, and it has another ID."}
          />
        </fieldset>
      </Confirmed>
      <Dialog open={lost !== undefined} close={() => setLost(undefined)} title="The table is deleted, but not there again" text="This is the request that creates it.">
        {lost ? <Languages wanted={{ ...wanted, definition: lost }} place={place} /> : null}
      </Dialog>
    </>
  );
}

function Way({ text, hint, set, ...rest }: { name: string; checked: boolean; set: () => void; disabled?: boolean; text: string; hint: string }) {
  return (
    <label className="flex gap-2.5">
      <input type="radio" className="mt-0.5 size-4 accent-accent" onChange={set} {...rest} />
      <span>
        <span className="font-medium">{text}</span>
        <span className="block text-muted">{hint}</span>
      </span>
    </label>
  );
}

const shownMisfits = 100;

// CopyDialog copies a table into a new one, with another name or key.
function CopyDialog({ open, close, place, table, wanted }: { open: boolean; close: () => void; place: Place; table: TableDescription; wanted: Wanted }) {
  const queries = useQueryClient();
  const work = useWork();
  const old = useMemo(() => formOf(wanted.definition), [wanted]);
  const [name, setName] = useState("");
  const [hash, setHash] = useState<KeyAttribute>(old.hash);
  const [range, setRange] = useState<KeyAttribute>(old.range);
  const [copy, setCopy] = useState<Copy & { failure?: string }>();
  const [failure, setFailure] = useState<string>();
  const [removing, setRemoving] = useState(false);
  const from = table.TableName ?? "";
  const items = table.ItemCount ?? 0;
  const keys = [hash, ...(range.name === "" ? [] : [range])];
  const same = keyText({ hash: [hash], range: [range] }) === keyText({ hash: [old.hash], range: [old.range] });
  const locals = old.indexes.some((ix) => ix.local);

  const begin = async () => {
    const client = clientOf(place);
    setFailure(undefined);
    try {
      if (!copy) {
        // The new keys may have other types than an index has them.
        const retype = (a: KeyAttribute) => keys.find((k) => k.name === a.name) ?? a;
        const indexes = old.indexes.filter((ix) => !ix.local || range.name !== "").map((ix) => ({ ...ix, hash: ix.hash.map(retype), range: ix.range.map(retype) }));
        await create(client, { ...wanted, definition: definitionOf({ ...old, name, hash, range, indexes, protect: false }) });
        await queries.invalidateQueries({ queryKey: ["tables"] });
      }
      const begun = copy ?? { copied: 0, misfits: [], ...(same ? {} : { seen: new Set<string>() }) };
      setCopy(begun);
      setCopy(await work.run("Copying", (job) => copyItems(client, from, name, keys, items, begun, job)));
    } catch (err) {
      setFailure(messageOf(err));
    }
    await queries.invalidateQueries({ queryKey: ["tables"] });
  };

  return (
    <Dialog
      open={open}
      close={() => { if (!work.state) close(); }}
      wide
      title={`Copy ${from} into a new table`}
      text="What is written to the old table meanwhile is not copied: stop writing to it before. The new one gets its settings, but no replicas."
    >
      {failure ? <Failure title={copy ? "Not all is copied" : "The new table was not created"} message={failure} /> : null}
      {copy?.failure ? <Failure title="Not all is copied" message={copy.failure} /> : null}
      <form
        className="flex flex-col gap-3"
        onSubmit={(e) => {
          e.preventDefault();
          void begin();
        }}
      >
        <fieldset disabled={copy !== undefined || work.state !== undefined} className="flex flex-col gap-3">
          <TextField label="New name" required value={name} onChange={(e) => setName(e.target.value)} hint={nameHint(name)} />
          <KeyRow label="Partition key" required attribute={hash} set={setHash} />
          <KeyRow label="Sort key" attribute={range} set={setRange} hint={locals && range.name === "" ? "Without a sort key there are no local indexes." : undefined} />
        </fieldset>
        <Progress work={work} />
        {copy && !work.state ? (
          <p role="status">
            {plural(copy.copied, "item")} copied{copy.done ? "" : ", and there are more"}.
            {copy.misfits.length > 0 ? ` ${plural(copy.misfits.length, "item does", "items do")} not fit:` : ""}
          </p>
        ) : null}
        {copy && copy.misfits.length > 0 ? (
          <ul tabIndex={0} aria-label="Items that do not fit" className="max-h-48 overflow-auto rounded-md border border-line">
            {copy.misfits.slice(0, shownMisfits).map(({ item, why }, i) => (
              <li key={i} className="flex gap-3 border-b border-line px-3 py-1.5 last:border-0">
                <CircleAlert size={16} className="mt-0.5 shrink-0 text-danger" aria-hidden />
                <span className="min-w-0 break-words">
                  <span className="font-mono text-[13px]">{Object.entries(item).filter(([n]) => n === old.hash.name || n === old.range.name).map(([n, v]) => `${n} = ${textOf(v)}`).join(", ")}</span>: {why}
                </span>
              </li>
            ))}
            {copy.misfits.length > shownMisfits ? <li className="px-3 py-1.5 text-muted">and {plural(copy.misfits.length - shownMisfits, "more", "more")}</li> : null}
          </ul>
        ) : null}
        <div className="mt-2 flex flex-wrap justify-end gap-2">
          {copy?.done ? (
            <>
              <Link to="/t/$account/$region/$table" params={{ ...place, table: name }} className={buttonClass("primary")}>
                Open {name}
              </Link>
              <Button kind="danger" onClick={() => setRemoving(true)}>
                Delete the old table…
              </Button>
            </>
          ) : (
            <Button kind="primary" type="submit" disabled={work.state !== undefined}>
              {copy ? "Go on" : "Create and copy"}
            </Button>
          )}
          <Button onClick={close} disabled={work.state !== undefined}>
            Close
          </Button>
        </div>
      </form>
      <RemoveOld open={removing} close={() => setRemoving(false)} place={place} name={from} items={items} to={name} />
    </Dialog>
  );
}

function RemoveOld({ open, close, place, name, items, to }: { open: boolean; close: () => void; place: Place; name: string; items: number; to: string }) {
  const navigate = useNavigate();
  return <Removal open={open} close={close} tables={[{ ...place, name, items }]} done={(n) => { if (n > 0) void navigate({ to: route, params: { ...place, table: to } }); }} />;
}
