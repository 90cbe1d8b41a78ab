import { axe, clientOf, expect, makeTable, shot, test } from "./fixtures";
import { inDirectory, isThere, languages } from "./languages";

const region = "eu-west-1";

// Code that is to be pasted is run, as it is.
for (const { tab, as, after } of [
  // An AWS CLI may be too old to know AWS_ENDPOINT_URL.
  { tab: "Variables", as: "AWS CLI", after: `\nnode --input-type=module -e 'import { DynamoDB } from "@aws-sdk/client-dynamodb"; console.log(await new DynamoDB().listTables())'` },
  { tab: "AWS CLI", as: "AWS CLI", after: " --output text" },
  { tab: "Python", as: "Python", after: "" },
  { tab: "JavaScript", as: "JavaScript", after: "" },
  { tab: "Go", as: "Go", after: "" },
  { tab: "Java", as: "Java", after: "" },
]) {
  test(`${tab} of the settings get to the server`, async ({ page, stator, name }) => {
    const language = languages[as];
    test.skip(!isThere(as), `${as} is not installed`);
    test.setTimeout(120_000);
    const table = name("snippet");
    const client = clientOf(stator, region, "222222222222");
    await makeTable(client, table);
    client.destroy();
    await page.goto("/_ui/#/settings");
    await page.getByLabel("Account").fill("222222222222");
    await page.getByLabel("Region").fill(region);
    await page.getByRole("tab", { name: tab, exact: true }).click();
    const text = (await page.getByLabel(`code for ${tab}`, { exact: true }).textContent()) ?? "";
    await inDirectory(async (dir) => {
      const { stdout } = (await language?.run(text + after, dir)) ?? { stdout: "" };
      expect(stdout).toContain(table);
    });
  });
}

test("a place that there cannot be has no code", async ({ page }) => {
  await page.goto("/_ui/#/settings");
  await page.getByLabel("Account").fill('1"; exit');
  await expect(page.getByText("An account has 12 digits.")).toBeVisible();
  await expect(page.getByRole("tab", { name: "Python" })).toBeHidden();
  await page.getByLabel("Account").fill("000000000000");
  await page.getByRole("tab", { name: "Rust" }).click();
  await expect(page.getByLabel("code for Rust", { exact: true })).toContainText('Credentials::new("test", "test", None, None, "static")');
});

test("what is set is shown with what has set it", async ({ page, own }) => {
  test.slow();
  const stator = await own("--memory", "--log-level", "debug");
  await page.goto(`${stator.url}/_ui/#/settings`);
  const options = page.getByRole("region", { name: "Options", exact: true });
  await expect(options.getByRole("row", { name: /--log-level debug flag --log-level/ })).toBeVisible();
  await page.getByLabel("Find an option").fill("STATOR_TTL_INTERVAL");
  await expect(options.getByRole("row")).toHaveCount(2);
  await expect(options.getByRole("row", { name: /--ttl-interval/ })).toBeVisible();
  await page.getByLabel("Find an option").fill("");
  await page.getByLabel("Only what is set").check();
  await expect(options.getByRole("row", { name: /--memory true/ })).toBeVisible();
  await expect(options.getByRole("row", { name: /--ttl-interval/ })).toBeHidden();
  await expect(page.getByText("in memory: they are gone when it ends")).toBeVisible();
  await axe(page);
  await shot(page, "settings", { fullPage: true });
});

test("the theme is that of all pages", async ({ page }) => {
  await page.goto("/_ui/#/settings");
  const html = page.locator("html");
  await expect(html).toHaveAttribute("data-theme", "light");
  await page.getByRole("radio", { name: "Dark" }).check();
  await expect(html).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(html).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "Theme: dark. Change to system" }).click();
  await expect(page.getByRole("radio", { name: "As the system has it" })).toBeChecked();
  await expect(html).toHaveAttribute("data-theme", "light");
});

test("licences of what is built in are there", async ({ page }) => {
  await page.goto("/_ui/#/settings");
  await page.getByRole("region", { name: "Licences" }).getByRole("button").click();
  const text = page.getByLabel("Licences", { exact: true }).and(page.locator("pre"));
  for (const name of ["react 19", "@aws-sdk/client-dynamodb 3", "uplot 1", "tailwindcss 4", "Apache License"]) {
    await expect(text).toContainText(name);
  }
});
