import { DescribeTableCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { axe, clientOf, expect, makeTable, putItems, shot, test } from "./fixtures";

test("adds an index, sees it filled, and drops it", async ({ page, own }) => {
  test.slow();
  // Long enough to be seen.
  const stator = await own("--memory", "--transient-status=2s");
  const dynamodb = clientOf(stator);
  await makeTable(dynamodb, "orders");
  await expect.poll(async () => (await dynamodb.send(new DescribeTableCommand({ TableName: "orders" }))).Table?.TableStatus).toBe("ACTIVE");
  await putItems(
    dynamodb,
    "orders",
    Array.from({ length: 500 }, (_, i) => ({ pk: { S: `o${i}` }, ...(i % 5 ? { status: { S: "open" } } : {}) })),
  );
  await page.goto(`${stator.url}/_ui/#/t/000000000000/us-east-1/orders/indexes`);
  await expect(page.getByText("There are no indexes")).toBeVisible();
  await axe(page);
  await page.getByRole("button", { name: "Add an index" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Index name").fill("by-status");
  await dialog.getByLabel("Partition key", { exact: true }).fill("status");
  await expect(dialog.getByLabel("request", { exact: true })).toContainText('"IndexName": "by-status"');
  await axe(page);
  await dialog.getByRole("button", { name: "Add the index" }).click();

  const row = page.getByRole("row", { name: /by-status/ });
  await expect(row).toContainText("Creating");
  await expect(row).toContainText("Active");
  await expect(row.getByRole("cell", { name: "400", exact: true })).toBeVisible();
  await expect(row).toContainText("Unused");
  await dynamodb.send(new QueryCommand({ TableName: "orders", IndexName: "by-status", KeyConditionExpression: "#s = :s", ExpressionAttributeNames: { "#s": "status" }, ExpressionAttributeValues: { ":s": { S: "open" } }, Select: "COUNT" }));
  await expect(row).toContainText("1 read since");
  await axe(page);
  await shot(page, "indexes");

  await row.getByRole("button", { name: "Drop the index by-status" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Drop the index" }).click();
  await expect(page.getByText("There are no indexes")).toBeVisible();
});

test("shows what indexes have, and queries them", async ({ page, dynamodb, name }) => {
  const music = name("music");
  const key = (hash: string, range: string) => [{ AttributeName: hash, KeyType: "HASH" as const }, { AttributeName: range, KeyType: "RANGE" as const }];
  await makeTable(dynamodb, music, {
    sk: "title",
    AttributeDefinitions: [{ AttributeName: "year", AttributeType: "N" }, { AttributeName: "genre", AttributeType: "S" }],
    GlobalSecondaryIndexes: [
      { IndexName: "by-genre", KeySchema: key("genre", "year"), Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["label"] } },
      { IndexName: "with-all", KeySchema: key("genre", "year"), Projection: { ProjectionType: "ALL" } },
    ],
    LocalSecondaryIndexes: [{ IndexName: "by-year", KeySchema: key("pk", "year"), Projection: { ProjectionType: "KEYS_ONLY" } }],
  });
  await putItems(dynamodb, music, [{ pk: { S: "a" }, title: { S: "t" }, genre: { S: "g" }, year: { N: "1" }, text: { S: "x".repeat(2500) } }]);
  await page.goto(`/_ui/#/t/000000000000/us-east-1/${music}/indexes`);
  await expect(page.getByRole("row", { name: /by-genre/ })).toContainText("label");
  await expect(page.getByRole("row", { name: /with-all/ })).toContainText("takes 3 more units");
  await expect(page.getByRole("row", { name: /by-genre/ })).not.toContainText("more units");
  await expect(page.getByRole("row", { name: /by-year/ })).toContainText("local");
  await expect(page.getByRole("button", { name: "Drop the index by-year" })).toBeHidden();
  await page.getByRole("link", { name: "Query by-genre" }).click();
  await expect(page).toHaveURL(/index=by-genre/);
});
