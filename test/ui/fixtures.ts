import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type AttributeValue, BatchWriteItemCommand, CreateTableCommand, type CreateTableCommandInput, DeleteTableCommand, DynamoDBClient, type ScalarAttributeType } from "@aws-sdk/client-dynamodb";
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { Stator } from "./stator";

export { expect } from "@playwright/test";

export const screenshots = join(import.meta.dirname, "screenshots");

interface Worker {
  // stator is a server with all in memory, which the tests of a worker share:
  // each uses tables of its own.
  stator: Stator;
}

interface Fixtures {
  // own starts a server for this test alone: one that has no tables, or that is
  // to be stopped. It is gone after the test.
  own: (...args: string[]) => Promise<Stator>;
  // name returns a name that no other test uses for a table. Tables of the shared
  // server that have it are gone after the test: a list of many shows only some.
  name: (about: string) => string;
  // dynamodb is a client of the shared server, in us-east-1.
  dynamodb: DynamoDBClient;
  // expected tells which errors in the console are meant: a refused request is
  // one. All others fail the test.
  expected: (...errors: RegExp[]) => void;
}

interface Held {
  servers: Stator[];
  names: string[];
  errors: RegExp[];
}

export const test = base.extend<Fixtures & { held: Held }, Worker>({
  stator: [
    async ({}, use) => {
      const stator = await Stator.start("--memory");
      await use(stator);
      await stator.remove();
    },
    { scope: "worker" },
  ],
  // What is held outlives the pages of the test, which ask their server to the end.
  held: async ({ stator }, use) => {
    const held: Held = { servers: [], names: [], errors: [] };
    await use(held);
    await Promise.all([deleteTables(stator, held.names), ...held.servers.map((s) => s.remove())]);
  },
  own: async ({ held }, use) => {
    await use(async (...args) => {
      const stator = await Stator.start(...(args.length > 0 ? args : ["--memory"]));
      held.servers.push(stator);
      return stator;
    });
  },
  name: async ({ held }, use, info) => {
    await use((about) => {
      const name = `${about}-${info.testId.slice(-8)}-${held.names.length + 1}`;
      held.names.push(name);
      return name;
    });
  },
  dynamodb: async ({ stator }, use) => {
    const client = clientOf(stator);
    await use(client);
    client.destroy();
  },
  expected: async ({ held }, use) => use((...errors) => void held.errors.push(...errors)),
  baseURL: async ({ stator }, use) => use(stator.url),
  // A page may write no error to its console, and ask nobody but the server.
  context: async ({ context, stator, held }, use) => {
    const errors: string[] = [];
    const strangers = new Set<string>();
    const ask = (url: string) => {
      if (!/^(data|blob|about):/.test(url) && ![stator, ...held.servers].some((s) => new URL(url).host === new URL(s.url).host)) {
        strangers.add(url);
      }
    };
    context.on("request", (request) => ask(request.url()));
    context.on("page", (page) => page.on("websocket", (socket) => ask(socket.url())));
    context.on("console", (message) => {
      if (message.type() === "error") {
        errors.push(`${message.text()} (${message.location().url})`);
      }
    });
    context.on("weberror", (error) => errors.push(error.error().stack ?? error.error().message));
    await use(context);
    expect([...strangers], "requests to other hosts").toEqual([]);
    expect(
      errors.filter((e) => !held.errors.some((pattern) => pattern.test(e))),
      "errors in the console",
    ).toEqual([]);
  },
});

// clientOf returns a client of an account in a region, as the pages have theirs.
export function clientOf(stator: Stator, region = "us-east-1", account = "000000000000"): DynamoDBClient {
  return new DynamoDBClient({ endpoint: stator.url, region, credentials: { accessKeyId: account, secretAccessKey: "stator" }, maxAttempts: 1 });
}

// deleteTables deletes the tables of all accounts and regions that have one of the
// names. One that is protected stays.
async function deleteTables(stator: Stator, names: string[]): Promise<void> {
  if (names.length === 0) {
    return;
  }
  const { tables } = (await (await fetch(`${stator.url}/_admin/tables`)).json()) as { tables: { account: string; region: string; name: string }[] };
  await each(tables.filter((t) => names.includes(t.name)), 4, async ({ account, region, name }) => {
    const client = clientOf(stator, region, account);
    await client.send(new DeleteTableCommand({ TableName: name })).catch(() => {});
    client.destroy();
  });
}

type Key = string | { name: string; type: ScalarAttributeType };

// makeTable makes a table with the keys pk and, if it is given, sk, and what else a test wants.
export async function makeTable(client: DynamoDBClient, name: string, { pk = "pk", sk, ...more }: { pk?: Key; sk?: Key } & Partial<CreateTableCommandInput> = {}): Promise<void> {
  const keys = [pk, ...(sk ? [sk] : [])].map((key) => (typeof key === "string" ? { name: key, type: "S" as const } : key));
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: keys.map((key, i) => ({ AttributeName: key.name, KeyType: i === 0 ? "HASH" : "RANGE" })),
      ...more,
      AttributeDefinitions: [...keys.map((key) => ({ AttributeName: key.name, AttributeType: key.type })), ...(more.AttributeDefinitions ?? [])],
    }),
  );
}

// putItems writes items, in batches of 25, several at a time.
export async function putItems(client: DynamoDBClient, table: string, items: Record<string, AttributeValue>[]): Promise<void> {
  const batches: Record<string, AttributeValue>[][] = [];
  for (let i = 0; i < items.length; i += 25) {
    batches.push(items.slice(i, i + 25));
  }
  await each(batches, 8, async (batch) => {
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: batch.map((Item) => ({ PutRequest: { Item } })) } }));
  });
}

// each does something for each of many, no more than so many at a time.
export async function each<T>(many: Iterable<T>, atOnce: number, what: (one: T) => Promise<unknown>): Promise<void> {
  const rest = many[Symbol.iterator]();
  const work = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) {
      await what(next.value);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

// tabTo goes with the Tab key to something, as those do who have no mouse.
export async function tabTo(what: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await what.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await what.page().keyboard.press(key);
  }
  throw new Error(`${what} is not reached with the Tab key`);
}

const themes = ["light", "dark"] as const;

async function inBothThemes(page: Page, look: (theme: (typeof themes)[number]) => Promise<void>): Promise<void> {
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme });
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    await look(theme);
  }
  await page.emulateMedia({ colorScheme: "light" });
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResults {
  violations: { id: string; impact: string; help: string; nodes: { target: string[]; failureSummary: string }[] }[];
}

const rulesOfAll = {
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
  rules: { "target-size": { enabled: true }, "page-has-heading-one": { enabled: true }, "heading-order": { enabled: true } },
};
const rulesOfColours = { runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } };

// axe fails when the page, as it is now, breaks a rule of WCAG 2.2 AA in one of
// the themes, which differ in colours alone.
export async function axe(page: Page): Promise<void> {
  await page.evaluate(axeSource); // not as a script of the page, whose policy forbids it
  await inBothThemes(page, async (theme) => {
    const results = await page.evaluate(
      async (rules) => {
        const axe = (window as unknown as { axe: { run: (context: Document, options: unknown) => Promise<AxeResults> } }).axe;
        return axe.run(document, { resultTypes: ["violations"], ...rules });
      },
      theme === themes[0] ? rulesOfAll : rulesOfColours,
    );
    const found = results.violations.flatMap((v) =>
      v.nodes.map((node) => `${v.id} (${v.impact}): ${v.help}\n  ${node.target.join(" ")}\n  ${node.failureSummary.replaceAll("\n", "\n  ")}`),
    );
    expect(found.join("\n\n"), `accessibility of ${page.url()}, ${theme}`).toBe("");
  });
}

// shot keeps pictures of the page in both themes, for people to look at.
export async function shot(page: Page, name: string, options: { fullPage?: boolean } = {}): Promise<void> {
  await inBothThemes(page, async (theme) => {
    await page.screenshot({ path: join(screenshots, `${name}-${theme}.png`), animations: "disabled", ...options });
  });
}
