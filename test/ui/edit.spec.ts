import { DescribeTableCommand, ListTagsOfResourceCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { axe, expect, makeTable, putItems, shot, test } from "./fixtures";

const settings = (table: string) => `/_ui/#/t/000000000000/us-east-1/${table}/edit`;

test("changes a table request by request", async ({ page, dynamodb, name }) => {
  test.slow();
  const orders = name("orders");
  await makeTable(dynamodb, orders, {
    AttributeDefinitions: [{ AttributeName: "old", AttributeType: "S" }],
    GlobalSecondaryIndexes: [{ IndexName: "by-old", KeySchema: [{ AttributeName: "old", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
    Tags: [{ Key: "team", Value: "a" }],
  });
  await putItems(
    dynamodb,
    orders,
    Array.from({ length: 50 }, (_, i) => ({ pk: { S: `o${i}` }, status: { S: i % 2 ? "open" : "done" }, total: { N: String(i) } })),
  );
  await page.goto(settings(orders));
  await page.getByRole("button", { name: "Drop the index by-old" }).click();
  for (const [index, attribute] of [["by-status", "status"], ["by-total", "total"]] as const) {
    await page.getByRole("button", { name: "Add an index" }).click();
    const group = page.getByRole("group", { name: /^New index/ }).last();
    await group.getByLabel("Index name").fill(index);
    await group.getByLabel("Partition key", { exact: true }).fill(attribute);
    if (attribute === "total") await group.getByLabel("Partition key: type").selectOption("Number");
  }
  await page.getByLabel("Stream").selectOption("Off");
  await page.getByLabel("Time to live").fill("until");
  await page.getByLabel("Protect it against deletion").check();
  await page.getByLabel("Value").fill("b");
  const differences = page.getByRole("region", { name: "Differences" });
  await expect(differences.getByRole("row", { name: "Stream new image off" })).toBeVisible();
  await expect(differences.getByRole("row", { name: "Tag team a b" })).toBeVisible();
  await expect(page.getByRole("list", { name: "Requests" }).getByRole("listitem")).toHaveText([
    "UpdateTableDrop the index by-old",
    "UpdateTableAdd the index by-status",
    "UpdateTableAdd the index by-total",
    "UpdateTableDisable the stream",
    "UpdateTableProtect the table",
    "UpdateTimeToLiveEnable the time to live",
    "TagResourceSet tags",
  ].map((text) => new RegExp(`^${text}`)));
  await axe(page);
  await shot(page, "edit", { fullPage: true });

  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText(`${orders} is changed`)).toBeVisible();
  await expect(differences).toBeHidden();
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: orders }));
  expect(Table?.GlobalSecondaryIndexes?.map((ix) => [ix.IndexName, ix.IndexStatus, ix.ItemCount]).sort()).toEqual([
    ["by-status", "ACTIVE", 50],
    ["by-total", "ACTIVE", 50],
  ]);
  expect(Table?.StreamSpecification).toBeUndefined();
  expect(Table?.DeletionProtectionEnabled).toBe(true);
  const { Tags } = await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: Table?.TableArn }));
  expect(Tags).toEqual([{ Key: "team", Value: "b" }]);
});

test("keeps the rest when a request fails", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/);
  const orders = name("orders");
  await makeTable(dynamodb, orders);
  await page.goto(settings(orders));
  for (const index of ["by-a", "by b"]) {
    await page.getByRole("button", { name: "Add an index" }).click();
    const group = page.getByRole("group", { name: /^New index/ }).last();
    await group.getByLabel("Index name").fill(index);
    await group.getByLabel("Partition key", { exact: true }).fill("a");
  }
  await page.getByLabel("Protect it against deletion").check();
  await page.getByRole("button", { name: "Save" }).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("Request 2 of 3: Add the index by b");
  await expect(alert).toContainText("ValidationException");
  await expect(page.getByRole("list", { name: "Requests" }).getByRole("listitem")).toHaveCount(2);
  await axe(page);
  await page.getByRole("group", { name: "New index by b" }).getByLabel("Index name").fill("by-b");
  await page.getByRole("button", { name: "Try the rest again" }).click();
  await expect(page.getByText(`${orders} is changed`)).toBeVisible();
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: orders }));
  expect(Table?.GlobalSecondaryIndexes?.map((ix) => ix.IndexName).sort()).toEqual(["by-a", "by-b"]);
  expect(Table?.DeletionProtectionEnabled).toBe(true);
});

test("copies a table into one with another key, and deletes the old one", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/); // the page may ask for the old one once more
  const [old, next] = [name("old"), name("new")];
  await makeTable(dynamodb, old);
  await putItems(
    dynamodb,
    old,
    Array.from({ length: 60 }, (_, i) => ({ pk: { S: `p${i}` }, ...(i === 7 ? {} : { mail: i === 8 ? { N: "8" } : { S: `m${i === 10 ? 9 : i}` } }) })),
  );
  await page.goto(settings(old));
  await page.getByRole("button", { name: "Copy into a new table…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("New name").fill(next);
  await dialog.getByLabel("Partition key", { exact: true }).fill("mail");
  await axe(page);
  await dialog.getByRole("button", { name: "Create and copy" }).click();
  await expect(dialog.getByText("57 items copied. 3 items do not fit:")).toBeVisible();
  const misfits = dialog.getByRole("list", { name: "Items that do not fit" });
  await expect(misfits).toContainText("pk = p7: it has no mail");
  await expect(misfits).toContainText("pk = p8: its mail is of type N, not S");
  await expect(misfits).toContainText("another item has this key");
  await shot(page, "edit-copy");
  expect((await dynamodb.send(new ScanCommand({ TableName: next, Select: "COUNT" }))).Count).toBe(57);
  await dialog.getByRole("button", { name: "Delete the old table…" }).click();
  await page.getByLabel(`Type “${old}” to go on`).fill(old);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByRole("heading", { name: next })).toBeVisible();
  await expect(page.getByText("1 table deleted")).toBeVisible();
});

for (const way of ["Batch by batch", "Delete the table and create it anew"]) {
  test(`empties a table: ${way}`, async ({ page, dynamodb, name, expected }) => {
    expected(/status of 400/); // for a moment there is no table
    const logs = name("logs");
    await makeTable(dynamodb, logs, { sk: { name: "n", type: "N" }, Tags: [{ Key: "a", Value: "b" }] });
    await putItems(
      dynamodb,
      logs,
      Array.from({ length: 130 }, (_, i) => ({ pk: { S: "a" }, n: { N: String(i) } })),
    );
    await page.goto(settings(logs));
    await page.getByRole("button", { name: "Delete all items…" }).click();
    await page.getByLabel(way).check();
    await expect(page.getByRole("button", { name: "Delete all items", exact: true })).toBeDisabled();
    await page.getByLabel(`Type “${logs}” to go on`).fill(logs);
    await axe(page);
    await page.getByRole("button", { name: "Delete all items", exact: true }).click();
    await expect(page.getByText(way === "Batch by batch" ? "130 items deleted" : `${logs} is new, and has no items`)).toBeVisible();
    expect((await dynamodb.send(new ScanCommand({ TableName: logs, Select: "COUNT" }))).Count).toBe(0);
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: logs }));
    expect((await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: Table?.TableArn }))).Tags).toEqual([{ Key: "a", Value: "b" }]);
  });
}
