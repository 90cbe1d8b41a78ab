import { GetItemCommand, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { expect, tabTo, test } from "./fixtures";

// What somebody does who has never been here, and has no mouse: all that is said is
// on the screen.
test("makes a table and an item, finds it, changes it and deletes the table, with the keyboard alone", async ({ page, dynamodb, name }) => {
  const music = name("journey");
  const key = page.keyboard;
  const get = async () => (await dynamodb.send(new GetItemCommand({ TableName: music, Key: { artist: { S: "Nina" }, year: { N: "1965" } } }))).Item;

  await page.goto("/_ui/");
  await tabTo(page.getByRole("link", { name: "Create table" }).first());
  await key.press("Enter");
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await key.type(music);
  await tabTo(page.getByLabel("Partition key", { exact: true }));
  await key.type("artist");
  await tabTo(page.getByLabel("Sort key", { exact: true }));
  await key.type("year");
  await tabTo(page.getByLabel("Sort key: type"));
  await key.type("Num");
  await tabTo(page.getByRole("button", { name: "Create table" }));
  await key.press("Enter");
  await expect(page.getByText(`Table ${music} created in us-east-1`)).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: music })).toBeVisible();

  await tabTo(page.getByRole("link", { name: "New item" }).first());
  await key.press("Enter");
  await tabTo(page.getByLabel("Value of artist"));
  await key.type("Nina");
  await tabTo(page.getByLabel("Value of year"));
  await key.type("1965");
  await tabTo(page.getByRole("button", { name: "Add attribute", exact: true }));
  await key.press("Enter");
  await key.type("genres");
  await tabTo(page.getByLabel("Type of genres"));
  await key.type("String s"); // the set, not the string
  await tabTo(page.getByLabel("Value of genres[0]"));
  await key.type("jazz");
  await tabTo(page.getByRole("button", { name: "Add attribute", exact: true }));
  await key.press("Enter");
  await key.type("label");
  await tabTo(page.getByLabel("Type of label"));
  await key.type("Map");
  await tabTo(page.getByRole("button", { name: "Add attribute to label" }));
  await key.press("Enter");
  await key.type("city");
  await key.press("Enter");
  await key.type("New York");
  await tabTo(page.getByRole("button", { name: "Create item" }), "Shift+Tab");
  await key.press("Enter");
  await expect(page.getByText("Item created")).toBeVisible();
  expect(await get()).toEqual({ artist: { S: "Nina" }, year: { N: "1965" }, genres: { SS: ["jazz"] }, label: { M: { city: { S: "New York" } } } });

  // It is found by what is in it.
  await tabTo(page.getByRole("link", { name: "Items", exact: true }).first(), "Shift+Tab");
  await key.press("Enter");
  await tabTo(page.getByLabel("Attribute", { exact: true }).first());
  await key.type("artist");
  await tabTo(page.getByLabel("Value", { exact: true }).first());
  await key.type("Nina");
  await key.press("Enter");
  await expect(page.getByText("1 item in all")).toBeVisible();

  // A cell is changed where it is, and the table deleted by typing its name.
  await tabTo(page.getByRole("grid"));
  await key.press("ArrowDown");
  await key.press("Space");
  await expect(page.getByRole("complementary", { name: "Item" })).toBeVisible();
  await tabTo(page.getByRole("complementary", { name: "Item" }).getByLabel("Value of genres[0]"));
  await key.press("ControlOrMeta+a");
  await key.type("soul");
  await key.press("ControlOrMeta+s");
  await expect.poll(async () => (await get())?.genres).toEqual({ SS: ["soul"] });

  await tabTo(page.getByRole("link", { name: "Settings", exact: true }).last(), "Shift+Tab");
  await key.press("Enter");
  await tabTo(page.getByRole("button", { name: "Delete table…" }));
  await key.press("Enter");
  await tabTo(page.getByLabel(/Type “/));
  await key.type(music);
  await key.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Tables" })).toBeVisible();
  const { TableNames } = await dynamodb.send(new ListTablesCommand({}));
  expect(TableNames).not.toContain(music);
});
