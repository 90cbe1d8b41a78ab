import { axe, expect, makeTable, putItems, shot, test } from "./fixtures";

test("goes to a table by its name", async ({ page, dynamodb, name }) => {
  const table = name("palette");
  await makeTable(dynamodb, table);
  await page.goto("/_ui/");
  await expect(page.getByRole("heading", { level: 1, name: "Tables" })).toBeVisible();
  await page.keyboard.press("ControlOrMeta+k");
  await expect(page.getByRole("combobox", { name: "Go to" })).toBeFocused();
  await page.keyboard.type(table);
  await expect(page.getByRole("option", { name: table })).toHaveAttribute("aria-selected", "true");
  await axe(page);
  await shot(page, "palette");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: table })).toBeVisible();

  // What was looked at comes first, and the table's own pages are there.
  await page.keyboard.press("ControlOrMeta+k");
  await expect(page.getByRole("group", { name: "Recent" }).getByRole("option", { name: table })).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Go to" })).toBeFocused();
  await page.keyboard.type("stream");
  await page.getByRole("group", { name: "This table" }).getByRole("option", { name: "Stream" }).click();
  await expect(page).toHaveURL(new RegExp(`${table}/stream`));
});

test("has keys for the pages of a table", async ({ page, dynamodb, name }) => {
  const table = name("keys");
  await makeTable(dynamodb, table);
  await page.goto(`/_ui/#/t/000000000000/us-east-1/${table}`);
  await expect(page.getByRole("heading", { level: 1, name: table })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(page).toHaveURL(/\/stream/);
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await expect(page).not.toHaveURL(/\/stream/);
  await page.keyboard.press("/");
  await expect(page.getByLabel("Find a table")).toBeFocused();
  // What is typed is text.
  await page.keyboard.type("g s?");
  await expect(page.getByLabel("Find a table")).toHaveValue("g s?");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page).not.toHaveURL(/\/stream/);
  await page.getByRole("heading", { level: 1, name: table }).click();
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await expect(page.getByRole("heading", { level: 1, name: "PartiQL" })).toBeVisible();
});

test("lists the keys, and lets them be", async ({ page, dynamodb, name }) => {
  const table = name("help");
  await makeTable(dynamodb, table);
  await page.goto(`/_ui/#/t/000000000000/us-east-1/${table}`);
  await expect(page.getByRole("heading", { level: 1, name: table })).toBeVisible();
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keys" });
  await expect(help).toContainText("Go to Stream");
  await expect(help).toContainText("Show or hide the request log");
  await axe(page);
  await shot(page, "keys");
  await help.getByLabel("Keys without Ctrl or ⌘").uncheck();
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await page.keyboard.press("?");
  await expect(help).toBeHidden();
  await page.keyboard.press("ControlOrMeta+k");
  await expect(page.getByRole("dialog", { name: "Go to" })).toBeVisible();
  await expect(page).not.toHaveURL(/\/stream/);
});

test("hides and shows the list of tables", async ({ page, stator }) => {
  await page.goto(`${stator.url}/_ui/#/create`);
  const list = page.getByRole("navigation", { name: "List of tables" });
  await expect(list).toBeVisible();
  await page.keyboard.press("ControlOrMeta+b");
  await expect(list).toBeHidden();
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(list).toBeHidden();
  await page.keyboard.press("ControlOrMeta+b");
  await expect(list).toBeVisible();
});

test("goes to an item by its key", async ({ page, dynamodb, name }) => {
  const table = name("bykey");
  await makeTable(dynamodb, table, { sk: { name: "sk", type: "N" } });
  await putItems(dynamodb, table, [{ pk: { S: "a,b/#?" }, sk: { N: "-1.5" }, note: { S: "found it" } }]);
  await page.goto(`/_ui/#/t/000000000000/us-east-1/${table}`);
  await expect(page.getByRole("heading", { level: 1, name: table })).toBeVisible();
  await page.keyboard.press("ControlOrMeta+k");
  await expect(page.getByRole("combobox", { name: "Go to" })).toBeFocused();
  await page.keyboard.type("item by key");
  await page.keyboard.press("Enter");
  await page.getByLabel("pk, a string").fill("a,b/#?");
  await page.getByLabel("sk, a number").fill("x");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("“x” is not a number");
  await axe(page);
  await page.getByLabel("sk, a number").fill("-1.5");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/item\?key=/);
  await expect(page.getByText("found it").first()).toBeVisible();
});
