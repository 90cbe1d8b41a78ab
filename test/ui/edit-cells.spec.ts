import { type AttributeValue, type DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
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

test("takes back only what nobody has changed since", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/);
  const table = name("undo");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, rows.slice(0, 2));
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  for (const pk of ["a", "b"]) {
    await grid.getByRole("gridcell", { name: `text ${pk}` }).dblclick();
    await page.getByRole("textbox", { name: "text", exact: true }).fill(`mine ${pk}`);
    await page.keyboard.press("Enter");
  }
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
  await expect(page.getByText(/^Only texts, numbers, binary and Booleans/)).toBeVisible();
});

test("does not overwrite what somebody else has changed", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/);
  const table = name("conflict");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, rows.slice(0, 2));
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  for (const pk of ["a", "b"]) {
    await grid.getByRole("gridcell", { name: `text ${pk}` }).dblclick();
    await page.getByRole("textbox", { name: "text", exact: true }).fill(`mine ${pk}`);
    await page.keyboard.press("Enter");
  }
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
  await expect(item.getByRole("row", { name: /^text text a theirs a mine a/ })).toBeVisible();
  await expect(item.getByRole("row", { name: /^n 1 9/ })).toBeVisible();
  await shot(page, "conflict");
  await item.getByRole("button", { name: "Make my changes to theirs" }).click();
  await review.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("2 items saved")).toBeVisible();
  expect(await get(dynamodb, table, "a")).toEqual({ ...rows[0], n: { N: "9" }, text: { S: "mine a" } });
  expect((await get(dynamodb, table, "b"))?.["text"]).toEqual({ S: "mine b" });
});
