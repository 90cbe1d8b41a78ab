import { expect, it } from "vitest";
import type { Exchange } from "../exchange";
import { aboutOf, cliOf, curlOf, pretty } from "./wire";

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
