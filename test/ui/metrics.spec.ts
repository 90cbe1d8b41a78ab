import { GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { axe, expect, makeTable, putItems, shot, test } from "./fixtures";

const address = (table: string) => `/_ui/#/t/000000000000/us-east-1/${table}/metrics`;

test("a table with which nothing was done says how to begin", async ({ page, dynamodb, name }) => {
  const table = name("idle");
  await makeTable(dynamodb, table);
  await page.goto(address(table));
  await expect(page.getByText("Nothing was done with this table since the server began")).toBeVisible();
  await expect(page.getByText(`--table-name ${table}`)).toBeVisible();
  await axe(page);
  await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "a" } } }));
  await expect(page.getByRole("img", { name: /Operations a second/ })).toBeVisible();
});

test("what is done with a table is drawn, and can be read as a table", async ({ page, dynamodb, name }) => {
  test.slow();
  const table = name("busy");
  await makeTable(dynamodb, table, {
    sk: "sk",
    BillingMode: "PROVISIONED",
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 7 },
    AttributeDefinitions: [{ AttributeName: "year", AttributeType: "N" }],
    GlobalSecondaryIndexes: [
      { IndexName: "by-year", KeySchema: [{ AttributeName: "year", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" }, ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 } },
    ],
  });
  // What was done just before the page is opened is shown, too.
  await putItems(dynamodb, table, Array.from({ length: 50 }, (_, i) => ({ pk: { S: "a" }, sk: { S: String(i) }, year: { N: "1973" } })));
  await page.goto(address(table));
  await expect(page.getByText("Connected")).toBeVisible();
  await expect(page.getByRole("img", { name: /Operations a second.*BatchWriteItem/ })).toBeVisible();
  await dynamodb.send(new QueryCommand({ TableName: table, IndexName: "by-year", KeyConditionExpression: "#y = :y", ExpressionAttributeNames: { "#y": "year" }, ExpressionAttributeValues: { ":y": { N: "1973" } } }));
  await dynamodb.send(new PutItemCommand({ TableName: table, Item: { pk: { S: "a" }, sk: { S: "0" } }, ConditionExpression: "attribute_not_exists(pk)" })).catch(() => undefined);

  await expect(page.getByRole("img", { name: /Operations a second.*BatchWriteItem/ })).toBeVisible();
  await expect(page.getByRole("img", { name: /Capacity units a second.*Write, provisioned: 7/ })).toBeVisible();
  await expect(page.getByRole("img", { name: /Errors a second.*ConditionalCheckFailedException/ })).toBeVisible();
  await expect(page.getByRole("img", { name: /Capacity units of indexes a second.*by-year/ })).toBeVisible();
  await expect(page.getByRole("img", { name: /Items, now Items: 50/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /^BatchWriteItem 2 / })).toBeVisible();
  await expect(page.getByRole("row", { name: /^by-year 50 .* 1 / })).toBeVisible();
  await expect(page.getByRole("row", { name: "ConditionalCheckFailedException 1" })).toBeVisible();

  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText("Stopped: it goes on counting.")).toBeVisible();
  await axe(page);
  await shot(page, "metrics", { fullPage: true });
  await page.getByRole("region", { name: "Operations a second", exact: true }).getByRole("button", { name: "As a table" }).click();
  const figures = page.getByRole("region", { name: "Operations a second, as a table" });
  await expect(figures.getByRole("columnheader")).toHaveText(["Time", "BatchWriteItem", "PutItem", "Query"]);
  await axe(page);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByLabel("Range").selectOption("1 hour");
  await expect(figures.getByRole("row").nth(1)).toBeVisible();

  // Of a day the server remembers what was before the page was opened.
  const now = Date.now();
  const usage = { account: "000000000000", region: "us-east-1", table, items: 7, bytes: 70, indexes: [], operations: { Scan: { count: 600, p50: 1, p99: 2 } }, errors: {}, throttles: { probability: 300 }, stream: { behindMilliseconds: 4000 }, count: 600, p50: 1, p99: 2 };
  await page.route(/_admin\/metrics\/history/, (route) => {
    const steps = Array.from({ length: 200 }, (_, i) => ({ at: new Date(now - (200 - i) * 300_000).toISOString(), seconds: 300, ...(i % 40 < 30 ? { usage } : {}) }));
    return route.fulfill({ json: { now: new Date(now).toISOString(), step: 300, steps } });
  });
  await page.getByLabel("Range").selectOption("24 hours");
  await expect(figures.getByRole("columnheader")).toContainText(["Scan"]);
  await expect(page.getByRole("img", { name: /Throttled requests a second.*By --error-probability/ })).toBeVisible();
  await figures.getByRole("row").nth(100).scrollIntoViewIfNeeded();
  await page.getByRole("region", { name: "Operations a second", exact: true }).getByRole("button", { name: "As a table" }).click();
  await shot(page, "metrics-day", { fullPage: true });
});
