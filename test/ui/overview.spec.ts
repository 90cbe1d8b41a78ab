import { CreateTableCommand, DescribeTableCommand, DescribeTimeToLiveCommand, ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Page } from "@playwright/test";
import { axe, clientOf, each, expect, makeTable, putItems, shot, test } from "./fixtures";

const row = (page: Page, name: string) => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
const summary = (page: Page, text: RegExp) => page.locator("[aria-live]").filter({ hasText: text });

test("says how to begin when there are no tables", async ({ page, own }) => {
  const stator = await own();
  await page.goto(`${stator.url}/_ui/`);
  await expect(page.getByRole("heading", { name: "There are no tables yet" })).toBeVisible();
  await expect(page.getByText(`aws dynamodb create-table --endpoint-url ${stator.url}`)).toBeVisible();
  await expect(page.getByRole("link", { name: "Create table" }).first()).toBeVisible();
  await page.getByRole("button", { name: "Copy command" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(stator.url);
  await axe(page);
  await shot(page, "overview-empty");
});

test("loads demo data", async ({ page, own }) => {
  const stator = await own();
  const dynamodb = clientOf(stator);
  await page.goto(`${stator.url}/_ui/`);
  await page.getByRole("button", { name: "Load demo data" }).click();
  await expect(page.getByText(/Table demo-shop created in us-east-1, with \d+ items/)).toBeVisible();
  await expect(row(page, "demo-shop")).toContainText(/Active.*On demand.*new and old.*expires/);
  await axe(page);
  await shot(page, "overview-demo");

  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: "demo-shop" }));
  expect(Table?.GlobalSecondaryIndexes?.map((ix) => ix.IndexName)).toEqual(["by-status"]);
  const ttl = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: "demo-shop" }));
  expect(ttl.TimeToLiveDescription).toEqual({ AttributeName: "expires", TimeToLiveStatus: "ENABLED" });
  const { Count } = await dynamodb.send(new ScanCommand({ TableName: "demo-shop", Select: "COUNT" }));
  await expect(row(page, "demo-shop")).toContainText(String(Count));
});

test("shows the tables of all regions and accounts", async ({ page, own }) => {
  const stator = await own();
  await makeTable(clientOf(stator), "music");
  await makeTable(clientOf(stator, "eu-west-1"), "music", { sk: "title" });
  await page.goto(`${stator.url}/_ui/`);
  await expect(summary(page, /^2 tables, 0 items/)).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Account" })).toBeHidden();
  await page.getByLabel("Region").selectOption({ label: "eu-west-1 (1)" });
  await expect(summary(page, /^1 table, 0 items/)).toBeVisible();

  await makeTable(clientOf(stator, "eu-west-1", "111111111111"), "orders");
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(row(page, "orders")).toContainText(/111111111111\s*eu-west-1/);
  await axe(page);
  await shot(page, "overview");
});

test("filters by name", async ({ page, dynamodb, name }) => {
  const [apples, pears] = [name("apples"), name("pears")];
  await makeTable(dynamodb, apples);
  await makeTable(dynamodb, pears);
  await page.goto("/_ui/");
  await expect(row(page, apples)).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type(pears.toUpperCase());
  await expect(summary(page, /^1 table,/)).toBeVisible();
  await expect(row(page, pears)).toBeVisible();
  await expect(row(page, apples)).toBeHidden();
  await page.keyboard.type("-and-more");
  await expect(page.getByText("No table has such a name here.")).toBeVisible();
});

test("deletes a table when its name was typed", async ({ page, dynamodb, name }) => {
  const [going, staying] = [name("going"), name("staying")];
  await makeTable(dynamodb, going);
  await makeTable(dynamodb, staying);
  await page.goto("/_ui/");
  await page.getByRole("checkbox", { name: `Select ${going} in us-east-1` }).check();
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Remove Selected (1)" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Delete 1 table?" });
  const field = dialog.getByLabel(`Type “${going}” to go on`);
  await expect(field).toBeFocused();
  await axe(page);
  await shot(page, "overview-delete");
  const button = dialog.getByRole("button", { name: "Delete" });
  await expect(button).toBeDisabled();
  await field.fill(going.slice(1));
  await field.press("Enter");
  await expect(button).toBeDisabled();
  await field.fill(going);
  await button.click();
  await expect(page.getByText("1 table deleted")).toBeVisible();
  await expect(row(page, going)).toBeHidden();
  await expect(row(page, staying)).toBeVisible();
  const { TableNames } = await dynamodb.send(new ListTablesCommand({}));
  expect(TableNames).not.toContain(going);
  expect(TableNames).toContain(staying);
});

test("says why a table cannot be deleted", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/);
  const kept = name("kept");
  await makeTable(dynamodb, kept, { DeletionProtectionEnabled: true });
  await page.goto("/_ui/");
  await page.getByRole("checkbox", { name: `Select ${kept} in us-east-1` }).check();
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Remove Selected (1)" }).click();
  await page.getByLabel(`Type “${kept}” to go on`).fill(kept);
  await page.keyboard.press("Enter");
  await expect(page.getByText(/Resource cannot be deleted as it is currently protected against deletion/)).toBeVisible();
  await expect(row(page, kept)).toBeVisible();
});

test("goes on where it was when the server comes back", async ({ page, own, expected }) => {
  const stator = await own();
  expected(/ERR_CONNECTION_REFUSED/);
  await makeTable(clientOf(stator), "music");
  await page.goto(`${stator.url}/_ui/`);
  await expect(row(page, "music")).toBeVisible();
  await stator.stop();
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(page.getByRole("alert")).toContainText("The server does not answer.");
  await expect(row(page, "music")).toBeVisible();
  await axe(page);
  await stator.again();
  await expect(page.getByRole("alert")).toBeHidden();
  await expect(page.getByRole("heading", { name: "There are no tables yet" })).toBeVisible(); // all was in memory
});

test("shows two thousand tables, whatever their names", async ({ page, own }) => {
  test.slow();
  const stator = await own();
  const dynamodb = clientOf(stator);
  const kinds = ["orders.", "orders-", "orders_", "Orders"];
  const names = Array.from({ length: 1998 }, (_, i) => `${kinds[i % 4]}${String(i).padStart(4, "0")}`);
  const long = "z".repeat(255);
  await each([...names, "a.b-c_d", long], 16, (TableName) =>
    dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      }),
    ),
  );
  await page.goto(`${stator.url}/_ui/`);
  await expect(summary(page, /^2,000 tables,/)).toBeVisible();
  // Those in sight are there, and some around them.
  expect(await page.getByRole("row").count()).toBeLessThan(100);
  await expect(page.getByRole("table")).toHaveAttribute("aria-rowcount", "2001");
  await expect(row(page, "Orders0003")).toBeInViewport();

  const list = page.getByRole("region", { name: "Tables" });
  await list.focus();
  await page.keyboard.press("End");
  await expect(row(page, long)).toBeInViewport();
  await page.keyboard.press("PageUp");
  await expect(row(page, long)).not.toBeInViewport();
  await expect(async () => {
    await page.keyboard.press("Home"); // which Chromium drops while it still scrolls by a page
    await expect(row(page, "Orders0003")).toBeInViewport({ timeout: 2000 });
  }).toPass();
  await axe(page);
  await shot(page, "overview-2000");

  const filter = page.getByLabel("Filter by name");
  await filter.fill("B-C");
  await expect(row(page, "a.b-c_d")).toBeInViewport();
  await filter.fill("orders.0");
  await expect(summary(page, /^250 tables,/)).toBeVisible();
  await page.getByRole("checkbox", { name: "Select all tables that are shown" }).check();
  await page.getByRole("button", { name: "Actions" }).click();
  await expect(page.getByRole("menuitem", { name: "Remove Selected (250)" })).toBeVisible();
  await page.keyboard.press("Escape");
  await filter.fill(long);
  await row(page, long).getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`/t/000000000000/us-east-1/${long}`));
});

test("creates tables from a file, after it has shown them", async ({ page, own }) => {
  const stator = await own();
  await page.goto(`${stator.url}/_ui/`);
  await page.getByRole("button", { name: "Create from a file…" }).click();
  const dialog = page.getByRole("dialog", { name: "Create tables from a file" });
  const template = `
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      Colour: red
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}, {AttributeName: status, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      GlobalSecondaryIndexes: [{IndexName: by-status, KeySchema: [{AttributeName: status, KeyType: HASH}], Projection: {ProjectionType: ALL}}]
      TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
`;
  const give = (name: string, text: string) => dialog.getByLabel("File").setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  await give("broken.json", "{");
  await expect(dialog.getByRole("alert")).toContainText("it is no JSON");
  await give("stack.yaml", template);
  await expect(dialog.getByRole("status")).toContainText(/1 table\s*orders us-east-1, key pk, 1 index, a time to live/);
  await expect(dialog).toContainText("a property is not understood, and left out: resource Orders, property Colour");
  await axe(page);
  await shot(page, "overview-file");
  await dialog.getByRole("button", { name: "Create 1 table" }).click();
  await expect(row(page, "orders")).toContainText(/Active.*On demand.*expires/);

  // A model brings its sample data with it.
  const model = { ModelName: "m", DataModel: [{ TableName: "songs", KeyAttributes: { PartitionKey: { AttributeName: "artist", AttributeType: "S" } }, TableData: [{ artist: { S: "a" } }, { artist: { S: "b" } }], BillingMode: "PAY_PER_REQUEST" }] };
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Create from a file…" }).click();
  await dialog.getByLabel("Region").fill("eu-west-1");
  await give("model.json", JSON.stringify(model));
  await dialog.getByRole("button", { name: "Create 1 table" }).click();
  await expect(row(page, "songs")).toContainText(/eu-west-1.*Active/);
  await expect(page.getByText("1 table created, 2 items put")).toBeVisible();
});

test("says what was done, and what stands out", async ({ page, own }) => {
  const stator = await own();
  const dynamodb = clientOf(stator);
  const GlobalSecondaryIndexes = [{ IndexName: "by-status", KeySchema: [{ AttributeName: "status", KeyType: "HASH" as const }], Projection: { ProjectionType: "ALL" as const } }];
  await makeTable(dynamodb, "orders", { AttributeDefinitions: [{ AttributeName: "status", AttributeType: "S" }], GlobalSecondaryIndexes });
  await makeTable(dynamodb, "unused");
  await page.goto(`${stator.url}/_ui/`);
  await expect(row(page, "orders")).toBeVisible();
  await expect(page.getByRole("img", { name: /^Activity in all tables/ })).toBeVisible();
  await putItems(dynamodb, "orders", [{ pk: { S: "a" }, status: { S: "OPEN" } }]);
  await dynamodb.send(new ScanCommand({ TableName: "orders" }));
  await expect(page.getByRole("region", { name: "Activity of the last minute" }).getByRole("listitem")).toHaveText(/^orders.*BatchWriteItem 1.*2 requests$/);
  await expect(row(page, "orders").getByRole("cell").nth(11)).not.toHaveText("–"); // its last write
  await page.reload();
  const worth = page.getByRole("region", { name: "Worth a look" });
  await expect(worth.getByRole("listitem")).toHaveText([/^orders.*The index by-status was never read.*took 1 unit\./, /^unused.*It has no items/]);
  await axe(page);
  await shot(page, "overview-advice");
  await worth.getByRole("link", { name: "orders, indexes" }).click();
  await expect(page).toHaveURL(/orders\/indexes/);
});
