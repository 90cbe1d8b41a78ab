import type { Value } from "../model/value";
import type { Place } from "../server";
import { type Call, isPaged, mapped, printsOf } from "./call";
import { block, type Dialect, write } from "./write";

// A Made is an object of a class, of what is in brackets.
class Made {
  readonly open: string;
  readonly of: unknown;
  constructor(open: string, of: unknown) {
    this.open = open;
    this.of = of;
  }
}

const dialect: Dialect = {
  indent: "  ",
  yes: "true",
  no: "false",
  nothing: "null",
  map: (members, depth) => (depth < 0 ? `{ ${members.join(", ")} }` : block("{", members, "}", "  ", depth)),
  member: (name, value) => `${/^[A-Za-z]\w*$/.test(name) ? name : name === "__proto__" ? '["__proto__"]' : JSON.stringify(name)}: ${value}`,
  list: (elements) => `[${elements.join(", ")}]`,
  binary: (text) => `Buffer.from("${text}", "base64")`,
  native: (v) => (v instanceof Made ? `${v.open}(${Array.isArray(v.of) ? `[${v.of.map((e) => write(e, dialect, 0)).join(", ")}]` : write(v.of, dialect, 0)})` : undefined),
};

// native returns a value as the document client has it.
function native(v: Value): unknown {
  // Number has not room for all.
  const fits = (n: string) => String(Number(n)) === n && !/[eI]/.test(n);
  const big = (n: string) => new Made("NumberValue.from", n);
  const number = (n: string) => (fits(n) ? Number(n) : big(n));
  if ("S" in v) return v.S;
  if ("N" in v) return number(v.N);
  if ("B" in v) return v.B;
  if ("BOOL" in v) return v.BOOL;
  if ("NULL" in v) return null;
  if ("SS" in v) return new Made("new Set", v.SS);
  if ("NS" in v) return new Made("new Set", v.NS.every(fits) ? v.NS.map(Number) : v.NS.map(big));
  if ("BS" in v) return new Made("new Set", v.BS);
  if ("L" in v) return v.L.map(native);
  return Object.fromEntries(Object.entries(v.M).map(([name, e]) => [name, native(e)]));
}

// body returns a request, and the names that it needs.
function body(c: Call, input: object, short: boolean): { names: string[]; text: string } {
  const { operation } = c;
  if (operation === "Wait") return { names: ["waitUntilTableExists"], text: `await waitUntilTableExists({ client, maxWaitTime: 300 }, ${write(input, dialect, 0)});` };
  const values = write(input, dialect, 0);
  if (isPaged(c)) return { names: [`paginate${operation}`], text: `for await (const { Items } of paginate${operation}({ client }, ${values})) {\n  for (const item of Items) console.dir(item, { depth: null });\n}` };
  const name = `${short ? operation.replace(/(?<=^(Get|Put|Update|Delete))Item$|(?<=^TransactWrite)Items$/, "") : operation}Command`;
  const sent = `await client.send(new ${name}(${values}));`;
  const text = {
    item: `const { Item } = ${sent}\nconsole.dir(Item, { depth: null });`,
    items: `const { Items } = ${sent}\nfor (const item of Items) console.dir(item, { depth: null });`,
    responses: `const { Responses } = ${sent}\nconsole.dir(Responses, { depth: null });`,
    nothing: sent,
  }[printsOf(c)];
  return { names: [name], text };
}

const options = ({ account, region }: Place, endpoint: string) => `{
  endpoint: ${JSON.stringify(endpoint)},
  region: ${JSON.stringify(region)},
  credentials: { accessKeyId: ${JSON.stringify(account)}, secretAccessKey: "stator" },
}`;

const named = (names: string[]) => [...new Set(names)].join(", ");

// client returns requests for the client of the SDK for JavaScript, version 3.
export function client(calls: readonly Call[], place: Place, endpoint: string): string {
  const bodies = calls.map((c) => body(c, c.input, false));
  return `import { DynamoDBClient, ${named(bodies.flatMap((b) => b.names))} } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient(${options(place, endpoint)});
${bodies.map((b) => b.text).join("\n")}
`;
}

// documents returns requests for the SDK's document client, whose values are
// JavaScript's.
export function documents(calls: readonly Call[], place: Place, endpoint: string): string {
  const bodies = calls.map((c) => body(c, mapped(c.input, native), true));
  const text = bodies.map((b) => b.text).join("\n");
  const prints = calls.some((c) => printsOf(c) !== "nothing");
  const numbers = prints || text.includes("NumberValue.");
  const translation = prints
    ? `, {
  // Numbers for which Number has no room keep their digits.
  unmarshallOptions: { wrapNumbers: (text) => (String(Number(text)) === text ? Number(text) : NumberValue.from(text)) },
}`
    : "";
  return `import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, ${named([...bodies.flatMap((b) => b.names), ...(numbers ? ["NumberValue"] : [])])} } from "@aws-sdk/lib-dynamodb";

const client = DynamoDBDocumentClient.from(new DynamoDBClient(${options(place, endpoint)})${translation});
${text}
`;
}
