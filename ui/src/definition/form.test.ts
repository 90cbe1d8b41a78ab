import { expect, test } from "vitest";
import { definitionOf, emptyForm, emptyIndex, formOf } from "./form";
import { samples } from "./samples";

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
      { ...emptyIndex(false), name: "by-genre", hash: [{ name: "genre", type: "S" }], range: [{ name: "year", type: "N" }], projection: "INCLUDE", include: "title, label", write: "9" },
      { ...emptyIndex(true), name: "by-title", range: [{ name: "title", type: "S" }], projection: "KEYS_ONLY" },
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
      ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 9 },
    },
  ]);
  expect(made.LocalSecondaryIndexes?.[0]?.KeySchema).toEqual([
    { AttributeName: "artist", KeyType: "HASH" },
    { AttributeName: "title", KeyType: "RANGE" },
  ]);
  expect(made.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: "NEW_IMAGE" });
  expect(made.Tags).toEqual([{ Key: "team", Value: "a" }]);
});

test.each(Object.entries(samples))("a request becomes a form and the same request: %s", (_, { definition }) => {
  const again = definitionOf(formOf(definition));
  const sorted = (d: typeof definition) => ({ ...d, AttributeDefinitions: d.AttributeDefinitions?.toSorted((a, b) => (a.AttributeName ?? "").localeCompare(b.AttributeName ?? "")) });
  expect(sorted(again)).toEqual(sorted(definition));
});

test("what a form does not show is kept", () => {
  const form = formOf({
    TableName: "t",
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "nobody", AttributeType: "N" },
    ],
    ResourcePolicy: "{}",
  });
  expect(form.rest).toEqual({ ResourcePolicy: "{}", AttributeDefinitions: [{ AttributeName: "nobody", AttributeType: "N" }] });
  const made = definitionOf({ ...form, hash: { name: "nobody", type: "N" } });
  expect(made.ResourcePolicy).toBe("{}");
  expect(made.AttributeDefinitions).toEqual([{ AttributeName: "nobody", AttributeType: "N" }]);
});
