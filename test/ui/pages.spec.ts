import { clientOf, expect, makeTable, putItems, test } from "./fixtures";

test("every link leads to a page, which fits its window", async ({ page, own }) => {
  test.slow();
  const stator = await own();
  const dynamodb = clientOf(stator);
  await makeTable(dynamodb, "orders", {
    sk: "order",
    AttributeDefinitions: [{ AttributeName: "status", AttributeType: "S" }],
    GlobalSecondaryIndexes: [{ IndexName: "by-status", KeySchema: [{ AttributeName: "status", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  });
  await putItems(
    dynamodb,
    "orders",
    Array.from({ length: 30 }, (_, i) => ({ pk: { S: `customer ${i % 3}` }, order: { S: String(i) }, status: { S: "OPEN" }, note: { S: "a long text ".repeat(20) } })),
  );

  const seen = new Set<string>();
  const todo = ["#/"];
  for (let path = todo.shift(); path !== undefined; path = todo.shift()) {
    await test.step(path, async () => {
      await page.goto(`${stator.url}/_ui/${path}`);
      await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
      await expect(page.locator("main .animate-pulse")).toHaveCount(0); // all is loaded
      await expect(page.getByRole("heading", { name: "There is no such page" })).toBeHidden();
      await expect(page.getByRole("alert")).toBeHidden();
      for (const width of [1400, 800, 640]) {
        await page.setViewportSize({ width, height: 900 });
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `what hangs out of ${width} pixels at ${path}`).toBeLessThanOrEqual(0);
      }
      await page.setViewportSize({ width: 1400, height: 900 });
      const links = await page.locator('a[href^="#/"], a[href*="/_ui/#/"]').evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).hash));
      for (const link of links) {
        const plain = link.replace(/\?.*/, ""); // what is looked for there is not what the page is
        if (!seen.has(plain)) {
          seen.add(plain);
          todo.push(link);
        }
      }
    });
  }
  console.log(`pages: ${[...seen].join(" ")}`);
  expect([...seen]).toEqual(expect.arrayContaining(["#/", "#/create", "#/t/000000000000/us-east-1/orders"]));
});
