import { base64, type Item, type Value } from "../model/value";
import type { Place } from "../server";
import { type Call, fits, type Input, isPaged, printsOf, type Shape, shapeOf } from "./call";
import { block, codeIn } from "./write";

const text = (s: string) => JSON.stringify(s);

const at = (depth: number) => "    ".repeat(depth);

// made writes an object with what is in it.
function made(type: string, members: string[], depth: number): string {
  return members.length === 0 ? `new ${type}()` : block(`new ${type}\n${at(depth)}{`, members, "}", "    ", depth);
}

const listOf = (type: string, elements: string[]) => (elements.length === 0 ? `new List<${type}>()` : `new List<${type}> { ${elements.join(", ")} }`);

const streamOf = (b: Uint8Array) => `new MemoryStream(Convert.FromBase64String(${text(base64(b))}))`;

function valueOf(v: Value, depth: number): string {
  const member = (type: string, value: string) => `new AttributeValue { ${type} = ${value} }`;
  if ("S" in v) return member("S", text(v.S));
  if ("N" in v) return member("N", text(v.N));
  if ("B" in v) return member("B", streamOf(v.B));
  if ("BOOL" in v) return member("BOOL", String(v.BOOL));
  if ("NULL" in v) return member("NULL", "true");
  if ("SS" in v) return member("SS", listOf("string", v.SS.map(text)));
  if ("NS" in v) return member("NS", listOf("string", v.NS.map(text)));
  if ("BS" in v) return member("BS", listOf("MemoryStream", v.BS.map(streamOf)));
  const [type, value] = "L" in v ? ["L", valuesOf(v.L, depth + 1)] : ["M", itemOf(v.M, depth + 1)];
  return value.includes("\n") ? made("AttributeValue", [`${type} = ${value}`], depth) : member(type, value);
}

// valuesOf writes a list, in a line if each of them fits in one.
function valuesOf(values: readonly Value[], depth: number): string {
  const elements = values.map((v) => valueOf(v, depth + 1));
  return elements.some((e) => e.includes("\n")) ? made("List<AttributeValue>", elements, depth) : listOf("AttributeValue", elements);
}

const mapOf = (type: string, members: [string, string][], depth: number) => made(`Dictionary<string, ${type}>`, members.map(([name, v]) => `[${text(name)}] = ${v}`), depth);

function itemOf(item: Item, depth: number): string {
  return mapOf("AttributeValue", Object.entries(item).map(([name, v]) => [name, valueOf(v, depth + 1)]), depth);
}

function memberOf(v: unknown, shape: Shape, depth: number): string {
  switch (shape) {
    case "string":
      return text(String(v));
    case "boolean":
    case "int":
    case "long":
      return String(v);
    case "value":
      return valueOf(v as Value, depth);
    case "item":
      return itemOf(v as Item, depth);
    case "names":
      return mapOf("string", Object.entries(v as Record<string, string>).map(([n, s]) => [n, text(s)]), depth);
  }
  if ("one" in shape) return `${shape.one}.${String(v)}`;
  if ("of" in shape) return structure(shape.of, v as Input, depth, shape.of);
  const { list } = shape;
  if (typeof list === "object" && "of" in list) return made(`List<${list.of}>`, (v as Input[]).map((e) => structure(list.of, e, depth + 1, list.of)), depth);
  return list === "value" ? valuesOf(v as Value[], depth) : listOf("string", (v as string[]).map(text));
}

function structure(type: string, input: Input, depth: number, of?: string): string {
  return made(
    type,
    Object.entries(input).map(([name, v]) => {
      const shape = shapeOf(name, of);
      fits(name, v, shape);
      return `${name} = ${memberOf(v, shape, depth + 1)}`;
    }),
    depth,
  );
}

const print = (item: string) => `Console.WriteLine(Document.FromAttributeMap(${item}).ToJson());\n`;

const printAny = (item: string) => `if (${item}?.Count > 0) ${print(item)}`;

const each = (item: string, list: string, depth: number, what: string) => `${at(depth)}foreach (var ${item} in ${list})\n${at(depth)}{\n${what}${at(depth)}}\n`;

function body(c: Call): string {
  const { operation } = c;
  if (operation === "Wait") {
    const table = `(await client.DescribeTableAsync(${structure("DescribeTableRequest", c.input, 0)})).Table`;
    return `while (${table}.TableStatus != TableStatus.ACTIVE)\n{\n    await Task.Delay(1000);\n}\n`;
  }
  const request = structure(`${operation}Request`, c.input, 0);
  if (isPaged(c)) {
    return `var request = ${request};
${operation}Response page;
do
{
    page = await client.${operation}Async(request);
${each("item", "page.Items", 1, at(2) + print("item"))}    request.ExclusiveStartKey = page.LastEvaluatedKey;
}
while (page.LastEvaluatedKey?.Count > 0);
`;
  }
  const sent = `await client.${operation}Async(${request});\n`;
  switch (printsOf(c)) {
    case "item":
      return `var response = ${sent}${printAny("response.Item")}`;
    case "items":
      return `var response = ${sent}${each("item", "response.Items", 0, at(1) + print("item"))}`;
    case "responses": {
      const failed = operation === "BatchExecuteStatement" ? `${at(1)}if (result.Error != null) throw new Exception(result.Error.Message);\n` : "";
      return `var response = ${sent}${each("result", "response.Responses", 0, failed + at(1) + printAny("result.Item"))}`;
    }
    case "nothing":
      return sent;
  }
}

const namespaces: [name: string, used: RegExp][] = [
  ["System", /\b(Console|Convert|Exception)\b/],
  ["System.Collections.Generic", /\b(Dictionary|List)</],
  ["System.IO", /\bMemoryStream\b/],
  ["System.Threading.Tasks", /\bTask\b/],
  ["Amazon.DynamoDBv2", /./],
  ["Amazon.DynamoDBv2.DocumentModel", /\bDocument\b/],
  ["Amazon.DynamoDBv2.Model", /./],
  ["Amazon.Runtime", /./],
];

// client returns requests for the SDK for .NET, version 4, as a program of statements.
export function client(calls: readonly Call[], { account, region }: Place, endpoint: string): string {
  const main = `var client = new AmazonDynamoDBClient(new BasicAWSCredentials(${text(account)}, "stator"), new AmazonDynamoDBConfig
{
    ServiceURL = ${text(endpoint)},
    AuthenticationRegion = ${text(region)},
});
${calls.map(body).join("")}`;
  const code = codeIn(main);
  return `${namespaces.filter(([, used]) => used.test(code)).map(([name]) => `using ${name};\n`).join("")}\n${main}`;
}
