import { readFile } from "node:fs/promises";
import { DeleteItemCommand, DescribeTableCommand, type DynamoDBClient, PutItemCommand, UpdateItemCommand, UpdateTableCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import type { Page } from "@playwright/test";
import { axe, clientOf, expect, makeTable, putItems, shot, test } from "./fixtures";

const withStream = { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" as const } };
const address = (table: string, query = "") => `/_ui/#/t/000000000000/us-east-1/${table}/stream${query}`;
const records = (page: Page) => page.getByRole("listbox", { name: "Records" }).getByRole("option");

async function change(client: DynamoDBClient, table: string, pk: string, n: number) {
  await client.send(new PutItemCommand({ TableName: table, Item: { pk: { S: pk }, n: { N: String(n) } } }));
}

test("a stream that is off says so and can be enabled", async ({ page, dynamodb, name }) => {
  test.slow();
  const table = name("off");
  await makeTable(dynamodb, table);
  await page.goto(address(table));
  await expect(page.getByRole("heading", { name: "The stream is off" })).toBeVisible();
  await axe(page);
  await shot(page, "stream-off");
  await page.getByLabel("Records have").selectOption("KEYS_ONLY");
  await page.getByRole("button", { name: "Enable stream" }).click();
  await expect(page.getByText("Waiting for changes")).toBeVisible();
  await expect(page.getByText("Connected")).toBeVisible();
  await axe(page);
  await shot(page, "stream-waiting");
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: table }));
  expect(Table?.StreamSpecification?.StreamViewType).toBe("KEYS_ONLY");

  await change(dynamodb, table, "a", 1);
  await records(page).filter({ hasText: "INSERT" }).click();
  await expect(page.getByRole("complementary", { name: "Record" }).getByText("The stream has keys only")).toBeVisible();
});

test("changes show up as they are written, with both images", async ({ page, dynamodb, name }) => {
  test.slow();
  const table = name("tail");
  await makeTable(dynamodb, table, withStream);
  await page.goto(address(table));
  await expect(page.getByText("Connected")).toBeVisible();
  const Key = { pk: { S: "artist#1,/?%" } };
  await dynamodb.send(new PutItemCommand({ TableName: table, Item: { ...Key, title: { S: "Blue" }, plays: { N: "12345678901234567890123456789012345678" }, tags: { SS: ["a", "b"] } } }));
  await dynamodb.send(new UpdateItemCommand({ TableName: table, Key, UpdateExpression: "SET title = :t, rating = :r REMOVE tags", ExpressionAttributeValues: { ":t": { S: "Green" }, ":r": { N: "5" } } }));
  await dynamodb.send(new DeleteItemCommand({ TableName: table, Key }));
  await expect(records(page)).toHaveText([/REMOVE/, /MODIFY.*rating, tags, title/, /INSERT/]);

  await records(page).filter({ hasText: "MODIFY" }).click();
  const record = page.getByRole("complementary", { name: "Record" });
  await expect(record.getByRole("row", { name: /title ~ changed/ })).toHaveText(/Blue.*Green/);
  await expect(record.getByRole("row", { name: /rating \+ added/ })).toHaveText(/not there.*5/);
  await expect(record.getByRole("row", { name: /tags − removed/ })).toBeVisible();
  await expect(record.getByRole("row", { name: /plays/ })).toBeHidden();
  await record.getByLabel("Attributes that are the same, too").check();
  await expect(record.getByRole("row", { name: /plays/ })).toHaveText(/12345678901234567890123456789012345678.*12345678901234567890123456789012345678/);
  await axe(page);
  await shot(page, "stream-record");

  // The keyboard goes from record to record.
  await page.getByRole("listbox", { name: "Records" }).press("ArrowUp");
  await expect(record.getByRole("heading")).toHaveText(/REMOVE/);
  await record.getByRole("button", { name: "Put old image again" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Put the item" }).click();
  await expect(records(page)).toHaveText([/INSERT/, /REMOVE/, /MODIFY/, /INSERT/]);

  await page.getByLabel("Event name").selectOption("INSERT");
  await expect(records(page)).toHaveCount(2);
  await page.getByLabel("Attribute that changed").selectOption("rating");
  await expect(records(page)).toHaveCount(1);
  await page.getByLabel("Key or sequence number").fill("nobody");
  await page.getByRole("button", { name: "Show all 4 records" }).click();
  await expect(records(page)).toHaveCount(4);

  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as NDJSON" }).click();
  const lines = (await readFile(await (await saved).path(), "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { eventName: string }).eventName)).toEqual(["INSERT", "MODIFY", "REMOVE", "INSERT"]);
});

test("during a pause records wait", async ({ page, dynamodb, name }) => {
  const table = name("pause");
  await makeTable(dynamodb, table, withStream);
  await page.goto(address(table));
  await expect(page.getByText("Connected")).toBeVisible();
  await change(dynamodb, table, "a", 1);
  await expect(records(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Pause" }).click();
  await change(dynamodb, table, "b", 1);
  await change(dynamodb, table, "c", 1);
  await page.getByRole("button", { name: "Go on (2 waiting)" }).click();
  await expect(records(page)).toHaveText([/c/, /b/, /a/]);
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(records(page)).toHaveCount(0);
  await page.getByLabel("From", { exact: true }).selectOption("oldest");
  await expect(records(page)).toHaveCount(3);
  await expect(page).toHaveURL(/from=oldest/);
});

test("many records are a list of which some are drawn", async ({ page, dynamodb, name }) => {
  const table = name("many");
  await makeTable(dynamodb, table, withStream);
  await putItems(dynamodb, table, Array.from({ length: 2000 }, (_, i) => ({ pk: { S: `item ${i}` } })));
  await page.goto(address(table, "?from=oldest"));
  await expect(page.getByText("2,000 records shown, 2,000 received.")).toBeVisible();
  expect(await records(page).count()).toBeLessThan(100);
  const list = page.getByRole("listbox", { name: "Records" });
  await list.press("Home");
  await list.press("End");
  await expect(list.locator("[aria-posinset='2000']")).toHaveAttribute("aria-selected", "true");
});

test("the shards are a tree", async ({ page, dynamodb, name }) => {
  const table = name("shards");
  await makeTable(dynamodb, table, withStream);
  await page.goto(address(table));
  await page.getByRole("button", { name: "Show the shards" }).click();
  const shards = page.getByRole("region", { name: "Shards" });
  await expect(shards.getByRole("row", { name: /shardId-.* none \d+ open/ }).first()).toBeVisible();
  await axe(page);
  await shot(page, "stream-shards", { fullPage: true });
});

test("what the time to live deletes is marked", async ({ page, own }) => {
  const stator = await own();
  const client = clientOf(stator);
  await makeTable(client, "sessions", withStream);
  await client.send(new UpdateTimeToLiveCommand({ TableName: "sessions", TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true } }));
  await client.send(new PutItemCommand({ TableName: "sessions", Item: { pk: { S: "a" }, ttl: { N: String(Math.floor(Date.now() / 1000) - 60) } } }));
  await fetch(`${stator.url}/_aws/dynamodb/expired`, { method: "DELETE" });
  await page.goto(stator.url + address("sessions", "?from=oldest"));
  await expect(records(page)).toHaveText([/REMOVE.*Time to live/, /INSERT/]);
});

test("a stream that is disabled ends and can still be read", async ({ page, dynamodb, name }) => {
  const table = name("ends");
  await makeTable(dynamodb, table, withStream);
  await change(dynamodb, table, "a", 1);
  await dynamodb.send(new UpdateTableCommand({ TableName: table, StreamSpecification: { StreamEnabled: false } }));
  await page.goto(address(table));
  await page.getByRole("button", { name: "Show what it had" }).click();
  await page.getByLabel("From", { exact: true }).selectOption("oldest");
  await expect(records(page)).toHaveCount(1);
  await expect(page.getByText("The stream was disabled, and this was all of it.")).toBeVisible();
});

test("after a restart of the server no record is missed, and none comes twice", async ({ page, own, expected }, info) => {
  test.slow();
  expected(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  const stator = await own("--data", info.outputPath("data"));
  const client = clientOf(stator);
  await makeTable(client, "durable", withStream);
  await page.goto(stator.url + address("durable"));
  await expect(page.getByText("Connected")).toBeVisible();
  await change(client, "durable", "before", 1);
  await expect(records(page)).toHaveCount(1);
  await stator.kill();
  await expect(page.getByText("Connection lost, trying again")).toBeVisible();
  await expect(page.getByText("The server does not answer. It is tried again and goes on where it was")).toBeVisible();
  await stator.again();
  await change(client, "durable", "after", 1);
  await change(client, "durable", "after", 2);
  await expect(records(page)).toHaveText([/MODIFY.*after/, /INSERT.*after/, /INSERT.*before/]);
  await expect(page.getByText("Connected")).toBeVisible();
  await expect(page.getByText("3 records shown, 3 received.")).toBeVisible();
});

test("a server that lost the table says so", async ({ page, own, expected }) => {
  expected(/ERR_|status of 400/);
  const stator = await own();
  await makeTable(clientOf(stator), "lost", withStream);
  await page.goto(stator.url + address("lost"));
  await expect(page.getByText("Connected")).toBeVisible();
  await stator.kill();
  await stator.again();
  await expect(page.getByRole("alert").getByText("The table lost is not there in us-east-1")).toBeVisible();
});
