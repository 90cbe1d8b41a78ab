import type { Shard } from "@aws-sdk/client-dynamodb-streams";
import { useQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { plural } from "../format";
import { Button, IconButton } from "../parts/button";
import { Failure } from "../parts/notice";
import { Skeleton } from "../parts/panel";
import { messageOf, type Place } from "../server";
import { shardsOf } from "./history";

// familyOf orders shards so that each comes behind its parent, deeper by one.
function familyOf(shards: Shard[]): { shard: Shard; depth: number }[] {
  const known = new Set(shards.map((s) => s.ShardId));
  const childrenOf = new Map<string | undefined, Shard[]>();
  for (const s of shards) {
    const parent = known.has(s.ParentShardId) ? s.ParentShardId : undefined; // one that is too old is not there
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), s]);
  }
  const ordered: { shard: Shard; depth: number }[] = [];
  const stack = (childrenOf.get(undefined) ?? []).map((shard) => ({ shard, depth: 0 })).toReversed();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { shard, depth } = next;
    ordered.push(next);
    stack.push(...(childrenOf.get(shard.ShardId) ?? []).map((child) => ({ shard: child, depth: depth + 1 })).toReversed());
  }
  return ordered;
}

const head = "px-3 py-2 text-start font-medium whitespace-nowrap";
const cell = "px-3 py-1.5 font-mono text-[13px] whitespace-nowrap";

// Shards shows the shards of a stream, children below their parents.
export function Shards({ place, arn }: { place: Place; arn: string }) {
  const shards = useQuery({ queryKey: ["shards", place, arn], queryFn: ({ signal }) => shardsOf(place, arn, signal) });
  if (shards.isError) {
    return (
      <Failure title="The shards cannot be listed" message={messageOf(shards.error)}>
        <Button onClick={() => void shards.refetch()}>Try again</Button>
      </Failure>
    );
  }
  if (!shards.data) return <Skeleton rows={3} />;
  const open = shards.data.filter((s) => !s.SequenceNumberRange?.EndingSequenceNumber).length;
  return (
    <>
      <div className="flex items-center gap-2">
        <p>
          {plural(shards.data.length, "shard")}, {open} open
        </p>
        <IconButton label="Refresh the shards" onClick={() => void shards.refetch()}>
          <RefreshCw size={16} aria-hidden />
        </IconButton>
      </div>
      <div tabIndex={0} role="region" aria-label="Shards" className="max-h-96 overflow-auto rounded-md border border-line">
        <table className="w-full border-collapse">
          <thead className="sticky top-0 bg-panel text-muted">
            <tr className="border-b border-line">
              <th className={head}>Shard</th>
              <th className={head}>Parent</th>
              <th className={head}>From sequence number</th>
              <th className={head}>To</th>
            </tr>
          </thead>
          <tbody>
            {familyOf(shards.data).map(({ shard, depth }) => (
              <tr key={shard.ShardId} className="border-b border-line last:border-0">
                <td className={cell} style={{ paddingLeft: `${0.75 + Math.min(depth, 12) * 1.25}rem` }}>
                  {depth > 0 ? (
                    <span aria-hidden className="me-1 text-muted">
                      └
                    </span>
                  ) : null}
                  {shard.ShardId}
                </td>
                <td className={cell}>{shard.ParentShardId ?? <span className="font-sans text-muted">none</span>}</td>
                <td className={cell}>{shard.SequenceNumberRange?.StartingSequenceNumber}</td>
                <td className={cell}>{shard.SequenceNumberRange?.EndingSequenceNumber ?? <span className="font-sans text-good">open</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
