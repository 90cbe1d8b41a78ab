import type { Page } from "@playwright/test";
import { axe, clientOf, expect, makeTable, putItems, shot, test } from "./fixtures";

// write puts text into the editor, and the cursor to the end of it.
async function write(page: Page, text: string): Promise<void> {
  const editor = page.getByRole("textbox", { name: "Statements" });
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
  await page.keyboard.press("ControlOrMeta+End");
}

const result = (page: Page) => page.getByRole("region", { name: "Result" });
const outcome = (page: Page, n: number) => page.getByRole("list", { name: "Statements, each with what came of it" }).getByRole("listitem").nth(n - 1);

test("begins with examples of the tables that are there", async ({ page, dynamodb, name }) => {
  const table = name("begin");
  await makeTable(dynamodb, table, { sk: "sk" });
  await putItems(dynamodb, table, [{ pk: { S: "it's" }, sk: { S: "a" }, big: { N: "12345678901234567890123456789012345678" } }]);
  await page.goto("/_ui/#/partiql?account=000000000000&region=us-east-1");
  await page.getByLabel("Table of the examples").selectOption(table);
  await page.getByRole("button", { name: /The items of one partition/ }).click();
  await expect(page.getByRole("textbox", { name: "Statements" })).toContainText(`WHERE "pk" = 'it''s'`);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(result(page).getByRole("heading", { name: "1 item" })).toBeVisible();
  await expect(result(page)).toContainText("Query: 1 item");
  await expect(page.getByRole("gridcell", { name: "12345678901234567890123456789012345678" })).toBeVisible();
  await axe(page);
  await shot(page, "partiql");
});

test("runs the statement at the cursor with its parameters", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/);
  const table = name("cursor");
  await makeTable(dynamodb, table);
  await page.goto("/_ui/#/partiql?account=000000000000&region=us-east-1");
  await write(page, `SELECT * FROM nothing; -- ; no end\nINSERT INTO "${table}" VALUE {'pk': ?, 'n;': ?}`);
  await page.getByLabel("Value of parameter 1").fill("a;'b");
  await page.getByLabel("Type of parameter 2").selectOption("Number");
  await page.getByLabel("Value of parameter 2").fill("one");
  await expect(page.getByRole("button", { name: "Run statement 2" })).toBeVisible();
  await page.getByRole("button", { name: "Run statement 2" }).click();
  await expect(page.getByRole("alert")).toContainText("Parameter 2: “one” is not a number");
  await page.getByLabel("Value of parameter 2").fill("38");
  await page.getByRole("textbox", { name: "Statements" }).click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(result(page).getByRole("heading", { name: "INSERT done" })).toBeVisible();
  // Once more, it is there already.
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(page.getByRole("alert")).toContainText("DuplicateItemException");

  await write(page, `SELECT * FROM "${table}" WHERE pk = 'a;''b'`);
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(page.getByRole("gridcell", { name: "38" })).toBeVisible();
  await axe(page);
});

test("loads one page after the other", async ({ page, dynamodb, name }) => {
  const table = name("pages");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, Array.from({ length: 25 }, (_, i) => ({ pk: { S: `item ${i}` } })));
  await page.goto("/_ui/#/partiql?account=000000000000&region=us-east-1");
  await write(page, `SELECT * FROM "${table}"`);
  await page.getByLabel("Limit of one page").selectOption("10 items");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(result(page).getByRole("heading", { name: "10 items so far, there are more" })).toBeVisible();
  await page.getByRole("button", { name: "Load more" }).click();
  await expect(result(page).getByRole("heading", { name: "20 items so far, there are more" })).toBeVisible();
  await page.getByRole("button", { name: "Load more" }).click();
  await expect(result(page).getByRole("heading", { name: "25 items", exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Load more" })).toBeHidden();
});

test("tells what came of each statement of a batch and a transaction", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/);
  const table = name("many");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, [{ pk: { S: "there" } }]);
  const insert = (pk: string) => `INSERT INTO "${table}" VALUE {'pk': '${pk}'};`;
  await page.goto("/_ui/#/partiql?account=000000000000&region=us-east-1");

  await write(page, `${insert("new")}\n${insert("there")}`);
  await page.getByRole("button", { name: "Run all as transaction" }).click();
  await expect(result(page).getByRole("heading", { name: "Nothing was done: the transaction was cancelled" })).toBeVisible();
  await expect(outcome(page, 1)).toContainText("Not done");
  await expect(outcome(page, 2)).toContainText("DuplicateItem");
  await axe(page);
  await shot(page, "partiql-transaction");

  await page.getByRole("button", { name: "Run all as batch" }).click();
  await expect(result(page).getByRole("heading", { name: "1 of 2 statements done, 1 failed" })).toBeVisible();
  await expect(outcome(page, 1)).toContainText("Done");
  await expect(outcome(page, 2)).toContainText("DuplicateItem");
  await axe(page);

  await write(page, ["there", "new"].map((pk) => `UPDATE "${table}" SET n = 1 WHERE pk = '${pk}';`).join("\n"));
  await page.getByRole("button", { name: "Run all as transaction" }).click();
  await expect(result(page).getByRole("heading", { name: "All of 2 statements done" })).toBeVisible();
});

test("completes names, formats, and remembers", async ({ page, own }) => {
  const stator = await own();
  const dynamodb = clientOf(stator);
  await makeTable(dynamodb, "music-of-mine");
  await putItems(dynamodb, "music-of-mine", [{ pk: { S: "a" }, titleOfAlbum: { S: "b" } }]);
  // The tables come while one writes already.
  let come = () => {};
  const held = new Promise<void>((resolve) => { come = resolve; });
  await page.route("**/_admin/tables", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${stator.url}/_ui/#/partiql?account=000000000000&region=us-east-1`);
  const editor = page.getByRole("textbox", { name: "Statements" });
  await editor.click();
  await page.keyboard.type("select * ");
  come();
  await expect(page.getByRole("heading", { name: "To begin with" })).toBeVisible();
  await page.keyboard.type("from mus");
  await page.getByRole("listbox").getByRole("option", { name: /music-of-mine/ }).click();
  await page.keyboard.type(" where tit");
  await page.getByRole("listbox").getByRole("option", { name: /titleOfAlbum/ }).click();
  await page.keyboard.type(" = 'from'");
  await page.getByRole("button", { name: "Format" }).click();
  await expect(editor).toHaveText(`SELECT *FROM "music-of-mine"WHERE "titleOfAlbum" = 'from'`);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(result(page).getByRole("heading", { name: "0 items" })).toBeVisible();
  await expect(result(page)).toContainText("Scan");

  await page.getByRole("button", { name: "History and snippets" }).click();
  await page.getByLabel("Save what is in the editor as").fill("titles");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await axe(page);
  await shot(page, "partiql-history");
  await page.keyboard.press("Escape");
  await write(page, "gone");
  await page.reload();
  await expect(editor).toHaveText("gone");
  await page.getByRole("button", { name: "History and snippets" }).click();
  await page.getByRole("region", { name: "History" }).getByRole("button", { name: /titleOfAlbum/ }).click();
  await expect(editor).toContainText("titleOfAlbum");
  await page.getByRole("button", { name: "History and snippets" }).click();
  await page.getByRole("region", { name: "Snippets" }).getByRole("button", { name: /^titles/ }).click();
  await expect(editor).toContainText("titleOfAlbum");
});
