import { ScanCommand, type TableDescription } from "@aws-sdk/client-dynamodb";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { plural } from "../format";
import { keyNames, sourcesOf } from "../model/table";
import { identity, type Item, itemOf } from "../model/value";
import { Button } from "../parts/button";
import { Grid } from "../parts/grid";
import { Inspector } from "../parts/inspector";
import { Failure } from "../parts/notice";
import { Empty, Skeleton } from "../parts/panel";
import { clientOf, messageOf, tableQuery } from "../server";

// Items shows what is in a table.
export function Items() {
  const { account, region, table } = useParams({ from: "/t/$account/$region/$table" });
  const place = { account, region };
  const description = useQuery(tableQuery(place, table)).data as TableDescription;
  const keys = sourcesOf(description).slice(0, 1).flatMap(keyNames);
  const [open, setOpen] = useState<string>();

  const pages = useInfiniteQuery({
    queryKey: ["items", account, region, table],
    queryFn: ({ pageParam, signal }) => clientOf(place).send(new ScanCommand({ TableName: table, Limit: 100, ExclusiveStartKey: pageParam }), { abortSignal: signal }),
    initialPageParam: undefined as Item | undefined,
    getNextPageParam: (page) => page.LastEvaluatedKey && itemOf(page.LastEvaluatedKey),
  });
  const items = useMemo(() => pages.data?.pages.flatMap((page) => (page.Items ?? []).map(itemOf)) ?? [], [pages.data]);
  const at = items.findIndex((item) => identity(item, keys) === open);
  const shown = items[at];
  const step = (by: number) => {
    const to = items[at + by];
    return to && (() => setOpen(identity(to, keys)));
  };

  return (
    <div className="flex min-h-0 flex-1 gap-4">
      <div className="flex min-w-0 flex-1 flex-col gap-3">
        {pages.isError ? (
          <Failure title="The items cannot be read" message={messageOf(pages.error)}>
            <Button onClick={() => void pages.fetchNextPage()}>Try again</Button>
          </Failure>
        ) : null}
        {pages.isPending ? <Skeleton rows={8} /> : null}
        {pages.data && items.length === 0 ? <Empty title="There are no items" /> : null}
        {items.length > 0 ? (
          <Grid label="Items" items={items} keys={keys} table={table} memory={`${account}/${region}/${table}`} open={open} onOpen={(item) => setOpen(identity(item, keys))} more={pages.hasNextPage} onEnd={pages.hasNextPage && !pages.isFetching && !pages.isError ? () => void pages.fetchNextPage() : undefined} />
        ) : null}
        <p className="text-muted" aria-live="polite">
          {pages.data ? `${plural(items.length, "item")} ${pages.hasNextPage ? "loaded, there are more" : "in all"}` : ""}
        </p>
      </div>
      {shown ? (
        <Inspector
          key={open}
          place={place}
          table={table}
          keys={keys}
          item={shown}
          onClose={() => setOpen(undefined)}
          onChanged={() => void pages.refetch()}
          onPrevious={step(-1)}
          onNext={step(1)}
        />
      ) : null}
    </div>
  );
}
