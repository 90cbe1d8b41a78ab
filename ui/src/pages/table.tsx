import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { readOnly } from "../given";
import { useKey } from "../keys";
import { Button, buttonClass } from "../parts/button";
import { Failure, Gone } from "../parts/notice";
import { Empty, Skeleton } from "../parts/panel";
import { isGone, messageOf, tableQuery } from "../server";
import { pages } from "../shell/at";

const tab = "border-b-2 border-transparent px-3 py-2 font-medium text-muted hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink";

// What is said of a table that cannot be read or written for a while.
const changing: Record<string, string> = { CREATING: "The table is being created", DELETING: "The table is being deleted" };

// Table is what stands around all pages of one table.
export function Table() {
  const { account, region, table } = useParams({ from: "/t/$account/$region/$table" });
  const description = useQuery({ ...tableQuery({ account, region }, table), refetchInterval: ({ state }) => (changing[state.data?.TableStatus ?? ""] ? 1000 : 5000) });
  const change = changing[description.data?.TableStatus ?? ""];
  const params = { account, region, table };
  const navigate = useNavigate();
  useKey("n", "New item", () => void navigate({ to: "/t/$account/$region/$table/item", params, search: { new: true } }), { scope: "A table", enabled: !readOnly });
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h1 className="min-w-0 text-xl font-semibold break-all">{table}</h1>
        <span className="text-muted">
          {region}
          {account === "000000000000" ? "" : `, account ${account}`}
        </span>
        <span className="flex-1" />
        {description.data && !change && !readOnly ? (
          <Link to="/t/$account/$region/$table/item" params={params} search={{ new: true }} className={buttonClass()} aria-keyshortcuts="n">
            <Plus size={16} aria-hidden />
            New item
          </Link>
        ) : null}
      </div>
      <nav aria-label="Pages of the table" className="mt-2 mb-4 flex gap-1 overflow-x-auto border-b border-line">
        {pages.map((p) => (
          <Link key={p.path} to={`/t/$account/$region/$table${p.path && `/${p.path}`}` as "/t/$account/$region/$table"} params={params} activeOptions={{ exact: p.path === "", includeSearch: false }} className={tab}>
            {p.name}
          </Link>
        ))}
      </nav>
      {description.isError && isGone(description.error) ? (
        <Gone what={`The table ${table} is not there in ${region}`} message={messageOf(description.error)}>
          <Link to="/" className={buttonClass()}>
            All tables
          </Link>
          {readOnly ? null : (
            <Link to="/create" search={{ account, region }} className={buttonClass("primary")}>
              Create it
            </Link>
          )}
        </Gone>
      ) : description.isError && !description.data ? (
        <Failure title="The table cannot be described" message={messageOf(description.error)}>
          <Button onClick={() => void description.refetch()}>Try again</Button>
        </Failure>
      ) : change ? (
        <div role="status">
          <Empty title={`${change}…`}>{description.data?.TableStatus === "CREATING" ? "It shows up here as soon as it is active." : "Then it is gone."}</Empty>
        </div>
      ) : description.data ? (
        // What is typed on one table's page is nothing to another's.
        <Outlet key={`${account}/${region}/${table}`} />
      ) : (
        <Skeleton />
      )}
    </div>
  );
}
