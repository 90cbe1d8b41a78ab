import { type AttributeValue, type DynamoDBClient, GetItemCommand, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Locator, Page } from "@playwright/test";
import { axe, expect, makeTable, putItems, shot, test } from "./fixtures";

type Item = Record<string, AttributeValue>;

const path = (table: string) => `/_ui/#/t/000000000000/us-east-1/${table}`;

const get = async (client: DynamoDBClient, table: string, pk: string): Promise<Item | undefined> => (await client.send(new GetItemCommand({ TableName: table, Key: { pk: { S: pk } } }))).Item;

const rows: Item[] = ["a", "b", "c"].map((pk) => ({ pk: { S: pk }, n: { N: "1" }, text: { S: `text ${pk}` }, yes: { BOOL: true }, list: { L: [{ S: "x" }] } }));

test("changes cells, shows what is changed, and saves it in one transaction", async ({ page, dynamodb, name }) => {
  const table = name("edit");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, rows);
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  const row = (pk: string) => grid.getByRole("row").filter({ has: page.getByRole("gridcell", { name: pk, exact: true }) });

  // With the pointer: nothing opens beside the grid.
  await row("a").getByRole("gridcell", { name: "text a" }).dblclick();
  await page.getByRole("textbox", { name: "text", exact: true }).fill("");
  await page.keyboard.press("Enter");
  await expect(row("a").getByRole("gridcell", { name: 'changed: ""' })).toBeVisible();

  // With the keyboard, and what is typed has to be a number.
  await row("b").getByRole("gridcell", { name: "1", exact: true }).dblclick();
  await page.keyboard.press("Escape");
  await expect(grid).toBeFocused();
  await page.keyboard.press("F2");
  const number = page.getByRole("textbox", { name: "n", exact: true });
  await number.fill("one");
  await page.keyboard.press("Enter");
  await expect(page.getByText("“one” is not a number")).toBeVisible();
  await axe(page);
  await number.fill("12345678901234567890123456789012345678");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("region", { name: "Changes" }).getByText("2 changes in 2 items, not saved")).toBeVisible();
  expect((await get(dynamodb, table, "b"))?.["n"]).toEqual({ N: "1" });

  await row("c").getByRole("gridcell", { name: "✓ true" }).dblclick();
  await page.getByRole("combobox", { name: "yes", exact: true }).selectOption("false");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Review" }).click();
  const review = page.getByRole("dialog", { name: "Changes" });
  await expect(review.getByRole("row", { name: /^n 1 12345678901234567890123456789012345678/ })).toBeVisible();
  await axe(page);
  await shot(page, "review");
  await review.getByRole("button", { name: "Take back yes" }).click();
  await expect(review.getByRole("region", { name: "Item c" })).toBeHidden();
  await page.keyboard.press("Escape");
  const [request] = await Promise.all([page.waitForRequest((r) => r.headers()["x-amz-target"]?.endsWith("TransactWriteItems") ?? false), page.keyboard.press("Control+s")]);
  expect(request.postDataJSON()).toMatchObject({ TransactItems: [{ Update: { ConditionExpression: expect.any(String) } }, { Update: { ConditionExpression: expect.any(String) } }] });
  await expect(page.getByText("2 items saved")).toBeVisible();
  await expect(page.getByRole("region", { name: "Changes" })).toBeHidden();
  expect(await get(dynamodb, table, "a")).toEqual({ ...rows[0], text: { S: "" } });
  expect(await get(dynamodb, table, "b")).toEqual({ ...rows[1], n: { N: "12345678901234567890123456789012345678" } });
  expect(await get(dynamodb, table, "c")).toEqual(rows[2]);

  // All that was saved at once is taken back at once, and what the panel saved as well.
  await row("c").getByRole("gridcell", { name: "c", exact: true }).click();
  const panel = page.getByRole("complementary", { name: "Item" });
  await panel.getByRole("tab", { name: "DynamoDB JSON" }).click();
  await panel.locator(".cm-content").fill(JSON.stringify({ ...rows[2], more: { S: "more" } }));
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Item saved")).toBeVisible();
  await grid.focus();
  await page.keyboard.press("Control+z");
  await expect(page.getByText("c: more as before")).toBeVisible();
  expect(await get(dynamodb, table, "c")).toEqual(rows[2]);
  await page.keyboard.press("Control+z");
  await expect(page.getByText("2 items are as before")).toBeVisible();
  expect(await get(dynamodb, table, "a")).toEqual(rows[0]);
  expect(await get(dynamodb, table, "b")).toEqual(rows[1]);
  await page.keyboard.press("Control+z");
  await expect(page.getByText("There is nothing to take back")).toBeVisible();
});

// changeTexts changes the texts of the first two items, and saves nothing.
async function changeTexts(page: Page, grid: Locator): Promise<void> {
  for (const pk of ["a", "b"]) {
    await grid.getByRole("gridcell", { name: `text ${pk}` }).dblclick();
    await page.getByRole("textbox", { name: "text", exact: true }).fill(`mine ${pk}`);
    await page.keyboard.press("Enter");
  }
}

test("takes back only what nobody has changed since", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/);
  const table = name("undo");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, rows.slice(0, 2));
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  await changeTexts(page, grid);
  await page.keyboard.press("Control+s");
  await expect(page.getByText("2 items saved")).toBeVisible();
  await dynamodb.send(new UpdateItemCommand({ TableName: table, Key: { pk: { S: "b" } }, UpdateExpression: "SET #t = :t", ExpressionAttributeNames: { "#t": "text" }, ExpressionAttributeValues: { ":t": { S: "theirs" } } }));
  await page.getByRole("button", { name: "Take back what was saved last" }).click();
  const dialog = page.getByRole("alertdialog", { name: "It cannot be taken back" });
  await expect(dialog.getByRole("region", { name: "Item b" }).getByRole("row", { name: "text mine b theirs text b" })).toBeVisible();
  expect((await get(dynamodb, table, "a"))?.["text"]).toEqual({ S: "mine a" });
  await axe(page);
  await shot(page, "undo");
  await dialog.getByRole("button", { name: "Take back the other one" }).click();
  await expect(page.getByText("a: text as before")).toBeVisible();
  expect(await get(dynamodb, table, "a")).toEqual(rows[0]);
  expect((await get(dynamodb, table, "b"))?.["text"]).toEqual({ S: "theirs" });
});

test("does not change keys and what has members", async ({ page, dynamodb, name }) => {
  const table = name("fixed");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, rows.slice(0, 1));
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  await grid.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("F2");
  await expect(page.getByText(/^A key cannot be changed/)).toBeVisible();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("F2");
  await expect(page.getByText(/^Lists, maps and sets are not changed/)).toBeVisible();
});

test("gives a cell another type, adds an attribute and takes one away", async ({ page, dynamodb, name }) => {
  const table = name("types");
  await makeTable(dynamodb, table, { AttributeDefinitions: [{ AttributeName: "n", AttributeType: "N" }], GlobalSecondaryIndexes: [{ IndexName: "byN", KeySchema: [{ AttributeName: "n", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }] });
  await putItems(dynamodb, table, [...rows.slice(0, 1), { pk: { S: "b" }, n: { N: "2" } }]);
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  const cell = (pk: string, column: string) => {
    const row = grid.getByRole("row").filter({ has: page.getByRole("gridcell", { name: pk, exact: true }) });
    return grid.getByRole("columnheader", { name: new RegExp(`^${column}`) }).getAttribute("data-column").then((at) => row.locator(`[data-column="${at}"]`));
  };
  await (await cell("a", "text")).dblclick();
  const text = page.getByRole("textbox", { name: "text", exact: true });
  const type = page.getByRole("combobox", { name: "Type of text" });
  await text.fill("00 ff");
  await page.keyboard.press("F2");
  await expect(type).toBeFocused();
  await type.selectOption("Binary, hex");
  await page.keyboard.press("F2");
  await text.fill("0g");
  await page.keyboard.press("Enter");
  await expect(page.getByText("these are not two hexadecimal digits for each byte")).toBeVisible();
  await axe(page);
  await shot(page, "type-menu");
  await text.fill("68 c3 a9");
  await page.keyboard.press("Enter");
  await expect(await cell("a", "text")).toHaveText("changed: 3 bytes 68 c3 a9");

  // The key of an index has its type.
  await (await cell("b", "n")).dblclick();
  await page.getByRole("combobox", { name: "Type of n" }).selectOption("String");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The key of the index byN is of the type Number")).toBeVisible();
  await page.keyboard.press("Escape");
  await (await cell("b", "yes")).dblclick();
  await page.getByRole("combobox", { name: "Type of yes" }).selectOption("Null");
  await page.keyboard.press("Enter");
  await (await cell("a", "yes")).click({ button: "right" });
  await page.getByRole("menuitem", { name: "Remove the attribute" }).click();
  await grid.focus();
  await page.keyboard.press("Control+s");
  await expect(page.getByText("2 items saved")).toBeVisible();
  const { yes: _, ...rest } = rows[0] as Item;
  expect(await get(dynamodb, table, "a")).toEqual({ ...rest, text: { B: new Uint8Array([0x68, 0xc3, 0xa9]) } });
  expect(await get(dynamodb, table, "b")).toEqual({ pk: { S: "b" }, n: { N: "2" }, yes: { NULL: true } });
});

test("pastes rows of a spreadsheet as new items", async ({ page, context, dynamodb, name, expected }) => {
  expected(/status of 400/);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const table = name("paste");
  await makeTable(dynamodb, table, { sk: { name: "sk", type: "N" } });
  await page.goto(path(table));
  await expect(page.getByText("Paste rows of a spreadsheet")).toBeVisible();
  const paste = async (text: string) => {
    await page.evaluate((t) => navigator.clipboard.writeText(t), text);
    await page.keyboard.press("Control+v");
  };
  await paste('pk\tsk\tnote\r\na\t1\t"two\nlines"\r\na\tone\twrong\r\nb\t2\t\r\nb\t2.0\t5\r\n');
  const bar = page.getByRole("region", { name: "Changes" });
  await expect(bar.getByText("4 new items, not saved")).toBeVisible();
  await expect(bar.getByText("2 of the new items cannot be saved as they are")).toBeVisible();
  const grid = page.getByRole("grid", { name: "Items" });
  await expect(grid.getByText("sk: The key of the table is of the type Number")).toBeVisible();
  await axe(page);
  await shot(page, "paste");
  // It is mended where it is wrong, or goes.
  await grid.getByRole("gridcell", { name: "one", exact: true }).dblclick();
  await page.getByRole("combobox", { name: "Type of sk" }).selectOption("Number");
  await page.getByRole("textbox", { name: "sk", exact: true }).fill("3");
  await page.keyboard.press("Enter");
  await bar.getByRole("button", { name: "Discard the wrong one" }).click();
  await expect(bar.getByText("3 new items, not saved")).toBeVisible();

  await putItems(dynamodb, table, [{ pk: { S: "b" }, sk: { N: "2" }, theirs: { S: "there" } }]);
  await bar.getByRole("button", { name: "Save" }).click();
  await expect(grid.getByText("There is an item with this key")).toBeVisible();
  expect((await dynamodb.send(new ScanCommand({ TableName: table }))).Count).toBe(1);
  await bar.getByRole("button", { name: "Review" }).click();
  await shot(page, "paste-review");
  await page.getByRole("button", { name: "Give up mine" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("2 items saved")).toBeVisible();
  const { Items } = await dynamodb.send(new ScanCommand({ TableName: table }));
  expect(Items).toEqual([
    { pk: { S: "a" }, sk: { N: "1" }, note: { S: "two\nlines" } },
    { pk: { S: "a" }, sk: { N: "3" }, note: { S: "wrong" } },
    { pk: { S: "b" }, sk: { N: "2" }, theirs: { S: "there" } },
  ].sort((x, y) => (Items?.[0]?.["pk"]?.S === "b" ? y.pk.S.localeCompare(x.pk.S) : 0)));
  await expect(grid.getByRole("row")).toHaveCount(4);
  await page.keyboard.press("Control+z");
  await expect.poll(async () => (await dynamodb.send(new ScanCommand({ TableName: table }))).Count).toBe(1);

  // One text is the value of a cell.
  await grid.getByRole("gridcell", { name: "there" }).click();
  await grid.focus();
  await paste("pasted");
  await expect(grid.getByRole("gridcell", { name: "changed: pasted" })).toBeVisible();
});

test("does not overwrite what somebody else has changed", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/);
  const table = name("conflict");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, rows.slice(0, 2));
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  await changeTexts(page, grid);
  const theirs = (pk: string, text: string) =>
    dynamodb.send(new UpdateItemCommand({ TableName: table, Key: { pk: { S: pk } }, UpdateExpression: "SET #t = :t, n = :n", ExpressionAttributeNames: { "#t": "text" }, ExpressionAttributeValues: { ":t": { S: text }, ":n": { N: "9" } } }));
  await theirs("a", "theirs a");
  const bar = page.getByRole("region", { name: "Changes" });
  await bar.getByRole("button", { name: "Save" }).click();
  await expect(bar.getByText(/^One of the items was changed by somebody else/)).toBeVisible();
  await axe(page);
  // All or none.
  expect((await get(dynamodb, table, "b"))?.["text"]).toEqual({ S: "text b" });

  await bar.getByRole("button", { name: "Review" }).click();
  const review = page.getByRole("dialog", { name: "Changes" });
  const item = review.getByRole("region", { name: "Item a" });
  await expect(item.getByRole("row", { name: /^text text a .*theirs a .*mine a/ })).toBeVisible();
  await expect(item.getByRole("row", { name: /^n 1 .*9/ })).toBeVisible();
  await item.getByRole("radio", { name: "Keep their text" }).check();
  await item.getByRole("radio", { name: "Keep your text" }).check();
  await shot(page, "conflict");
  await item.getByRole("button", { name: "Make my changes to theirs" }).click();
  await review.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("2 items saved")).toBeVisible();
  expect(await get(dynamodb, table, "a")).toEqual({ ...rows[0], n: { N: "9" }, text: { S: "mine a" } });
  expect((await get(dynamodb, table, "b"))?.["text"]).toEqual({ S: "mine b" });
});
