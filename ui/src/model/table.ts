import type { KeySchemaElement, KeyType, ScalarAttributeType, TableDescription } from "@aws-sdk/client-dynamodb";

// A KeyAttribute is one of the attributes of a key, with its type.
export interface KeyAttribute {
  name: string;
  type: ScalarAttributeType;
}

// A Source is what can be read: a table or one of its indexes.
export interface Source {
  index?: string; // none is the table
  local: boolean;
  hash: KeyAttribute[]; // several only of an index
  range: KeyAttribute[];
  // Names of the attributes that it has; undefined is all.
  projected?: ReadonlySet<string>;
  items: number;
  status: string;
}

// sourcesOf returns the table, first, and its indexes in the order of their names.
export function sourcesOf(table: TableDescription): Source[] {
  const definitions = new Map((table.AttributeDefinitions ?? []).map((d) => [d.AttributeName, d.AttributeType]));
  const attributes = (schema: KeySchemaElement[] | undefined, kind: KeyType): KeyAttribute[] =>
    (schema ?? []).filter((e) => e.KeyType === kind).map((e) => ({ name: e.AttributeName ?? "", type: definitions.get(e.AttributeName) ?? "S" }));
  const own = { hash: attributes(table.KeySchema, "HASH"), range: attributes(table.KeySchema, "RANGE") };
  const keys = [...own.hash, ...own.range].map((a) => a.name);
  const indexes = [
    ...(table.GlobalSecondaryIndexes ?? []).map((ix) => ({ ix, local: false, status: ix.IndexStatus ?? "ACTIVE" })),
    ...(table.LocalSecondaryIndexes ?? []).map((ix) => ({ ix, local: true, status: "ACTIVE" })),
  ];
  return [
    { local: false, ...own, items: table.ItemCount ?? 0, status: table.TableStatus ?? "ACTIVE" },
    ...indexes
      .map(({ ix, local, status }): Source => {
        const [hash, range] = [attributes(ix.KeySchema, "HASH"), attributes(ix.KeySchema, "RANGE")];
        const all = ix.Projection?.ProjectionType === "ALL";
        const names = [...keys, ...[...hash, ...range].map((a) => a.name), ...(ix.Projection?.NonKeyAttributes ?? [])];
        return { index: ix.IndexName, local, hash, range, ...(all ? {} : { projected: new Set(names) }), items: ix.ItemCount ?? 0, status };
      })
      .sort((a, b) => (a.index ?? "").localeCompare(b.index ?? "")),
  ];
}

// keyNames returns the names of a source's key, partition key first.
export function keyNames(source: Source): string[] {
  return [...source.hash, ...source.range].map((a) => a.name);
}
