import type { Page } from "@playwright/test";
import { clientOf, expect, makeTable, putItems, test } from "./fixtures";

// Other languages need more letters than English, and some run from the right.
const writings = ["as it is", "longer", "longer, from the right"];

// writeAs has a page say all it says of its own at two thirds more length, in what
// direction is wanted. What is in the tables stays.
async function writeAs(page: Page, writing: string): Promise<void> {
  await page.evaluate(
    ({ long, rtl }) => {
      document.documentElement.dir = rtl ? "rtl" : "ltr";
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let text = texts.nextNode() as Text | null; text; text = texts.nextNode() as Text | null) {
        if (text.parentElement?.closest("script, style, pre, code, .font-mono, .cm-editor, .uplot, [role=gridcell]")) continue;
        const said = text.data.replace(/\u2060.*/s, "");
        const extra = said.trim().slice(0, Math.ceil((said.trim().length * 2) / 3));
        text.data = long && /\p{L}/u.test(said) ? `${said}\u2060${extra}` : said;
      }
    },
    { long: writing !== "as it is", rtl: writing.endsWith("from the right") },
  );
}

// hangingOut returns what does not fit a page that has to be scrolled sideways.
const hangingOut = (page: Page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const out = [...document.querySelectorAll("body *")].filter((e) => {
      const { left, right } = e.getBoundingClientRect();
      return left < 0 || right > clientWidth;
    });
    return [`${scrollWidth - clientWidth} pixels`, ...out.map((e) => e.outerHTML.slice(0, 120))];
  });

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
        for (const writing of writings) {
          await writeAs(page, writing);
          await expect.poll(() => hangingOut(page), `what hangs out of ${width} pixels at ${path}, ${writing}`).toEqual([]);
        }
      }
      await writeAs(page, "as it is");
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
