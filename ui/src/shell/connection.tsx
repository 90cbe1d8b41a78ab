import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Unplug } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "../parts/button";
import { isSilent, messageOf, tablesQuery } from "../server";

// Connection asks for the tables from time to time, for all pages, and tells when
// there is no answer.
export function Connection() {
  const tables = useQuery({ ...tablesQuery, refetchInterval: (query) => (isSilent(query.state.error) ? 2000 : 5000) });
  const queries = useQueryClient();
  const lost = isSilent(tables.error);
  const before = useRef(lost);
  useEffect(() => {
    // What failed in the meantime is asked for again.
    if (before.current && !lost) void queries.refetchQueries({ type: "active", predicate: (query) => query.state.status === "error" });
    before.current = lost;
  }, [lost, queries]);
  if (!lost) return null;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 border-b border-danger bg-panel px-4 py-2">
      <Unplug size={16} className="shrink-0 text-danger" aria-hidden />
      <p className="min-w-0 flex-1">
        <strong className="font-semibold">{messageOf(tables.error)}</strong> What you see is from before. It is asked again every two seconds.
      </p>
      <Button onClick={() => void tables.refetch()}>Try again</Button>
    </div>
  );
}
