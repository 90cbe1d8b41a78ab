import type { Item } from "../model/value";
import { NotReadable, treeOf, updateOf } from "../query/expression";
import type { Tree } from "../query/tree";

export type Input = Record<string, unknown>;

// A Call is a request of DynamoDB's API. Its values are those of the model: binary is
// bytes. The one that Wait names is no operation: it waits until a table is active.
export interface Call {
  operation: string;
  input: Input;
  key?: Key; // of the table or index that it is about
}

// A Key is the names of its attributes.
export interface Key {
  hash: string[];
  range: string[];
}

export const wait = (table: string): Call => ({ operation: "Wait", input: { TableName: table } });

// A Refusal says why a language has no words for something.
export class Refusal extends Error {}

// A Shape is what a member of a request is; of is a structure, one an enumeration.
export type Shape = "string" | "boolean" | "int" | "long" | "value" | "item" | "names" | { list: Shape } | { of: string } | { one: string };

const shapes: Record<string, Shape> = {
  Item: "item",
  Key: "item",
  ExpressionAttributeValues: "item",
  ExpressionAttributeNames: "names",
  Parameters: { list: "value" },
  ConsistentRead: "boolean",
  ScanIndexForward: "boolean",
  DeletionProtectionEnabled: "boolean",
  Enabled: "boolean",
  StreamEnabled: "boolean",
  Limit: "int",
  Segment: "int",
  TotalSegments: "int",
  ReadCapacityUnits: "long",
  WriteCapacityUnits: "long",
  MaxReadRequestUnits: "long",
  MaxWriteRequestUnits: "long",
  ReadUnitsPerSecond: "long",
  WriteUnitsPerSecond: "long",
  Select: { one: "Select" },
  AttributeType: { one: "ScalarAttributeType" },
  KeyType: { one: "KeyType" },
  ProjectionType: { one: "ProjectionType" },
  BillingMode: { one: "BillingMode" },
  StreamViewType: { one: "StreamViewType" },
  SSEType: { one: "SSEType" },
  TableClass: { one: "TableClass" },
  TableClassOverride: { one: "TableClass" },
  TransactItems: { list: { of: "TransactWriteItem" } },
  Put: { of: "Put" },
  Update: { of: "Update" },
  Delete: { of: "Delete" },
  Statements: { list: { of: "BatchStatementRequest" } },
  TransactStatements: { list: { of: "ParameterizedStatement" } },
  AttributeDefinitions: { list: { of: "AttributeDefinition" } },
  KeySchema: { list: { of: "KeySchemaElement" } },
  GlobalSecondaryIndexes: { list: { of: "GlobalSecondaryIndex" } },
  LocalSecondaryIndexes: { list: { of: "LocalSecondaryIndex" } },
  Projection: { of: "Projection" },
  NonKeyAttributes: { list: "string" },
  ProvisionedThroughput: { of: "ProvisionedThroughput" },
  OnDemandThroughput: { of: "OnDemandThroughput" },
  WarmThroughput: { of: "WarmThroughput" },
  StreamSpecification: { of: "StreamSpecification" },
  SSESpecification: { of: "SSESpecification" },
  TimeToLiveSpecification: { of: "TimeToLiveSpecification" },
  Tags: { list: { of: "Tag" } },
  ReplicaUpdates: { list: { of: "ReplicationGroupUpdate" } },
  Create: { of: "CreateReplicationGroupMemberAction" },
  MultiRegionConsistency: { one: "MultiRegionConsistency" },
  GlobalTableWitnessUpdates: { list: { of: "GlobalTableWitnessGroupUpdate" } },
};

// What members of these are, though members of others have the same names.
const own: Record<string, Record<string, Shape>> = {
  Tag: { Key: "string" },
  GlobalTableWitnessGroupUpdate: { Create: { of: "CreateGlobalTableWitnessGroupMemberAction" } },
};

// shapeOf returns what a member of a structure, or of a request, is.
export function shapeOf(member: string, structure?: string): Shape {
  return own[structure ?? ""]?.[member] ?? shapes[member] ?? "string";
}

// fits throws a Refusal if something is not of its shape: what is typed as a request
// may be anything.
export function fits(name: string, v: unknown, shape: Shape): void {
  const is = (type: string) => typeof v === type;
  const right =
    shape === "string" || (typeof shape === "object" && "one" in shape)
      ? is("string")
      : shape === "boolean"
        ? is("boolean")
        : shape === "int" || shape === "long"
          ? is("number")
          : typeof shape === "object" && "list" in shape
            ? Array.isArray(v)
            : is("object") && v !== null && !Array.isArray(v);
  if (!right) throw new Refusal(`${name} cannot be written in this language.`);
}

// camel returns the value of an enumeration as SDKs name it: KEYS_ONLY is KeysOnly.
export function camel(value: string): string {
  return value
    .split("_")
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join("");
}

// mapped returns what is in a request, with each value in it made into something else.
export function mapped(input: Input, value: (v: Item[string]) => unknown, structure?: string): Input {
  const go = (v: unknown, shape: Shape): unknown => {
    if (shape === "value") return value(v as Item[string]);
    // What is typed as a request may be anything.
    if (typeof v !== "object" || v === null) return v;
    if (shape === "item") return Object.fromEntries(Object.entries(v as Item).map(([name, e]) => [name, value(e)]));
    if (typeof shape === "object" && "list" in shape) return Array.isArray(v) ? v.map((e) => go(e, shape.list)) : v;
    if (typeof shape === "object" && "of" in shape) return mapped(v as Input, value, shape.of);
    return v;
  };
  return Object.fromEntries(Object.entries(input).map(([name, v]) => [name, go(v, shapeOf(name, structure))]));
}

// What is printed of an answer.
export type Prints = "item" | "items" | "responses" | "nothing";

export function printsOf({ operation }: Call): Prints {
  switch (operation) {
    case "GetItem":
      return "item";
    case "Query":
    case "Scan":
    case "ExecuteStatement":
      return "items";
    case "BatchExecuteStatement":
    case "ExecuteTransaction":
      return "responses";
    default:
      return "nothing";
  }
}

// isPaged tells whether all pages are read: with a limit one is meant.
export function isPaged({ operation, input }: Call): boolean {
  return (operation === "Query" || operation === "Scan") && !("Limit" in input);
}

export interface Expressions {
  key?: Tree;
  filter?: Tree;
  condition?: Tree;
  projection?: string;
  update?: ReturnType<typeof updateOf>;
  names: ReadonlyMap<string, string>;
}

// expressionsIn reads the expressions of a request. It throws a Refusal where they say
// what conditions here cannot.
export function expressionsIn(input: Input): Expressions {
  const names = new Map(Object.entries((input.ExpressionAttributeNames ?? {}) as Record<string, string>));
  const values = (input.ExpressionAttributeValues ?? {}) as Item;
  const read = <T>(name: string, how: (text: string) => T): T | undefined => (typeof input[name] === "string" ? how(input[name]) : undefined);
  const tree = (name: string) => read(name, (text) => treeOf(text, names, values));
  try {
    return {
      key: tree("KeyConditionExpression"),
      filter: tree("FilterExpression"),
      condition: tree("ConditionExpression"),
      projection: read("ProjectionExpression", (text) => text),
      update: read("UpdateExpression", (text) => updateOf(text, names, values)),
      names,
    };
  } catch (err) {
    throw err instanceof NotReadable ? new Refusal(`The expressions say more than can be written here: ${err.message}.`) : err;
  }
}
