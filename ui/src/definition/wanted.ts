import type { AttributeDefinition, CreateTableCommandInput, KeySchemaElement, KeyType, ScalarAttributeType } from "@aws-sdk/client-dynamodb";
import type { KeyAttribute } from "../model/table";

// A Definition is a CreateTable request. One that is being typed may lack anything.
export type Definition = Partial<CreateTableCommandInput>;

// Wanted is a table with what CreateTable does not set.
export interface Wanted {
  definition: Definition;
  timeToLive?: string; // an attribute
  replicas?: Replica[]; // in other regions
  strong?: { witness?: string }; // a write is in all regions when it is answered
}

export interface Replica {
  region: string;
  class?: string; // without one it has the table's
  key?: string; // of KMS, if the table has one that AWS does not manage
}

// updatesOf returns what UpdateTable requests say to make replicas: one after the other,
// but together where they are strongly consistent.
export function updatesOf({ replicas = [], strong }: Wanted): Record<string, unknown>[] {
  const made = replicas.map(({ region, class: of, key }) => ({
    Create: { RegionName: region, ...(key ? { KMSMasterKeyId: key } : {}), ...(of ? { TableClassOverride: of } : {}) },
  }));
  if (!strong) return made.map((one) => ({ ReplicaUpdates: [one] }));
  return [{ ReplicaUpdates: made, MultiRegionConsistency: "STRONG", ...(strong.witness ? { GlobalTableWitnessUpdates: [{ Create: { RegionName: strong.witness } }] } : {}) }];
}

// namesOf returns the names of one kind of key's attributes.
export function namesOf(schema: KeySchemaElement[] | undefined, kind: KeyType): string[] {
  return (schema ?? []).filter((e) => e.KeyType === kind).map((e) => e.AttributeName ?? "");
}

// typesOf returns the types of the attributes that a definition has.
export function typesOf(definitions: AttributeDefinition[] | undefined): Map<string, ScalarAttributeType> {
  return new Map((definitions ?? []).map((d) => [d.AttributeName ?? "", d.AttributeType ?? "S"]));
}

// attributesOf returns one kind of key's attributes with their types.
export function attributesOf(schema: KeySchemaElement[] | undefined, kind: KeyType, types: ReadonlyMap<string, ScalarAttributeType>): KeyAttribute[] {
  return namesOf(schema, kind).map((name) => ({ name, type: types.get(name) ?? "S" }));
}

// wordsOf returns the words of a name, each of letters and digits; the first begins
// with a letter.
export function wordsOf(name: string): string[] {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return words.length === 0 || /^[0-9]/.test(words[0] ?? "") ? ["table", ...words] : words;
}

// pascal is a name as classes and resources have it: a-b.c is ABC.
export function pascal(name: string): string {
  return wordsOf(name)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
