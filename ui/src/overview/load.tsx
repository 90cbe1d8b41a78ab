import { useQueryClient } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { useRef, useState } from "react";
import { toast } from "sonner";
import { count, plural } from "../format";
import { refusal } from "../events";
import { Button } from "../parts/button";
import { Snippet } from "../parts/copy";
import { Dialog } from "../parts/dialog";
import { TextField } from "../parts/field";
import { Failure } from "../parts/notice";
import { Regions } from "../parts/table-fields";
import { defaultPlace, messageOf } from "../server";

// A Loading is what POST /_admin/tables says: docs/admin-api.md.
interface Loading {
  requests: { region: string; operation: string; table: string; items?: number; request?: Record<string, unknown> }[];
  notes: string[];
  error?: string;
}

async function load(file: File, region: string, account: string, dryRun: boolean): Promise<Loading> {
  const answer = await fetch(`/_admin/tables?${new URLSearchParams({ account, region, name: file.name, ...(dryRun ? { dryRun: "true" } : {}) })}`, { method: "POST", body: file });
  if (!answer.ok) throw new Error(refusal(answer.status, await answer.text()));
  return (await answer.json()) as Loading;
}

// Load makes the tables that a file describes, after it has shown them.
export default function Load({ close }: { close: () => void }) {
  const queries = useQueryClient();
  const [file, setFile] = useState<File>();
  const [region, setRegion] = useState(defaultPlace.region);
  const [account, setAccount] = useState(defaultPlace.account);
  const [plan, setPlan] = useState<Loading>();
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);

  const looked = useRef("");
  // What was read of the file stays until it is read anew: a button that went away below
  // the pointer could not be pressed.
  const look = async (chosen: File | undefined) => {
    const which = [chosen?.name, chosen?.lastModified, chosen?.size, region, account].join("\n");
    if (which === looked.current) return;
    looked.current = which;
    if (chosen !== file) setPlan(undefined);
    setFile(chosen);
    setFailure(undefined);
    if (!chosen) return;
    try {
      const read = await load(chosen, region, account, true);
      if (looked.current === which) setPlan(read);
    } catch (err) {
      if (looked.current === which) setFailure(messageOf(err));
    }
  };
  const make = async () => {
    if (!file) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const done = await load(file, region, account, false);
      await queries.invalidateQueries({ queryKey: ["tables"] });
      const made = done.requests.filter((r) => r.operation === "CreateTable").length;
      const put = done.requests.reduce((sum, r) => sum + (r.items ?? 0), 0);
      const text = `${plural(made, "table")} created${put > 0 ? `, ${plural(put, "item")} put` : ""}`;
      if (done.error) {
        setFailure(`${text}. ${done.error}`);
        setBusy(false);
        return;
      }
      const stayed = done.notes.filter((n) => n.startsWith("a table is there")).length;
      toast.success(text, stayed > 0 ? { description: `${plural(stayed, "table was", "tables were")} there, and stayed as they were.` } : {});
      close();
    } catch (err) {
      setFailure(messageOf(err));
      setBusy(false);
    }
  };

  const tables = plan?.requests.filter((r) => r.operation === "CreateTable") ?? [];
  const items = plan?.requests.reduce((sum, r) => sum + (r.items ?? 0), 0) ?? 0;
  const of = (table: string) => plan?.requests.filter((r) => r.table === table && r.operation !== "CreateTable") ?? [];
  return (
    <Dialog open close={close} wide title="Create tables from a file" text="A CloudFormation or SAM template, a model of NoSQL Workbench, a state of Terraform, what describe-table says, or CreateTable requests.">
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          void make();
        }}
      >
        <div className="grid gap-3 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)]">
          <TextField label="File" type="file" accept=".json,.yaml,.yml,.template,.tfstate" required className="pt-1.5" onChange={(e) => void look(e.target.files?.[0])} />
          <TextField label="Region" required value={region} list="load-regions" onChange={(e) => setRegion(e.target.value)} onBlur={() => void look(file)} />
          <TextField label="Account" required value={account} pattern="[0-9]{12}" onChange={(e) => setAccount(e.target.value)} onBlur={() => void look(file)} />
        </div>
        <Regions id="load-regions" />
        {failure ? <Failure title={busy || plan ? "Not all was done" : "The file cannot be read"} message={failure} /> : null}
        {plan?.error ? <Failure title={tables.length > 0 ? "Some of it cannot be read" : "It cannot be read"} message={plan.error} /> : null}
        {plan && tables.length + items === 0 && !plan.error ? <p role="status">There are no tables in it.</p> : null}
        {tables.length > 0 ? (
          <div role="status">
            <p className="font-medium">
              {plural(tables.length, "table")}
              {items > 0 ? `, ${plural(items, "item")}` : ""}
            </p>
            <ul className="mt-1">
              {tables.map((t) => (
                <li key={`${t.region} ${t.table}`} className="border-t border-line py-1.5">
                  <details>
                    <summary className="cursor-pointer">
                      <span className="font-medium break-all">{t.table}</span> <span className="text-muted">{[t.region, ...said(t.request ?? {}), ...of(t.table).map((r) => (r.items ? `${count(r.items)} items` : (more[r.operation] ?? r.operation)))].join(", ")}</span>
                    </summary>
                    <div className="mt-2">
                      <Snippet label={`request for ${t.table}`} text={JSON.stringify(t.request, null, 2)} />
                    </div>
                  </details>
                </li>
              ))}
            </ul>
          </div>
        ) : items > 0 ? (
          <p role="status">{plural(items, "item")}, of tables that must be there.</p>
        ) : null}
        {plan && plan.notes.length > 0 ? (
          <details open={plan.notes.length < 5}>
            <summary className="cursor-pointer font-medium">{plural(plan.notes.length, "note")}</summary>
            <ul className="mt-1 text-muted">
              {plan.notes.map((n) => (
                <li key={n} className="break-words">
                  {n}
                </li>
              ))}
            </ul>
          </details>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy || !plan || tables.length + items === 0}>
            <Upload size={16} aria-hidden />
            {busy ? "Creating…" : tables.length > 0 ? `Create ${plural(tables.length, "table")}` : "Put the items"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const more: Record<string, string> = { UpdateTimeToLive: "a time to live", UpdateTable: "a replica" };

// said tells what a CreateTable request makes beside the table.
function said(request: Record<string, unknown>): string[] {
  const list = (name: string) => (Array.isArray(request[name]) ? (request[name] as unknown[]).length : 0);
  const indexes = list("GlobalSecondaryIndexes") + list("LocalSecondaryIndexes");
  const key = (request.KeySchema as { AttributeName?: string }[] | undefined)?.map((k) => k.AttributeName).join(", ") ?? "";
  return [`key ${key}`, ...(indexes > 0 ? [plural(indexes, "index", "indexes")] : []), ...(request.StreamSpecification ? ["a stream"] : [])];
}
