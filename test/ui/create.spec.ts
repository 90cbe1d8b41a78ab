import { DescribeTableCommand, ListTagsOfResourceCommand } from "@aws-sdk/client-dynamodb";
import { axe, expect, makeTable, shot, tabTo, test } from "./fixtures";

test("makes a table with the keyboard alone", async ({ page, dynamodb, name }) => {
  const music = name("music");
  await page.goto("/_ui/");
  const create = page.getByRole("link", { name: "Create table" }).first();
  await expect(create).toBeVisible();
  await tabTo(create);
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await page.keyboard.type(music);
  await tabTo(page.getByLabel("Partition key", { exact: true }));
  await page.keyboard.type("artist");
  await tabTo(page.getByLabel("Sort key", { exact: true }));
  await page.keyboard.type("year");
  await tabTo(page.getByLabel("Sort key: type"));
  await page.keyboard.type("Num"); // of the types, by its first letters
  await tabTo(page.getByRole("button", { name: "Create table" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText(`Table ${music} created in us-east-1`)).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: music })).toBeVisible();
  await expect(page.getByText("There are no items")).toBeVisible();
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: music }));
  expect(Table?.KeySchema).toEqual([
    { AttributeName: "artist", KeyType: "HASH" },
    { AttributeName: "year", KeyType: "RANGE" },
  ]);
  expect(Table?.AttributeDefinitions).toEqual([
    { AttributeName: "artist", AttributeType: "S" },
    { AttributeName: "year", AttributeType: "N" },
  ]);
  expect(Table?.BillingModeSummary?.BillingMode).toBe("PAY_PER_REQUEST");
});

test("makes a table with all that the form has", async ({ page, dynamodb, name }) => {
  test.slow();
  const orders = name("orders");
  await page.goto("/_ui/#/create");
  await page.getByLabel("Name", { exact: true }).fill(orders);
  await page.getByLabel("Partition key", { exact: true }).fill("customer");
  await expect(page.getByRole("button", { name: "Local index" })).toBeDisabled(); // it needs a sort key
  await page.getByLabel("Sort key", { exact: true }).fill("order");
  await page.getByLabel("Mode").selectOption("Provisioned");
  await page.getByLabel("Read units").fill("7");
  await page.getByLabel("Write units").fill("3");
  await page.getByLabel("Table class").selectOption("Standard, infrequent access");

  await page.getByRole("button", { name: "Global index" }).click();
  const global = page.getByRole("group", { name: "Global index" });
  await global.getByLabel("Index name").fill("by-status");
  await global.getByLabel("Partition key", { exact: true }).fill("status");
  await global.getByLabel("Attributes in the index").selectOption("Keys and some more");
  await global.getByLabel("Which").fill("total, placed");
  await page.getByRole("button", { name: "Local index" }).click();
  const local = page.getByRole("group", { name: "Local index" });
  await local.getByLabel("Index name").fill("by-total");
  await local.getByLabel("Sort key", { exact: true }).fill("total");
  await local.getByLabel("Sort key: type").selectOption("Number");
  await local.getByLabel("Attributes in the index").selectOption("Keys only");

  await page.getByLabel("Stream").selectOption("New image");
  await page.getByLabel("Protect it against deletion").check();
  await page.getByRole("button", { name: "Tag", exact: true }).click();
  await page.getByLabel("Tag", { exact: true }).fill("team");
  await page.getByLabel("Value").fill("shop");
  await axe(page);
  await shot(page, "create", { fullPage: true });

  await page.getByRole("button", { name: "Create table" }).click();
  await expect(page.getByText(`Table ${orders} created in us-east-1`)).toBeVisible();

  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: orders }));
  expect(Table).toMatchObject({
    ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 3 },
    TableClassSummary: { TableClass: "STANDARD_INFREQUENT_ACCESS" },
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
    DeletionProtectionEnabled: true,
    GlobalSecondaryIndexes: [{ IndexName: "by-status", KeySchema: [{ AttributeName: "status", KeyType: "HASH" }], Projection: { ProjectionType: "INCLUDE" } }],
    LocalSecondaryIndexes: [{ IndexName: "by-total", Projection: { ProjectionType: "KEYS_ONLY" } }],
  });
  expect(Table?.GlobalSecondaryIndexes?.[0]?.Projection?.NonKeyAttributes?.sort()).toEqual(["placed", "total"]);
  const { Tags } = await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: Table?.TableArn }));
  expect(Tags).toEqual([{ Key: "team", Value: "shop" }]);
});

test("shows why the server refuses a name", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/);
  await page.goto("/_ui/#/create");
  await page.getByLabel("Name", { exact: true }).fill("no spaces");
  await page.getByLabel("Partition key", { exact: true }).fill("pk");
  await page.getByRole("button", { name: "Create table" }).click();
  await expect(page.getByRole("alert")).toContainText("The table was not created");
  await expect(page.getByRole("alert")).toContainText(/ValidationException: .*'no spaces'.*\[a-zA-Z0-9_.-\]\+/);
  await axe(page);

  const taken = name("taken");
  await makeTable(dynamodb, taken);
  await page.getByLabel("Name", { exact: true }).fill(taken);
  await page.getByRole("button", { name: "Create table" }).click();
  await expect(page.getByRole("alert")).toContainText(`ResourceInUseException: Table already exists: ${taken}`);

  // What was filled in is still there.
  const free = name("free");
  await page.getByLabel("Name", { exact: true }).fill(free);
  await page.getByRole("button", { name: "Create table" }).click();
  await expect(page.getByRole("heading", { name: free, exact: true })).toBeVisible();
});

test("is left without a table", async ({ page, name }) => {
  const never = name("never");
  await page.goto("/_ui/#/create");
  await page.getByLabel("Name", { exact: true }).fill(never);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("heading", { name: "Tables", exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: never })).toBeHidden();
});

test("makes the table with the command it shows", async ({ page, stator }) => {
  await page.goto("/_ui/#/create?region=eu-west-1");
  await page.getByLabel("Name", { exact: true }).fill("music");
  await page.getByLabel("Partition key", { exact: true }).fill("it's");
  await page.getByRole("tab", { name: "AWS CLI" }).click();
  const command = page.getByLabel("command", { exact: true });
  await expect(command).toContainText(`aws dynamodb create-table --endpoint-url ${stator.url} --region eu-west-1 --cli-input-json '{"TableName":"music"`);
  await expect(command).toContainText(`"AttributeName":"it'\\''s"`);
});

test("waits until the table is active", async ({ page, own }) => {
  const stator = await own("--transient-status=1h");
  await page.goto(`${stator.url}/_ui/#/create`);
  await page.getByLabel("Name", { exact: true }).fill("slow");
  await page.getByLabel("Partition key", { exact: true }).fill("pk");
  await page.getByRole("button", { name: "Create table" }).click();
  await expect(page.getByText("The table is being created…")).toBeVisible();
  await expect(page.getByRole("link", { name: "New item" })).toHaveCount(0);
  await axe(page);
  await page.request.put(`${stator.url}/_admin/clock`, { data: { advance: "1h" } });
  await expect(page.getByText("There are no items")).toBeVisible();
});
