// A read that is explained to the SDK for JavaScript: node explain.mjs
// http://127.0.0.1:4566
import assert from "node:assert/strict";
import { CreateTableCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({
  endpoint: process.argv[2],
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});
let header;
client.middlewareStack.add((next) => async (args) => {
  args.request.headers["x-srv-explain"] = "1";
  const result = await next(args);
  header = result.response.headers["x-srv-explain"];
  return result;
}, { step: "build" });

await client.send(
  new CreateTableCommand({
    TableName: "notes",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
  }),
);
assert.equal(header, undefined);
await client.send(new GetItemCommand({ TableName: "notes", Key: { id: { S: "a" } } }));
const explained = JSON.parse(Buffer.from(header, "base64").toString());
assert.deepEqual([explained.operation, explained.keyCondition], ["GetItem", "id = 'a'"]);
