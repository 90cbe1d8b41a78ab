import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { axe, expect, makeTable, putItems, shot, test } from "./fixtures";

type Item = Record<string, AttributeValue>;

const digits = "12345678901234567890123456789012345678";

const items = (n: number): Item[] =>
  Array.from({ length: n }, (_, i) => ({
    pk: { S: "all" },
    sk: { N: String(i) },
    name: { S: `item ${i}` },
    amount: { N: i === 7 ? digits : String((i * 7919) % 1000) },
    at: { N: String(1_790_000_000 + i) },
    ...(i % 2 ? { odd: { BOOL: true } } : {}),
    ...(i === 0 ? { empty: { S: "" }, nothing: { NULL: true }, bytes: { B: new Uint8Array([1, 2, 255]) }, colours: { SS: ["red", "blue"] }, list: { L: [{ S: "a" }] }, map: { M: { street: { S: "Main" } } }, constructor: { S: "of objects" }, ["__proto__"]: { S: "of objects, too" } } : {}),
  }));

const path = (table: string) => `/_ui/#/t/000000000000/us-east-1/${table}`;

test("shows each type in its way, and of many rows and columns only those in sight", async ({ page, dynamodb, name }) => {
  const table = name("grid");
  await makeTable(dynamodb, table, { sk: { name: "sk", type: "N" } });
  await putItems(dynamodb, table, items(60));
  await page.setViewportSize({ width: 2400, height: 900 });
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  await expect(grid).toHaveAttribute("aria-rowcount", "61");
  await expect(grid).toHaveAttribute("aria-colcount", "15");
  expect(await grid.getByRole("row").count()).toBeLessThan(60);
  const row = grid.getByRole("row").nth(1);
  for (const text of ["item 0", '""', "null", "3 bytes 01 02 ff", "{blue, red}", "[1]", "{1} street", "of objects", "of objects, too"]) {
    await expect(row.getByRole("gridcell", { name: text, exact: true })).toBeAttached();
  }
  await expect(grid.getByRole("gridcell", { name: digits })).toBeVisible();
  await axe(page);
  await shot(page, "grid");
});

test("goes everywhere with the keyboard, and is one stop of the Tab key", async ({ page, dynamodb, name }) => {
  const table = name("keys");
  await makeTable(dynamodb, table, { sk: { name: "sk", type: "N" } });
  await putItems(dynamodb, table, items(60));
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  await expect(grid).toBeVisible();
  const active = () => grid.evaluate((e) => document.getElementById(e.getAttribute("aria-activedescendant") ?? "")?.textContent);

  await page.getByRole("button", { name: "Columns" }).focus();
  await page.keyboard.press("Tab");
  await expect(grid).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect.poll(active).toBe("all");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Control+ArrowDown");
  await expect.poll(active).toBe("59");
  await page.keyboard.press("PageUp");
  await page.keyboard.press("Control+ArrowUp");
  await expect.poll(active).toBe("0");
  await page.keyboard.press("Control+End");
  await expect.poll(() => grid.evaluate((e) => document.getElementById(e.getAttribute("aria-activedescendant") ?? "")?.closest("[role=row]")?.getAttribute("aria-rowindex"))).toBe("61");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("x");
  await expect(page.getByText("1 selected")).toBeVisible();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await expect(page.getByText("3 selected")).toBeVisible();
  await page.keyboard.press("Control+c");
  expect((await page.evaluate(() => navigator.clipboard.readText())).split("\n").map((line) => line.split("\t")[1])).toEqual(["sk", "0", "1", "2"]);
  await page.keyboard.press("Control+a");
  await expect(page.getByText("60 selected")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("60 selected")).toBeHidden();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  await expect(page.getByRole("complementary", { name: "Item" }).getByText("item 2").first()).toBeVisible();
  await expect(grid).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(grid).not.toBeFocused();

  // A click counts also while it scrolls.
  const box = (await grid.boundingBox()) ?? { x: 0, y: 0 };
  await grid.evaluate((e) => { e.scrollTop = 33 * 20; });
  await page.mouse.click(box.x + 60, box.y + 36 + 33 * 2 + 10);
  await expect.poll(() => grid.evaluate((e) => document.getElementById(e.getAttribute("aria-activedescendant") ?? "")?.closest("[role=row]")?.getAttribute("aria-rowindex"))).toBe("24");
});

test("selects rows by click, with Shift and with Control", async ({ page, dynamodb, name }) => {
  const table = name("select");
  await makeTable(dynamodb, table, { sk: { name: "sk", type: "N" } });
  await putItems(dynamodb, table, items(12));
  await page.goto(path(table));
  await page.getByRole("checkbox", { name: "Select item 2", exact: true }).click();
  await page.getByText("item 4", { exact: true }).click({ modifiers: ["Shift"] });
  await expect(page.getByText("4 selected")).toBeVisible();
  await page.getByText("item 3", { exact: true }).click({ modifiers: ["ControlOrMeta"] });
  await expect(page.getByText("3 selected")).toBeVisible();
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await axe(page);
  await page.getByRole("menuitem", { name: "DynamoDB JSON" }).click();
  await expect(page.getByText("3 items are copied")).toBeVisible();
  expect(JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))).toMatchObject([{ sk: { N: "1" } }, { sk: { N: "2" } }, { sk: { N: "4" } }]);
  await page.getByRole("checkbox", { name: "Select all that is loaded" }).click();
  await expect(page.getByText("12 selected")).toBeVisible();
});

test("sorts, hides, moves and pins columns, and remembers it for the table", async ({ page, dynamodb, name }) => {
  const table = name("columns");
  await makeTable(dynamodb, table, { sk: { name: "sk", type: "N" } });
  await putItems(dynamodb, table, items(12));
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  const header = (column: string) => grid.getByRole("columnheader", { name: new RegExp(`^${column}`) });
  const menu = async (column: string, entry: string) => {
    await grid.getByRole("button", { name: `Column ${column}`, exact: true }).click();
    await page.getByRole("menuitem", { name: entry, exact: true }).click();
  };
  await header("amount").getByRole("button", { name: /^amount/ }).click();
  await expect(header("amount")).toHaveAttribute("aria-sort", "ascending");
  await expect(page.getByText("Sorted by amount up, loaded rows only")).toBeVisible();
  await header("amount").getByRole("button", { name: /^amount/ }).click();
  await expect(grid.getByRole("row").nth(1)).toContainText(digits);
  await page.getByRole("button", { name: "Do not sort" }).click();

  await menu("at", "Hide");
  await expect(header("at")).toHaveCount(0);
  await menu("name", "Move left Shift+←");
  await expect(header("name")).toHaveAttribute("aria-colindex", "4");
  await menu("name", "Keep it in sight");
  // With the pointer, and with the keyboard.
  const drag = async (column: string, to: string) => {
    const [from, there] = [await header(column).getByRole("button", { name: new RegExp(`^${column}`) }).boundingBox(), await header(to).boundingBox()];
    if (!from || !there) throw new Error("it is not in sight");
    await page.mouse.move(from.x + 5, from.y + 5);
    await page.mouse.down();
    await page.mouse.move(from.x + 30, from.y + 5);
    await page.mouse.move(there.x + 5, there.y + 5, { steps: 3 });
    await shot(page, "drag");
    await page.mouse.up();
  };
  await drag("odd", "amount");
  await expect(header("amount")).toHaveAttribute("aria-colindex", "6");
  await expect(header("odd")).toHaveAttribute("aria-colindex", "5");
  await expect(header("odd")).not.toHaveAttribute("aria-sort", /./);
  await grid.focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowUp");
  for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(header("odd")).toHaveAttribute("aria-colindex", "6");
  await expect(page.getByText("odd is column 5 of 13")).toBeAttached();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitem", { name: "Keep under a name…" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("mine");
  await axe(page);
  await page.keyboard.press("Enter");
  await expect(page.getByText("The columns are kept as “mine”")).toBeVisible();
  await page.reload();
  await expect(header("name")).toBeVisible();
  await expect(header("at")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Columns 1 hidden" })).toBeVisible();
  expect(await header("name").evaluate((e) => getComputedStyle(e.parentElement as Element).position)).toBe("sticky");
  await page.getByRole("button", { name: "Columns" }).click();
  await axe(page);
  await page.getByRole("menuitem", { name: "As it was at first" }).click();
  await expect(header("at")).toBeVisible();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitem", { name: "mine" }).press("ArrowRight");
  await page.getByRole("menuitem", { name: "Take it" }).press("Enter");
  await expect(header("at")).toHaveCount(0);
  await expect(header("odd")).toHaveAttribute("aria-colindex", "6");
});

test("groups the items of a partition, and colours keys by their prefixes", async ({ page, dynamodb, name }) => {
  const table = name("single");
  await makeTable(dynamodb, table, { sk: "sk" });
  const one = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk }, note: { S: `${pk} ${sk}` } });
  await putItems(dynamodb, table, ["1", "2", "3"].flatMap((c) => [one(`CUSTOMER#${c}`, "PROFILE"), ...["1", "2"].map((o) => one(`CUSTOMER#${c}`, `ORDER#${o}`))]));
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  await expect(grid).toHaveAttribute("aria-rowcount", "10");
  await page.getByRole("button", { name: "View" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Colour keys by what is before #" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Group by pk" }).click();
  await page.keyboard.press("Escape");
  await expect(grid).toHaveAttribute("aria-rowcount", "13");
  const heading = (c: number) => grid.getByRole("gridcell", { name: `pk CUSTOMER#${c} 3 items` });
  await expect(heading(1)).toHaveAttribute("aria-expanded", "true");
  await expect(grid.getByText("ORDER", { exact: true }).first()).toBeVisible();
  await axe(page);
  await shot(page, "groups");

  await heading(2).click();
  await expect(heading(2)).toHaveAttribute("aria-expanded", "false");
  await expect(grid).toHaveAttribute("aria-rowcount", "10");
  await page.getByRole("checkbox", { name: "Select the items of CUSTOMER#2" }).click();
  await expect(page.getByText("3 selected")).toBeVisible();
  await page.reload();
  await expect(heading(2)).toHaveAttribute("aria-expanded", "true");
  // With the keyboard.
  await grid.focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await expect(grid).toHaveAttribute("aria-rowcount", "10");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("x");
  await expect(page.getByText("1 selected")).toBeVisible();
  await page.keyboard.press("Control+a");
  await expect(page.getByText("9 selected")).toBeVisible();
});
