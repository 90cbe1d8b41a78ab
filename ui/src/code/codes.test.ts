import { expect, it } from "vitest";
import { codesOf } from "./codes";

// That code runs, and finds what it should, is tested in test/ui/code.spec.ts.

const place = { account: "000000000000", region: "us-east-1" };
const of = (name: string) =>
  codesOf(
    [{
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
    }],
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

const key = { hash: ["pk"], range: ["sk"] };
const written = (operation: string, input: Record<string, unknown>, name: string) => codesOf([{ operation, input: { TableName: "t", ...input }, key }], place, "http://localhost:4566").find((c) => c.name === name);

const update = {
  Key: { pk: { S: "a" } },
  UpdateExpression: "SET #1=:n1 REMOVE #2",
  ConditionExpression: "#0=:o0 AND #1=:o1 AND attribute_not_exists(#3)",
  ExpressionAttributeNames: { "#0": "pk", "#1": "a.b", "#2": "x[0]", "#3": "n" },
  ExpressionAttributeValues: { ":n1": { SS: ["it's"] }, ":o0": { S: "a" }, ":o1": { N: "1" } },
};

it("writes an update as a statement", () =>
  expect(written("UpdateItem", update, "PartiQL")?.text).toBe(`UPDATE "t"
SET "a.b" = <<'it''s'>>
REMOVE "x[0]"
WHERE "pk" = 'a'
  AND "a.b" = 1
  AND "n" IS MISSING;
`));

it("says what a language has no words for", () => {
  expect(written("UpdateItem", update, "Go expressions")?.why).toContain("brackets");
  expect(written("PutItem", { Item: { pk: { S: "a" } } }, "PartiQL")?.why).toContain("in the place of another");
  expect(written("CreateTable", { KeySchema: "?" }, "Go")?.why).toContain("KeySchema");
  expect(written("GetItem", { Key: { pk: { S: "a" } }, ProjectionExpression: "a" }, "Java Enhanced")?.why).toContain("as a whole");
  expect(written("UpdateItem", { Key: { pk: { S: "a" } }, UpdateExpression: "SET a.b = :v", ExpressionAttributeValues: { ":v": { S: "" } } }, "Java Enhanced")?.why).toContain("as a whole");
  expect(written("PutItem", { Item: { "0": { S: "a" }, "1": { S: "b" } } }, "PHP")?.why).toContain("from a list");
});

it("leaves to the enhanced client of Java no names of which it makes none, or one for two", () => {
  const set = (...names: string[]) =>
    written("UpdateItem", { Key: { pk: { S: "a" } }, UpdateExpression: `SET ${names.map((_, i) => `#${i} = :v`).join(", ")}`, ExpressionAttributeNames: Object.fromEntries(names.map((n, i) => [`#${i}`, n])), ExpressionAttributeValues: { ":v": { S: "v" } } }, "Java Enhanced");
  expect(set("a.b", "c")?.text).toContain('.putString("a.b", "v")');
  expect(set("a.b", "a-b")?.why).toContain("placeholders");
  expect(set("ünï")?.why).toContain("placeholders");
});

it("writes a condition on a key for the enhanced client of Java", () => {
  const text = written("Query", { IndexName: "by-x", KeyConditionExpression: "pk = :p AND sk BETWEEN :a AND :b", FilterExpression: "x = y", ExpressionAttributeValues: { ":p": { S: "p" }, ":a": { N: "1" }, ":b": { N: "1e40" } } }, "Java Enhanced")?.text;
  expect(text).toContain('.addIndexSortKey("by-x", "sk", AttributeValueType.N)');
  expect(text).toContain('QueryConditional.sortBetween(Key.builder().partitionValue("p").sortValue(new BigDecimal("1")).build(), Key.builder().partitionValue("p").sortValue(new BigDecimal("1e40")).build())');
  expect(text).toContain('.expression("x = y")');
});

it("quotes for PHP", () => {
  expect(of("PHP")).toContain("':pk' => ['S' => 'it\\'s'],");
  expect(written("PutItem", { Item: { pk: { S: '$a\n"\\' }, e: { M: {} } } }, "PHP")?.text).toContain(`['S' => "\\$a\\n\\"\\\\"]`);
});

it("quotes for Rust", () => {
  const text = written("PutItem", { Item: { pk: { S: "\"\\\n\u0001\u202e$" }, l: { L: [{ M: {} }] }, b: { B: new Uint8Array([0, 255]) } } }, "Rust")?.text;
  expect(text).toContain(`.item("pk", AttributeValue::S("\\"\\\\\\n\\u{1}\\u{202e}$".into()))`);
  expect(text).toContain('.item("l", AttributeValue::L(vec![AttributeValue::M(HashMap::new())]))');
  expect(text).toContain('Blob::new(b"\\x00\\xff".to_vec())');
  expect(text).toContain("use aws_sdk_dynamodb::types::AttributeValue;\n");
});

it("writes empty values for .NET", () => {
  const text = written("PutItem", { Item: { pk: { S: "a" }, m: { M: {} }, l: { L: [{ L: [] }, { M: { x: { B: new Uint8Array([1]) } } }] } } }, ".NET")?.text;
  expect(text).toContain('["m"] = new AttributeValue { M = new Dictionary<string, AttributeValue>() },');
  expect(text).toContain("            L = new List<AttributeValue>\n            {\n                new AttributeValue { L = new List<AttributeValue>() },\n");
  expect(text).toContain("using System.IO;\n");
  expect(text).not.toContain("DocumentModel");
});

it("writes members as SDKs name them", () => {
  const text = written("CreateTable", { SSESpecification: { Enabled: true, SSEType: "KMS", KMSMasterKeyId: "k" }, Tags: [{ Key: "a", Value: "b" }] }, "Java")?.text;
  expect(text).toContain(".sseSpecification(SSESpecification.builder()");
  expect(text).toContain(".sseType(SSEType.KMS)");
  expect(text).toContain(".kmsMasterKeyId(");
  expect(text).toContain('.key("a")');
});
