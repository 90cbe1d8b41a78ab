import { DescribeTableCommand, DescribeTimeToLiveCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { axe, expect, makeTable, shot, test } from "./fixtures";

test("the form and the request are the same table", async ({ page, dynamodb, name }) => {
  test.slow();
  const music = name("music");
  await page.goto("/_ui/#/create");
  const request = page.getByLabel("request", { exact: true });
  await request.fill(
    JSON.stringify({
      TableName: music,
      BillingMode: "PROVISIONED",
      ProvisionedThroughput: { ReadCapacityUnits: 4, WriteCapacityUnits: 2 },
      KeySchema: [{ AttributeName: "artist", KeyType: "HASH" }],
      AttributeDefinitions: [
        { AttributeName: "artist", AttributeType: "S" },
        { AttributeName: "genre", AttributeType: "S" },
        { AttributeName: "year", AttributeType: "N" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-genre",
          KeySchema: [
            { AttributeName: "genre", KeyType: "HASH" },
            { AttributeName: "year", KeyType: "HASH" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
          ProvisionedThroughput: { ReadCapacityUnits: 4, WriteCapacityUnits: 2 },
        },
      ],
      ResourcePolicy: "{}",
    }),
  );
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(music);
  await expect(page.getByLabel("Mode")).toHaveValue("PROVISIONED");
  const index = page.getByRole("group", { name: "Global index by-genre" });
  await expect(index.getByLabel("Partition key 2", { exact: true })).toHaveValue("year");
  await expect(page.getByRole("group", { name: "Kept, though not in this form" })).toContainText("ResourcePolicy");
  await axe(page);
  await shot(page, "create-json", { fullPage: true });

  // What is typed into the form goes into the request, and nothing is lost.
  await page.getByRole("button", { name: "Remove ResourcePolicy" }).click();
  await page.getByLabel("Time to live").fill("until");
  await index.getByRole("button", { name: "Attribute of the partition key" }).click();
  await index.getByLabel("Partition key 3", { exact: true }).fill("label");
  await expect(request).toHaveValue(/"AttributeName": "label",\s*"KeyType": "HASH"/);
  await page.getByRole("tab", { name: "CloudFormation" }).click();
  await expect(page.getByLabel("template", { exact: true })).toContainText("Type: AWS::DynamoDB::Table");
  await expect(page.getByLabel("template", { exact: true })).toContainText("AttributeName: until");
  await page.getByRole("tab", { name: "Terraform" }).click();
  await expect(page.getByLabel("resource", { exact: true })).toContainText('attribute_name = "label"');
  await page.getByRole("tab", { name: "Pulumi" }).click();
  await expect(page.getByLabel("program", { exact: true })).toContainText('attributeName: "label"');
  await page.getByRole("tab", { name: "CDK" }).click();
  await expect(page.getByLabel("stack", { exact: true })).toContainText('timeToLiveAttribute: "until"');

  await page.getByRole("button", { name: "Create table" }).click();
  await expect(page.getByText(`Table ${music} created in us-east-1`)).toBeVisible();
  await expect(page.getByRole("heading", { name: music, exact: true })).toBeVisible();
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: music }));
  expect(Table?.GlobalSecondaryIndexes?.[0]?.KeySchema?.map((e) => e.AttributeName)).toEqual(["genre", "year", "label"]);
  const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: music }));
  expect(TimeToLiveDescription?.AttributeName).toBe("until");
});

test("says where a request is wrong, and keeps the form", async ({ page }) => {
  await page.goto("/_ui/#/create");
  await page.getByLabel("Name", { exact: true }).fill("music");
  const request = page.getByLabel("request", { exact: true });
  await request.fill('{\n  "TableName": "other",\n  "KeySchema" []\n}');
  await expect(request).toHaveAttribute("aria-invalid", "true");
  const problem = page.getByRole("button", { name: "Line 3, column 15: Here must be a colon" });
  await expect(problem).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("music");
  await axe(page);
  await problem.click();
  await expect(request).toBeFocused();
  expect(await request.evaluate((field: HTMLTextAreaElement) => field.selectionStart)).toBe(40);

  await request.fill('{"TableName": "other", "KeySchem": []}');
  await expect(page.getByRole("button", { name: "Line 1, column 24: CreateTable has nothing called KeySchem here" })).toBeVisible();
  await request.fill('{"TableName": "other"}');
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("other");
  await expect(request).toHaveAttribute("aria-invalid", "false");
});

test("clones a table", async ({ page, dynamodb, name }) => {
  const [from, to] = [name("from"), name("to")];
  await makeTable(dynamodb, from, { sk: { name: "n", type: "N" }, StreamSpecification: { StreamEnabled: true, StreamViewType: "OLD_IMAGE" }, Tags: [{ Key: "a", Value: "b" }] });
  await dynamodb.send(new UpdateTimeToLiveCommand({ TableName: from, TimeToLiveSpecification: { AttributeName: "until", Enabled: true } }));
  await page.goto("/_ui/#/create");
  await page.getByRole("button", { name: "Clone from…" }).click();
  await page.getByLabel("Table", { exact: true }).selectOption(`${from} in us-east-1`);
  await axe(page);
  await page.getByRole("button", { name: "Clone", exact: true }).click();
  await expect(page.getByLabel("Stream")).toHaveValue("OLD_IMAGE");
  await expect(page.getByLabel("Time to live")).toHaveValue("until");
  await expect(page.getByLabel("Tag", { exact: true })).toHaveValue("a");
  await page.getByLabel("Name", { exact: true }).fill(to);
  await page.getByRole("button", { name: "Create table" }).click();
  await expect(page.getByRole("heading", { name: to, exact: true })).toBeVisible();
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: to }));
  expect(Table?.AttributeDefinitions).toEqual([
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "n", AttributeType: "N" },
  ]);
  expect(Table?.StreamSpecification?.StreamViewType).toBe("OLD_IMAGE");
});
