import { readFile } from "node:fs/promises";
import { type AttributeValue, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Page } from "@playwright/test";
import { axe, expect, makeTable, putItems, shot, test } from "./fixtures";

type Item = Record<string, AttributeValue>;

const path = (table: string) => `/_ui/#/t/000000000000/us-east-1/${table}`;

const deep = (levels: number): AttributeValue => (levels === 0 ? { S: "bottom" } : levels % 2 ? { M: { in: deep(levels - 1) } } : { L: [deep(levels - 1)] });

const digits = "12345678901234567890123456789012345678";

const awkward: Item[] = [
  { N: digits },
  { N: "-1E-130" },
  { SS: ["a", "b,c", "1"] },
  { NS: ["1", "2.5", digits] },
  { B: new Uint8Array([0, 255, 10, 13]) },
  { BS: [new Uint8Array([1]), new Uint8Array([2, 3])] },
  { B: new Uint8Array() },
  { S: "" },
  { NULL: true as const },
  { BOOL: false },
  { S: "true" },
  { S: "007" },
  { S: '{"S":"x"}' },
  { S: 'a "quoted", line\r\nand another\tone' },
  { M: { S: { S: "like a type" }, $B: { L: [] } } },
  { M: { $SS: { L: [{ S: "like a marker" }] } } },
  { L: [] },
  deep(31),
].map((value, i) => ({ pk: { S: ["plain", "with, comma", "12", "é🙂", 'say "x"', "a\nb"][i % 6] + `#${i}` }, sk: { N: String(-i) }, value, ...(i % 3 ? {} : { [`only ${i}`]: value }) }) as Item);

async function all(client: DynamoDBClient, table: string): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: table, ExclusiveStartKey: start }));
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  const text = (item: Item) => `${item["pk"]?.S} ${item["sk"]?.N}`;
  return items.sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

async function exported(page: Page, format: string): Promise<string> {
  await page.getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog", { name: "Export items" });
  await dialog.getByLabel("Format").selectOption(format);
  const [file] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "Export" }).click()]);
  return file.path();
}

for (const format of ["NDJSON", "DynamoDB JSON", "JSON", "CSV"]) {
  test(`exports ${format} and imports it without loss`, async ({ page, dynamodb, name }) => {
    const [from, to] = [name("from"), name("to")];
    for (const table of [from, to]) await makeTable(dynamodb, table, { sk: { name: "sk", type: "N" } });
    await putItems(dynamodb, from, awkward);
    await page.goto(path(from));
    await expect(page.getByRole("grid", { name: "Items" })).toBeVisible();
    const file = await exported(page, format);
    await expect(page.getByText(`${awkward.length} items exported.`)).toBeVisible();
    if (format === "JSON" || format === "CSV") expect(await readFile(file, "utf8")).toContain(digits);

    await page.goto(path(to));
    await page.getByRole("button", { name: "Import" }).click();
    const dialog = page.getByRole("dialog", { name: `Import items into ${to}` });
    await dialog.getByLabel("A file of CSV, JSON, NDJSON or DynamoDB JSON").setInputFiles({ name: "file", mimeType: "text/plain", buffer: await readFile(file) });
    await expect(dialog.getByText(`It begins with ${awkward.length} rows to look at, and has no more.`)).toBeVisible();
    if (format === "CSV") {
      await axe(page);
      await shot(page, "import");
    }
    await dialog.getByRole("button", { name: "Import" }).click();
    await expect(page.getByText(`${awkward.length} items imported.`)).toBeVisible();
    expect(await all(dynamodb, to)).toEqual(await all(dynamodb, from));
  });
}

test("tells which rows cannot be imported, and keeps what is there", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/);
  const table = name("import");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, [{ pk: { S: "2" }, mine: { BOOL: true } }]);
  await page.goto(path(table));
  await page.getByRole("button", { name: "Import" }).click();
  const dialog = page.getByRole("dialog");
  await axe(page);
  await dialog.getByLabel("Or paste it").fill(['pk,n,text,left out', "1,007,,x", "2,1,,x", ",3,,x", '4,4,"",x', "5,five,,x", "6,6,a,x,y"].join("\n"));
  await dialog.getByRole("button", { name: "Look at it" }).click();
  await dialog.getByLabel("Type of n").selectOption("Number");
  await dialog.getByLabel("Type of left out").selectOption("Leave out");
  await expect(dialog.getByText("3 rows cannot be imported: line 4, a key's attribute is missing.")).toBeVisible();
  await dialog.getByLabel("Items that are there already").selectOption("Keep them, and report those of the file");
  await dialog.getByRole("button", { name: "Import" }).click();

  const result = page.getByRole("region", { name: "Result of the work" });
  await expect(result.getByText("2 items imported.")).toBeVisible();
  await expect(result.getByText("4 items failed.")).toBeVisible();
  for (const line of [/^Line 3 There is an item with this key/, /^Line 4 The key's attribute pk is missing/, /^Line 6 n: “five” is not a number/, /^Line 7 the row has 5 fields, the header 4/]) {
    await expect(result.getByRole("listitem").filter({ hasText: line })).toBeVisible();
  }
  const [file] = await Promise.all([page.waitForEvent("download"), result.getByRole("button", { name: "Download what failed" }).click()]);
  expect((await readFile(await file.path(), "utf8")).split("\n").sort()).toEqual(["", ",3,,x", "2,1,,x", "5,five,,x", "6,6,a,x,y", "pk,n,text,left out"]);
  expect(await all(dynamodb, table)).toEqual([
    { pk: { S: "1" }, n: { N: "7" } },
    { pk: { S: "2" }, mine: { BOOL: true } },
    { pk: { S: "4" }, n: { N: "4" }, text: { S: "" } },
  ]);
  await axe(page);
});

test("deletes what is selected", async ({ page, dynamodb, name }) => {
  const table = name("delete");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, ["a", "b", "c"].map((pk) => ({ pk: { S: pk } })));
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  await grid.getByRole("row").filter({ hasText: "b" }).getByRole("checkbox").click();
  await grid.focus();
  await page.keyboard.press("Delete");
  const dialog = page.getByRole("alertdialog", { name: "Delete 1 item?" });
  await axe(page);
  await dialog.getByRole("button", { name: "Delete 1 item" }).click();
  await expect(page.getByText("1 item deleted.")).toBeVisible();
  await expect(page.getByText("2 items in all")).toBeVisible();
  expect((await all(dynamodb, table)).map((item) => item["pk"]?.S)).toEqual(["a", "c"]);
});

test("deletes 10,000 that match, and stops when it is told to", async ({ page, dynamodb, name }) => {
  test.slow();
  const table = name("many");
  await makeTable(dynamodb, table, { sk: { name: "sk", type: "N" } });
  await putItems(dynamodb, table, [
    ...Array.from({ length: 10_000 }, (_, i): Item => ({ pk: { S: "gone" }, sk: { N: String(i) } })),
    ...Array.from({ length: 10 }, (_, i): Item => ({ pk: { S: "kept" }, sk: { N: String(i) } })),
  ]);
  await page.goto(path(table));
  const grid = page.getByRole("grid", { name: "Items" });
  await grid.getByRole("gridcell", { name: "gone", exact: true }).or(grid.getByRole("gridcell", { name: "kept", exact: true })).first().waitFor();
  await page.getByLabel("Attribute", { exact: true }).fill("pk");
  await page.getByLabel("Value", { exact: true }).fill("gone");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.getByText(/^Query: 100 items/)).toBeVisible();

  const remove = async (): Promise<void> => {
    await page.getByRole("button", { name: "Delete all…" }).click();
    const dialog = page.getByRole("alertdialog", { name: "Delete all items that match?" });
    await dialog.getByRole("button", { name: "Count them" }).click();
    await dialog.getByRole("button", { name: /^Delete [\d,]+ items$/ }).click();
  };
  await remove();
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText(/^[\d,]+ items? deleted of 10,000, then it was stopped\.$/)).toBeVisible();
  const rest = (await all(dynamodb, table)).length;
  expect(rest).toBeGreaterThan(10);
  await remove();
  await expect(page.getByText(new RegExp(`^${(rest - 10).toLocaleString("en-GB")} items deleted\\.$`))).toBeVisible();
  expect((await all(dynamodb, table)).map((item) => item["pk"]?.S)).toEqual(Array.from({ length: 10 }, () => "kept"));
});
