import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, ChevronDown } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { tablesQuery } from "../server";
import { useAt, useGo } from "./at";
import { replicaAt } from "./place";
import { placesOf } from "./tables";

// Crumbs tell where the page is, and lead to what it is in.
export function Crumbs() {
  const at = useAt();
  if (!at.table && !at.title) return null;
  const parts = at.table
    ? [
        <Region key="region" />,
        at.page?.path ? (
          <Link key="table" to="/t/$account/$region/$table" params={{ account: at.table.account, region: at.table.region, table: at.table.name }} className="truncate hover:text-ink hover:underline">
            {at.table.name}
          </Link>
        ) : (
          <span key="table" className="truncate">
            {at.table.name}
          </span>
        ),
        at.page?.name,
      ]
    : [at.place?.region, at.title];
  return (
    <nav aria-label="Where this is" className="hidden min-w-0 sm:block">
      <ol className="flex min-w-0 items-center gap-2 text-muted">
        {parts.filter(Boolean).map((part, i) => (
          <li key={i} className="flex min-w-0 items-center gap-2 last:text-ink">
            <span aria-hidden>/</span>
            {part}
          </li>
        ))}
      </ol>
    </nav>
  );
}

// Region is where the table is; of one with replicas it leads to the others.
function Region() {
  const { table, page } = useAt();
  const tables = useQuery(tablesQuery);
  const go = useGo();
  if (!table) return null;
  const list = tables.data ?? [];
  const others = placesOf(list).filter((p) => p.region !== table.region && replicaAt(list, table, p));
  if (others.length === 0) return <span className="whitespace-nowrap">{table.region}</span>;
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger aria-label={`${table.region}. The same table elsewhere`} className="flex cursor-pointer items-center gap-1 rounded whitespace-nowrap hover:text-ink">
        {table.region}
        <ChevronDown size={14} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="start" sideOffset={4} className="z-20 min-w-40 rounded-md border border-line bg-panel p-1 shadow-lg">
          {[table, ...others].map((p) => (
            <DropdownMenu.Item
              key={p.region}
              onSelect={() => go({ ...table, region: p.region }, page?.path === "item" ? "" : page?.path)}
              className="flex cursor-pointer items-center gap-2 rounded px-3 py-1.5 outline-none data-[highlighted]:bg-raised"
            >
              <span className="flex-1">{p.region}</span>
              {p.region === table.region ? <Check size={14} aria-label="shown" /> : null}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
