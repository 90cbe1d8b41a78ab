import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Target } from "../model/save";
import { clientOf, type Place, tableQuery } from "../server";

// useTarget says where a table's items are written, and how.
export function useTarget(place: Place, table: string, keys: readonly string[]): Target {
  const strong = useQuery(tableQuery(place, table)).data?.MultiRegionConsistency === "STRONG";
  return useMemo(() => ({ client: clientOf(place), table, keys, strong }), [place, table, keys, strong]);
}
