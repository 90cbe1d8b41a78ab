import { expect, it } from "vitest";
import { codesOf } from "./code";

// That code runs, and finds what it should, is tested in test/ui/code.spec.ts.

const place = { account: "000000000000", region: "us-east-1" };
const of = (name: string) =>
  codesOf(
    {
      operation: "Query",
      input: {
        TableName: "t",
        KeyConditionExpression: "#pk = :pk",
        FilterExpression: "#m = :m",
        ExpressionAttributeNames: { "#pk": "pk", "#m": "m" },
        ExpressionAttributeValues: { ":pk": { S: "it's" }, ":m": { M: { x: { L: [{ NULL: true }, { B: new Uint8Array([0, 255]) }] }, ["__proto__"]: { NS: ["1"] } } } },
        ScanIndexForward: false,
        Limit: undefined,
      },
    },
    place,
    "http://localhost:4566",
  ).find((c) => c.name === name)?.text;

it("writes JSON as it is sent", () => {
  expect(JSON.parse(of("JSON") ?? "")).toMatchObject({ ExpressionAttributeValues: { ":m": { M: { x: { L: [{ NULL: true }, { B: "AP8=" }] } } } } });
});

it("quotes for a shell", () => {
  expect(of("AWS CLI")).toContain(`--expression-attribute-values '{":pk":{"S":"it'\\''s"},`);
  expect(of("AWS CLI")).toContain("--no-scan-index-forward");
});

it("writes values in Python", () => {
  expect(of("Python")).toContain(`        ":pk": {"S": "it's"},\n`);
  expect(of("Python")).toContain(`[{"NULL": True}, {"B": base64.b64decode("AP8=")}]`);
});

it("keeps a member called __proto__ in JavaScript", () => expect(of("JavaScript")).toContain(`["__proto__"]: {`));

it("writes values in Go", () => {
  expect(of("Go")).toContain(`":pk": &types.AttributeValueMemberS{Value: "it's"},`);
  expect(of("Go")).toContain(`&types.AttributeValueMemberB{Value: []byte{0, 255}}`);
  expect(of("Go")).toContain("ScanIndexForward: aws.Bool(false),");
});
