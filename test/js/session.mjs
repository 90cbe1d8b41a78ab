// A session of the SDK for JavaScript v3, its client and its document client,
// with one server: node session.mjs http://127.0.0.1:4566
import assert from "node:assert/strict";
import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeLimitsCommand,
  DescribeTableCommand,
  DynamoDB,
  DynamoDBClient,
  GetItemCommand,
  IdempotentParameterMismatchException,
  PutItemCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  TransactionCanceledException,
  UpdateTableCommand,
  paginateListTables,
  paginateScan,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  NumberValue,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
  paginateQuery,
} from "@aws-sdk/lib-dynamodb";

const options = {
  endpoint: process.argv[2],
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
};
const client = new DynamoDBClient(options);
const documents = DynamoDBDocumentClient.from(client, {
  marshallOptions: { removeUndefinedValues: true },
});
const waiter = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
const TableName = "games";

async function tables() {
  const definition = {
    TableName,
    AttributeDefinitions: [
      { AttributeName: "player", AttributeType: "S" },
      { AttributeName: "game", AttributeType: "N" },
      { AttributeName: "title", AttributeType: "S" },
      { AttributeName: "score", AttributeType: "N" },
    ],
    KeySchema: [
      { AttributeName: "player", KeyType: "HASH" },
      { AttributeName: "game", KeyType: "RANGE" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-title",
        KeySchema: [
          { AttributeName: "title", KeyType: "HASH" },
          { AttributeName: "score", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["wins"] },
      },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: "by-score",
        KeySchema: [
          { AttributeName: "player", KeyType: "HASH" },
          { AttributeName: "score", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "ALL" },
      },
    ],
    BillingMode: "PAY_PER_REQUEST",
  };
  const { TableDescription } = await client.send(new CreateTableCommand(definition));
  assert.equal(TableDescription.TableName, TableName);
  const waited = await waitUntilTableExists(waiter, { TableName });
  assert.equal(waited.state, "SUCCESS");
  await assert.rejects(client.send(new CreateTableCommand(definition)), ResourceInUseException);

  const { Table, $metadata } = await client.send(new DescribeTableCommand({ TableName }));
  assert.equal($metadata.httpStatusCode, 200);
  assert.ok($metadata.requestId);
  assert.equal(Table.TableStatus, "ACTIVE");
  assert.ok(Table.CreationDateTime instanceof Date && Table.CreationDateTime.getFullYear() >= 2024);
  assert.deepEqual(Table.GlobalSecondaryIndexes[0].Projection.NonKeyAttributes, ["wins"]);

  const names = ["list-1", "list-2", "list-3"];
  for (const name of names) {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "B" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
  }
  const listed = [];
  let pages = 0;
  for await (const page of paginateListTables({ client, pageSize: 1 }, {})) {
    listed.push(...page.TableNames);
    pages++;
  }
  assert.ok(pages >= names.length + 1, `${pages} pages`);
  assert.deepEqual(listed.filter((name) => name.startsWith("list-")), names);
  for (const name of names) {
    await waitUntilTableExists(waiter, { TableName: name });
    await client.send(new DeleteTableCommand({ TableName: name }));
    await waitUntilTableNotExists(waiter, { TableName: name });
  }
  await assert.rejects(client.send(new DescribeTableCommand({ TableName: "list-1" })), (error) => {
    assert.ok(error instanceof ResourceNotFoundException);
    assert.match(error.message, /list-1/);
    assert.equal(error.$fault, "client");
    return true;
  });

  await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
  await assert.rejects(client.send(new DeleteTableCommand({ TableName })), { name: "ValidationException" });
  await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
  const elsewhere = new DynamoDB({ ...options, region: "eu-west-1" });
  assert.ok(!(await elsewhere.listTables({})).TableNames.includes(TableName), "a table is seen in another region");
  const limits = await client.send(new DescribeLimitsCommand({}));
  assert.ok(limits.TableMaxWriteCapacityUnits > 0);
}

async function items() {
  const key = { player: "ann", game: 1 };
  const item = {
    ...key,
    title: "Galaxy",
    score: -12.5,
    wins: null,
    active: true,
    avatar: new Uint8Array([0, 1, 255]),
    friends: new Set(["bob", "cy"]),
    levels: new Set([1, 2.5]),
    nested: { list: [1, "two", { three: [] }], empty: {} },
    text: "ünïcødé 🙂 \"quoted\" \\ \n",
    missing: undefined,
  };
  await documents.send(new PutCommand({ TableName, Item: item }));
  const got = await documents.send(new GetCommand({ TableName, Key: key, ConsistentRead: true }));
  const { missing: _, ...want } = item;
  assert.deepEqual({ ...got.Item, avatar: new Uint8Array(got.Item.avatar) }, want);
  assert.equal((await documents.send(new GetCommand({ TableName, Key: { player: "ann", game: 2 } }))).Item, undefined);

  // Numbers that are too long for JavaScript keep their digits.
  const digits = "1234567890123456789012345678901234.5678";
  await documents.send(new PutCommand({ TableName, Item: { player: "ann", game: 3, exact: NumberValue.from(digits) } }));
  const plain = await client.send(new GetItemCommand({ TableName, Key: { player: { S: "ann" }, game: { N: "3" } } }));
  assert.deepEqual(plain.Item.exact, { N: digits });
  const updated = await documents.send(
    new UpdateCommand({
      TableName,
      Key: key,
      UpdateExpression: "SET nested.#l[1] = :two, score = score + :d REMOVE wins, active ADD levels :l DELETE friends :f",
      ExpressionAttributeNames: { "#l": "list" },
      ExpressionAttributeValues: { ":two": "zwei", ":d": 2, ":l": new Set([3]), ":f": new Set(["bob"]) },
      ReturnValues: "UPDATED_NEW",
      ReturnConsumedCapacity: "INDEXES",
    }),
  );
  assert.equal(updated.Attributes.score, -10.5);
  assert.deepEqual(updated.Attributes.levels, new Set([1, 2.5, 3]));
  assert.deepEqual(updated.Attributes.friends, new Set(["cy"]));
  assert.equal(updated.ConsumedCapacity.TableName, TableName);

  await assert.rejects(
    documents.send(
      new PutCommand({
        TableName,
        Item: key,
        ConditionExpression: "attribute_not_exists(player)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    ),
    (error) => {
      assert.ok(error instanceof ConditionalCheckFailedException);
      assert.equal(error.message, "The conditional request failed");
      assert.deepEqual(error.Item.title, { S: "Galaxy" });
      return true;
    },
  );
  const deleted = await documents.send(new DeleteCommand({ TableName, Key: key, ReturnValues: "ALL_OLD" }));
  assert.equal(deleted.Attributes.nested.list[1], "zwei");
  await documents.send(new DeleteCommand({ TableName, Key: { player: "ann", game: 3 } }));
}

// all sends a batch, and what is left of it.
async function all(requests) {
  while (requests && Object.keys(requests).length > 0) {
    const answer = await documents.send(new BatchWriteCommand({ RequestItems: requests }));
    requests = answer.UnprocessedItems;
  }
}

async function queries() {
  const list = Array.from({ length: 60 }, (_, n) => ({
    player: `player ${n % 2}`,
    game: n,
    title: ["Galaxy", "Meteor", "Comet"][n % 3],
    score: n * 10,
    wins: n % 5,
    note: "not projected",
  }));
  for (let n = 0; n < list.length; n += 25) {
    await all({ [TableName]: list.slice(n, n + 25).map((Item) => ({ PutRequest: { Item } })) });
  }
  const query = (rest) => documents.send(new QueryCommand({ TableName, ...rest }));

  const range = await query({
    KeyConditionExpression: "player = :p AND game BETWEEN :from AND :to",
    ExpressionAttributeValues: { ":p": "player 0", ":from": 5, ":to": 13 },
    ScanIndexForward: false,
  });
  assert.deepEqual(range.Items.map((i) => i.game), [12, 10, 8, 6]);

  const games = [];
  const pages = paginateQuery(
    { client: documents, pageSize: 4 },
    {
      TableName,
      KeyConditionExpression: "player = :p",
      FilterExpression: "wins >= :w",
      ExpressionAttributeValues: { ":p": "player 1", ":w": 1 },
    },
  );
  let scanned = 0;
  for await (const page of pages) {
    games.push(...page.Items.map((i) => i.game));
    scanned += page.ScannedCount;
  }
  assert.deepEqual(games, list.filter((i) => i.game % 2 === 1 && i.wins >= 1).map((i) => i.game));
  assert.equal(scanned, 30);

  const best = await query({
    IndexName: "by-title",
    KeyConditionExpression: "title = :t AND score > :s",
    ExpressionAttributeValues: { ":t": "Comet", ":s": 500 },
    ScanIndexForward: false,
  });
  assert.deepEqual(best.Items[0], { player: "player 1", game: 59, title: "Comet", score: 590, wins: 4 });
  assert.equal(best.Count, 3);
  const local = await query({
    IndexName: "by-score",
    KeyConditionExpression: "player = :p AND score < :s",
    ExpressionAttributeValues: { ":p": "player 0", ":s": 50 },
    ConsistentRead: true,
  });
  assert.deepEqual(local.Items.map((i) => i.note), Array(3).fill("not projected"));

  let count = 0;
  for await (const page of paginateScan({ client, pageSize: 13 }, { TableName })) count += page.Items.length;
  assert.equal(count, 60);
  const segments = await Promise.all(
    [0, 1, 2].map((Segment) => documents.send(new ScanCommand({ TableName, Segment, TotalSegments: 3 }))),
  );
  assert.deepEqual(
    segments.flatMap((s) => s.Items.map((i) => i.game)).sort((a, b) => a - b),
    list.map((i) => i.game),
  );
  const counted = await documents.send(
    new ScanCommand({ TableName, Select: "COUNT", FilterExpression: "attribute_type(title, :s) AND contains(title, :e)", ExpressionAttributeValues: { ":s": "S", ":e": "eteo" } }),
  );
  assert.equal(counted.Count, 20);
}

async function batches() {
  const Keys = Array.from({ length: 62 }, (_, n) => ({ player: `player ${n % 2}`, game: n }));
  const got = await documents.send(
    new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ProjectionExpression: "game" } } }),
  );
  assert.equal(got.Responses[TableName].length, 60);
  assert.deepEqual(got.UnprocessedKeys, {});
  const request = { DeleteRequest: { Key: { player: { S: "x" }, game: { N: "1" } } } };
  await assert.rejects(client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [request, request] } })), {
    name: "ValidationException",
    message: "Provided list of item keys contains duplicates",
  });
}

async function transactions() {
  const key = (game) => ({ player: "transactions", game });
  const once = {
    ClientRequestToken: "js-once",
    TransactItems: [
      { Put: { TableName, Item: { ...key(1), wins: 1 } } },
      { Update: { TableName, Key: key(2), UpdateExpression: "ADD wins :one", ExpressionAttributeValues: { ":one": 1 } } },
      { ConditionCheck: { TableName, Key: key(3), ConditionExpression: "attribute_not_exists(player)" } },
      { Delete: { TableName, Key: key(4) } },
    ],
  };
  await documents.send(new TransactWriteCommand(once));
  await documents.send(new TransactWriteCommand(once));
  const got = await documents.send(
    new TransactGetCommand({ TransactItems: [1, 2, 3].map((n) => ({ Get: { TableName, Key: key(n) } })) }),
  );
  assert.deepEqual(got.Responses.map((r) => r.Item?.wins), [1, 1, undefined]);
  await assert.rejects(
    documents.send(new TransactWriteCommand({ ...once, TransactItems: once.TransactItems.slice(0, 1) })),
    IdempotentParameterMismatchException,
  );
  await assert.rejects(
    documents.send(
      new TransactWriteCommand({
        TransactItems: [
          { Delete: { TableName, Key: key(1) } },
          {
            Update: {
              TableName,
              Key: key(2),
              UpdateExpression: "SET wins = :n",
              ConditionExpression: "wins = :n",
              ExpressionAttributeValues: { ":n": 5 },
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            },
          },
        ],
      }),
    ),
    (error) => {
      assert.ok(error instanceof TransactionCanceledException);
      assert.match(error.message, /\[None, ConditionalCheckFailed\]/);
      const [none, failed] = error.CancellationReasons;
      assert.deepEqual([none.Code, none.Message], ["None", undefined]);
      assert.deepEqual([failed.Code, failed.Message], ["ConditionalCheckFailed", "The conditional request failed"]);
      assert.deepEqual(failed.Item.wins, { N: "1" });
      return true;
    },
  );
}

async function errors() {
  const refused = (command, name, message) => assert.rejects(client.send(command), { name, message });
  await refused(new GetItemCommand({ TableName: "none", Key: { id: { S: "x" } } }), "ResourceNotFoundException", /not found/);
  await refused(
    new GetItemCommand({ TableName, Key: { player: { S: "x" } } }),
    "ValidationException",
    "The provided key element does not match the schema",
  );
  await refused(
    new PutItemCommand({ TableName, Item: { player: { S: "x" }, game: { N: "1" }, bad: { N: "1e400" } } }),
    "ValidationException",
    /magnitude larger than supported range/,
  );
  await assert.rejects(
    documents.send(new QueryCommand({ TableName, KeyConditionExpression: "player = :p" })),
    { name: "ValidationException", message: /attribute value: :p/ },
  );
}

async function cleanup() {
  await client.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists(waiter, { TableName });
}

for (const part of [tables, items, queries, batches, transactions, errors, cleanup]) {
  await part();
  console.log(`${part.name}: ok`);
}
