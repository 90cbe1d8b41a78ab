import { DescribeTableCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
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
