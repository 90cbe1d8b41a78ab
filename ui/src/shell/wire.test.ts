import { expect, it } from "vitest";
import type { Exchange } from "../exchange";
import { aboutOf, cliOf, curlOf, isUsed, pretty } from "./wire";

const exchange = (operation: string, request = "{}"): Exchange => ({ id: 1, at: 0, operation, account: "000000000000", region: "eu-west-1", request });

it("writes JSON to be read without changing a digit", () => {
  expect(pretty('{"N":"1","x":12345678901234567890.10}')).toBe('{\n  "N": "1",\n  "x": 12345678901234567890.10\n}');
  expect(pretty('{"N":…')).toBe('{"N":…');
});

it("writes commands that send the same", () => {
  expect(curlOf(exchange("PutItem", `{"S":"it's"}`), "http://h:1")).toBe(
    `curl http://h:1/ \\\n  -H 'Content-Type: application/x-amz-json-1.0' \\\n  -H 'X-Amz-Target: DynamoDB_20120810.PutItem' \\\n  -H 'Authorization: AWS4-HMAC-SHA256 Credential=000000000000/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0' \\\n  --data-raw '{"S":"it'\\''s"}'`,
  );
  expect(cliOf(exchange("BatchExecuteStatement"), "http://h:1")).toContain("aws dynamodb batch-execute-statement --endpoint-url http://h:1 --region eu-west-1 \\\n  --cli-input-json '{}'");
  expect(cliOf(exchange("GetRecords"), "http://h:1")).toContain("aws dynamodbstreams get-records");
  expect(cliOf(exchange("DescribeTimeToLive"), "")).toContain("describe-time-to-live");
});

it("knows the table of a request", () => {
  expect(aboutOf('{"TableName":"t"}')).toBe("t");
  expect(aboutOf('{"TableName":1}')).toBeUndefined();
  expect(aboutOf("…")).toBeUndefined();
});

const place = { account: "000000000000", region: "eu-west-1" };
const used = { place, table: "a.table", key: { pk: { S: `it's "odd" <&> 😀` }, sk: { N: "1" } } };
const asked = (input: object, output?: object): Exchange => ({ id: 1, at: 0, operation: "", ...place, request: JSON.stringify(input), ...(output ? { response: JSON.stringify(output) } : {}) });
const TableName = used.table;

it("finds an item by its key, in what was asked and what was answered", () => {
  expect(isUsed(used, asked({ TableName, Key: { sk: { N: "1" }, pk: used.key.pk } }))).toBe(true);
  expect(isUsed(used, asked({ TransactItems: [{ Put: { TableName, Item: { ...used.key, more: { S: "x" } } } }] }))).toBe(true);
  expect(isUsed(used, asked({ TableName: `arn:aws:dynamodb:eu-west-1:000000000000:table/${TableName}`, Key: used.key }))).toBe(true);
  expect(isUsed(used, asked({ RequestItems: { [TableName]: { Keys: [used.key] } } }))).toBe(true);
  expect(isUsed(used, asked({ Statement: `SELECT * FROM "${TableName}"` }, { Items: [{ sk: { N: "1" } }, used.key] }))).toBe(true);
});

it("finds neither other items nor other tables", () => {
  expect(isUsed(used, asked({ TableName, Key: { ...used.key, sk: { N: "2" } } }))).toBe(false);
  expect(isUsed(used, asked({ TableName }, { Items: [{ ...used.key, sk: { N: "2" } }, { pk: { S: "other" }, sk: { N: "1" } }] }))).toBe(false);
  expect(isUsed(used, asked({ TableName: "another", Key: used.key }))).toBe(false);
  expect(isUsed(used, asked({ TableName: `${TableName}-archive`, Key: used.key }))).toBe(false);
  expect(isUsed(used, asked({ TableName: "a-table", Key: used.key }))).toBe(false);
  expect(isUsed(used, { ...asked({ TableName, Key: used.key }), region: "us-east-1" })).toBe(false);
});

it("takes the beginning of a long answer as it is written", () => {
  const { response = "", ...e } = asked({ TableName }, { Items: [used.key, used.key] });
  expect(isUsed(used, { ...e, response: `${response.slice(0, -20)}…` })).toBe(true);
});
