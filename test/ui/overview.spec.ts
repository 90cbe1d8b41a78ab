import { axe, clientOf, expect, makeTable, shot, test } from "./fixtures";

test("says how to begin when there are no tables", async ({ page, own }) => {
  const stator = await own();
  await page.goto(`${stator.url}/_ui/`);
  await expect(page.getByRole("heading", { name: "There are no tables yet" })).toBeVisible();
  await expect(page.getByText(`aws dynamodb create-table --endpoint-url ${stator.url}`)).toBeVisible();
  await expect(page.getByRole("link", { name: "Create table" }).first()).toBeVisible();
  await axe(page);
  await shot(page, "overview-empty");
});

test("shows the tables of all regions and accounts", async ({ page, own }) => {
  const stator = await own();
  await makeTable(clientOf(stator), "music");
  await makeTable(clientOf(stator, "eu-west-1"), "music", { sk: "title" });
  await page.goto(`${stator.url}/_ui/`);
  await expect(page.getByText("2 tables, 0 items")).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Account" })).toBeHidden();
  await page.getByLabel("Region").selectOption({ label: "eu-west-1 (1)" });
  await expect(page.getByText("1 table, 0 items")).toBeVisible();

  await makeTable(clientOf(stator, "eu-west-1", "111111111111"), "orders");
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(page.getByRole("row", { name: /orders 111111111111 eu-west-1/ })).toBeVisible();
  await axe(page);
  await shot(page, "overview");
});
