import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus, X } from "lucide-react";
import { Tabs } from "radix-ui";
import { type ReactNode, useRef, useState } from "react";
import { toast } from "sonner";
import { type Attribute, commandOf, definitionOf, emptyForm, type IndexForm, type TableForm } from "../definition";
import { Button, IconButton } from "../parts/button";
import { Snippet } from "../parts/copy";
import { Check, Choice, TextField } from "../parts/field";
import { Failure } from "../parts/notice";
import { clientOf, defaultPlace, messageOf } from "../server";

const types: [string, string][] = [
  ["S", "String"],
  ["N", "Number"],
  ["B", "Binary"],
];

// CreateTable makes a table from a form, and shows the request while it is filled
// in.
export function CreateTable() {
  const search = useSearch({ from: "/create" });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [form, setForm] = useState<TableForm>(emptyForm);
  const [region, setRegion] = useState(search.region ?? defaultPlace.region);
  const [account, setAccount] = useState(search.account ?? defaultPlace.account);
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const serial = useRef(0);
  const set = (change: Partial<TableForm>) => setForm({ ...form, ...change });
  const definition = definitionOf(form);

  const create = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await clientOf({ account, region }).send(new CreateTableCommand(definition));
      await queries.invalidateQueries({ queryKey: ["tables"] });
      toast.success(`Table ${form.name} created in ${region}`);
      await navigate({ to: "/" });
    } catch (err) {
      setFailure(messageOf(err));
      window.scrollTo({ top: 0 });
    } finally {
      setBusy(false);
    }
  };

  const addIndex = (local: boolean) => {
    serial.current++;
    const index: IndexForm = { id: serial.current, local, name: "", hash: { name: "", type: "S" }, range: { name: "", type: "S" }, projection: "ALL", include: "" };
    set({ indexes: [...form.indexes, index] });
  };
  const setIndex = (id: number, change: Partial<IndexForm>) => set({ indexes: form.indexes.map((ix) => (ix.id === id ? { ...ix, ...change } : ix)) });

  return (
    <form
      className="mx-auto grid max-w-6xl gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]"
      onSubmit={(e) => {
        e.preventDefault();
        void create();
      }}
    >
      <div className="flex flex-col gap-4">
        <h1 className="text-xl font-semibold">Create table</h1>
        {failure ? <Failure title="The table was not created" message={failure} /> : null}

        <Part title="Table">
          <TextField label="Name" required value={form.name} onChange={(e) => set({ name: e.target.value })} hint="3 to 255 letters, digits, and . _ -" autoFocus />
          <Row>
            <TextField label="Region" required value={region} onChange={(e) => setRegion(e.target.value)} list="regions" />
            <TextField label="Account" required value={account} onChange={(e) => setAccount(e.target.value)} className="font-mono" />
          </Row>
          <datalist id="regions">
            {["us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-central-1", "ap-south-1", "ap-northeast-1", "ap-southeast-1", "sa-east-1"].map((r) => (
              <option key={r} value={r} />
            ))}
          </datalist>
        </Part>

        <Part title="Key">
          <KeyRow label="Partition key" required attribute={form.hash} set={(hash) => set({ hash })} />
          <KeyRow label="Sort key" attribute={form.range} set={(range) => set({ range })} hint="Leave it empty if the partition key alone tells items apart." />
        </Part>

        <Part title="Capacity">
          <Row>
            <Choice
              label="Mode"
              value={form.billing}
              onChange={(e) => set({ billing: e.target.value as TableForm["billing"] })}
              options={[
                ["PAY_PER_REQUEST", "On demand"],
                ["PROVISIONED", "Provisioned"],
              ]}
            />
            <Choice
              label="Table class"
              value={form.infrequent ? "ia" : "standard"}
              onChange={(e) => set({ infrequent: e.target.value === "ia" })}
              options={[
                ["standard", "Standard"],
                ["ia", "Standard, infrequent access"],
              ]}
            />
          </Row>
          {form.billing === "PROVISIONED" ? (
            <Row>
              <TextField label="Read units" required type="number" min={1} value={form.read} onChange={(e) => set({ read: e.target.value })} />
              <TextField label="Write units" required type="number" min={1} value={form.write} onChange={(e) => set({ write: e.target.value })} />
            </Row>
          ) : null}
        </Part>

        <Part title="Indexes">
          {form.indexes.map((ix) => (
            <Index key={ix.id} index={ix} set={(change) => setIndex(ix.id, change)} remove={() => set({ indexes: form.indexes.filter((other) => other.id !== ix.id) })} />
          ))}
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => addIndex(false)}>
              <Plus size={16} aria-hidden />
              Global index
            </Button>
            <Button onClick={() => addIndex(true)} disabled={form.range.name === ""} title={form.range.name === "" ? "A local index needs a table with a sort key" : undefined}>
              <Plus size={16} aria-hidden />
              Local index
            </Button>
          </div>
        </Part>

        <Part title="More">
          <Choice
            label="Stream"
            value={form.stream}
            onChange={(e) => set({ stream: e.target.value as TableForm["stream"] })}
            options={[
              ["", "Off"],
              ["NEW_AND_OLD_IMAGES", "New and old images"],
              ["NEW_IMAGE", "New image"],
              ["OLD_IMAGE", "Old image"],
              ["KEYS_ONLY", "Keys only"],
            ]}
          />
          <Check label="Protect it against deletion" checked={form.protect} onChange={(e) => set({ protect: e.target.checked })} />
          {form.tags.map((tag) => {
            const setTag = (change: Partial<typeof tag>) => set({ tags: form.tags.map((t) => (t.id === tag.id ? { ...t, ...change } : t)) });
            return (
              <Row key={tag.id}>
                <TextField label="Tag" value={tag.key} onChange={(e) => setTag({ key: e.target.value })} />
                <TextField label="Value" value={tag.value} onChange={(e) => setTag({ value: e.target.value })} />
                <IconButton label={`Remove the tag ${tag.key}`} className="self-end" onClick={() => set({ tags: form.tags.filter((t) => t.id !== tag.id) })}>
                  <X size={16} aria-hidden />
                </IconButton>
              </Row>
            );
          })}
          <div>
            <Button
              onClick={() => {
                serial.current++;
                set({ tags: [...form.tags, { id: serial.current, key: "", value: "" }] });
              }}
            >
              <Plus size={16} aria-hidden />
              Tag
            </Button>
          </div>
        </Part>

        <div className="flex gap-2">
          <Button kind="primary" type="submit" disabled={busy}>
            {busy ? "Creating…" : "Create table"}
          </Button>
          <Button onClick={() => void navigate({ to: "/" })}>Cancel</Button>
        </div>
      </div>

      <aside className="lg:sticky lg:top-4 lg:self-start" aria-label="The same as a request">
        <Tabs.Root defaultValue="json">
          <Tabs.List className="mb-2 flex gap-1" aria-label="As">
            <Tab value="json">CreateTable</Tab>
            <Tab value="cli">AWS CLI</Tab>
          </Tabs.List>
          <Tabs.Content value="json" tabIndex={-1}>
            <Snippet label="request" text={JSON.stringify(definition, null, 2)} />
          </Tabs.Content>
          <Tabs.Content value="cli" tabIndex={-1}>
            <Snippet label="command" text={commandOf(definition, window.location.origin, region)} />
          </Tabs.Content>
        </Tabs.Root>
      </aside>
    </form>
  );
}

function Tab({ value, children }: { value: string; children: ReactNode }) {
  return (
    <Tabs.Trigger value={value} className="cursor-pointer rounded-md px-3 py-1.5 font-medium text-muted hover:bg-raised data-[state=active]:bg-raised data-[state=active]:text-ink">
      {children}
    </Tabs.Trigger>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-panel p-4">
      <legend className="float-left mb-1 w-full text-base font-semibold">{title}</legend>
      {children}
    </fieldset>
  );
}

function Row({ children }: { children: ReactNode }) {
  return <div className="flex flex-col gap-3 sm:flex-row">{children}</div>;
}

function KeyRow({ label, hint, required, attribute, set }: { label: string; hint?: string; required?: boolean; attribute: Attribute; set: (a: Attribute) => void }) {
  return (
    <Row>
      <div className="flex-[3]">
        <TextField label={label} hint={hint} required={required} value={attribute.name} onChange={(e) => set({ ...attribute, name: e.target.value })} />
      </div>
      <div className="flex-1">
        <Choice label={`${label}: type`} value={attribute.type} onChange={(e) => set({ ...attribute, type: e.target.value as Attribute["type"] })} options={types} />
      </div>
    </Row>
  );
}

function Index({ index, set, remove }: { index: IndexForm; set: (change: Partial<IndexForm>) => void; remove: () => void }) {
  const kind = index.local ? "Local index" : "Global index";
  return (
    <div role="group" aria-label={`${kind} ${index.name}`} className="flex flex-col gap-3 rounded-md border border-line p-3">
      <div className="flex items-center justify-between">
        <span className="font-medium">{kind}</span>
        <IconButton label={`Remove the index ${index.name}`} onClick={remove}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <TextField label="Index name" required value={index.name} onChange={(e) => set({ name: e.target.value })} />
      {index.local ? null : <KeyRow label="Partition key" required attribute={index.hash} set={(hash) => set({ hash })} />}
      <KeyRow label="Sort key" required={index.local} attribute={index.range} set={(range) => set({ range })} />
      <Choice
        label="Attributes in the index"
        value={index.projection}
        onChange={(e) => set({ projection: e.target.value as IndexForm["projection"] })}
        options={[
          ["ALL", "All"],
          ["KEYS_ONLY", "Keys only"],
          ["INCLUDE", "Keys and some more"],
        ]}
      />
      {index.projection === "INCLUDE" ? <TextField label="Which" required value={index.include} onChange={(e) => set({ include: e.target.value })} hint="Names, separated by commas" /> : null}
    </div>
  );
}
