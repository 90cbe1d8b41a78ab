import { type TableDescription, UpdateTableCommand, type UpdateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Plus, Search, Trash2 } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { toast } from "sonner";
import { stepsOf } from "../definition/changes";
import { wantedOf } from "../definition/described";
import { emptyIndex, formOf, type IndexForm } from "../definition/form";
import { type Figures, figuresQuery, type IndexFigures, writeUnits } from "../figures";
import { bytes, count, plural, when } from "../format";
import { readOnly } from "../given";
import { type History, pastQuery, readsOf } from "../live/usage";
import { type Source, sourcesOf } from "../model/table";
import { Button, buttonClass, IconButton } from "../parts/button";
import { Snippet } from "../parts/copy";
import { CancelWarning, Dialog, Warning } from "../parts/dialog";
import { FillingBar, Status } from "../parts/filling";
import { Failure } from "../parts/notice";
import { Empty, Panel, Skeleton } from "../parts/panel";
import { IndexFields } from "../parts/table-fields";
import { clientOf, messageOf, type Place, tableQuery } from "../server";

const route = "/t/$account/$region/$table";

// Indexes shows what a table can be queried by, and adds and drops global indexes.
export function Indexes() {
  const { account, region, table } = useParams({ from: route });
  const place = useMemo(() => ({ account, region }), [account, region]);
  const queries = useQueryClient();
  const description = useQuery(tableQuery(place, table)).data as TableDescription;
  const figures = useQuery(figuresQuery(place, table));
  const hour = useQuery(pastQuery({ ...place, table }, 60)).data;
  const [adding, setAdding] = useState(false);
  const [dropping, setDropping] = useState<Source>();
  const indexes = useMemo(() => sourcesOf(description).slice(1), [description]);

  // When an index comes, goes or becomes active, the table is described anew.
  const statuses = (figures.data?.indexes ?? []).map((ix) => `${ix.index} ${ix.status}`).join();
  useEffect(() => void queries.invalidateQueries(tableQuery(place, table)), [queries, place, table, statuses]);
  const changed = () => void Promise.all([queries.invalidateQueries(tableQuery(place, table)), queries.invalidateQueries({ queryKey: figuresQuery(place, table).queryKey }), queries.invalidateQueries({ queryKey: ["tables"] })]);

  const add = readOnly ? null : (
    <Button kind="primary" onClick={() => setAdding(true)}>
      <Plus size={16} aria-hidden />
      Add an index
    </Button>
  );
  return (
    <>
      <Panel title="Indexes" actions={indexes.length > 0 ? add : null}>
        {figures.isError && !figures.data ? (
          <div className="mb-3">
            <Failure title="Figures of the indexes cannot be read" message={messageOf(figures.error)}>
              <Button onClick={() => void figures.refetch()}>Try again</Button>
            </Failure>
          </div>
        ) : null}
        {figures.isPending ? <Skeleton rows={3} /> : null}
        {figures.isPending ? null : indexes.length === 0 ? (
          <Empty title="There are no indexes">
            <p className="mb-4">An index keeps the items by another key, so that they can be queried by it instead of being scanned for.</p>
            {add}
          </Empty>
        ) : (
          <List place={place} table={table} indexes={indexes} figures={figures.data} hour={hour} drop={setDropping} />
        )}
      </Panel>
      {adding ? <Add place={place} table={description} close={() => setAdding(false)} done={changed} /> : null}
      <Drop place={place} table={table} index={dropping} close={() => setDropping(undefined)} done={changed} />
    </>
  );
}

const head = "px-3 py-2 text-start font-medium whitespace-nowrap";

function List({ place, table, indexes, figures, hour, drop }: { place: Place; table: string; indexes: Source[]; figures?: Figures; hour?: History; drop: (ix: Source) => void }) {
  const byName = new Map((figures?.indexes ?? []).map((ix) => [ix.index, ix]));
  return (
    <div className="overflow-x-auto" role="region" aria-label="Indexes of the table" tabIndex={0}>
      <table className="w-full border-collapse">
        <thead className="border-b border-line text-muted">
          <tr>
            <th className={head}>Name</th>
            <th className={head}>Key</th>
            <th className={head}>Attributes</th>
            <th className={head}>Status</th>
            <th className={`${head} text-end`}>Items</th>
            <th className={`${head} text-end`}>Size</th>
            <th className={head}>Use</th>
            <th className={head}>
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {indexes.map((ix) => {
            const now = byName.get(ix.index ?? "");
            return (
              <tr key={ix.index} className="border-b border-line align-top last:border-0">
                <th scope="row" className="min-w-36 px-3 py-2 text-start font-medium break-all">
                  {ix.index}
                  <span className="block font-normal text-muted">{ix.local ? "local" : "global"}</span>
                </th>
                <td className="px-3 py-2">
                  <Attributes kind="" of={ix.hash} />
                  <Attributes kind="sorted by " of={ix.range} />
                </td>
                <td className="max-w-60 px-3 py-2 break-words">
                  {projectionText(ix)}
                  {now ? <Overprojected source={ix} index={now} /> : null}
                </td>
                <td className="px-3 py-2 whitespace-nowrap">
                  <Status status={now?.status ?? ix.status} />
                  {now?.filling ? <FillingBar what={`the index ${ix.index}`} filling={now.filling} /> : null}
                </td>
                <td className="px-3 py-2 text-end tabular-nums">{count(now?.items ?? ix.items)}</td>
                <td className="px-3 py-2 text-end whitespace-nowrap tabular-nums">{now ? bytes(now.bytes) : "–"}</td>
                <td className="px-3 py-2">{now && figures ? <Use index={now} since={figures.since} hour={hour} /> : "–"}</td>
                <td className="px-3 py-1">
                  <span className="flex justify-end gap-1">
                    <Link to={route} params={{ ...place, table }} search={{ index: ix.index }} className={buttonClass()} aria-label={`Query ${ix.index}`}>
                      <Search size={16} aria-hidden />
                      Query
                    </Link>
                    {ix.local || readOnly ? null : (
                      <IconButton label={`Drop the index ${ix.index}`} onClick={() => drop(ix)}>
                        <Trash2 size={16} aria-hidden />
                      </IconButton>
                    )}
                  </span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Attributes({ kind, of }: { kind: string; of: Source["hash"] }) {
  if (of.length === 0) return null;
  return (
    <span className="block">
      {kind}
      {of.map((a, i) => (
        <span key={a.name}>
          {i > 0 ? ", " : ""}
          <span className="font-mono text-[13px]">{a.name}</span> <span className="text-muted">{a.type}</span>
        </span>
      ))}
    </span>
  );
}

function projectionText({ projected, hash, range }: Source): string {
  if (!projected) return "all";
  const keys = [...hash, ...range].map((a) => a.name);
  const more = [...projected].filter((name) => !keys.includes(name));
  return `keys${more.length > 0 ? `, ${more.join(", ")}` : " only"}`;
}

// Overprojected says what an index that has all attributes costs, if fewer would cost less.
// Which ones queries need only their authors know.
function Overprojected({ source, index }: { source: Source; index: IndexFigures }) {
  const units = writeUnits(index);
  if (source.projected || units < 2) return null;
  return (
    <span className="block text-muted">
      An item takes {bytes(index.bytes / index.items)} here, so each write of one takes {count(units)} more units. With only the attributes that queries need it takes less.
    </span>
  );
}

// Use says what is known of who reads an index: what was read since the server began.
function Use({ index, since, hour }: { index: IndexFigures; since: string; hour?: History }) {
  if (index.reads === 0) {
    return <span className="text-muted">Unused: nothing has read it since {when(since)}</span>;
  }
  return (
    <>
      {plural(index.reads, "read")} since {when(since)}
      {hour && Date.now() - Date.parse(since) > 3_600_000 ? `, ${count(readsOf(hour, index.index))} in the last hour` : ""}
      {index.lastRead ? <span className="block text-muted">last {when(index.lastRead)}</span> : null}
    </>
  );
}

function Add({ place, table, close, done }: { place: Place; table: TableDescription; close: () => void; done: () => void }) {
  const base = useMemo(() => formOf(wantedOf(table).definition), [table]);
  const [index, setIndex] = useState<IndexForm>(() => emptyIndex(false));
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const step = stepsOf(table.TableArn ?? "", { form: base, timeToLive: "" }, { form: { ...base, indexes: [...base.indexes, index] }, timeToLive: "" }).at(-1);

  const add = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await clientOf(place).send(new UpdateTableCommand(step?.input as UpdateTableCommandInput));
      toast.success(`The index ${index.name} is being added`);
      done();
      close();
    } catch (err) {
      setFailure(messageOf(err));
      setBusy(false);
    }
  };
  return (
    <Dialog open close={close} wide title="Add a global index" text="It is filled with the items of before while the table goes on being read and written.">
      {failure ? <Failure title="The index was not added" message={failure} /> : null}
      <form
        className="mt-2 grid gap-6 md:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]"
        onSubmit={(e) => {
          e.preventDefault();
          void add();
        }}
      >
        <div className="flex min-w-0 flex-col gap-3">
          <IndexFields index={index} billing={base.billing} set={(change) => setIndex({ ...index, ...change })} />
          <div className="mt-2 flex gap-2">
            <Button kind="primary" type="submit" disabled={busy}>
              {busy ? "Adding…" : "Add the index"}
            </Button>
            <Button onClick={close}>Cancel</Button>
          </div>
        </div>
        <div className="min-w-0">
          <h3 className="mb-2 font-medium">UpdateTable</h3>
          <Snippet label="request" text={JSON.stringify(step?.input, null, 2)} />
        </div>
      </form>
    </Dialog>
  );
}

function Drop({ place, table, index, close, done }: { place: Place; table: string; index?: Source; close: () => void; done: () => void }) {
  const drop = async () => {
    close();
    try {
      await clientOf(place).send(new UpdateTableCommand({ TableName: table, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: index?.index } }] }));
      toast.success(`The index ${index?.index} is dropped`);
    } catch (err) {
      toast.error(messageOf(err), { duration: Number.POSITIVE_INFINITY });
    }
    done();
  };
  return (
    <Warning open={index !== undefined} close={close} title={`Drop the index ${index?.index ?? ""}?`} text="What queries it will fail. No items are lost: it can be added again, and filled from the table.">
      <div className="mt-5 flex justify-end gap-2">
        <CancelWarning />
        <Button kind="danger" onClick={() => void drop()}>
          Drop the index
        </Button>
      </div>
    </Warning>
  );
}
