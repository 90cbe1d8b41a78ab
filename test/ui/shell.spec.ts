import { UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { axe, clientOf, each, expect, makeTable, putItems, shot, test } from "./fixtures";

const stream = { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" as const } };

test("lists the tables beside every page, and finds and pins them", async ({ page, own }) => {
  const stator = await own();
  const dynamodb = clientOf(stator);
  await makeTable(dynamodb, "prod-orders", stream);
  await makeTable(dynamodb, "prod-users");
  await putItems(dynamodb, "prod-users", [{ pk: { S: "a" } }]);
  await makeTable(clientOf(stator, "eu-west-1"), "sessions");
  await page.goto(`${stator.url}/_ui/#/t/000000000000/us-east-1/prod-users`);
  const list = page.getByRole("navigation", { name: "List of tables" });
  await expect(list.getByRole("link", { name: "prod-users" })).toHaveAttribute("aria-current", "page");
  await expect(list.getByRole("listitem").filter({ hasText: "prod-orders" })).toContainText("has a stream");
  await expect(list.getByRole("listitem").filter({ hasText: "prod-users" })).toContainText("1 item");
  await expect(list.getByRole("link", { name: "sessions" })).toBeVisible();
  await axe(page);
  await shot(page, "shell");

  await page.getByLabel("Whose tables").selectOption({ label: "eu-west-1 (1)" });
  await expect(list.getByRole("link")).toHaveCount(1);
  await page.getByLabel("Whose tables").selectOption({ label: "All regions (3)" });
  await list.getByRole("link", { name: "prod-users" }).hover();
  await list.getByRole("button", { name: "Pin prod-users" }).click();
  await expect(list.getByRole("listitem").first()).toContainText("Pinned");
  await page.reload();
  await expect(list.getByRole("listitem").nth(1)).toContainText("prod-users");

  await page.getByLabel("Find a table").fill("prdor");
  await expect(list.getByRole("link")).toHaveCount(1);
  await page.getByLabel("Find a table").press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "prod-orders" })).toBeVisible();
});

test("shows the same page of a replica", async ({ page, own }) => {
  const stator = await own();
  const dynamodb = clientOf(stator);
  await makeTable(dynamodb, "global", stream);
  await dynamodb.send(new UpdateTableCommand({ TableName: "global", ReplicaUpdates: [{ Create: { RegionName: "eu-west-1" } }] }));
  await makeTable(clientOf(stator, "ap-south-1"), "other");
  await page.goto(`${stator.url}/_ui/#/t/000000000000/us-east-1/global/stream`);
  await page.getByRole("button", { name: "us-east-1. The same table elsewhere" }).click();
  await page.getByRole("menuitem", { name: "eu-west-1" }).click();
  await expect(page).toHaveURL(/\/t\/000000000000\/eu-west-1\/global\/stream/);
  await page.getByLabel("Whose tables").selectOption({ label: "us-east-1 (1)" });
  await expect(page).toHaveURL(/\/t\/000000000000\/us-east-1\/global\/stream/);
  // Where the table is not, only the list changes.
  await page.getByLabel("Whose tables").selectOption({ label: "ap-south-1 (1)" });
  await expect(page.getByRole("navigation", { name: "List of tables" }).getByRole("link", { name: "other" })).toBeVisible();
  await expect(page).toHaveURL(/\/us-east-1\/global\/stream/);
});

test("groups many tables, and goes through them with the arrows", async ({ page, own }) => {
  const stator = await own();
  await each(Array.from({ length: 60 }, (_, i) => `${i < 30 ? "dev" : "prod"}-${String(i).padStart(2, "0")}`), 8, (name) => makeTable(clientOf(stator), name));
  await page.goto(`${stator.url}/_ui/`);
  const list = page.getByRole("navigation", { name: "List of tables" });
  const group = list.getByRole("button", { name: /^dev-…\s*30 tables/ });
  await expect(group).toHaveAttribute("aria-expanded", "true");
  await group.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(group).toHaveAttribute("aria-expanded", "false");
  await page.keyboard.press("ArrowDown");
  await expect(list.getByRole("button", { name: /^prod-…\s*30 tables/ })).toBeFocused();
  await page.keyboard.press("End");
  await expect(list.getByRole("link", { name: "prod-59" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "prod-59" })).toBeVisible();
});

test("is a drawer where there is little room", async ({ page, dynamodb, name }) => {
  const table = name("narrow");
  await makeTable(dynamodb, table);
  await page.setViewportSize({ width: 800, height: 900 });
  await page.goto("/_ui/#/create");
  await expect(page.getByRole("navigation", { name: "List of tables" })).toBeHidden();
  await page.getByRole("button", { name: "Show the list of tables" }).click();
  await page.getByLabel("Find a table").fill(table);
  await axe(page);
  await page.getByRole("navigation", { name: "List of tables" }).getByRole("link", { name: table }).click();
  await expect(page.getByRole("heading", { level: 1, name: table })).toBeVisible();
  await expect(page.getByRole("navigation", { name: "List of tables" })).toBeHidden();
});

test("logs what is asked, to be read and copied", async ({ page, dynamodb, name }) => {
  const table = name("logged");
  await makeTable(dynamodb, table);
  await putItems(dynamodb, table, [{ pk: { S: "a" }, n: { N: "0.10000000000000000000000000000000000001" } }, { pk: { S: "b" } }]);
  await page.goto(`/_ui/#/t/000000000000/us-east-1/${table}`);
  await expect(page.getByText("2 items in all")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+j");
  const log = page.getByRole("region", { name: "Request log" });
  await log.getByRole("button", { name: new RegExp(`200\\s*Scan\\s*${table}`) }).first().click();
  const detail = log.getByRole("region", { name: "Scan", exact: true });
  await expect(detail).toContainText(`"TableName": "${table}"`);
  await expect(detail).toContainText(`"N": "0.10000000000000000000000000000000000001"`);
  await axe(page);
  await shot(page, "shell-log");
  await detail.getByRole("button", { name: "Copy as AWS CLI" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`aws dynamodb scan --endpoint-url`);
  await detail.getByRole("button", { name: "Copy as cURL" }).click();
  const curl = await page.evaluate(() => navigator.clipboard.readText());

  // What curl would send is answered.
  const [, target] = /X-Amz-Target: ([^']*)/.exec(curl) ?? [];
  const [, authorization] = /Authorization: ([^']*)/.exec(curl) ?? [];
  const [, data] = /--data-raw '([^]*)'$/.exec(curl) ?? [];
  const answer = await page.request.post("/", { headers: { "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target ?? "", Authorization: authorization ?? "" }, data: data ?? "" });
  expect(answer.status()).toBe(200);
  expect(await answer.text()).toContain("0.10000000000000000000000000000000000001");

  // What pages ask by themselves is shown on demand.
  await expect(log.getByRole("button", { name: /DescribeTable/ })).toHaveCount(0);
  await log.getByLabel("What pages ask by themselves, too").check();
  await expect(log.getByRole("button", { name: /DescribeTable/ }).first()).toBeVisible();

  await page.keyboard.press("ControlOrMeta+j");
  await expect(log).toBeHidden();

  // An item's requests are those that have its key, or got it.
  for (const pk of ["a", "b"]) {
    await page.goto(`/_ui/#/t/000000000000/us-east-1/${table}/item?key={"pk":{"S":"${pk}"}}`);
    await expect(page.getByRole("textbox", { name: "Value of pk" })).toHaveValue(pk);
  }
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Requests with this item" }).click();
  await expect(log).toContainText("2 requests of this page with the item pk = b");
  await expect(log.getByRole("list").getByRole("button")).toContainText(["GetItem", "Scan"]);
  await axe(page);
  await log.getByRole("button", { name: "Show all" }).click();
  await expect(log.getByRole("button", { name: /200\s*GetItem/ })).toHaveCount(2);
});

test("says what was taken, and how much is done", async ({ page, own }) => {
  const stator = await own();
  const dynamodb = clientOf(stator);
  await makeTable(dynamodb, "orders");
  await putItems(dynamodb, "orders", Array.from({ length: 30 }, (_, i) => ({ pk: { S: String(i) }, n: { N: String(i) } })));
  await page.goto(`${stator.url}/_ui/#/t/000000000000/us-east-1/orders?where=["=","n",{"N":"7"}]`);
  const status = page.getByRole("contentinfo", { name: "Status" });
  await expect(status).toHaveText(/^1 item loaded of 30 read0\.5 RU, 0 WUScan \d+ ms/);
  await expect(status).toContainText("stator ");
  await page.goto(`${stator.url}/_ui/#/t/000000000000/us-east-1/orders/item?key={"pk":{"S":"7"}}`);
  await page.getByRole("textbox", { name: "Value of n" }).fill("8");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(status).toContainText("1 WU");
  await expect(page.getByRole("img", { name: /^Activity in all tables: / })).toBeVisible();
});

test("keeps what was looked at in tabs", async ({ page, own }) => {
  const stator = await own();
  const dynamodb = clientOf(stator);
  for (const name of ["orders", "customers", "sessions"]) await makeTable(dynamodb, name);
  const address = (table: string) => `${stator.url}/_ui/#/t/000000000000/us-east-1/${table}`;
  const tabs = page.getByRole("navigation", { name: "Open tabs" });
  await page.goto(address('orders?where=["=","pk",{"S":"a"}]'));
  await expect(page.getByRole("heading", { level: 1, name: "orders" })).toBeVisible();
  await expect(tabs).toBeHidden(); // of one
  const list = page.getByRole("navigation", { name: "List of tables" });
  await list.getByRole("link", { name: "customers" }).click();
  await page.getByRole("navigation", { name: "Pages of the table" }).getByRole("link", { name: "Stream" }).click();
  await list.getByRole("link", { name: "sessions" }).click();
  await expect(tabs.getByRole("link")).toHaveText(["orders", "customers Stream", "sessions"]);
  await axe(page);
  await shot(page, "shell-tabs");

  // Each comes back as it was left, also later.
  await page.reload();
  await tabs.getByRole("link", { name: "customers Stream" }).click();
  await expect(page).toHaveURL(/customers\/stream/);
  await tabs.getByRole("link", { name: "orders" }).click();
  await expect(page).toHaveURL(/orders\?where=/);
  await expect(tabs.getByRole("link", { name: "orders" })).toHaveAttribute("aria-current", "page");

  // With the keyboard they are moved, gone through and closed.
  await tabs.getByRole("link", { name: "orders" }).focus();
  await page.keyboard.press("Alt+ArrowRight");
  await expect(tabs.getByRole("link")).toHaveText(["customers Stream", "orders", "sessions"]);
  await expect(tabs.getByRole("link", { name: "orders" })).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Delete");
  await expect(tabs.getByRole("link")).toHaveText(["customers Stream", "orders"]);
  await expect(page).toHaveURL(/orders/);
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await expect(page).toHaveURL(/customers\/stream/);
  await tabs.getByRole("button", { name: "Close customers" }).click();
  await expect(page).toHaveURL(/orders\?where=/);
  await expect(tabs).toBeHidden();
});

test("goes on by itself when the server comes back, on every page", async ({ page, own, expected }) => {
  const stator = await own();
  expected(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET/);
  await makeTable(clientOf(stator), "music");
  await page.goto(`${stator.url}/_ui/#/create`);
  await expect(page.getByRole("navigation", { name: "List of tables" }).getByRole("link", { name: "music" })).toBeVisible();
  await stator.stop();
  await expect(page.getByRole("alert")).toContainText("The server does not answer.");
  await axe(page);
  await stator.again();
  await expect(page.getByRole("alert")).toBeHidden();
});
