import { DescribeTableCommand, GetItemCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { axe, clientOf, expect, makeTable, putItems, shot, test } from "./fixtures";

test("adds a replica, switches to it, and removes it", async ({ page, own }) => {
  test.slow();
  const stator = await own();
  const [here, there] = [clientOf(stator), clientOf(stator, "eu-west-1")];
  await makeTable(here, "music");
  await putItems(here, "music", [{ pk: { S: "a" } }, { pk: { S: "b" } }]);
  await page.goto(`${stator.url}/_ui/#/t/000000000000/us-east-1/music/replicas`);
  await expect(page.getByText("The table is in this region only")).toBeVisible();
  await axe(page);
  await page.getByRole("button", { name: "Add a replica" }).click();
  await page.getByRole("dialog").getByLabel("Region").fill("eu-west-1");
  await axe(page);
  await page.getByRole("button", { name: "Add the replica" }).click();
  const row = page.getByRole("row", { name: /^eu-west-1/ });
  await expect(row).toContainText("Active");
  await expect(row.getByRole("cell", { name: "2", exact: true })).toBeVisible();

  // Cut off, it does not get what is written here.
  await page.getByRole("button", { name: "Replication of eu-west-1" }).click();
  await page.getByRole("menuitem", { name: "Cut it off" }).click();
  await expect(row).toContainText("Cut off");
  await here.send(new PutItemCommand({ TableName: "music", Item: { pk: { S: "c" }, from: { S: "us" } } }));
  await there.send(new PutItemCommand({ TableName: "music", Item: { pk: { S: "c" }, from: { S: "eu" } } }));
  await expect(row).toContainText("1 change from us-east-1 held up");
  await axe(page);
  await shot(page, "replicas");
  await page.getByRole("button", { name: "Replication of eu-west-1" }).click();
  await page.getByRole("menuitem", { name: "Heal" }).click();
  await expect(row).toContainText("Up to date");
  await expect(page.getByRole("region", { name: "Conflicts", exact: true })).toContainText('{"pk":{"S":"c"}}');
  expect((await here.send(new GetItemCommand({ TableName: "music", Key: { pk: { S: "c" } } }))).Item?.from?.S).toBe("eu");

  // The same page in the other region.
  await page.getByRole("button", { name: "us-east-1. The same table elsewhere" }).click();
  await page.getByRole("menuitem", { name: "eu-west-1" }).click();
  await expect(page).toHaveURL(/eu-west-1\/music\/replicas/);
  await expect(page.getByRole("row", { name: /eu-west-1 \(here\)/ })).toBeVisible();
  await page.getByRole("navigation", { name: "Pages of the table" }).getByRole("link", { name: "Items" }).click();
  await expect(page.getByText("3 items in all")).toBeVisible();
  await page.getByRole("button", { name: "eu-west-1. The same table elsewhere" }).click();
  await page.getByRole("menuitem", { name: "us-east-1" }).click();
  await page.getByRole("navigation", { name: "Pages of the table" }).getByRole("link", { name: "Replicas" }).click();

  await page.getByRole("button", { name: "Remove the replica in eu-west-1" }).click();
  await page.getByLabel("Type “eu-west-1” to go on").fill("eu-west-1");
  await axe(page);
  await page.getByRole("button", { name: "Remove the replica", exact: true }).click();
  await expect(page.getByText("The table is in this region only")).toBeVisible();
  await expect(there.send(new DescribeTableCommand({ TableName: "music" }))).rejects.toThrow("not found");
});

test("makes a table strongly consistent, and takes that back", async ({ page, own }) => {
  const stator = await own();
  const here = clientOf(stator);
  await makeTable(here, "music");
  await page.goto(`${stator.url}/_ui/#/t/000000000000/us-east-1/music/replicas`);
  await page.getByRole("button", { name: "Add a replica" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Consistency").selectOption({ label: "Strong: a write is in all regions when it is answered" });
  await dialog.getByLabel("Region", { exact: true }).fill("us-east-2");
  await dialog.getByLabel("Third region", { exact: true }).fill("us-west-2");
  await dialog.getByLabel("What the third region has").selectOption({ label: "A witness, which has no items" });
  await axe(page);
  await shot(page, "replicas-strong");
  await dialog.getByRole("button", { name: "Add both" }).click();
  await expect(page.getByText("Strongly consistent: a write is in all regions when it is answered. Witness in us-west-2.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Add a replica" })).toBeHidden();
  await expect(page.getByRole("row", { name: /^us-east-2/ })).toContainText("Active");

  // What takes a transaction elsewhere is made in steps.
  await putItems(here, "music", [{ pk: { S: "old" }, n: { N: "1" } }]);
  await page.goto(`${stator.url}/_ui/#/t/000000000000/us-east-1/music/item?key={"pk":{"S":"old"}}`);
  await page.getByRole("button", { name: /^Unlock pk/ }).click();
  await page.getByLabel("Value of pk").fill("new");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("alertdialog")).toContainText("after that: a table with strong consistency takes no transactions");
  await page.getByRole("button", { name: "Create the new, delete the old" }).click();
  await expect(page.getByText("pk = new").first()).toBeVisible();
  expect((await here.send(new ScanCommand({ TableName: "music" }))).Items).toEqual([{ pk: { S: "new" }, n: { N: "1" } }]);
  await page.goto(`${stator.url}/_ui/#/t/000000000000/us-east-1/music/replicas`);

  await page.getByRole("button", { name: "Remove the replica in us-east-2" }).click();
  await expect(page.getByRole("alertdialog")).toContainText("all others go with it: the witness in us-west-2.");
  await page.getByLabel("Type “us-east-2” to go on").fill("us-east-2");
  await page.getByRole("button", { name: "Remove the replica", exact: true }).click();
  await expect(page.getByText("The table is in this region only")).toBeVisible();
  const { Table } = await here.send(new DescribeTableCommand({ TableName: "music" }));
  expect(Table?.MultiRegionConsistency).toBeUndefined();
});
