import { DescribeTimeToLiveCommand, type DynamoDBClient, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { axe, clientOf, expect, makeTable, putItems, shot, test } from "./fixtures";

const address = (table: string) => `/_ui/#/t/000000000000/us-east-1/${table}/ttl`;
const seconds = () => Math.floor(Date.now() / 1000);

async function enable(client: DynamoDBClient, table: string) {
  await client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true } }));
}

test("an attribute is picked from those that items have", async ({ page, dynamodb, name }) => {
  test.slow();
  const table = name("pick");
  await makeTable(dynamodb, table);
  const now = seconds();
  await putItems(
    dynamodb,
    table,
    Array.from({ length: 40 }, (_, i) => ({
      pk: { S: `${i}` },
      year: { N: "1999" },
      expires: { N: String(now + 600 * i) },
      createdMs: { N: String((now - i) * 1000) },
      day: { S: "2026-11-23" },
      old: { N: String(now - 200_000_000) },
    })),
  );
  await page.goto(address(table));
  await expect(page.getByRole("heading", { name: "The time to live is off" })).toBeVisible();
  await expect(page.getByRole("radio", { name: "expires" })).toBeChecked();
  await expect(page.getByRole("radio", { name: "createdMs" })).toHaveAccessibleName(/All have milliseconds/);
  await expect(page.getByRole("radio", { name: "day" })).toHaveAccessibleName(/All have text, which is ignored/);
  await expect(page.getByRole("radio", { name: "old" })).toHaveAccessibleName(/over five years ago, which is ignored/);
  await expect(page.getByRole("radio", { name: /^year/ })).toHaveCount(0);
  await axe(page);
  await shot(page, "ttl-off", { fullPage: true });
  await page.getByRole("button", { name: "Enable time to live" }).click();
  await expect(page.getByText("Items expire by expires")).toBeVisible();
  const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: table }));
  expect(TimeToLiveDescription?.AttributeName).toBe("expires");
});

test("a table without items has its attribute typed", async ({ page, dynamodb, name }) => {
  const table = name("typed");
  await makeTable(dynamodb, table);
  await page.goto(address(table));
  await expect(page.getByText("The table has no items yet.")).toBeVisible();
  await page.getByLabel("Name of the attribute").fill("ttl");
  await page.getByRole("button", { name: "Enable time to live" }).click();
  await expect(page.getByText("No item has a time")).toBeVisible();
});

test("what expires when is shown, and what has expired is deleted", async ({ page, own }) => {
  test.slow();
  const stator = await own();
  const client = clientOf(stator);
  await makeTable(client, "sessions");
  await enable(client, "sessions");
  const now = seconds();
  const times = [now - 100, now - 50, now - 200_000_000, now + 1800, now + 1900, now + 500_000];
  await putItems(client, "sessions", times.map((ttl, i) => ({ pk: { S: `a,${i}` }, ttl: { N: String(ttl) } })));
  await page.goto(stator.url + address("sessions"));
  await expect(page.getByRole("row", { name: "Within an hour 2" })).toBeVisible();
  await expect(page.getByRole("row", { name: "Within a week 1" })).toBeVisible();
  await expect(page.getByRole("row", { name: "Expired, not deleted yet 2" })).toBeVisible();
  await expect(page.getByRole("row", { name: "Over five years ago (never deleted) 1" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Expired items" }).getByRole("link")).toHaveText(["a,0", "a,1"]);
  await axe(page);
  await shot(page, "ttl-on", { fullPage: true });

  await page.getByRole("button", { name: "Expire now" }).click();
  await expect(page.getByRole("alertdialog", { name: "Delete 2 items?" })).toBeVisible();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("2 items deleted")).toBeVisible();
  await expect(page.getByText("Nothing has expired", { exact: true })).toBeVisible();

  // An hour later the next two have expired.
  await page.getByRole("button", { name: "Advance 1 hour" }).click();
  await expect(page.getByText("1h0m0s from the machine’s clock.")).toBeVisible();
  await expect(page.getByRole("row", { name: "Expired, not deleted yet 2" })).toBeVisible();
  await page.getByRole("button", { name: "Stop it" }).click();
  await expect(page.getByText("It stands still.")).toBeVisible();
  await page.getByRole("button", { name: "Back to the machine’s" }).click();
  await expect(page.getByText("It is the machine’s clock.")).toBeVisible();
  await expect(page.getByRole("row", { name: "Within an hour 2" })).toBeVisible();
});

test("what the server refuses is said in its words", async ({ page, own, expected }) => {
  expected(/status of 400/);
  const stator = await own("--memory", "--profile", "aws");
  await makeTable(clientOf(stator), "refused");
  await expect(async () => enable(clientOf(stator), "refused")).toPass(); // once the table is active
  await page.goto(stator.url + address("refused"));
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Disable" }).click();
  await expect(page.getByRole("alertdialog").getByText("ValidationException: Time to live has been modified multiple times within a fixed interval")).toBeVisible();
  await axe(page);
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByLabel("Advance by").fill("soon");
  await page.getByRole("button", { name: "Advance", exact: true }).click();
  await expect(page.getByRole("alert").getByText("The clock was not changed")).toBeVisible();
});
