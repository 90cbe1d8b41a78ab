import { DescribeStreamCommand, DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand, type Shard } from "@aws-sdk/client-dynamodb-streams";
import { identity, type Item, itemOf } from "../model/value";
import type { Place } from "../server";
import type { EventName } from "./records";

const clientOf = ({ account, region }: Place) => new DynamoDBStreamsClient({ endpoint: window.location.origin, region, credentials: { accessKeyId: account, secretAccessKey: "stator" }, maxAttempts: 1 });

// shardsOf returns all shards of a stream.
export async function shardsOf(place: Place, arn: string, signal: AbortSignal): Promise<Shard[]> {
  const client = clientOf(place);
  const shards: Shard[] = [];
  for (let after: string | undefined; ; ) {
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn: arn, ExclusiveStartShardId: after }), { abortSignal: signal });
    shards.push(...(StreamDescription?.Shards ?? []));
    after = StreamDescription?.LastEvaluatedShardId;
    if (!after) return shards;
  }
}

// A Past is a change of an item that a stream has.
export interface Past {
  name: EventName;
  at: number; // milliseconds since 1970, to the second
  sequence: string;
  expired: boolean; // by its time to live
  before?: Item; // as far as the stream has images
  after?: Item;
}

// readHistory reads the changes of one item from a stream, and tells again and again
// what was found, the newest first, and how many records were read. A stream is of all
// items: there is no shorter way.
export async function readHistory(place: Place, arn: string, key: Item, keys: readonly string[], signal: AbortSignal, tell: (found: Past[], read: number) => void): Promise<void> {
  const client = clientOf(place);
  const options = { abortSignal: signal };
  const wanted = identity(key, keys);
  const found: Past[] = [];
  let read = 0;
  for (const { ShardId, SequenceNumberRange } of await shardsOf(place, arn, signal)) {
    const { ShardIterator } = await client.send(new GetShardIteratorCommand({ StreamArn: arn, ShardId, ShardIteratorType: "TRIM_HORIZON" }), options);
    for (let next = ShardIterator; next; ) {
      const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator: next }), options);
      read += Records.length;
      for (const { eventName, dynamodb, userIdentity } of Records) {
        if (!dynamodb?.Keys || identity(itemOf(dynamodb.Keys), keys) !== wanted) continue;
        found.push({
          name: eventName ?? "MODIFY",
          at: dynamodb.ApproximateCreationDateTime?.getTime() ?? 0,
          sequence: dynamodb.SequenceNumber ?? "",
          expired: userIdentity?.Type === "Service" && userIdentity.PrincipalId === "dynamodb.amazonaws.com",
          ...(dynamodb.OldImage ? { before: itemOf(dynamodb.OldImage) } : {}),
          ...(dynamodb.NewImage ? { after: itemOf(dynamodb.NewImage) } : {}),
        });
      }
      tell(newestFirst(found), read);
      // One that is open has an end only for now.
      next = Records.length === 0 && !SequenceNumberRange?.EndingSequenceNumber ? undefined : NextShardIterator;
    }
  }
  tell(newestFirst(found), read);
}

export function newestFirst(found: readonly Past[]): Past[] {
  return found.toSorted((a, b) => (BigInt(a.sequence || 0) < BigInt(b.sequence || 0) ? 1 : -1));
}
