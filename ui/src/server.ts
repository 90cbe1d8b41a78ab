import { DescribeTableCommand, DynamoDBClient, type TableDescription } from "@aws-sdk/client-dynamodb";
import { observe } from "./exchange";

// A ListedTable is what GET /_admin/tables says of a table: see docs/admin-api.md.
export interface ListedTable {
  account: string;
  region: string;
  name: string;
  arn: string;
  status: string;
  created: string;
  billingMode: string;
  class: string;
  items: number;
  bytes: number;
  globalIndexes: number;
  localIndexes: number;
  stream?: string;
  timeToLive?: string;
  replicas?: string[];
  deletionProtection?: boolean;
  lastWrite?: string;
}

// A place is where tables are: each has its own.
export interface Place {
  account: string;
  region: string;
}

export const defaultPlace: Place = { account: "000000000000", region: "us-east-1" };

export async function listTables(signal?: AbortSignal): Promise<ListedTable[]> {
  const answer = await fetch("/_admin/tables", { signal });
  if (!answer.ok) {
    throw new Error(`${answer.status}: ${await answer.text()}`);
  }
  return ((await answer.json()) as { tables: ListedTable[] }).tables;
}

// tablesQuery is how a page asks for all tables.
export const tablesQuery = { queryKey: ["tables"], queryFn: ({ signal }: { signal: AbortSignal }) => listTables(signal) };

const clients = new Map<string, DynamoDBClient>();

// clientOf returns the client of an account in a region: the access key is the
// account's number, as the server reads it.
export function clientOf({ account, region }: Place): DynamoDBClient {
  const key = `${account}/${region}`;
  let client = clients.get(key);
  if (!client) {
    client = new DynamoDBClient({
      endpoint: window.location.origin,
      region,
      credentials: { accessKeyId: account, secretAccessKey: "stator" },
      maxAttempts: 1,
    });
    observe(client, { account, region });
    readProto(client);
    clients.set(key, client);
  }
  return client;
}

// What the SDK reads answers with.
interface Reader {
  _read: (schema: unknown, value: unknown) => unknown;
  readAttributeValue: (value: unknown) => unknown;
}

// readProto has a client read an attribute called __proto__, too: the SDK's reader
// makes that undefined before it reads it.
function readProto({ config }: DynamoDBClient) {
  const protocol = config.protocol as unknown as { deserializer: Reader; codec: { createDeserializer: () => Reader } };
  const mend = (reader: Reader): Reader => {
    const read = reader._read.bind(reader);
    reader._read = (schema, value) => {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, "__proto__")) return read(schema, value);
      const lost = reader.readAttributeValue(Object.getOwnPropertyDescriptor(value, "__proto__")?.value);
      return Object.defineProperty(read(schema, value), "__proto__", { value: lost, writable: true, enumerable: true, configurable: true });
    };
    return reader;
  };
  const create = protocol.codec.createDeserializer.bind(protocol.codec);
  protocol.codec.createDeserializer = () => mend(create());
  mend(protocol.deserializer);
}

// isSilent tells whether an error says that there was no answer at all, in the words
// of one browser or another.
export function isSilent(err: unknown): boolean {
  return err instanceof TypeError && /fetch|network|load failed/i.test(err.message);
}

// messageOf says what went wrong in the server's words.
export function messageOf(err: unknown): string {
  if (isSilent(err)) {
    return "The server does not answer.";
  }
  return err instanceof Error ? `${err.name === "Error" ? "" : `${err.name}: `}${err.message}` : String(err);
}

export function tableKey(t: { account: string; region: string; name: string }): string {
  return `${t.account}/${t.region}/${t.name}`;
}

// tableQuery is how a page asks for a table's description: while it is in use, and
// again when invalidated.
export function tableQuery(place: Place, name: string) {
  return {
    queryKey: ["table", place.account, place.region, name],
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<TableDescription> => {
      const { Table } = await clientOf(place).send(new DescribeTableCommand({ TableName: name }), { abortSignal: signal });
      return Table ?? {};
    },
  };
}

// isGone tells whether an error says that there is no such table.
export function isGone(err: unknown): boolean {
  return err instanceof Error && err.name === "ResourceNotFoundException";
}
