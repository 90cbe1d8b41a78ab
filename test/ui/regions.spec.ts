import { DescribeTableCommand, PutItemCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { clientOf, expect, makeTable, test } from "./fixtures";

test("shows what was written in one region in the other", async ({ page, stator, dynamodb, name }) => {
  const music = name("music");
  await makeTable(dynamodb, music, { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } });
  await dynamodb.send(new UpdateTableCommand({ TableName: music, ReplicaUpdates: [{ Create: { RegionName: "eu-west-1" } }] }));
  await expect.poll(async () => (await dynamodb.send(new DescribeTableCommand({ TableName: music }))).Table?.Replicas?.map((r) => r.ReplicaStatus)).toEqual(["ACTIVE"]);
  await dynamodb.send(new PutItemCommand({ TableName: music, Item: { pk: { S: "written in us-east-1" } } }));

  await page.goto("/_ui/");
  await page.getByLabel("Filter by name").fill(music);
  const rows = page.getByRole("row").filter({ has: page.getByRole("link", { name: music }) });
  await expect(rows).toHaveCount(2);
  await page.getByLabel("Region").selectOption("eu-west-1");
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(/eu-west-1.*us-east-1/); // which has the other as replica
  await rows.getByRole("link", { name: music }).click();
  await expect(page).toHaveURL(new RegExp(`/t/000000000000/eu-west-1/${music}`));
  await expect(page.getByText("written in us-east-1")).toBeVisible();

  await clientOf(stator, "eu-west-1").send(new PutItemCommand({ TableName: music, Item: { pk: { S: "written in eu-west-1" } } }));
  await page.goto(`/_ui/#/t/000000000000/us-east-1/${music}`);
  await expect(page.getByText("written in eu-west-1")).toBeVisible();
});
