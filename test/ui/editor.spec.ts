import { type AttributeValue, DeleteItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Page } from "@playwright/test";
import { axe, expect, makeTable, putItems, shot, test } from "./fixtures";

type Item = Record<string, AttributeValue>;

const digits = "12345678901234567890123456789012345678";

const nested = (levels: number): AttributeValue => (levels === 0 ? { S: "leaf" } : levels % 2 === 0 ? { L: [nested(levels - 1)] } : { M: { a: nested(levels - 1) } });

const everything = (pk: string): Item => ({
  pk: { S: pk },
  empty: { S: "" },
  lines: { S: "one\r\ntwo\rthree\n" },
  a38: { N: digits },
  small: { N: `-0.${"0".repeat(91)}${digits}` },
  binary: { B: new Uint8Array([0, 255, 10]) },
  none: { B: new Uint8Array() },
  yes: { BOOL: true },
  nothing: { NULL: true },
  ss: { SS: ["", "a"] },
  ns: { NS: ["-1", digits] },
  bs: { BS: [new Uint8Array(), new Uint8Array([1])] },
  list: { L: [{ N: "0.1" }, { L: [] }, { M: {} }] },
  map: { M: { $B: { S: "no marker" }, deep: { M: { deeper: { SS: ["s"] } } } } },
  marked: { M: { $SS: { L: [{ S: "a" }] } } },
  levels: nested(31),
});

const at = (table: string, rest = "") => `/_ui/#/t/000000000000/us-east-1/${table}${rest}`;
const itemAt = (table: string, key: object) => at(table, `/item?key=${encodeURIComponent(JSON.stringify(key))}`);

// writes counts what a page sends that could change something.
function writes(page: Page): string[] {
  const sent: string[] = [];
  page.on("request", (request) => {
    const operation = /DynamoDB_\d+\.(\w+)/.exec(request.headers()["x-amz-target"] ?? "")?.[1];
    if (operation && !/^(Describe|List|Get|BatchGet|Query|Scan)/.test(operation)) sent.push(operation);
  });
  return sent;
}

const tab = (page: Page, name: string) => page.getByRole("tab", { name, exact: true });
const code = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });

// fill puts text in the place of what an editor has.
async function fill(page: Page, name: string, text: string) {
  await code(page, name).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
}

test("an item that is opened and saved unchanged is not written", async ({ page, dynamodb, name }) => {
  const table = name("unchanged");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, [everything("a")]);
  const before = await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "a" } } }));
  const sent = writes(page);
  await page.goto(itemAt(table, { pk: { S: "a" } }));

  // All three ways to show it say the same.
  await expect(page.getByLabel("Value of a38")).toHaveValue(digits);
  await page.keyboard.press("ControlOrMeta+s");
  await expect(page.getByText("There is nothing to save")).toBeVisible();
  await tab(page, "JSON").click();
  await expect(code(page, "Item as JSON")).toContainText(`"a38": ${digits}`);
  await tab(page, "DynamoDB JSON").click();
  await expect(code(page, "Item as DynamoDB JSON")).toContainText(`"N": "${digits}"`);
  await tab(page, "Form").click();
  await expect(page.getByLabel("Value of a38")).toHaveValue(digits);
  await expect(page.getByRole("button", { name: "Save", exact: true })).toBeDisabled();
  await page.keyboard.press("ControlOrMeta+s");
  await expect(page.getByText("There is nothing to save")).not.toHaveCount(0);

  expect(sent).toEqual([]);
  const after = await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "a" } } }));
  expect(after.Item).toEqual(before.Item);
});

for (const [view, label] of [["Form", ""], ["JSON", "Item as JSON"], ["DynamoDB JSON", "Item as DynamoDB JSON"]] as const) {
  test(`all types come back when another attribute is changed: ${view}`, async ({ page, dynamodb, name }) => {
    const table = name("types");
    await makeTable(dynamodb, table);
    await putItems(dynamodb, table, [{ ...everything("a"), changed: { S: "old" } }]);
    const before = await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "a" } } }));
    const sent = writes(page);
    await page.goto(itemAt(table, { pk: { S: "a" } }));
    if (label === "") {
      await page.getByLabel("Value of changed").fill("new");
    } else {
      await tab(page, view).click();
      const line = page.locator(".cm-line", { hasText: '"old"' });
      await line.click();
      await page.keyboard.press("End");
      await page.keyboard.press("Shift+Home");
      await page.keyboard.insertText(view === "JSON" ? '"changed": "new",' : '"S": "new"');
    }
    await expect(page.getByText("1 attribute to save")).toBeVisible();
    await page.keyboard.press("ControlOrMeta+s");
    await expect(page.getByText("Item saved")).toBeVisible();
    expect(sent).toEqual(["UpdateItem"]);
    const after = await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "a" } } }));
    expect(after.Item).toEqual({ ...before.Item, changed: { S: "new" } });
  });
}

for (const view of ["Form", "JSON", "DynamoDB JSON"]) {
  test(`an item with all types is made: ${view}`, async ({ page, dynamodb, name }) => {
    const table = name("made");
    await makeTable(dynamodb, table);
    await putItems(dynamodb, table, [everything("a")]);
    const original = await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "a" } } }));
    await page.goto(at(table, `/item?copy=${encodeURIComponent('{"pk":{"S":"a"}}')}`));
    await expect(page.getByRole("heading", { name: "New item, a copy" })).toBeVisible();
    await page.getByLabel("Value of pk").fill("copy");
    // What is edited in one view is what the next one shows.
    for (const way of ["JSON", "DynamoDB JSON", "Form", view]) await tab(page, way).click();
    await page.getByRole("button", { name: "Create item" }).click();
    await expect(page).toHaveURL(/item\?key=/);
    const made = await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "copy" } } }));
    expect(made.Item).toEqual({ ...original.Item, pk: { S: "copy" } });
  });
}

test("what is wrong stays, is told with its place, and is not saved", async ({ page, dynamodb, name }) => {
  const table = name("wrong");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, [{ pk: { S: "a" }, n: { N: "1" } }]);
  const sent = writes(page);
  await page.goto(itemAt(table, { pk: { S: "a" } }));
  await tab(page, "JSON").click();
  const wrong = '{\n  "pk": "a",\n  "n": 1,\n  "n": 2\n}';
  await fill(page, "Item as JSON", wrong);
  await tab(page, "Form").click();
  await expect(page.getByRole("button", { name: "Line 4, column 4: “n” is there twice" })).toBeVisible();
  await expect(tab(page, "JSON")).toHaveAttribute("aria-selected", "true");
  await expect(code(page, "Item as JSON")).toContainText('"n": 2');
  await fill(page, "Item as JSON", `{"pk": "a", "n": ${digits}9}`);
  await page.keyboard.press("ControlOrMeta+s");
  await expect(page.getByText(/Not saved\. Line 1, column 18: n: a number has at most 38 significant digits/)).toBeVisible();

  await page.getByRole("button", { name: "Discard" }).click();
  await tab(page, "Form").click();
  await page.getByLabel("Value of n", { exact: true }).fill("1.2.3");
  await expect(page.getByText("“1.2.3” is not a number").first()).toBeVisible();
  await tab(page, "JSON").click();
  await expect(page.getByLabel("Value of n", { exact: true })).toBeFocused();
  await axe(page);
  expect(sent).toEqual([]);
});

const odd = ["a,b", "a/b", "a#b", "a?b&c=d", "100%", '"quoted"', "it's", "two\nlines", "😀", " ", "{}", "../..", "a+b"];

test("links lead to items with any key", async ({ page, dynamodb, name }) => {
  const table = name("keys");
  await makeTable(dynamodb, table, { sk: { name: "sk", type: "B" } });
  await putItems(dynamodb, table, odd.map((pk, i) => ({ pk: { S: pk }, sk: { B: new Uint8Array([i, 255]) }, n: { N: String(i) } })));
  for (const [i, pk] of odd.entries()) {
    await page.goto(itemAt(table, { pk: { S: pk }, sk: { B: Buffer.from([i, 255]).toString("base64") } }));
    await expect(page.getByLabel("Value of n", { exact: true })).toHaveValue(String(i));
    await expect(page.getByLabel("Value of pk")).toHaveValue(pk);
  }
  await page.reload();
  await expect(page.getByLabel("Value of pk")).toHaveValue("a+b");

  const numbers = name("numbers");
  await makeTable(dynamodb, numbers, { pk: { name: "pk", type: "N" } });
  await putItems(dynamodb, numbers, [{ pk: { N: `-${digits}` }, n: { S: "negative" } }]);
  await page.goto(itemAt(numbers, { pk: { N: `-${digits}` } }));
  await expect(page.getByLabel("Value of n", { exact: true })).toHaveValue("negative");
});

test("a link to no item says so, and one that is broken, too", async ({ page, dynamodb, name }) => {
  const table = name("none");
  await makeTable(dynamodb, table);
  await page.goto(itemAt(table, { pk: { S: "nobody" } }));
  await expect(page.getByText("There is no item with this key")).toBeVisible();
  await axe(page);
  await page.getByRole("button", { name: "Create it" }).click();
  await expect(page.getByLabel("Value of pk")).toHaveValue("nobody");
  await page.getByRole("button", { name: "Create item" }).click();
  await expect(page.getByText("Item created")).toBeVisible();

  for (const [key, text] of [
    ['{"pk":{"N":"1"}}', "The key attribute pk is a String in this table, not a Number."],
    ['{"pk":', "It should be DynamoDB JSON"],
    ["{}", "The key attribute pk is missing."],
    ['{"pk":{"S":"a"},"x":{"S":"b"}}', "x is no attribute of the table’s key."],
  ]) {
    await page.goto(at(table, `/item?key=${encodeURIComponent(key ?? "")}`));
    await expect(page.getByText("This link has no key of an item")).toBeVisible();
    await expect(page.getByText(text ?? "")).toBeVisible();
  }
});

test("who has never seen it makes an item with a set and a map", async ({ page, dynamodb, name }) => {
  const table = name("people");
  await makeTable(dynamodb, table, { sk: { name: "sk", type: "N" } });
  await page.goto(at(table));
  await page.getByRole("link", { name: "New item" }).click();
  await page.getByLabel("Value of pk").fill("ada");
  await page.getByRole("button", { name: "Create item" }).click();
  await expect(page.getByText("A number is needed").first()).toBeVisible();
  await page.getByLabel("Value of sk").fill("1");

  await page.getByRole("button", { name: "Add attribute", exact: true }).click();
  await page.keyboard.type("tags");
  await page.getByLabel("Type of tags").selectOption("String set");
  await page.getByLabel("Value of tags[0]").fill("red");
  await page.getByRole("button", { name: "Add element to tags" }).click();
  await page.keyboard.type("green");
  await page.getByLabel("Value of tags[0]").press("Enter"); // the next one, and no new line
  await page.keyboard.type("amber");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("light");
  await expect(page.getByLabel("Value of tags[2]")).toHaveValue("green");

  await page.getByRole("button", { name: "Add attribute", exact: true }).click();
  await page.keyboard.type("address");
  await page.getByLabel("Type of address").selectOption("Map");
  await page.getByRole("button", { name: "Add attribute to address" }).click();
  await page.keyboard.type("city");
  await page.keyboard.press("Enter");
  await page.keyboard.type("London");
  await axe(page);
  await shot(page, "editor-new");

  await page.getByRole("button", { name: "Create item" }).click();
  await expect(page.getByText("Item created")).toBeVisible();
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "ada" }, sk: { N: "1" } } }));
  expect(Item).toEqual({ pk: { S: "ada" }, sk: { N: "1" }, tags: { SS: ["amber\nlight", "green", "red"] }, address: { M: { city: { S: "London" } } } });

  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Taken back")).toBeVisible();
  expect((await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "ada" }, sk: { N: "1" } } }))).Item).toBeUndefined();
});

test.describe("of two who change one item the later one sees both versions", () => {
  const save = (page: Page) => page.getByRole("button", { name: "Save", exact: true }).click();
  const conflict = (page: Page) => page.getByRole("alertdialog", { name: "The item has changed" });
  const get = async (dynamodb: DynamoDBClient, table: string) => (await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "a" } } }))).Item;

  test.beforeEach(({ expected }) => expected(/status of 400/));

  test("when both change the same", async ({ page, context, dynamodb, name }) => {
    const table = name("same");
    await makeTable(dynamodb, table);
    await putItems(dynamodb, table, [{ pk: { S: "a" }, x: { S: "old" }, y: { S: "old" } }]);
    const other = await context.newPage();
    for (const [p, text] of [[page, "mine"], [other, "theirs"]] as const) {
      await p.goto(itemAt(table, { pk: { S: "a" } }));
      await p.getByLabel("Value of x").fill(text);
    }
    await save(other);
    await expect(other.getByText("Item saved")).toBeVisible();
    await save(page);
    await expect(conflict(page).getByRole("row", { name: /x old .*theirs.*mine/ })).toBeVisible();
    await axe(page);
    await shot(page, "editor-conflict");
    expect(await get(dynamodb, table)).toEqual({ pk: { S: "a" }, x: { S: "theirs" }, y: { S: "old" } });
    await conflict(page).getByRole("button", { name: "Keep mine" }).click();
    await expect(conflict(page)).toBeHidden();
    await expect.poll(() => get(dynamodb, table)).toEqual({ pk: { S: "a" }, x: { S: "mine" }, y: { S: "old" } });
    // Now the other one is late, and takes what is there.
    await other.getByLabel("Value of x").fill("late");
    await save(other);
    await conflict(other).getByRole("button", { name: "Take theirs" }).click();
    await expect(other.getByLabel("Value of x")).toHaveValue("mine");
  });

  test("when they change different attributes", async ({ page, dynamodb, name }) => {
    const table = name("different");
    await makeTable(dynamodb, table);
    await putItems(dynamodb, table, [{ pk: { S: "a" }, x: { S: "old" }, y: { S: "old" } }]);
    await page.goto(itemAt(table, { pk: { S: "a" } }));
    await page.getByLabel("Value of x").fill("mine");
    await putItems(dynamodb, table, [{ pk: { S: "a" }, x: { S: "old" }, y: { S: "theirs" } }]);
    await save(page);
    await conflict(page).getByRole("button", { name: "Merge both" }).click();
    await expect.poll(() => get(dynamodb, table)).toEqual({ pk: { S: "a" }, x: { S: "mine" }, y: { S: "theirs" } });
    await expect(page.getByLabel("Value of y")).toHaveValue("theirs");
    await expect(page.getByRole("button", { name: "Save", exact: true })).toBeDisabled();
  });

  test("when one deletes it", async ({ page, dynamodb, name }) => {
    const table = name("deleted");
    const item = { pk: { S: "a" }, x: { S: "old" } };
    await makeTable(dynamodb, table);
    await putItems(dynamodb, table, [item]);
    await page.goto(itemAt(table, { pk: { S: "a" } }));
    await page.getByLabel("Value of x").fill("mine");
    await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: { pk: { S: "a" } } }));
    await save(page);
    await page.getByRole("alertdialog", { name: "The item is gone" }).getByRole("button", { name: "Create it again" }).click();
    await expect.poll(() => get(dynamodb, table)).toEqual({ ...item, x: { S: "mine" } });

    await putItems(dynamodb, table, [item]);
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Delete…" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await conflict(page).getByRole("button", { name: "Delete it all the same" }).click();
    await expect.poll(() => get(dynamodb, table)).toBeUndefined();
  });
});

test("what others add under another name stays", async ({ page, dynamodb, name }) => {
  const table = name("added");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, [{ pk: { S: "a" }, x: { S: "old" } }]);
  await page.goto(itemAt(table, { pk: { S: "a" } }));
  await page.getByLabel("Value of x").fill("new");
  await dynamodb.send(new PutItemCommand({ TableName: table, Item: { pk: { S: "a" }, x: { S: "old" }, theirs: { N: "1" } } }));
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Somebody else has added theirs.")).toBeVisible();
  await expect(page.getByLabel("Value of theirs")).toHaveValue("1");
});

test("another key is another item", async ({ page, dynamodb, name }) => {
  const table = name("moved");
  const get = async (pk: string) => (await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: pk } } }))).Item;
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, [{ pk: { S: "a" }, x: { N: digits } }]);
  const sent = writes(page);
  await page.goto(itemAt(table, { pk: { S: "a" } }));
  await expect(page.getByLabel("Value of pk")).toHaveJSProperty("readOnly", true);
  await page.getByRole("button", { name: /^Unlock pk/ }).click();
  await page.getByLabel("Value of pk").fill("b");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("alertdialog", { name: "With another key this is another item" })).toBeVisible();
  await axe(page);
  await page.getByRole("button", { name: "Create the new, delete the old" }).click();
  await expect(page).toHaveURL(/%22b%22/);
  expect(sent).toEqual(["TransactWriteItems"]);
  expect([await get("a"), await get("b")]).toEqual([undefined, { pk: { S: "b" }, x: { N: digits } }]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(async () => [await get("a"), await get("b")]).toEqual([{ pk: { S: "a" }, x: { N: digits } }, undefined]);
});

test("changes beside the grid are not lost without a question", async ({ page, dynamodb, name }) => {
  const table = name("beside");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, ["a", "b", "c"].map((pk) => ({ pk: { S: pk }, x: { S: `of ${pk}` } })));
  await page.goto(at(table));
  const panel = page.getByRole("complementary", { name: "Item" });
  await page.getByRole("gridcell", { name: "of b", exact: true }).click();
  await expect(panel.getByLabel("Value of x")).toHaveValue("of b");
  await axe(page);
  await panel.getByLabel("Value of x").fill("mine");
  await shot(page, "editor-beside");
  await page.getByRole("gridcell", { name: "of c", exact: true }).click();
  const dialog = page.getByRole("alertdialog", { name: "There are changes that are not saved" });
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(panel.getByLabel("Value of x")).toHaveValue("mine");
  await panel.getByRole("button", { name: "Close", exact: true }).click();
  await dialog.getByRole("button", { name: "Save and go on" }).click();
  await expect(panel).toBeHidden();
  await expect(page.getByRole("gridcell", { name: "mine", exact: true })).toBeVisible();

  await page.getByRole("gridcell", { name: "mine", exact: true }).click();
  await panel.getByLabel("Value of x").fill("again");
  await page.getByRole("link", { name: "New item" }).click();
  await dialog.getByRole("button", { name: "Discard them" }).click();
  await expect(page.getByRole("heading", { name: "New item" })).toBeVisible();

  // As soon as there is nothing to save, nothing is asked.
  await page.goto(at(table, `/item?key={"pk":{"S":"a"}}`));
  await page.getByLabel("Value of x").fill("never");
  const save = page.getByRole("button", { name: "Save", exact: true });
  await expect(save).toBeEnabled();
  await save.evaluate((button: HTMLButtonElement) => new MutationObserver(() => button.disabled && (window.location.hash = "#/settings")).observe(button, { attributes: true }));
  await page.getByRole("button", { name: "Discard", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
});

test("a large item and a deep one stay usable", async ({ page, dynamodb, name }) => {
  const table = name("large");
  await makeTable(dynamodb, table);
  const list = Array.from({ length: 20_000 }, (_, i) => ({ N: String(100_000_000 + i) }));
  await putItems(dynamodb, table, [{ pk: { S: "a" }, list: { L: list }, text: { S: "x".repeat(200_000) } }]);
  await page.goto(itemAt(table, { pk: { S: "a" } }));
  await expect(page.getByText(/^\d+(\.\d)? KB of 400 KB$/)).toBeVisible();
  await page.getByRole("button", { name: "Open list", exact: true }).or(page.getByRole("button", { name: "Close list", exact: true })).first().waitFor();
  if (await page.getByRole("button", { name: "Open list", exact: true }).isVisible()) await page.getByRole("button", { name: "Open list", exact: true }).click();
  await page.getByLabel("Value of list[99]").fill("7");
  await expect(page.getByRole("button", { name: "Show 100 more of 20,000 elements" })).toBeVisible();
  await page.getByRole("button", { name: "Move list[99] up" }).click();
  await expect(page.getByLabel("Value of list[98]")).toHaveValue("7");
  await tab(page, "JSON").click();
  await expect(code(page, "Item as JSON")).toContainText('"pk": "a"');
  await page.keyboard.press("ControlOrMeta+s");
  await expect(page.getByText("Item saved")).toBeVisible();
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "a" } } }));
  expect(Item?.list?.L?.slice(97, 101)).toEqual([{ N: "100000097" }, { N: "7" }, { N: "100000098" }, { N: "100000100" }]);
});

test("Escape and then Tab leave the editor of text", async ({ page, dynamodb, name }) => {
  const table = name("tab");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, [{ pk: { S: "a" } }]);
  await page.goto(itemAt(table, { pk: { S: "a" } }));
  await tab(page, "DynamoDB JSON").click();
  await code(page, "Item as DynamoDB JSON").click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(code(page, "Item as DynamoDB JSON")).not.toBeFocused();
  await axe(page);
  await shot(page, "editor-wire");
});

test("a list is put in order, and an item’s past is there to be taken back", async ({ page, dynamodb, name }) => {
  const table = name("past");
  await makeTable(dynamodb, table, { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } });
  await putItems(dynamodb, table, [{ pk: { S: "other" } }, { pk: { S: "a" }, list: { L: [{ S: "one" }, { S: "two" }, { S: "three" }] } }]);
  await page.goto(itemAt(table, { pk: { S: "a" } }));
  const list = () => page.getByRole("list", { name: "In list" }).getByRole("textbox").evaluateAll((fields) => fields.map((f) => (f as HTMLTextAreaElement).value));

  // By hand, and by keyboard: the focus stays with what is moved.
  await page.getByTitle("Drag it to another place").first().dragTo(page.getByLabel("Value of list[2]"));
  await expect.poll(list).toEqual(["two", "three", "one"]);
  await page.getByLabel("Value of list[2]").focus();
  await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(list).toEqual(["two", "one", "three"]);
  await expect(page.getByLabel("Value of list[1]")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+s");
  await expect(page.getByText("Item saved")).toBeVisible();

  await page.getByRole("button", { name: "History" }).click();
  const dialog = page.getByRole("dialog", { name: "History" });
  const changes = dialog.getByRole("list", { name: "Changes, newest first" }).getByRole("listitem");
  await expect(changes).toHaveCount(2);
  await expect(changes.nth(0)).toContainText("MODIFY");
  await expect(changes.nth(0)).toContainText('{"L":[{"S":"one"},{"S":"two"},{"S":"three"}]} List → {"L":[{"S":"two"},{"S":"one"},{"S":"three"}]} List');
  await expect(dialog.getByRole("status")).toContainText("2 changes · 3 records of the stream read");
  await axe(page);
  await shot(page, "history");
  await changes.nth(1).getByRole("button", { name: "Take this item into the editor" }).click();
  await expect.poll(list).toEqual(["one", "two", "three"]);
  await expect(page.getByRole("button", { name: "Save", exact: true })).toBeEnabled();
  await page.getByRole("button", { name: "Discard", exact: true }).click();
  await expect(page.getByRole("button", { name: "Save", exact: true })).toBeDisabled();
  await page.keyboard.press("c");
  await expect(page.getByText("Key copied")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('{"pk":{"S":"a"}}');
  await page.keyboard.press("d");
  await expect(page.getByRole("heading", { name: "New item, a copy" })).toBeVisible();

  // Without a stream it says so, and leads to where there is one to be had.
  const without = name("forgets");
  await makeTable(dynamodb, without);
  await putItems(dynamodb, without, [{ pk: { S: "a" } }]);
  await page.goto(itemAt(without, { pk: { S: "a" } }));
  await page.getByRole("button", { name: "History" }).click();
  await expect(dialog.getByText("The table has no stream")).toBeVisible();
  await dialog.getByRole("link", { name: "To the stream" }).click();
  await expect(page.getByRole("button", { name: "Enable stream" })).toBeVisible();
});
