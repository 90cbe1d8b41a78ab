import { type AttributeValue, DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import type { Locator, Page } from "@playwright/test";
import { axe, clientOf, expect, makeTable, putItems, shot, test } from "./fixtures";

type Item = Record<string, AttributeValue>;

const cities = ["Paris", "Rome", "Oslo"];

const orders = (n: number): Item[] =>
  Array.from({ length: n }, (_, i) => ({
    pk: { S: `customer#${i % 10}` },
    sk: { S: `order#${String(i).padStart(5, "0")}` },
    status: { S: i % 2 ? "OPEN" : "PAID" },
    n: { N: String(i) },
    address: { M: { city: { S: cities[i % 3] as string }, "post.code": { N: String(10_000 + i) } } },
    ...(i % 4 === 0 ? { gift: { BOOL: true } } : {}),
  }));

const byStatus = {
  AttributeDefinitions: [
    { AttributeName: "status", AttributeType: "S" as const },
    { AttributeName: "n", AttributeType: "N" as const },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "bystatus",
      KeySchema: [
        { AttributeName: "status", KeyType: "HASH" as const },
        { AttributeName: "n", KeyType: "RANGE" as const },
      ],
      Projection: { ProjectionType: "ALL" as const },
    },
  ],
};

const path = (table: string) => `/_ui/#/t/000000000000/us-east-1/${table}`;
const grid = (page: Page) => page.getByRole("grid", { name: "Items" });
const plan = (page: Page) => page.getByLabel("Plan");
const result = (page: Page) => page.getByRole("region", { name: "Result" });
const condition = (page: Page, number: string) => page.getByRole("group", { name: `Condition ${number}`, exact: true });
const add = (page: Page, where: Locator | Page = page) => where.getByRole("button", { name: "Condition", exact: true }).last().click();
const run = (page: Page) => page.getByRole("button", { name: "Run", exact: true }).click();

async function say(at: Locator, { attribute, operator, value }: { attribute: string; operator?: string; value?: string }): Promise<void> {
  await at.getByLabel("Attribute").fill(attribute);
  if (operator) await at.getByLabel("Operator").selectOption({ label: operator });
  if (value !== undefined) await at.getByLabel("Value", { exact: true }).fill(value);
}

test("finds out whether it is a GetItem, a Query or a Scan, and says why", async ({ page, dynamodb, name }) => {
  const table = name("orders");
  await makeTable(dynamodb, table, { sk: "sk", ...byStatus });
  await putItems(dynamodb, table, orders(60));
  await page.goto(path(table));
  await expect(plan(page)).toHaveText("Scan of the table: there are no conditions");
  await expect(result(page)).toContainText("60 items in all");
  await expect(result(page)).toContainText("Scan: 60 items");

  // The first row is there; Enter runs it.
  await say(condition(page, "1"), { attribute: "pk", value: "customer#3" });
  await expect(plan(page)).toHaveText("Query on the table (pk = customer#3)");
  await page.keyboard.press("Enter");
  await expect(result(page)).toContainText("6 items in all");
  await expect(result(page)).toContainText(/Query: 6 items \(.*\) read → 6 returned/);
  await axe(page);

  await add(page);
  await say(condition(page, "2"), { attribute: "sk", value: "order#00013" });
  await expect(plan(page)).toHaveText("GetItem from the table (pk = customer#3, sk = order#00013): the conditions are the whole key");
  await page.keyboard.press("Control+Enter");
  await expect(result(page)).toContainText("1 item in all");
  await expect(grid(page).getByRole("gridcell", { name: "order#00013" })).toBeVisible();

  await say(condition(page, "2"), { attribute: "sk", operator: "contains", value: "3" });
  await expect(plan(page)).toContainText("1 condition on the key is looked at in this page");
  await run(page);
  await expect(result(page)).toContainText("6 items in all");

  await say(condition(page, "1"), { attribute: "status", value: "OPEN" });
  // The type of a value is that of the attribute.
  await say(condition(page, "2"), { attribute: "n", operator: "≥", value: "" });
  await condition(page, "2").getByLabel("Type").selectOption({ label: "Number" });
  await expect(plan(page)).toHaveText("A condition is not whole: a number is missing.");
  await condition(page, "2").getByLabel("Value").fill("50");
  await expect(plan(page)).toHaveText("Query on bystatus (status = OPEN, n >= 50)");
  await add(page);
  await say(condition(page, "3"), { attribute: "gift", operator: "does not exist" });
  await expect(plan(page)).toHaveText("Query on bystatus (status = OPEN, n >= 50); 1 filter runs after the read");
  await plan(page).getByRole("button").hover();
  await expect(page.getByRole("tooltip")).toContainText("attribute_not_exists(#gift)");
  await run(page);
  await expect(result(page)).toContainText("5 items in all");
  await expect(result(page)).toContainText("Query on bystatus");
  await shot(page, "items-query");

  await page.getByLabel("Operation").selectOption({ label: "Scan" });
  await expect(plan(page)).toHaveText("Scan of the table: all conditions are filters");
  await run(page);
  await expect(result(page)).toContainText("5 items in all");
  await expect(result(page)).toContainText("Scan: 60 items");
  // The server knows better, and says so.
  await expect(result(page)).toContainText("Advice: ");
});

test("joins conditions by AND, OR and NOT, on paths, and keeps all of it in the address", async ({ page, dynamodb, name }) => {
  const table = name("orders");
  await makeTable(dynamodb, table, { sk: "sk" });
  await putItems(dynamodb, table, orders(60));
  await page.goto(path(table));
  await expect(result(page)).toContainText("60 items in all");

  await say(condition(page, "1"), { attribute: "address.city", value: "Paris" });
  await page.getByRole("button", { name: "Group", exact: true }).click();
  const group = page.getByRole("group", { name: "Group 2", exact: true });
  await say(condition(page, "2.1"), { attribute: "n", operator: "between" });
  await condition(page, "2.1").getByLabel("Value 1").fill("0");
  await condition(page, "2.1").getByLabel("Value 2").fill("10");
  await add(page, group);
  await say(condition(page, "2.2"), { attribute: `address."post.code"`, operator: ">", value: "10050" });
  await expect(condition(page, "2.2").getByLabel("Type")).toHaveValue("N");
  await run(page);
  // 0 3 6 9, and 51 54 57
  await expect(result(page)).toContainText("7 items in all");
  await expect(plan(page)).toContainText("Scan of the table");

  await group.getByRole("button", { name: "NOT" }).first().click();
  await run(page);
  await expect(result(page)).toContainText("13 items in all");
  await condition(page, "1").getByRole("button", { name: "NOT" }).click();
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByLabel("Attributes to show").fill("address.city");
  await run(page);
  // neither Paris, nor 0 to 10, nor over 50
  await expect(result(page)).toContainText("27 items in all");
  await expect(grid(page)).toHaveAttribute("aria-colcount", "4");
  await axe(page);
  await shot(page, "items-conditions");

  await page.reload();
  await expect(result(page)).toContainText("27 items in all");
  await expect(condition(page, "2.2").getByLabel("Attribute")).toHaveValue(`address."post.code"`);
  await expect(condition(page, "1").getByRole("button", { name: "NOT" })).toHaveAttribute("aria-pressed", "true");
  await page.goBack();
  await expect(result(page)).toContainText("13 items in all");
  await expect(condition(page, "1").getByRole("button", { name: "NOT" })).toHaveAttribute("aria-pressed", "false");

  // What is opened is whole, whatever was shown of it.
  await page.goForward();
  await expect(result(page)).toContainText("27 items in all");
  await grid(page).getByRole("gridcell", { name: "order#00011" }).dblclick();
  await expect(page.getByRole("complementary", { name: "Item" })).toContainText("post.code");
});

test("takes expressions, and tells what the server says of them", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/);
  const table = name("orders");
  await makeTable(dynamodb, table, { sk: "sk" });
  await putItems(dynamodb, table, orders(20));
  await page.goto(path(table));
  await say(condition(page, "1"), { attribute: "pk", value: "customer#1" });
  await page.getByRole("button", { name: "Expressions" }).click();
  await expect(page.getByLabel("KeyConditionExpression")).toHaveText("#pk = :pk");
  await page.getByLabel("FilterExpression").fill("n > ");
  await run(page);
  await expect(page.getByRole("alert")).toContainText("Invalid FilterExpression: Syntax error");
  // It stands where it is about, until that is another.
  const expressions = page.getByRole("group", { name: "Expressions" });
  await expect(expressions).toContainText("Invalid FilterExpression: Syntax error");
  await axe(page);
  await shot(page, "expressions");
  await page.getByLabel("FilterExpression").fill("");
  await page.getByLabel("FilterExpression").pressSequentially("begins_with(sta");
  await expect(expressions).not.toContainText("Syntax error");
  await page.getByRole("option", { name: /^status/ }).click();
  await expect(page.getByLabel("FilterExpression")).toHaveText("begins_with(status)");
  await page.getByLabel("FilterExpression").fill("n > :n");
  await page.getByLabel("ExpressionAttributeValues").fill(`{":pk": {"S": "customer#1"}, ":n": {"N": "5"}}`);
  await run(page);
  await expect(result(page)).toContainText("1 item in all");
  await page.reload();
  await expect(result(page)).toContainText("1 item in all");
  await page.getByRole("button", { name: "Conditions" }).click();
  await expect(condition(page, "2").getByLabel("Attribute")).toHaveValue("n");
  await expect(plan(page)).toHaveText("Query on the table (pk = customer#1); 1 filter runs after the read");
});

test("says what is wrong with an address", async ({ page, dynamodb, name }) => {
  const table = name("orders");
  await makeTable(dynamodb, table, { sk: "sk" });
  await putItems(dynamodb, table, orders(5));
  await page.goto(`${path(table)}?where=${encodeURIComponent(`["like","a",{"S":"x"}]`)}&page=x&order=desc`);
  await expect(page.getByText("“where” in the address is left out: there is no operator \"like\".")).toBeVisible();
  await expect(page.getByText("“page” in the address is left out")).toBeVisible();
  await expect(result(page)).toContainText("5 items in all");
  await page.goto(`${path(table)}?index=nope`);
  await expect(plan(page)).toHaveText("The table has no index nope.");
});

test("finds items by the oddest keys", async ({ page, dynamodb, name }) => {
  const table = name("odd");
  await makeTable(dynamodb, table, { pk: { name: "a,b/c#d", type: "S" }, sk: { name: "n.m", type: "N" } });
  const keys = ["a,b", "/", "#", "?x=1&y=2", "%25", '"', "'", "line\nbreak", "😀", " ", "[0]"];
  await putItems(
    dynamodb,
    table,
    keys.map((key, i) => ({ "a,b/c#d": { S: key }, "n.m": { N: `-${i}.5` }, i: { N: String(i) } })),
  );
  for (const [i, key] of keys.entries()) {
    const where = { and: [["=", `"a,b/c#d"`, { S: key }], ["=", `"n.m"`, { N: `-${i}.5` }]] };
    await page.goto(`${path(table)}?where=${encodeURIComponent(JSON.stringify(where))}`);
    await expect(plan(page)).toContainText("GetItem from the table");
    await expect(result(page)).toContainText("1 item in all");
    await expect(condition(page, "1").getByLabel("Value", { exact: true })).toHaveValue(key);
    await expect(grid(page).getByRole("row").nth(1).getByRole("gridcell").last()).toHaveText(String(i));
  }

  const binary = name("binary");
  await makeTable(dynamodb, binary, { pk: { name: "id", type: "B" } });
  await putItems(dynamodb, binary, [{ id: { B: new Uint8Array([0, 255, 47]) } }, { id: { B: new Uint8Array([1]) } }]);
  await page.goto(path(binary));
  await say(condition(page, "1"), { attribute: "id" });
  await expect(condition(page, "1").getByLabel("Type")).toHaveValue("B");
  await condition(page, "1").getByLabel("Value").fill("AP8v");
  await run(page);
  await expect(result(page)).toContainText("1 item in all");
  await page.reload();
  await expect(result(page)).toContainText("1 item in all");
  await condition(page, "1").getByLabel("Value").fill("AP8");
  await expect(plan(page)).toHaveText("A condition is not whole: this is not base64.");
});

test("asks for less by what is in a cell", async ({ page, dynamodb, name }) => {
  const table = name("orders");
  await makeTable(dynamodb, table, { sk: "sk" });
  await putItems(dynamodb, table, orders(40));
  await page.goto(path(table));
  await grid(page).getByRole("gridcell", { name: "PAID" }).first().click({ button: "right" });
  await page.getByRole("menuitem", { name: "status ≠ PAID" }).click();
  await expect(result(page)).toContainText("20 items in all");
  await grid(page).getByRole("gridcell", { name: "order#00013" }).click({ button: "right" });
  await page.getByRole("menuitem", { name: "Query this partition" }).click();
  await expect(plan(page)).toHaveText("Query on the table (pk = customer#3)");
  await expect(result(page)).toContainText("4 items in all");

  // The same value may be the key of another table, or of an index of that.
  const people = name("people");
  await makeTable(dynamodb, people, {
    pk: "id",
    AttributeDefinitions: [{ AttributeName: "since", AttributeType: "N" }, { AttributeName: "friend", AttributeType: "S" }],
    GlobalSecondaryIndexes: ["since", "friend"].map((key) => ({ IndexName: `by-${key}`, KeySchema: [{ AttributeName: key, KeyType: "HASH" as const }], Projection: { ProjectionType: "ALL" as const } })),
  });
  await putItems(dynamodb, people, ["ann", "bob"].map((id) => ({ id: { S: id }, friend: { S: "customer#3" } })));
  await grid(page).getByRole("gridcell", { name: "customer#3" }).first().click({ button: "right" });
  await page.getByRole("menuitem", { name: "Follow to a table…" }).click();
  const follow = page.getByRole("dialog", { name: "Follow pk to a table" });
  await expect(follow.getByText("pk customer#3")).toBeVisible();
  await page.keyboard.type(people);
  await expect(follow.getByRole("option")).toHaveText(people);
  await page.keyboard.press("Enter");
  await expect(follow.getByRole("combobox", { name: "Which key" })).toBeFocused();
  await axe(page);
  await follow.getByRole("option", { name: /since/ }).click();
  await expect(follow.getByRole("alert")).toContainText(`It cannot be a value of since in ${people}`);
  await follow.getByRole("option", { name: /friend/ }).click();
  await expect(plan(page)).toHaveText("Query on by-friend (friend = customer#3)");
  await expect(result(page)).toContainText("2 items in all");
});

test("keeps what it has when the server stops, and goes on from there", async ({ page, own, expected }) => {
  expected(/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/);
  const stator = await own("--fsync", "never");
  const client = clientOf(stator);
  await makeTable(client, "orders", { sk: "sk" });
  await putItems(client, "orders", orders(330));
  await page.goto(`${stator.url}${path("orders")}`);
  await expect(result(page)).toContainText("100 items loaded, there are more");
  await stator.stop();
  await page.getByRole("button", { name: "Load all" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "The next items cannot be read" })).toContainText("The server does not answer.");
  await expect(result(page)).toContainText("100 items loaded, there are more");
  await expect(grid(page)).toHaveAttribute("aria-rowcount", /.+/);
  await stator.again();
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(result(page)).toContainText("200 items loaded, there are more");
  await page.getByRole("button", { name: "Load all" }).click();
  await expect(result(page)).toContainText("330 items in all");
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "331");
  client.destroy();
});

test("can be stopped while it reads", async ({ page, dynamodb, name }) => {
  const table = name("orders");
  await makeTable(dynamodb, table, { sk: "sk" });
  await putItems(dynamodb, table, orders(150));
  await page.goto(path(table));
  await expect(result(page)).toContainText("100 items loaded, there are more");
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  await page.route(/./, async (route) => {
    if (route.request().headers()["x-amz-target"] === "DynamoDB_20120810.Scan") asked(); // and is never answered
    else await route.fallback();
  });
  await page.getByRole("button", { name: "Load all" }).click();
  await isAsked;
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(result(page)).toContainText("100 items loaded, there are more");
  await expect(page.getByRole("button", { name: "Stop" })).toBeHidden();
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.getByRole("button", { name: "More", exact: true }).click();
  await expect(result(page)).toContainText("150 items in all");
});

test("keeps the queries that were run, and says why one cannot be", async ({ page, dynamodb, name }) => {
  const table = name("orders");
  await makeTable(dynamodb, table, { sk: "sk" });
  await putItems(dynamodb, table, orders(20));
  await page.goto(path(table));
  await say(condition(page, "1"), { attribute: "pk", value: "customer#1" });
  await run(page);
  await expect(result(page)).toContainText("2 items in all");
  await say(condition(page, "1"), { attribute: "pk", value: "customer#2" });
  await page.getByLabel("Operation").selectOption({ label: "Scan" });
  await run(page);
  await expect(result(page)).toContainText("Scan: 20 items");
  await page.reload();
  await page.getByRole("button", { name: "History" }).click();
  await expect(page.getByRole("menuitem")).toHaveText(["Save this query…", "Scan · pk = customer#2", "pk = customer#1"]);
  await axe(page);
  await page.getByRole("menuitem", { name: "pk = customer#1" }).click();
  await expect(result(page)).toContainText("Query: 2 items");
  await expect(page.getByLabel("Operation")).toHaveValue("auto");

  // One gets a name, and is found by that from elsewhere.
  const menu = async (entry: string) => {
    await page.getByRole("button", { name: "History" }).click();
    await page.getByRole("menuitem", { name: entry }).click();
  };
  await menu("Save this query…");
  await page.getByRole("dialog").getByLabel("Name").fill("The first");
  await page.keyboard.press("Enter");
  await menu("Rename and delete…");
  await page.getByLabel("Name of The first").fill("Customer 1");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Name of Customer 1")).toBeVisible();
  await axe(page);
  await page.getByRole("button", { name: "Close" }).click();
  await page.goto("/_ui/#/t/000000000000/us-east-1/" + table + "/indexes");
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByPlaceholder("A table, a page, something to do").fill("customer 1");
  await page.getByRole("option", { name: "Customer 1" }).click();
  await expect(result(page)).toContainText("Query: 2 items");
  await menu("Rename and delete…");
  await page.getByRole("button", { name: "Delete Customer 1" }).click();
  await expect(page.getByText("There are none any more.")).toBeVisible();
  await page.getByRole("button", { name: "Close" }).click();

  await condition(page, "1").getByLabel("Type").selectOption({ label: "Number" });
  await condition(page, "1").getByLabel("Value").press("Control+Enter");
  await expect(page.getByRole("alert")).toHaveText("A condition is not whole: “customer#1” is not a number.");
  await expect(condition(page, "1")).toContainText("“customer#1” is not a number");
  await axe(page);
});

test("says that the table was deleted meanwhile", async ({ page, dynamodb, name, expected }) => {
  expected(/status of 400/);
  const table = name("orders");
  await makeTable(dynamodb, table, { sk: "sk" });
  await putItems(dynamodb, table, orders(5));
  await page.goto(path(table));
  await expect(result(page)).toContainText("5 items in all");
  await dynamodb.send(new DeleteTableCommand({ TableName: table }));
  await run(page);
  await expect(page.getByRole("alert").filter({ hasText: `The table ${table} is not there` })).toBeVisible();
});

test("asks before it scans many items", async ({ page, dynamodb, name }) => {
  const table = name("many");
  await makeTable(dynamodb, table);
  await putItems(
    dynamodb,
    table,
    Array.from({ length: 10_050 }, (_, i) => ({ pk: { S: String(i) }, even: { BOOL: i % 2 === 0 } })),
  );
  await page.goto(path(table));
  await expect(result(page)).toContainText("100 items loaded, there are more");
  await page.getByRole("button", { name: "Load all" }).click();
  const ask = page.getByRole("dialog", { name: "Scan 10,050 items?" });
  await expect(ask).toContainText("read units");
  await axe(page);
  await ask.getByRole("button", { name: "Cancel" }).click();
  await expect(result(page)).toContainText("100 items loaded, there are more");

  await say(condition(page, "1"), { attribute: "pk", operator: "begins with", value: "100" });
  await run(page);
  await expect(ask).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("The Scan was not begun")).toBeVisible();
  await page.getByRole("button", { name: "Ask again" }).click();
  await ask.getByRole("button", { name: "Scan" }).click();
  await expect(result(page)).toContainText("61 items in all");

  // It may read several parts at once.
  const parts = new Set<unknown>();
  page.on("request", (request) => {
    const body = request.headers()["x-amz-target"]?.endsWith(".Scan") ? (JSON.parse(request.postData() ?? "{}") as { Segment?: number; TotalSegments?: number }) : {};
    if (body.TotalSegments === 4) parts.add(body.Segment);
  });
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByLabel("Segments of a Scan").selectOption({ label: "4 at once" });
  await expect(plan(page)).toContainText("Scan of the table in 4 segments at once");
  await run(page);
  await ask.getByRole("button", { name: "Scan" }).click();
  await expect(result(page)).toContainText("61 items in all");
  await expect(result(page)).toContainText("Scan: 10,050 items");
  expect([...parts].toSorted()).toEqual([0, 1, 2, 3]);
  await shot(page, "segments");
});

test("keeps in memory what is looked at, and reads the rest again", async ({ page, dynamodb, name }) => {
  test.slow();
  const table = name("heavy");
  await makeTable(dynamodb, table, { pk: { name: "pk", type: "N" } });
  // 200 MB, which the page answers itself with.
  await page.addInitScript((items) => {
    const server = window.fetch.bind(window);
    window.fetch = async (input, init) => {
      const request = new Request(input, init);
      if (!request.headers.get("x-amz-target")?.endsWith(".Scan")) return server(request);
      const body = (await request.json()) as { ExclusiveStartKey?: { pk: { N: string } } };
      const from = Number(body.ExclusiveStartKey?.pk.N ?? 0);
      const to = Math.min(items, from + 100);
      const all = Array.from({ length: to - from }, (_, i) => ({ pk: { N: String(from + i + 1) }, order: { N: String(items - from - i) }, text: { S: `${from + i} `.padEnd(20_000, "x") } }));
      return new Response(JSON.stringify({ Items: all, Count: all.length, ScannedCount: all.length, ...(to < items ? { LastEvaluatedKey: { pk: { N: String(to) } } } : {}) }), { headers: { "content-type": "application/x-amz-json-1.0" } });
    };
  }, 10_000);
  await page.goto(path(table));
  await page.getByRole("button", { name: "Load all" }).click();
  await expect(result(page)).toContainText("10,000 items in all", { timeout: 60_000 });
  await expect(result(page)).toContainText(/\d,\d{3} of them in memory/);
  const row = (pk: number) => grid(page).getByRole("row").filter({ has: page.getByRole("gridcell", { name: String(pk), exact: true }) });
  await expect(row(1)).toBeVisible();
  await grid(page).focus();
  await page.keyboard.press("Control+ArrowDown");
  await expect(row(10_000).first()).toBeVisible();
  await grid(page).evaluate((e) => { e.scrollTop = e.scrollHeight / 2; });
  await expect(row(5_000).first()).toBeVisible();
  await axe(page);
  await shot(page, "memory");
  // What needs all of them has them all.
  await grid(page).getByRole("columnheader", { name: /^order/ }).getByRole("button", { name: /^order/ }).click();
  await expect(page.getByText("Sorted by order up, loaded rows only")).toBeVisible({ timeout: 60_000 });
  await expect(result(page)).not.toContainText("of them in memory");
  await page.keyboard.press("Control+Home");
  await expect(grid(page).getByRole("row").nth(1)).toContainText("10000");
  await page.getByRole("button", { name: "Do not sort" }).click();
  await expect(result(page)).toContainText("of them in memory");
});
