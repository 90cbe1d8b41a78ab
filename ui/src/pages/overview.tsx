import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, Database, Plus, RefreshCw, Upload } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { lazy, type ReactNode, Suspense, useMemo, useRef, useState } from "react";
import { toast } from "sonner";
import { bytes, count, plural, when } from "../format";
import { readOnly } from "../given";
import { useKey } from "../keys";
import { Button, buttonClass } from "../parts/button";
import { Snippet } from "../parts/copy";
import { Choice, TextField } from "../parts/field";
import { Failure, ReadOnly } from "../parts/notice";
import { Removal } from "../parts/removal";
import { Skeleton } from "../parts/panel";
import { clientOf, defaultPlace, isSilent, type ListedTable, messageOf, tableKey, tablesQuery } from "../server";

// Neither is needed to show the tables.
const Below = lazy(() => import("../overview/below"));
const Load = lazy(() => import("../overview/load"));

const all = "all";

// Overview shows the tables of all accounts and regions.
export function Overview() {
  const tables = useQuery(tablesQuery);
  const [filter, setFilter] = useState("");
  const [region, setRegion] = useState(all);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const search = useRef<HTMLInputElement>(null);
  useKey("/", "Filter the tables", () => search.current?.focus());

  const list = tables.data ?? [];
  const several = new Set(list.map((t) => t.account)).size > 1;
  const regions = useMemo(() => countedRegions(list), [list]);
  const shown = list.filter((t) => (region === all || t.region === region) && t.name.toLowerCase().includes(filter.trim().toLowerCase()));
  const chosen = shown.filter((t) => selected.has(tableKey(t)));

  const toggle = (keys: string[], on: boolean) => {
    const now = new Set(selected);
    for (const key of keys) {
      if (on) now.add(key);
      else now.delete(key);
    }
    setSelected(now);
  };

  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="text-xl font-semibold">Tables</h1>
        <p className="text-muted" aria-live="polite">
          {tables.data ? summary(shown) : "Loading…"}
        </p>
        <span className="flex-1" />
        <Button onClick={() => void tables.refetch()} aria-label="Refresh">
          <RefreshCw size={16} aria-hidden />
        </Button>
        {readOnly ? null : (
          <>
            <Actions chosen={chosen} done={() => setSelected(new Set())} />
            <Link to="/create" className={buttonClass("primary")}>
              <Plus size={16} aria-hidden />
              Create table
            </Link>
          </>
        )}
      </div>

      {tables.isError && !isSilent(tables.error) ? (
        <div className="mt-4">
          <Failure title="The tables cannot be listed" message={messageOf(tables.error)}>
            <Button onClick={() => void tables.refetch()}>Try again</Button>
          </Failure>
        </div>
      ) : null}

      {tables.isPending ? <Skeleton label="The tables are being listed" /> : null}
      {tables.data && list.length === 0 ? readOnly ? <ReadOnly what="There are no tables yet" /> : <NoTables /> : null}

      {list.length > 0 ? (
        <>
          <div className="mt-4 flex flex-col gap-3 sm:flex-row">
            <TextField hidden label="Filter by name" placeholder="Filter by name  ( / )" value={filter} onChange={(e) => setFilter(e.target.value)} ref={search} type="search" />
            <div className="sm:w-64">
              <Choice hidden label="Region" value={region} onChange={(e) => setRegion(e.target.value)} options={[[all, `All regions (${list.length})`], ...regions]} />
            </div>
          </div>
          <Grid tables={shown} accounts={several} selected={selected} toggle={toggle} />
          <Suspense>
            <Below tables={list} />
          </Suspense>
        </>
      ) : null}
    </>
  );
}

function summary(tables: ListedTable[]): string {
  const items = tables.reduce((sum, t) => sum + t.items, 0);
  const size = tables.reduce((sum, t) => sum + t.bytes, 0);
  return `${plural(tables.length, "table")}, ${plural(items, "item")}, ${bytes(size)}`;
}

function countedRegions(list: ListedTable[]): [string, string][] {
  const counts = new Map<string, number>();
  for (const t of list) {
    counts.set(t.region, (counts.get(t.region) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([region, n]) => [region, `${region} (${n})`]);
}

const rowHeight = 37; // pixels
const wide = { account: "9.5rem", region: "8rem", status: "7rem", items: "6rem", size: "6.5rem", capacity: "7.5rem", indexes: "5.5rem", stream: "8rem", timeToLive: "8rem", replicas: "9rem", written: "12.5rem", created: "12.5rem" };
const head = "px-3 py-2 text-start font-medium whitespace-nowrap";
const cell = "truncate px-3 py-2";

// Grid shows tables, however many: only the rows in sight are there. So columns
// have widths, and rows have one height.
function Grid({ tables, accounts, selected, toggle }: { tables: ListedTable[]; accounts: boolean; selected: ReadonlySet<string>; toggle: (keys: string[], on: boolean) => void }) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: tables.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 10 });
  const keys = tables.map(tableKey);
  const every = keys.length > 0 && keys.every((k) => selected.has(k));
  if (tables.length === 0) {
    return <p className="mt-10 text-center text-muted">No table has such a name here.</p>;
  }
  const inSight = rows.getVirtualItems();
  const above = inSight[0]?.start ?? 0;
  const below = rows.getTotalSize() - (inSight.at(-1)?.end ?? 0);
  return (
    <div ref={scroller} className="mt-4 max-h-[max(16rem,calc(100dvh-15rem))] overflow-auto [overflow-anchor:none] rounded-md border border-line bg-panel" tabIndex={0} role="region" aria-label="Tables">
      <table className={`w-full table-fixed border-collapse ${accounts ? "min-w-[116rem]" : "min-w-[106rem]"}`} aria-rowcount={tables.length + 1}>
        <colgroup>
          <col className="w-10" />
          <col />
          {Object.entries(wide).map(([name, width]) => (name !== "account" || accounts ? <col key={name} style={{ width }} /> : null))}
        </colgroup>
        <thead className="sticky top-0 z-10 bg-panel text-muted shadow-[inset_0_-1px_0_var(--line)]">
          <tr aria-rowindex={1}>
            <th className="px-3 py-2">
              <input type="checkbox" className="block size-4 accent-accent" aria-label="Select all tables that are shown" checked={every} onChange={(e) => toggle(keys, e.target.checked)} />
            </th>
            <th className={head}>Name</th>
            {accounts ? <th className={head}>Account</th> : null}
            <th className={head}>Region</th>
            <th className={head}>Status</th>
            <th className={`${head} text-end`}>Items</th>
            <th className={`${head} text-end`}>Size</th>
            <th className={head}>Capacity</th>
            <th className={`${head} text-end`}>Indexes</th>
            <th className={head}>Stream</th>
            <th className={head}>Time to live</th>
            <th className={head}>Replicas</th>
            <th className={head} title="Since the server began">
              Last write
            </th>
            <th className={head}>Created</th>
          </tr>
        </thead>
        <tbody>
          {above > 0 ? <tr aria-hidden style={{ height: above }} /> : null}
          {inSight.map(({ index }) => {
            const t = tables[index];
            return t ? <Row key={tableKey(t)} index={index} t={t} accounts={accounts} selected={selected.has(tableKey(t))} toggle={(on) => toggle([tableKey(t)], on)} /> : null;
          })}
          {below > 0 ? <tr aria-hidden style={{ height: below }} /> : null}
        </tbody>
      </table>
    </div>
  );
}

function Row({ index, t, accounts, selected, toggle }: { index: number; t: ListedTable; accounts: boolean; selected: boolean; toggle: (on: boolean) => void }) {
  const replicas = t.replicas?.join(", ");
  return (
    <tr aria-rowindex={index + 2} style={{ height: rowHeight }} className="border-b border-line hover:bg-raised">
      <td className="px-3 py-2">
        <input type="checkbox" className="block size-4 accent-accent" aria-label={`Select ${t.name} in ${t.region}`} checked={selected} onChange={(e) => toggle(e.target.checked)} />
      </td>
      <td className={`${cell} font-medium`} title={t.name}>
        <Link to="/t/$account/$region/$table" params={{ account: t.account, region: t.region, table: t.name }} className="block truncate text-accent hover:underline">
          {t.name}
        </Link>
      </td>
      {accounts ? <td className={`${cell} font-mono`}>{t.account}</td> : null}
      <td className={cell}>{t.region}</td>
      <td className={cell}>
        <Status status={t.status} />
      </td>
      <td className={`${cell} text-end tabular-nums`}>{count(t.items)}</td>
      <td className={`${cell} text-end tabular-nums`}>{bytes(t.bytes)}</td>
      <td className={cell}>{t.billingMode === "PROVISIONED" ? "Provisioned" : "On demand"}</td>
      <td className={`${cell} text-end tabular-nums`}>{t.globalIndexes + t.localIndexes || <None />}</td>
      <td className={cell}>{t.stream ? t.stream.toLowerCase().replaceAll("_", " ").replace(" images", "") : <None />}</td>
      <td className={`${cell} font-mono`} title={t.timeToLive}>
        {t.timeToLive ?? <None />}
      </td>
      <td className={cell} title={replicas}>
        {replicas ?? <None />}
      </td>
      <td className={cell}>{t.lastWrite ? when(t.lastWrite) : <None />}</td>
      <td className={cell}>{when(t.created)}</td>
    </tr>
  );
}

function None() {
  return <span className="text-muted">–</span>;
}

function Status({ status }: { status: string }) {
  const active = status === "ACTIVE";
  return (
    <span className="inline-flex items-center gap-1.5">
      <span className={`size-2 rounded-full ${active ? "bg-good" : "bg-muted"}`} aria-hidden />
      {status.charAt(0) + status.slice(1).toLowerCase()}
    </span>
  );
}

// Actions are what can be done with the tables that are selected.
function Actions({ chosen, done }: { chosen: ListedTable[]; done: () => void }) {
  const [asking, setAsking] = useState(false);
  const [loading, setLoading] = useState(false);
  return (
    <>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger asChild>
          <Button>
            Actions
            <ChevronDown size={16} aria-hidden />
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="end" sideOffset={4} className="z-20 min-w-48 rounded-md border border-line bg-panel p-1 shadow-lg">
            <DropdownMenu.Item onSelect={() => setLoading(true)} className="cursor-pointer rounded px-3 py-1.5 outline-none data-[highlighted]:bg-raised">
              Create from a file…
            </DropdownMenu.Item>
            <DropdownMenu.Item
              disabled={chosen.length === 0}
              onSelect={() => setAsking(true)}
              className="cursor-pointer rounded px-3 py-1.5 text-danger outline-none data-[disabled]:cursor-default data-[disabled]:text-muted data-[highlighted]:bg-raised"
            >
              Remove Selected{chosen.length > 0 ? ` (${chosen.length})` : ""}
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <Suspense>{loading ? <Load close={() => setLoading(false)} /> : null}</Suspense>
      <Removal open={asking} close={() => setAsking(false)} tables={chosen} done={done} />
    </>
  );
}

function NoTables() {
  const endpoint = window.location.origin;
  const [loading, setLoading] = useState(false);
  return (
    <div className="mx-auto mt-8 max-w-3xl rounded-lg border border-line bg-panel p-6 sm:p-8">
      <h2 className="text-lg font-semibold">There are no tables yet</h2>
      <p className="mt-1 text-muted">Tables of all accounts and regions show up here, whoever makes them. Five ways to begin:</p>
      <Way title="With a form">
        <Link to="/create" className={buttonClass("primary")}>
          <Plus size={16} aria-hidden />
          Create table
        </Link>
      </Way>
      <Way title="With tables that are described already">
        <div className="flex flex-wrap items-center gap-3">
          <Button onClick={() => setLoading(true)}>
            <Upload size={16} aria-hidden />
            Create from a file…
          </Button>
          <span className="text-muted">CloudFormation or SAM, NoSQL Workbench, Terraform’s state, or what describe-table says.</span>
        </div>
        <Suspense>{loading ? <Load close={() => setLoading(false)} /> : null}</Suspense>
      </Way>
      <Way title="With data to look at">
        <Demo />
      </Way>
      <Way title="With the AWS CLI, any credentials will do">
        <Snippet
          label="command"
          text={`AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test aws dynamodb create-table --endpoint-url ${endpoint} --region us-east-1 --table-name music --key-schema AttributeName=artist,KeyType=HASH --attribute-definitions AttributeName=artist,AttributeType=S --billing-mode PAY_PER_REQUEST`}
        />
      </Way>
      <Way title="With your program">
        <Snippet label="variables" text={`export AWS_ENDPOINT_URL=${endpoint}\nexport AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1`} />
      </Way>
    </div>
  );
}

// Demo makes a table with what there is to see.
function Demo() {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const load = async () => {
    setBusy(true);
    const id = toast.loading("Loading demo data…");
    try {
      const { demoTable, loadDemo } = await import("../demo");
      const written = await loadDemo(clientOf(defaultPlace), (n, of) => toast.loading(`Demo data: ${count(n)} of ${plural(of, "item")}`, { id }));
      toast.success(`Table ${demoTable.TableName} created in ${defaultPlace.region}, with ${plural(written, "item")}`, { id });
    } catch (err) {
      toast.error("The demo data was not loaded", { id, description: messageOf(err) });
      setBusy(false);
    }
    await queries.invalidateQueries({ queryKey: ["tables"] });
  };
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button onClick={() => void load()} disabled={busy}>
        <Database size={16} aria-hidden />
        Load demo data
      </Button>
      <span className="text-muted">A shop in one table, with an index, a stream, a time to live, and values of all types.</span>
    </div>
  );
}

function Way({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mt-6">
      <h3 className="mb-2 font-medium">{title}</h3>
      {children}
    </section>
  );
}
