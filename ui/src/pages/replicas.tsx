import { type TableDescription, UpdateTableCommand, type UpdateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Plus, Trash2 } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { toast } from "sonner";
import { changeReplication, type Figures, figuresQuery, type Replication, type ReplicationChange, replicationQuery } from "../figures";
import { bytes, count, plural, when } from "../format";
import { readOnly } from "../given";
import { Button, IconButton } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { Choice, TextField } from "../parts/field";
import { FillingBar, Status } from "../parts/filling";
import { MenuButton } from "../parts/menu";
import { Failure } from "../parts/notice";
import { Empty, Panel } from "../parts/panel";
import { Confirmed } from "../parts/removal";
import { classes, Regions } from "../parts/table-fields";
import { clientOf, messageOf, type Place, tableQuery } from "../server";

const route = "/t/$account/$region/$table";

// A Member is the table in one of its regions.
interface Member {
  region: string;
  status: string;
  class: string;
  items?: number;
  bytes?: number;
  filling?: Figures["filling"];
}

// Replicas shows in which regions a table is, and how they keep up with each other.
export function Replicas() {
  const { account, region, table } = useParams({ from: route });
  const place = useMemo(() => ({ account, region }), [account, region]);
  const queries = useQueryClient();
  const description = useQuery(tableQuery(place, table)).data as TableDescription;
  const figures = useQuery(figuresQuery(place, table));
  const others = (description.Replicas ?? []).filter((r) => r.RegionName !== region);
  const replication = useQuery({ ...replicationQuery, enabled: others.length > 0 });
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<string>();

  // When a replica comes, goes or becomes active, the table is described anew.
  const statuses = (figures.data?.replicas ?? []).map((r) => `${r.region} ${r.status}`).join();
  useEffect(() => void queries.invalidateQueries(tableQuery(place, table)), [queries, place, table, statuses]);
  const changed = () => void Promise.all([queries.invalidateQueries(tableQuery(place, table)), queries.invalidateQueries({ queryKey: figuresQuery(place, table).queryKey }), queries.invalidateQueries({ queryKey: ["tables"] })]);

  const own: Member = { region, status: figures.data?.status ?? description.TableStatus ?? "", class: description.TableClassSummary?.TableClass ?? "STANDARD", items: figures.data?.items, bytes: figures.data?.bytes, filling: figures.data?.filling };
  const members = [
    own,
    ...others.map((r): Member => {
      const now = figures.data?.replicas?.find((f) => f.region === r.RegionName);
      return { region: r.RegionName ?? "", status: r.ReplicaStatus ?? now?.status ?? "", class: r.ReplicaTableClassSummary?.TableClass ?? own.class, items: now?.items, bytes: now?.bytes, filling: now?.filling };
    }),
  ];
  const add = readOnly ? null : (
    <Button kind="primary" onClick={() => setAdding(true)}>
      <Plus size={16} aria-hidden />
      Add a replica
    </Button>
  );
  const old = description.GlobalTableVersion === "2017.11.29";
  const strong = description.MultiRegionConsistency === "STRONG";
  const witness = description.GlobalTableWitnesses?.[0]?.RegionName;
  return (
    <div className="flex flex-col gap-4">
      <Panel title="Replicas" actions={others.length > 0 && !old && !strong ? add : null}>
        {replication.isError ? (
          <div className="mb-3">
            <Failure title="The replication cannot be looked at" message={messageOf(replication.error)}>
              <Button onClick={() => void replication.refetch()}>Try again</Button>
            </Failure>
          </div>
        ) : null}
        {old ? (
          <Empty title="This is a global table of 2017">
            <p>Its replicas are shown by DescribeGlobalTable, and changed by UpdateGlobalTable.</p>
          </Empty>
        ) : others.length === 0 ? (
          <Empty title="The table is in this region only">
            <p className="mb-4">A replica is the same table in another region: what is written in one is soon in all of them.</p>
            {add}
          </Empty>
        ) : (
          <>
            <p className="mb-3 text-muted">
              {strong ? "Strongly consistent: a write is in all regions when it is answered." : "Eventually consistent: of two writes at once the last one wins."}
              {witness ? ` Witness in ${witness}.` : ""}
            </p>
            <List place={place} table={table} members={members} replication={replication.data} remove={setRemoving} changed={changed} />
          </>
        )}
      </Panel>
      {others.length > 0 && replication.data ? <Conflicts account={account} table={table} replication={replication.data} /> : null}
      {adding ? <Add place={place} table={table} alone={others.length === 0} close={() => setAdding(false)} done={changed} /> : null}
      <Removing
        place={place}
        table={table}
        region={removing}
        with={strong ? others.flatMap((o) => o.RegionName ?? []).filter((o) => o !== removing) : []}
        witness={witness}
        close={() => setRemoving(undefined)}
        done={changed}
      />
    </div>
  );
}

const head = "px-3 py-2 text-start font-medium whitespace-nowrap";

function List({ place, table, members, replication, remove, changed }: { place: Place; table: string; members: Member[]; replication?: Replication; remove: (region: string) => void; changed: () => void }) {
  const queries = useQueryClient();
  const change = async (what: ReplicationChange) => {
    try {
      queries.setQueryData(replicationQuery.queryKey, await changeReplication(what));
    } catch (err) {
      toast.error(messageOf(err), { duration: Number.POSITIVE_INFINITY });
    }
    changed();
  };
  return (
    <div className="overflow-x-auto" role="region" aria-label="Regions of the table" tabIndex={0}>
      <table className="w-full border-collapse">
        <thead className="border-b border-line text-muted">
          <tr>
            <th className={head}>Region</th>
            <th className={head}>Status</th>
            <th className={head}>Class</th>
            <th className={`${head} text-end`}>Items</th>
            <th className={`${head} text-end`}>Size</th>
            <th className={head}>Replication</th>
            <th className={head}>
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {members.map((m) => {
            const here = m.region === place.region;
            const held = replication ? holdOf(replication, m.region) : undefined;
            return (
              <tr key={m.region} className="border-b border-line align-top last:border-0">
                <th scope="row" className="px-3 py-2 text-start font-medium whitespace-nowrap">
                  {here ? (
                    <>
                      {m.region} <span className="font-normal text-muted">(here)</span>
                    </>
                  ) : (
                    <Link to="/t/$account/$region/$table/replicas" params={{ account: place.account, region: m.region, table }} className="text-accent underline">
                      {m.region}
                    </Link>
                  )}
                </th>
                <td className="px-3 py-2 whitespace-nowrap">
                  <Status status={m.status} />
                  {m.filling ? <FillingBar what={`the replica in ${m.region}`} filling={m.filling} /> : null}
                </td>
                <td className="px-3 py-2">{classes.find(([name]) => name === m.class)?.[1] ?? m.class}</td>
                <td className="px-3 py-2 text-end tabular-nums">{m.items === undefined ? "–" : count(m.items)}</td>
                <td className="px-3 py-2 text-end whitespace-nowrap tabular-nums">{m.bytes === undefined ? "–" : bytes(m.bytes)}</td>
                <td className="px-3 py-2">
                  {held === "isolated" ? <p className="font-medium text-danger">Cut off: it neither gets nor gives changes</p> : null}
                  {held === "paused" ? <p className="font-medium text-danger">Paused: it gets no changes of others</p> : null}
                  {replication ? <Backlog account={place.account} table={table} region={m.region} replication={replication} /> : "–"}
                </td>
                <td className="px-3 py-1">
                  <span className="flex justify-end gap-1">
                    {replication && !readOnly ? (
                      <MenuButton
                        label={`Replication of ${m.region}`}
                        entries={() =>
                          held
                            ? [{ text: "Heal", hint: "all tables", do: () => void change({ heal: [m.region] }) }]
                            : [
                                { text: "Pause what it gets", hint: "all tables", do: () => void change({ pause: [m.region] }) },
                                { text: "Cut it off", hint: "all tables", do: () => void change({ isolate: [m.region] }) },
                              ]
                        }
                      >
                        Replication
                      </MenuButton>
                    ) : null}
                    {here || readOnly ? null : (
                      <IconButton label={`Remove the replica in ${m.region}`} onClick={() => remove(m.region)}>
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

function holdOf(replication: Replication, region: string): "isolated" | "paused" | undefined {
  const has = (list: string[]) => list.includes(region) || list.includes("*");
  if (has(replication.isolated)) return "isolated";
  return has(replication.paused) ? "paused" : undefined;
}

// Backlog says what is on its way to a region.
function Backlog({ account, table, region, replication }: { account: string; table: string; region: string; replication: Replication }) {
  const links = replication.links.filter((l) => l.account === account && l.table === table && l.to === region && l.backlog > 0);
  if (links.length === 0) return <span className="text-muted">Up to date</span>;
  return links.map((l) => (
    <p key={l.from}>
      {plural(l.backlog, "change")} from {l.from} {l.held ? "held up" : "on the way"}
      {l.oldest ? <span className="text-muted">, the first of {when(l.oldest)}</span> : null}
    </p>
  ));
}

const shownConflicts = 50;

function Conflicts({ account, table, replication }: { account: string; table: string; replication: Replication }) {
  const all = replication.conflicts.filter((c) => c.account === account && c.table === table);
  return (
    <Panel title="Conflicts of the last day">
      {all.length === 0 ? (
        <p className="text-muted">There are none: no item was written in two regions at once.</p>
      ) : (
        <div className="max-h-96 overflow-auto" role="region" aria-label="Conflicts" tabIndex={0}>
          <table className="w-full border-collapse">
            <thead className="border-b border-line text-muted">
              <tr>
                <th className={head}>Key</th>
                <th className={head}>Won</th>
                <th className={head}>Lost</th>
              </tr>
            </thead>
            <tbody>
              {all.slice(0, shownConflicts).map((c) => (
                <tr key={`${JSON.stringify(c.key)} ${c.winner.time} ${c.loser.time} ${c.loser.region}`} className="border-b border-line align-top last:border-0">
                  <th scope="row" className="px-3 py-1.5 text-start font-mono text-[13px] font-normal break-all">
                    {JSON.stringify(c.key)}
                  </th>
                  {[c.winner, c.loser].map((side, i) => (
                    <td key={i} className="px-3 py-1.5 whitespace-nowrap">
                      {side.region} {side.deleted ? "(deleted) " : ""}
                      <span className="text-muted">{when(side.time)}</span>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          {all.length > shownConflicts ? <p className="px-3 py-1.5 text-muted">and {count(all.length - shownConflicts)} more</p> : null}
        </div>
      )}
    </Panel>
  );
}

async function update(place: Place, table: string, change: Omit<UpdateTableCommandInput, "TableName">): Promise<void> {
  await clientOf(place).send(new UpdateTableCommand({ TableName: table, ...change }));
}

const consistencies: [string, string][] = [
  ["", "Eventual: of two writes at once the last one wins"],
  ["STRONG", "Strong: a write is in all regions when it is answered"],
];

const thirds: [string, string][] = [
  ["replica", "A replica"],
  ["witness", "A witness, which has no items"],
];

// Add asks for a region, or for the two others that strong consistency takes.
function Add({ place, table, alone, close, done }: { place: Place; table: string; alone: boolean; close: () => void; done: () => void }) {
  const [region, setRegion] = useState("");
  const [tableClass, setTableClass] = useState("");
  const [consistency, setConsistency] = useState("");
  const [other, setOther] = useState("");
  const [third, setThird] = useState("replica");
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const strong = consistency === "STRONG";
  const change = (): Omit<UpdateTableCommandInput, "TableName"> => {
    if (!strong) return { ReplicaUpdates: [{ Create: { RegionName: region, ...(tableClass === "" ? {} : { TableClassOverride: tableClass as "STANDARD" }) } }] };
    const [replicas, witnesses] = third === "witness" ? [[region], [other]] : [[region, other], []];
    return {
      MultiRegionConsistency: "STRONG",
      ReplicaUpdates: replicas.map((RegionName) => ({ Create: { RegionName } })),
      ...(witnesses.length > 0 ? { GlobalTableWitnessUpdates: witnesses.map((RegionName) => ({ Create: { RegionName } })) } : {}),
    };
  };
  const add = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await update(place, table, change());
      toast.success(strong ? `The table is made strongly consistent with ${region} and ${other}` : `A replica is being made in ${region}`);
      done();
      close();
    } catch (err) {
      setFailure(messageOf(err));
      setBusy(false);
    }
  };
  return (
    <Dialog open close={close} title="Add a replica" text="It gets the items of this table, and then every change. If the table has no stream, it gets one.">
      {failure ? <Failure title="The replica was not added" message={failure} /> : null}
      <form
        className="mt-2 flex flex-col gap-3"
        onSubmit={(e) => {
          e.preventDefault();
          void add();
        }}
      >
        {alone ? (
          <Choice
            label="Consistency"
            value={consistency}
            onChange={(e) => setConsistency(e.target.value)}
            options={consistencies}
            hint={strong ? "It is for three regions, and for an empty table without local indexes and time to live. Transactions are refused, and it cannot be changed later but by removing all others at once." : undefined}
          />
        ) : null}
        <TextField label="Region" required value={region} onChange={(e) => setRegion(e.target.value)} list="replica-regions" />
        {strong ? (
          <>
            <TextField label="Third region" required value={other} onChange={(e) => setOther(e.target.value)} list="replica-regions" />
            <Choice label="What the third region has" value={third} onChange={(e) => setThird(e.target.value)} options={thirds} />
          </>
        ) : (
          <Choice label="Table class" value={tableClass} onChange={(e) => setTableClass(e.target.value)} options={[["", "As this table"], ...classes]} />
        )}
        <Regions id="replica-regions" />
        <div className="mt-2 flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy}>
            {busy ? "Adding…" : strong ? "Add both" : "Add the replica"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

// Removing removes a replica; with strong consistency all others go at once.
function Removing({ place, table, region, with: others, witness, close, done }: { place: Place; table: string; region?: string; with: string[]; witness?: string; close: () => void; done: () => void }) {
  const also = [...others, ...(witness ? [`the witness in ${witness}`] : [])];
  const remove = async () => {
    try {
      await update(place, table, {
        ReplicaUpdates: [region ?? "", ...others].map((RegionName) => ({ Delete: { RegionName } })),
        ...(witness ? { GlobalTableWitnessUpdates: [{ Delete: { RegionName: witness } }] } : {}),
      });
      toast.success(also.length > 0 ? `The table is in ${place.region} only` : `The replica in ${region} is removed`);
    } catch (err) {
      toast.error(messageOf(err), { duration: Number.POSITIVE_INFINITY });
    }
    done();
  };
  return (
    <Confirmed
      open={region !== undefined}
      close={close}
      title={`Remove the replica in ${region ?? ""}?`}
      text={`The table is deleted there, with what has not yet reached other regions. It stays in ${place.region}.${also.length > 0 ? ` With strong consistency all others go with it: ${also.join(", ")}.` : ""}`}
      name={region ?? ""}
      action="Remove the replica"
      run={remove}
    />
  );
}
