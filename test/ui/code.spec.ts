import { type AttributeValue, CreateTableCommand, type CreateTableCommandInput, DescribeTableCommand, DescribeTimeToLiveCommand, type DynamoDBClient, GetItemCommand, ListTagsOfResourceCommand, UpdateTableCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import type { Page } from "@playwright/test";
import { axe, clientOf, expect, makeTable, putItems, test } from "./fixtures";
import { inDirectory, isThere, languages, programs, takesBase64 } from "./languages";

// What is shown as code is run, as it is.

const odd = `it's "odd" $HOME \\ \n ünï 😀`;
const region = "eu-west-1";
const elsewhere = "ap-south-1";
const account = "111111111111";
const keyIn = (where: string) => `arn:aws:kms:${where}:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const digits = "12345678901234567890123456789012345678";

const queries: { about: string; search: Record<string, unknown>; finds: number[]; binary?: true }[] = [
  { about: "a GetItem", search: { where: { and: [["=", "pk", { S: odd }], ["=", "sk", { N: "3" }]] } }, finds: [3] },
  { about: "a Query with a filter", search: { where: { and: [["=", "pk", { S: odd }], ["<=", "sk", { N: "5" }], { not: ["=", `m."a.b"[0]`, { S: odd }] }, ["IN", "status", { S: "x" }, { S: "OPEN" }, { BOOL: true }, { NULL: true }], { or: [["contains", "n", { S: "found" }], ["size >", "n", { N: "99" }], ["attribute_type", "n", { S: "SS" }]] }] } }, finds: [1, 3, 5] },
  { about: "a page of a Query, backwards", search: { where: ["=", "pk", { S: odd }], order: "desc", page: 2, consistent: true, show: "n" }, finds: [9, 8] },
  { about: "a Scan", search: { where: ["=", "tags", { SS: ["a", "b"] }] }, finds: [2] },
  { about: "binary", search: { where: { and: [["=", "b", { B: "AP8v" }], ["<>", "bs", { BS: ["AA=="] }]] } }, finds: [4], binary: true },
];

type Item = Record<string, AttributeValue>;

const whole = (pk: string, binary: boolean): Item => ({
  pk: { S: pk },
  sk: { N: "-1.5" },
  text: { S: odd },
  empty: { S: "" },
  number: { N: digits },
  large: { N: `-1${"0".repeat(125)}` },
  small: { N: `0.${"0".repeat(129)}1` },
  yes: { BOOL: true },
  nothing: { NULL: true },
  ss: { SS: ["a", odd] },
  ns: { NS: ["-1", digits] },
  list: { L: [{ N: "1" }, { L: [] }, { M: {} }, { BOOL: false }] },
  map: { M: { "a.b": { S: "dotted" }, deep: { M: { deeper: { SS: ["s"] } } }, [odd]: { N: "1" } } },
  [odd]: { BOOL: true },
  ...(binary ? { binary: { B: new Uint8Array([0, 255, 47]) }, bs: { BS: [new Uint8Array([0]), new Uint8Array([1, 2])] } } : {}),
});

const root = `/_ui/#/t/${account}/${region}`;

const definition = (table: string) =>
  ({
    TableName: table,
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "n", AttributeType: "N" },
    ],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    BillingMode: "PROVISIONED",
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 },
    GlobalSecondaryIndexes: [
      { IndexName: "by-n", KeySchema: [{ AttributeName: "n", KeyType: "HASH" }], Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: [odd] }, ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 2 } },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    SSESpecification: { Enabled: true, SSEType: "KMS", KMSMasterKeyId: keyIn(region) },
    TableClass: "STANDARD_INFREQUENT_ACCESS",
    Tags: [{ Key: "a", Value: odd.replace("\n", "") }],
  }) satisfies CreateTableCommandInput;

// codeFor returns what a dialog shows as code in a language; undefined where it has no
// words for it.
async function codeFor(page: Page, language: string): Promise<string | undefined> {
  const dialog = page.getByRole("dialog", { name: "As code" });
  await dialog.getByRole("tab", { name: language, exact: true }).click();
  await expect(dialog.getByRole("tabpanel")).not.toBeEmpty();
  const text = dialog.getByLabel(`code for ${language}`, { exact: true });
  return (await text.count()) > 0 ? ((await text.textContent()) ?? "") : undefined;
}

// A Step is code to be run, and what there is to be seen of that.
interface Step {
  about: string;
  text: string;
  check: (stdout: string) => Promise<void> | void;
}

async function runAll(language: string, url: string, steps: Step[]): Promise<void> {
  await inDirectory(async (dir) => {
    const failed = (about: string, text: string) => (err: unknown) => {
      throw new Error(`${language}, ${about}: ${String((err as { stderr?: string }).stderr || err)}\n${text}`);
    };
    const all = await programs(language, steps.map((s) => s.text), dir, { url, region, account }).catch(failed("build", steps.map((s) => s.text).join("\n")));
    for (const [i, step] of steps.entries()) {
      const { stdout } = (await all[i]?.().catch(failed(step.about, step.text))) ?? { stdout: "" };
      await step.check(stdout);
    }
  });
}

const get = async (client: DynamoDBClient, table: string, pk: string) => (await client.send(new GetItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { N: "-1.5" } } }))).Item;

for (const language of Object.keys(languages)) {
  test(`code for ${language} runs`, async ({ page, stator, name }) => {
    test.skip(!isThere(language), `${language} is not installed`);
    test.setTimeout(240_000);
    const client = clientOf(stator, region, account);
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
    const binary = language === "AWS CLI" ? takesBase64 : language !== "PartiQL";
    const item = whole("whole", binary);
    const bare = ["other", "more"].map((pk): Item => ({ pk: { S: pk }, sk: { N: "-1.5" } }));
    await putItems(client, table, [item, ...bare]);
    const steps: Step[] = [];
    const add = (about: string, text: string | undefined, check: Step["check"]) => {
      if (text !== undefined) steps.push({ about, text, check });
    };

    for (const { about, search, finds, binary: needs } of queries) {
      if (needs && !binary) continue;
      const parameters = Object.entries(search).map(([key, value]) => `${key}=${encodeURIComponent(JSON.stringify(value))}`);
      await page.goto(`${root}/${table}?${parameters.join("&")}`);
      await page.getByRole("button", { name: "Show code" }).click();
      const text = await codeFor(page, language);
      if (about === "a Scan" && language === "Go") await axe(page);
      await page.keyboard.press("Escape");
      // A statement has no limit.
      const expected = language === "PartiQL" && about.includes("page") ? [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] : finds;
      add(about, text, (stdout) => expect(stdout.match(/found \d/g) ?? [], `${about}\n${text}\n${stdout}`).toEqual(expected.map((n) => `found ${n}`)));
    }

    // What is sent for an item: code of all of it is made of the item as it is.
    const at = `${root}/${table}/item?`;
    const key = encodeURIComponent(JSON.stringify({ pk: { S: "whole" }, sk: { N: "-1.5" } }));
    const request = (what: string) => page.getByRole("radiogroup", { name: "Request" }).getByLabel(new RegExp(`^${what} `)).check();
    const shown = async (what?: string) => {
      await page.getByRole("button", { name: "Show code" }).click();
      if (what) await request(what);
      const text = await codeFor(page, language);
      await page.keyboard.press("Escape");
      return text;
    };
    const discard = async () => {
      await page.getByRole("button", { name: "Discard", exact: true }).click();
      await expect(page.getByRole("button", { name: "Save", exact: true })).toBeDisabled();
    };
    await page.goto(`${at}key=${key}`);
    await expect(page.getByLabel("Value of text")).toBeVisible();
    const erase = await shown("Delete");
    const put = await shown("Put");
    await page.getByLabel("Value of text").fill("changed");
    await page.getByRole("button", { name: "Remove empty", exact: true }).click();
    const save = await shown("Save");
    await discard();
    await page.getByRole("button", { name: /^Unlock pk/ }).click();
    await page.getByLabel("Value of pk").fill("moved");
    const move = await shown("Move");
    await discard();
    await page.goto(`${at}copy=${key}`);
    await expect(page.getByText("New item, a copy")).toBeVisible();
    const create = await shown();

    add("a deletion", erase, async () => expect(await get(client, table, "whole")).toBeUndefined());
    add("a new item", create, async () => expect(await get(client, table, "whole"), create).toEqual(item));
    add("a move", move, async () => {
      expect(await get(client, table, "moved"), move).toEqual({ ...item, pk: { S: "moved" } });
      expect(await get(client, table, "whole"), move).toBeUndefined();
      // The next step saves it.
      await putItems(client, table, [item]);
    });
    const { empty: _, ...rest } = item;
    add("an update", save, async () => expect(await get(client, table, "whole"), save).toEqual({ ...rest, text: { S: "changed" } }));
    add("a whole item", put, async () => expect(await get(client, table, "whole"), put).toEqual(item));

    if (!["PartiQL", "Go expressions", "Java Enhanced"].includes(language)) {
      await page.goto(`/_ui/#/partiql?account=${account}&region=${region}`);
      const editor = page.getByRole("textbox", { name: "Statements" });
      await editor.click();
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.insertText(`UPDATE "${table}" SET x = ? WHERE pk = 'more' AND sk = -1.5;\nUPDATE "${table}" SET x = ? SET y = ? WHERE pk = 'other' AND sk = -1.5`);
      for (const [i, [type, value]] of [["BOOL", "true"], ["S", `it's "odd" $HOME \\`], ["JSON", `{"M": {"a": {"L": [{"N": "${digits}"}]}}}`]].entries()) {
        await page.getByLabel(`Type of parameter ${i + 1}`).selectOption(type ?? "");
        if (type !== "BOOL") await page.getByLabel(`Value of parameter ${i + 1}`).fill(value ?? "");
      }
      await page.getByRole("button", { name: "Show code" }).click();
      const kind = page.getByRole("dialog").getByLabel("Request");
      await expect(kind.locator("option:checked")).toHaveText("Statement 2");
      const one = await codeFor(page, language);
      const all = async (label: string) => {
        await kind.selectOption({ label });
        return codeFor(page, language);
      };
      const batch = await all("All as batch");
      const transaction = await all("All as transaction");
      await page.keyboard.press("Escape");
      const attributes = async (pk: string) => {
        const now = await get(client, table, pk);
        return [now?.x, now?.y];
      };
      const set = [{ S: `it's "odd" $HOME \\` }, { M: { a: { L: [{ N: digits }] } } }];
      for (const [about, text, more] of [["a statement", one, undefined], ["a batch of statements", batch, { BOOL: true }], ["a transaction of statements", transaction, { BOOL: true }]] as const) {
        add(about, text, async () => {
          expect(await attributes("other"), text).toEqual(set);
          expect(await attributes("more"), text).toEqual([more, undefined]);
          await putItems(client, table, bare);
        });
      }
    }
    if (!["PartiQL", "Go expressions", "Python resource", "JavaScript documents", "Java Enhanced"].includes(language)) {
      const [there, made] = [name("there"), name("made")];
      await client.send(new CreateTableCommand(definition(there)));
      await client.send(new UpdateTimeToLiveCommand({ TableName: there, TimeToLiveSpecification: { AttributeName: "until", Enabled: true } }));
      await client.send(new UpdateTableCommand({ TableName: there, ReplicaUpdates: [{ Create: { RegionName: elsewhere, KMSMasterKeyId: keyIn(elsewhere), TableClassOverride: "STANDARD" } }] }));
      const codeOf = async (table: string, another: string) => {
        await page.goto(`${root}/${table}/edit`);
        await page.getByRole("tab", { name: language, exact: true }).click();
        const code = await page.getByLabel(language === "AWS CLI" ? "command" : `code for ${language}`, { exact: true }).textContent();
        return (code ?? "").replaceAll(table, another);
      };
      const text = await codeOf(there, made);
      add("a table", language === "AWS CLI" ? `export AWS_ACCESS_KEY_ID=${account} AWS_SECRET_ACCESS_KEY=stator\n${text}` : text, async () => {
        const { Table } = await client.send(new DescribeTableCommand({ TableName: made }));
        const { BillingMode: _b, TableClass, Tags: _t, SSESpecification: _s, ...described } = definition(made);
        expect(Table, text).toMatchObject({ ...described, TableClassSummary: { TableClass }, SSEDescription: { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: keyIn(region) } });
        expect(Table?.Replicas?.map((r) => [r.RegionName, r.KMSMasterKeyId, r.ReplicaTableClassSummary?.TableClass]), text).toEqual([[elsewhere, keyIn(elsewhere), "STANDARD"]]);
        const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn: Table?.TableArn }));
        expect(Tags, text).toEqual(definition(made).Tags);
        const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: made }));
        expect(TimeToLiveDescription?.AttributeName).toBe("until");
      });
      // Others may be older than these tables are.
      if (["JavaScript", "Go", "cURL"].includes(language)) {
        const [strong, made] = [name("strong"), name("made")];
        await makeTable(client, strong);
        await client.send(new UpdateTableCommand({ TableName: strong, MultiRegionConsistency: "STRONG", ReplicaUpdates: [{ Create: { RegionName: "eu-west-2" } }], GlobalTableWitnessUpdates: [{ Create: { RegionName: "eu-west-3" } }] }));
        const text = await codeOf(strong, made);
        add("a strongly consistent table", text, async () => {
          const { Table } = await client.send(new DescribeTableCommand({ TableName: made }));
          expect(Table, text).toMatchObject({ MultiRegionConsistency: "STRONG", Replicas: [{ RegionName: "eu-west-2" }], GlobalTableWitnesses: [{ RegionName: "eu-west-3" }] });
        });
      }
    }
    await runAll(language, stator.url, steps);
    expect(steps.length).toBeGreaterThanOrEqual(7);
    client.destroy();
  });
}
