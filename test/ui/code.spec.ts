import { axe, expect, makeTable, putItems, test } from "./fixtures";
import { inDirectory, isThere, languages } from "./languages";

// What is shown as code is run, as it is.

const odd = `it's "odd" $HOME \\ \n ünï 😀`;
const region = "eu-west-1";

const queries: { about: string; search: Record<string, unknown>; finds: number[]; binary?: true }[] = [
  { about: "a GetItem", search: { where: { and: [["=", "pk", { S: odd }], ["=", "sk", { N: "3" }]] } }, finds: [3] },
  { about: "a Query with a filter", search: { where: { and: [["=", "pk", { S: odd }], ["<=", "sk", { N: "5" }], { not: ["=", `m."a.b"[0]`, { S: odd }] }, ["IN", "status", { S: "x" }, { S: "OPEN" }, { BOOL: true }, { NULL: true }]] } }, finds: [1, 3, 5] },
  { about: "a page of a Query, backwards", search: { where: ["=", "pk", { S: odd }], order: "desc", page: 2, consistent: true, show: "n" }, finds: [9, 8] },
  { about: "a Scan", search: { where: ["=", "tags", { SS: ["a", "b"] }] }, finds: [2] },
  { about: "binary", search: { where: { and: [["=", "b", { B: "AP8v" }], ["<>", "bs", { BS: ["AA=="] }]] } }, finds: [4], binary: true },
];

for (const [language, { run }] of Object.entries(languages)) {
  test(`code for ${language} runs`, async ({ page, stator, name }) => {
    test.skip(!isThere(language), `${language} is not installed`);
    test.setTimeout(120_000);
    const { DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
    const client = new DynamoDBClient({ endpoint: stator.url, region, credentials: { accessKeyId: "111111111111", secretAccessKey: "stator" } });
    const table = name("code");
    await makeTable(client, table, { sk: { name: "sk", type: "N" } });
    await putItems(
      client,
      table,
      Array.from({ length: 10 }, (_, n) => ({
        pk: { S: odd },
        sk: { N: String(n) },
        n: { S: `found ${n}` },
        status: { S: n % 2 ? "OPEN" : "PAID" },
        m: { M: { "a.b": { L: [{ S: n === 7 ? odd : "other" }] } } },
        tags: { SS: n === 2 ? ["a", "b"] : ["a"] },
        b: { B: n === 4 ? new Uint8Array([0, 255, 47]) : new Uint8Array([n]) },
      })),
    );
    client.destroy();
    await inDirectory(async (dir) => {
      for (const { about, search, finds, binary } of queries) {
        // Version 1 of the AWS CLI, unlike its successor, does not take base64.
        if (binary && language === "AWS CLI") continue;
        const parameters = Object.entries(search).map(([key, value]) => `${key}=${encodeURIComponent(JSON.stringify(value))}`);
        await page.goto(`/_ui/#/t/111111111111/${region}/${table}?${parameters.join("&")}`);
        await page.getByRole("button", { name: "Show code" }).click();
        await page.getByRole("tab", { name: language, exact: true }).click();
        const text = (await page.getByLabel(`code for ${language}`, { exact: true }).textContent()) ?? "";
        if (about === "a Scan" && language === "Go") await axe(page);
        const { stdout } = await run(text, dir).catch((err: unknown) => {
          throw new Error(`${language}, ${about}: ${String((err as { stderr?: string }).stderr ?? err)}\n${text}`);
        });
        await page.keyboard.press("Escape");
        expect(stdout.match(/found \d/g) ?? [], `${about}\n${text}\n${stdout}`).toEqual(finds.map((n) => `found ${n}`));
      }
    });
  });
}
