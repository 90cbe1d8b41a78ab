import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { toast } from "sonner";
import { plural } from "../format";
import { clientOf, type ListedTable, messageOf, tableKey } from "../server";
import { Button } from "./button";
import { CancelWarning, Warning } from "./dialog";
import { TextField } from "./field";
import { Progress, useWork } from "./work";

interface ConfirmedProps {
  open: boolean;
  close: () => void;
  title: string;
  text: ReactNode;
  name: string; // what is to be typed
  action: string;
  work?: ReturnType<typeof useWork>; // what takes a while, and shows how far it is
  run: () => Promise<void>;
  children?: ReactNode;
}

// Confirmed is a warning that goes on only when a name has been typed.
export function Confirmed({ open, close, title, text, name, action, work, run, children }: ConfirmedProps) {
  const [typed, setTyped] = useState("");
  const busy = work?.state !== undefined;
  const leave = () => {
    if (busy) return; // it is left by Stop, or when it is done
    setTyped("");
    close();
  };
  const go = async () => {
    await run();
    setTyped("");
    close();
  };
  return (
    <Warning open={open} close={leave} title={title} text={text}>
      {children}
      <form
        className="mt-4"
        onSubmit={(e) => {
          e.preventDefault();
          if (typed === name && !busy) void go();
        }}
      >
        <TextField label={`Type “${name}” to go on`} value={typed} onChange={(e) => setTyped(e.target.value)} disabled={busy} autoFocus />
        <div className="mt-5">
          {busy && work ? (
            <Progress work={work} />
          ) : (
            <div className="flex justify-end gap-2">
              <CancelWarning />
              <Button kind="danger" type="submit" disabled={typed !== name}>
                {action}
              </Button>
            </div>
          )}
        </div>
      </form>
    </Warning>
  );
}

const listed = 100; // of the tables to delete, by name

type Doomed = Pick<ListedTable, "account" | "region" | "name" | "items">;

// Removal asks whether tables are to be deleted, and deletes them. done is told how
// many are gone.
export function Removal({ open, close, tables, done }: { open: boolean; close: () => void; tables: Doomed[]; done: (deleted: number) => void }) {
  const queries = useQueryClient();
  const work = useWork();
  const items = tables.reduce((sum, t) => sum + t.items, 0);

  const remove = async () => {
    const failures: string[] = [];
    const deleted = await work.run("Deleting tables", async ({ signal, progress }) => {
      let n = 0;
      for (const [i, t] of tables.entries()) {
        if (signal.aborted) break;
        progress(i, tables.length);
        try {
          await clientOf(t).send(new DeleteTableCommand({ TableName: t.name }));
          n++;
        } catch (err) {
          failures.push(`${t.name} in ${t.region}: ${messageOf(err)}`);
        }
      }
      return n;
    });
    done(deleted);
    await queries.invalidateQueries({ queryKey: ["tables"] });
    if (deleted > 0) toast.success(`${plural(deleted, "table")} deleted`);
    for (const text of failures.slice(0, 5)) toast.error(text, { duration: Number.POSITIVE_INFINITY });
    if (failures.length > 5) toast.error(`${plural(failures.length - 5, "more table")} could not be deleted`, { duration: Number.POSITIVE_INFINITY });
  };

  return (
    <Confirmed
      open={open}
      close={close}
      title={`Delete ${plural(tables.length, "table")}?`}
      text={`${plural(items, "item")} will be gone, and cannot be brought back. Replicas in other regions keep theirs.`}
      name={tables.length === 1 && tables[0] ? tables[0].name : `delete ${tables.length} tables`}
      action="Delete"
      work={work}
      run={remove}
    >
      <ul className="mt-4 max-h-48 overflow-auto rounded-md border border-line" tabIndex={0} aria-label="Tables to delete">
        {tables.slice(0, listed).map((t) => (
          <li key={tableKey(t)} className="flex justify-between gap-3 border-b border-line px-3 py-1.5 last:border-0">
            <span className="truncate font-medium">{t.name}</span>
            <span className="shrink-0 text-muted">
              {t.region}, {plural(t.items, "item")}
            </span>
          </li>
        ))}
        {tables.length > listed ? <li className="px-3 py-1.5 text-muted">and {plural(tables.length - listed, "more table")}</li> : null}
      </ul>
    </Confirmed>
  );
}
