import type { AttributeDefinition, KeySchemaElement, KeyType, ScalarAttributeType } from "@aws-sdk/client-dynamodb";
import type { KeyAttribute } from "../model/table";
import { attributesOf, type Definition, typesOf } from "./wanted";

// What the form of a new table holds. It is kept as text where it is typed as text.
export interface Throughput {
  read: string; // units, if it is provisioned
  write: string;
  maxRead: string; // if it is on demand; without any there is no limit
  maxWrite: string;
  warmRead: string;
  warmWrite: string;
}

export interface IndexForm extends Throughput {
  id: number; // tells those of one form apart
  local: boolean;
  name: string;
  hash: KeyAttribute[]; // a local one without any has the table's
  range: KeyAttribute[];
  projection: "ALL" | "KEYS_ONLY" | "INCLUDE";
  include: string; // names, separated by commas
}

export interface TableForm extends Throughput {
  name: string;
  hash: KeyAttribute;
  range: KeyAttribute; // with an empty name there is none
  billing: "PAY_PER_REQUEST" | "PROVISIONED";
  class: "" | "STANDARD" | "STANDARD_INFREQUENT_ACCESS";
  indexes: IndexForm[];
  stream: "" | "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES";
  encrypt: boolean; // with a key of KMS
  key: string; // its ID; none is the one that AWS manages
  protect: boolean;
  tags: { id: number; key: string; value: string }[];
  // What the form does not show, but keeps: members of the request.
  rest: Definition;
}

const noThroughput: Throughput = { read: "", write: "", maxRead: "", maxWrite: "", warmRead: "", warmWrite: "" };

export const emptyForm: TableForm = {
  ...noThroughput,
  name: "",
  hash: { name: "", type: "S" },
  range: { name: "", type: "S" },
  billing: "PAY_PER_REQUEST",
  read: "5",
  write: "5",
  class: "",
  indexes: [],
  stream: "",
  encrypt: false,
  key: "",
  protect: false,
  tags: [],
  rest: {},
};

let serial = 0;

// newID returns what no index and no tag of any form has for an id.
export function newID(): number {
  return ++serial;
}

export function emptyIndex(local: boolean): IndexForm {
  return { ...noThroughput, id: newID(), local, name: "", hash: local ? [] : [{ name: "", type: "S" }], range: [{ name: "", type: "S" }], projection: "ALL", include: "" };
}

// definitionOf returns the request that makes the table of a form. What is wrong
// with it the server says, in DynamoDB's words.
export function definitionOf(form: TableForm): Definition {
  const types = new Map<string, ScalarAttributeType>();
  const key = (hash: KeyAttribute[], range: KeyAttribute[]): KeySchemaElement[] => {
    const elements = (attributes: KeyAttribute[], KeyType: KeyType) =>
      attributes
        .filter((a) => a.name !== "")
        .map((a) => {
          types.set(a.name, types.get(a.name) ?? a.type);
          return { AttributeName: a.name, KeyType };
        });
    return [...elements(hash, "HASH"), ...elements(range, "RANGE")];
  };
  const KeySchema = key([form.hash], [form.range]);
  const global = form.indexes.filter((ix) => !ix.local).map((ix) => ({ IndexName: ix.name, KeySchema: key(ix.hash, ix.range), ...projectionOf(ix), ...throughputOf(form.billing, ix, form) }));
  const local = form.indexes
    .filter((ix) => ix.local)
    .map((ix) => ({ IndexName: ix.name, KeySchema: key(ix.hash.length > 0 ? ix.hash : [form.hash], ix.range), ...projectionOf(ix) }));
  const tags = form.tags.filter((t) => t.key !== "").map((t) => ({ Key: t.key, Value: t.value }));
  const { AttributeDefinitions: unused = [], ...rest } = form.rest;
  return {
    TableName: form.name,
    KeySchema,
    AttributeDefinitions: [
      ...[...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
      ...unused.filter((d) => !types.has(d.AttributeName ?? "")),
    ],
    BillingMode: form.billing,
    ...throughputOf(form.billing, form),
    ...(global.length > 0 ? { GlobalSecondaryIndexes: global } : {}),
    ...(local.length > 0 ? { LocalSecondaryIndexes: local } : {}),
    ...(form.class === "" ? {} : { TableClass: form.class }),
    ...(form.stream === "" ? {} : { StreamSpecification: { StreamEnabled: true, StreamViewType: form.stream } }),
    ...(form.encrypt ? { SSESpecification: { Enabled: true, SSEType: "KMS", ...(form.key === "" ? {} : { KMSMasterKeyId: form.key }) } } : {}),
    ...(form.protect ? { DeletionProtectionEnabled: true } : {}),
    ...(tags.length > 0 ? { Tags: tags } : {}),
    ...rest,
  };
}

export function projectionOf(ix: IndexForm) {
  return { Projection: { ProjectionType: ix.projection, ...(ix.projection === "INCLUDE" ? { NonKeyAttributes: splitNames(ix.include) } : {}) } };
}

// throughputOf returns the members of a request that are about throughput. What is
// not said of an index is as it is for its table.
export function throughputOf(billing: TableForm["billing"], t: Throughput, table: Throughput = t): Pick<Definition, "ProvisionedThroughput" | "OnDemandThroughput" | "WarmThroughput"> {
  const some = <A extends string, B extends string>(read: [A, string], write: [B, string]) =>
    Object.fromEntries([read, write].filter(([, text]) => text !== "").map(([name, text]) => [name, Number(text)])) as Partial<Record<A | B, number>>;
  const max = billing === "PAY_PER_REQUEST" ? some(["MaxReadRequestUnits", t.maxRead], ["MaxWriteRequestUnits", t.maxWrite]) : {};
  const warm = some(["ReadUnitsPerSecond", t.warmRead], ["WriteUnitsPerSecond", t.warmWrite]);
  return {
    ...(billing === "PROVISIONED" ? { ProvisionedThroughput: { ReadCapacityUnits: Number(t.read || table.read), WriteCapacityUnits: Number(t.write || table.write) } } : {}),
    ...(Object.keys(max).length > 0 ? { OnDemandThroughput: max } : {}),
    ...(Object.keys(warm).length > 0 ? { WarmThroughput: warm } : {}),
  };
}

const text = (n: number | undefined) => (n === undefined ? "" : String(n));

// formOf is the inverse of definitionOf: the same request comes out of it, apart
// from the order of things that have none.
export function formOf(definition: Definition): TableForm {
  const { TableName, KeySchema, AttributeDefinitions, BillingMode, ProvisionedThroughput, OnDemandThroughput, WarmThroughput, ...others } = definition;
  const { GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [], TableClass, StreamSpecification, SSESpecification, DeletionProtectionEnabled, Tags = [], ...rest } = others;
  const types = typesOf(AttributeDefinitions);
  const hash = attributesOf(KeySchema, "HASH", types);
  const range = attributesOf(KeySchema, "RANGE", types);
  const read = text(ProvisionedThroughput?.ReadCapacityUnits);
  const write = text(ProvisionedThroughput?.WriteCapacityUnits);
  // An index whose throughput is the table's goes with it.
  const other = (n: number | undefined, table: string) => (text(n) === table ? "" : text(n));
  const limits = (t: Pick<Definition, "OnDemandThroughput" | "WarmThroughput">) => ({
    maxRead: text(t.OnDemandThroughput?.MaxReadRequestUnits),
    maxWrite: text(t.OnDemandThroughput?.MaxWriteRequestUnits),
    warmRead: text(t.WarmThroughput?.ReadUnitsPerSecond),
    warmWrite: text(t.WarmThroughput?.WriteUnitsPerSecond),
  });
  const projection = (p: { ProjectionType?: string; NonKeyAttributes?: string[] } | undefined) => ({
    projection: (p?.ProjectionType ?? "ALL") as IndexForm["projection"],
    include: (p?.NonKeyAttributes ?? []).join(", "),
  });
  const key = (schema: KeySchemaElement[] | undefined) => ({ hash: attributesOf(schema, "HASH", types), range: attributesOf(schema, "RANGE", types) });
  const indexes: IndexForm[] = [
    ...GlobalSecondaryIndexes.map((ix) => ({
      id: newID(),
      local: false,
      name: ix.IndexName ?? "",
      ...key(ix.KeySchema),
      ...projection(ix.Projection),
      read: other(ix.ProvisionedThroughput?.ReadCapacityUnits, read),
      write: other(ix.ProvisionedThroughput?.WriteCapacityUnits, write),
      ...limits(ix),
    })),
    ...LocalSecondaryIndexes.map((ix) => {
      const { hash: own, range } = key(ix.KeySchema);
      return { ...noThroughput, id: newID(), local: true, name: ix.IndexName ?? "", hash: own.length === 1 && own[0]?.name === hash[0]?.name ? [] : own, range, ...projection(ix.Projection) };
    }),
  ];
  const used = new Set([...hash, ...range, ...indexes.flatMap((ix) => [...ix.hash, ...ix.range])].map((a) => a.name));
  const unused: AttributeDefinition[] = (AttributeDefinitions ?? []).filter((d) => !used.has(d.AttributeName ?? ""));
  const stream = StreamSpecification?.StreamEnabled ? StreamSpecification.StreamViewType : undefined;
  return {
    name: TableName ?? "",
    hash: hash[0] ?? emptyForm.hash,
    range: range[0] ?? emptyForm.range,
    billing: BillingMode === "PAY_PER_REQUEST" ? BillingMode : "PROVISIONED",
    read: read || emptyForm.read,
    write: write || emptyForm.write,
    ...limits({ OnDemandThroughput, WarmThroughput }),
    class: (TableClass ?? "") as TableForm["class"],
    indexes,
    stream: stream ?? "",
    encrypt: SSESpecification?.Enabled ?? false,
    key: SSESpecification?.KMSMasterKeyId ?? "",
    protect: DeletionProtectionEnabled ?? false,
    tags: Tags.map((t) => ({ id: newID(), key: t.Key ?? "", value: t.Value ?? "" })),
    rest: { ...rest, ...(unused.length > 0 ? { AttributeDefinitions: unused } : {}) },
  };
}

export function splitNames(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
