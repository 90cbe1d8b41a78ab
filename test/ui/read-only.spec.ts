import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { axe, clientOf, expect, makeTable, putItems, shot, test } from "./fixtures";

// What a button, link or entry of a menu is called that changes something.
const changing = /^(actions|add|advance|create|cut|delete|disable|discard|drop|duplicate|enable|expire|import|let it|load demo|new|pause what|purge|put|remove|save(?! as)|stop it|undo)\b/i;

test("offers nothing that changes something, and the server refuses it", async ({ page, own, expected }) => {
  const stator = await own("--memory", "--ui-read-only");
  const dynamodb = clientOf(stator);
  await page.goto(`${stator.url}/_ui/`);
  await expect(page.getByText("There are no tables yet")).toBeVisible();
  await makeTable(dynamodb, "orders", {
    AttributeDefinitions: [{ AttributeName: "status", AttributeType: "S" }],
    GlobalSecondaryIndexes: [{ IndexName: "by-status", KeySchema: [{ AttributeName: "status", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  });
  await makeTable(dynamodb, "plain");
  await putItems(dynamodb, "orders", [{ pk: { S: "a" }, status: { S: "OPEN" }, n: { NS: ["1", "2"] } }]);

  const at = (table: string) => `t/000000000000/us-east-1/${table}`;
  const tables = ["orders", "plain"].flatMap((t) => ["", "/indexes", "/stream", "/ttl", "/metrics", "/replicas", "/edit", "/item?new=true"].map((p) => at(t) + p));
  for (const path of ["", "create", "partiql", "settings", ...tables, `${at("orders")}/item?key={"pk":{"S":"a"}}`]) {
    await test.step(path, async () => {
      await page.goto(`${stator.url}/_ui/#/${path}`);
      await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
      await expect(page.locator("main .animate-pulse")).toHaveCount(0); // all is loaded
      const names = await page.locator("a, button, [role=menuitem]").evaluateAll((all) => all.filter((e) => e.checkVisibility()).map((e) => e.getAttribute("aria-label") ?? e.textContent?.trim() ?? ""));
      expect(names.filter((name) => changing.test(name))).toEqual([]);
    });
  }
  await expect(page.getByRole("textbox", { name: "Item as DynamoDB JSON" })).toHaveAttribute("aria-readonly", "true");
  await page.getByRole("button", { name: "More", exact: true }).click();
  await expect(page.getByRole("menuitem")).toHaveText([/^Copy key/, /^Copy as JSON/, /^Copy as DynamoDB JSON/, /^Requests with this item/]);
  await page.keyboard.press("Escape");
  await axe(page);
  await shot(page, "read-only-item");

  // Neither the keyboard nor a statement gets past.
  await page.goto(`${stator.url}/_ui/#/${at("orders")}`);
  await page.getByRole("gridcell", { name: "OPEN" }).click();
  await page.keyboard.press("F2");
  await expect(page.getByRole("gridcell").getByRole("textbox")).toHaveCount(0);
  await shot(page, "read-only-items");
  expected(/status of 40[03]/);
  await page.goto(`${stator.url}/_ui/#/partiql`);
  await page.getByRole("textbox", { name: "Statements" }).fill(`DELETE FROM "orders" WHERE pk = 'a'`);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("The server takes no changes from the Resource Browser: --ui-read-only");
  const statuses = await page.evaluate(async () => {
    const headers = { "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.DeleteTable" };
    const asked = [fetch("/", { method: "POST", headers, body: `{"TableName":"orders"}` }), fetch("/_admin/reset", { method: "POST" }), fetch("/_admin/clock", { method: "PUT", body: `{"advance":"1h"}`, referrerPolicy: "no-referrer" })];
    return (await Promise.all(asked)).map((answer) => answer.status);
  });
  expect(statuses).toEqual([400, 403, 403]);
  expect((await dynamodb.send(new GetItemCommand({ TableName: "orders", Key: { pk: { S: "a" } } }))).Item).toBeDefined();
});
