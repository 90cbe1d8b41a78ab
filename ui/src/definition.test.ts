import { expect, test } from "vitest";
import { commandOf, definitionOf, emptyForm } from "./definition";

test("a form is a request", () => {
  expect(definitionOf({ ...emptyForm, name: "music", hash: { name: "artist", type: "S" } })).toEqual({
    TableName: "music",
    KeySchema: [{ AttributeName: "artist", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "artist", AttributeType: "S" }],
    BillingMode: "PAY_PER_REQUEST",
  });
});

test("indexes bring their attributes and share the table's throughput", () => {
  const made = definitionOf({
    ...emptyForm,
    name: "music",
    hash: { name: "artist", type: "S" },
    range: { name: "year", type: "N" },
    billing: "PROVISIONED",
    read: "7",
    write: "2",
    indexes: [
      { id: 1, local: false, name: "by-genre", hash: { name: "genre", type: "S" }, range: { name: "year", type: "N" }, projection: "INCLUDE", include: "title, label" },
      { id: 2, local: true, name: "by-title", hash: { name: "", type: "S" }, range: { name: "title", type: "S" }, projection: "KEYS_ONLY", include: "" },
    ],
    stream: "NEW_IMAGE",
    tags: [
      { id: 1, key: "team", value: "a" },
      { id: 2, key: "", value: "" },
    ],
  });
  expect(made.AttributeDefinitions?.map((a) => a.AttributeName)).toEqual(["artist", "year", "genre", "title"]);
  expect(made.GlobalSecondaryIndexes).toEqual([
    {
      IndexName: "by-genre",
      KeySchema: [
        { AttributeName: "genre", KeyType: "HASH" },
        { AttributeName: "year", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["title", "label"] },
      ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 2 },
    },
  ]);
  expect(made.LocalSecondaryIndexes?.[0]?.KeySchema).toEqual([
    { AttributeName: "artist", KeyType: "HASH" },
    { AttributeName: "title", KeyType: "RANGE" },
  ]);
  expect(made.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: "NEW_IMAGE" });
  expect(made.Tags).toEqual([{ Key: "team", Value: "a" }]);
});

test("a command survives a shell", () => {
  expect(commandOf({ TableName: "it's", KeySchema: [], AttributeDefinitions: [] }, "http://localhost:4566", "eu-west-1")).toContain(`"it'\\''s"`);
});
