import { CreateTableCommand, type CreateTableCommandInput, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { CopyPlus, X } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { toast } from "sonner";
import { definitionOf, emptyForm, formOf, type TableForm } from "../definition/form";
import { untilActive, wantedFrom } from "../definition/live";
import { type Problem, readDefinition } from "../definition/read";
import type { Definition, Wanted } from "../definition/wanted";
import { plural } from "../format";
import { readOnly } from "../given";
import { Button, IconButton } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { Check, Choice, TextField } from "../parts/field";
import { Languages } from "../parts/languages";
import { Failure, ReadOnly } from "../parts/notice";
import { Skeleton } from "../parts/panel";
import { billings, classes, IndexList, KeyRow, Limits, nameHint, Part, Regions, Row, views } from "../parts/table-fields";
import { Tags } from "../parts/tags";
import { clientOf, defaultPlace, messageOf, type Place, tableKey, tableQuery, tablesQuery } from "../server";

// A Draft is a request as it is being typed.
interface Draft {
  text: string;
  problems: Problem[];
}

// CreateTable makes a table from a form or a request: what is typed in one shows in
// the other.
export function CreateTable() {
  if (!readOnly) return <Definition />;
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold">Create table</h1>
      <ReadOnly what="There are no new tables here" />
    </>
  );
}

function Definition() {
  const search = useSearch({ from: "/create" });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [form, setForm] = useState<TableForm>(emptyForm);
  const [timeToLive, setTimeToLive] = useState("");
  // While the request is typed it is what its text says, to the letter.
  const [draft, setDraft] = useState<Draft & { definition: Definition }>();
  const [region, setRegion] = useState(search.region ?? defaultPlace.region);
  const [account, setAccount] = useState(search.account ?? defaultPlace.account);
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [cloning, setCloning] = useState(false);
  const set = (change: Partial<TableForm>) => {
    setDraft(undefined);
    setForm({ ...form, ...change });
  };
  const definition = draft?.definition ?? definitionOf(form);
  const wanted: Wanted = { definition, ...(timeToLive === "" ? {} : { timeToLive }) };

  const take = (text: string) => {
    const { definition: typed, problems } = readDefinition(text);
    setDraft({ text, problems, definition: typed ?? definition });
    if (typed) setForm(formOf(typed));
  };
  const clone = (other: Wanted) => {
    setDraft(undefined);
    setForm(formOf({ ...other.definition, TableName: "" }));
    setTimeToLive(other.timeToLive ?? "");
  };

  const create = async () => {
    if (draft && draft.problems.length > 0) {
      setFailure("The request cannot be read. What is wrong with it stands below it.");
      return;
    }
    setBusy(true);
    setFailure(undefined);
    const client = clientOf({ account, region });
    const name = definition.TableName ?? "";
    try {
      await client.send(new CreateTableCommand(definition as CreateTableCommandInput));
    } catch (err) {
      setFailure(messageOf(err));
      window.scrollTo({ top: 0 });
      setBusy(false);
      return;
    }
    toast.success(`Table ${name} created in ${region}`);
    if (timeToLive !== "") {
      try {
        await untilActive(client, name);
        await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true } }));
      } catch (err) {
        toast.error(`${name} is there, but its items do not expire: ${messageOf(err)}`, { duration: Number.POSITIVE_INFINITY });
      }
    }
    await queries.invalidateQueries({ queryKey: ["tables"] });
    await navigate({ to: "/t/$account/$region/$table", params: { account, region, table: name } });
  };

  const kept = Object.keys(form.rest);
  return (
    <form
      className="mx-auto grid w-full max-w-7xl gap-6 lg:grid-cols-[minmax(0,4fr)_minmax(0,3fr)]"
      onSubmit={(e) => {
        e.preventDefault();
        void create();
      }}
    >
      <div className="flex min-w-0 flex-col gap-4">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h1 className="text-xl font-semibold">Create table</h1>
          <Button onClick={() => setCloning(true)}>
            <CopyPlus size={16} aria-hidden />
            Clone from…
          </Button>
        </div>
        {failure ? <Failure title="The table was not created" message={failure} /> : null}

        <Part title="Table">
          <TextField label="Name" required value={form.name} onChange={(e) => set({ name: e.target.value })} hint={nameHint(form.name)} autoFocus />
          <Row>
            <TextField label="Region" required value={region} onChange={(e) => setRegion(e.target.value)} list="regions" />
            <TextField label="Account" required value={account} onChange={(e) => setAccount(e.target.value)} className="font-mono" />
          </Row>
          <Regions id="regions" />
        </Part>

        <Part title="Key">
          <KeyRow label="Partition key" required attribute={form.hash} set={(hash) => set({ hash })} />
          <KeyRow label="Sort key" attribute={form.range} set={(range) => set({ range })} hint="Leave it empty if the partition key alone tells items apart." />
        </Part>

        <Part title="Capacity">
          <Row>
            <Choice label="Mode" value={form.billing} onChange={(e) => set({ billing: e.target.value as TableForm["billing"] })} options={billings} />
            <Choice label="Table class" value={form.class || "STANDARD"} onChange={(e) => set({ class: e.target.value as TableForm["class"] })} options={classes} />
          </Row>
          {form.billing === "PROVISIONED" ? (
            <Row>
              <TextField label="Read units" required type="number" min={1} value={form.read} onChange={(e) => set({ read: e.target.value })} />
              <TextField label="Write units" required type="number" min={1} value={form.write} onChange={(e) => set({ write: e.target.value })} />
            </Row>
          ) : null}
          <Limits billing={form.billing} of={form} set={set} />
        </Part>

        <Part title="Indexes">
          <IndexList form={form} set={set} />
        </Part>

        <Part title="More">
          <Choice label="Stream" value={form.stream} onChange={(e) => set({ stream: e.target.value as TableForm["stream"] })} options={views} />
          <TextField
            label="Time to live"
            value={timeToLive}
            onChange={(e) => setTimeToLive(e.target.value)}
            placeholder="attribute"
            hint="An attribute with seconds since 1970, after which an item expires. It is set when the table is there."
          />
          <Check label="Encrypt it with a key of KMS" checked={form.encrypt} onChange={(e) => set({ encrypt: e.target.checked })} />
          {form.encrypt ? <TextField label="Key" value={form.key} onChange={(e) => set({ key: e.target.value })} hint="ID or ARN; leave it empty for the one that AWS manages." /> : null}
          <Check label="Protect it against deletion" checked={form.protect} onChange={(e) => set({ protect: e.target.checked })} />
          <Tags tags={form.tags} set={(tags) => set({ tags })} />
          {kept.length > 0 ? (
            <div role="group" aria-label="Kept, though not in this form">
              <p className="text-muted">Kept, though it is not in this form:</p>
              <ul className="mt-1 flex flex-wrap gap-2">
                {kept.map((member) => (
                  <li key={member} className="flex items-center gap-1 rounded-md border border-line ps-2 font-mono text-[13px]">
                    {member}
                    <IconButton
                      label={`Remove ${member}`}
                      className="size-7"
                      onClick={() => set({ rest: Object.fromEntries(Object.entries(form.rest).filter(([name]) => name !== member)) })}
                    >
                      <X size={14} aria-hidden />
                    </IconButton>
                  </li>
                ))}
              </ul>
            </div>
          ) : null}
        </Part>

        <div className="flex gap-2">
          <Button kind="primary" type="submit" disabled={busy}>
            {busy ? "Creating…" : "Create table"}
          </Button>
          <Button onClick={() => void navigate({ to: "/" })}>Cancel</Button>
        </div>
      </div>

      <aside className="min-w-0 lg:sticky lg:top-4 lg:self-start" aria-label="The same as a request">
        <Languages
          wanted={wanted}
          place={{ account, region }}
          request={<Request text={draft?.text ?? JSON.stringify(definition, null, 2)} problems={draft?.problems ?? []} set={take} />}
          note={draft && draft.problems.length > 0 ? <p className="mb-2 text-muted">This is the last request that could be read.</p> : null}
        />
      </aside>
      <Clone open={cloning} close={() => setCloning(false)} take={clone} from={search.from ? { account, region, name: search.from } : undefined} />
    </form>
  );
}

// Request is a CreateTable request that can be typed.
function Request({ text, problems, set }: { text: string; problems: Problem[]; set: (text: string) => void }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const go = ({ offset }: Problem) => {
    field.current?.focus();
    field.current?.setSelectionRange(offset, offset + 1);
  };
  return (
    <>
      <textarea
        ref={field}
        aria-label="request"
        aria-invalid={problems.length > 0}
        aria-describedby={`${id}-hint`}
        value={text}
        onChange={(e) => set(e.target.value)}
        spellCheck={false}
        autoComplete="off"
        rows={Math.min(36, Math.max(12, text.split("\n").length + 1))}
        className="w-full resize-y rounded-md border border-line bg-panel p-3 font-mono text-[13px] whitespace-pre aria-invalid:border-danger"
      />
      <p id={`${id}-hint`} className="text-muted">
        What you type here shows in the form, and the other way round.
      </p>
      <ul aria-live="polite" aria-label="What is wrong with the request" className="mt-2 flex flex-col gap-1">
        {problems.map((p) => (
          <li key={`${p.offset} ${p.message}`}>
            <button type="button" onClick={() => go(p)} className="cursor-pointer text-start text-danger hover:underline">
              Line {p.line}, column {p.column}: {p.message}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

// Clone takes the definition of a table that is there.
function Clone({ open, close, take, from }: { open: boolean; close: () => void; take: (wanted: Wanted) => void; from?: Place & { name: string } }) {
  const queries = useQueryClient();
  const tables = useQuery({ ...tablesQuery, enabled: open });
  const [chosen, setChosen] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const list = tables.data ?? [];
  const keyOf = chosen ?? (list[0] ? tableKey(list[0]) : "");

  const load = async (table: Place & { name: string }) => {
    setFailure(undefined);
    try {
      take(await wantedFrom(await queries.fetchQuery(tableQuery(table, table.name)), table));
      close();
      toast.success(`This is ${table.name} in ${table.region}, without a name`);
    } catch (err) {
      if (open) setFailure(messageOf(err));
      else toast.error(`${table.name} cannot be cloned: ${messageOf(err)}`);
    }
  };
  // What the address says is loaded once.
  const asked = useRef(false);
  useEffect(() => {
    if (!from || asked.current) return;
    asked.current = true;
    void load(from);
  });

  return (
    <Dialog open={open} close={close} title="Clone from a table" text="The new table gets all settings of that one, but none of its items and no replicas.">
      {failure ? <Failure title="The table cannot be described" message={failure} /> : null}
      {tables.isError ? <Failure title="The tables cannot be listed" message={messageOf(tables.error)} /> : null}
      {tables.isPending ? <Skeleton rows={1} /> : null}
      {tables.data && list.length === 0 ? <p>There are no tables.</p> : null}
      {list.length > 0 ? (
        <Choice label="Table" value={keyOf} onChange={(e) => setChosen(e.target.value)} options={list.map((t) => [tableKey(t), `${t.name} in ${t.region}${t.account === defaultPlace.account ? "" : `, account ${t.account}`}`])} hint={`of ${plural(list.length, "table")}`} />
      ) : null}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={close}>Cancel</Button>
        <Button
          kind="primary"
          disabled={list.length === 0}
          onClick={() => {
            const table = list.find((t) => tableKey(t) === keyOf);
            if (table) void load(table);
          }}
        >
          Clone
        </Button>
      </div>
    </Dialog>
  );
}
