import { base64, type Item, type Value } from "../model/value";
import type { Place } from "../server";
import { type Call, fits, type Input, isPaged, printsOf, type Shape, shapeOf } from "./call";
import { codeIn } from "./write";

export const text = (s: string) => JSON.stringify(s);

const listOf = (elements: string[]) => `List.of(${elements.join(", ")})`;

// mapOf writes a map: the short way there is for ten members.
export function mapOf(members: [string, string][], depth: number): string {
  const at = "  ".repeat(depth + 1);
  if (members.length === 0) return "Map.of()";
  const lines = members.length <= 10 ? members.map(([name, v]) => `${at}${text(name)}, ${v}`) : members.map(([name, v]) => `${at}Map.entry(${text(name)}, ${v})`);
  return `Map.${members.length <= 10 ? "of" : "ofEntries"}(\n${lines.join(",\n")})`;
}

export function bytesOf(b: Uint8Array): string {
  return `SdkBytes.fromByteArray(Base64.getDecoder().decode(${text(base64(b))}))`;
}

export function valueOf(v: Value, depth: number): string {
  const from = (type: string, value: string) => `AttributeValue.from${type}(${value})`;
  if ("S" in v) return from("S", text(v.S));
  if ("N" in v) return from("N", text(v.N));
  if ("B" in v) return from("B", bytesOf(v.B));
  if ("BOOL" in v) return from("Bool", String(v.BOOL));
  if ("NULL" in v) return from("Nul", "true");
  if ("SS" in v) return from("Ss", listOf(v.SS.map(text)));
  if ("NS" in v) return from("Ns", listOf(v.NS.map(text)));
  if ("BS" in v) return from("Bs", listOf(v.BS.map(bytesOf)));
  if ("L" in v) return from("L", listOf(v.L.map((e) => valueOf(e, depth + 1))));
  return from("M", itemOf(v.M, depth));
}

export function itemOf(item: Item, depth: number): string {
  return mapOf(Object.entries(item).map(([name, v]) => [name, valueOf(v, depth + 1)]), depth);
}

// method is a member's name as builders have it: SSEType is sseType.
function method(name: string): string {
  return name.replace(/^([A-Z]+)(?=[A-Z][a-z]|$)|^[A-Z]/, (head) => head.toLowerCase());
}

function memberOf(v: unknown, shape: Shape, depth: number): string {
  switch (shape) {
    case "string":
      return text(String(v));
    case "boolean":
    case "int":
      return String(v);
    case "long":
      return `${String(v)}L`;
    case "value":
      return valueOf(v as Value, depth);
    case "item":
      return itemOf(v as Item, depth);
    case "names":
      return mapOf(Object.entries(v as Record<string, string>).map(([n, s]) => [n, text(s)]), depth);
  }
  if ("one" in shape) return `${shape.one}.${String(v)}`;
  if ("of" in shape) return built(shape.of, v as Input, depth, shape.of);
  return listOf((v as unknown[]).map((e) => memberOf(e, shape.list, depth)));
}

// built writes an object with its builder.
function built(name: string, input: Input, depth: number, structure?: string): string {
  const at = "  ".repeat(depth + 1);
  return `${name}.builder()\n${Object.entries(input)
    .map(([member, v]) => {
      const shape = shapeOf(member, structure);
      fits(member, v, shape);
      return `${at}.${method(member)}(${memberOf(v, shape, depth + 1)})\n`;
    })
    .join("")}${at}.build()`;
}

function body(c: Call): string {
  const { operation } = c;
  if (operation === "Wait") return `client.waiter().waitUntilTableExists(${built("DescribeTableRequest", c.input, 3)});`;
  const name = operation.charAt(0).toLowerCase() + operation.slice(1);
  const request = built(`${operation}Request`, c.input, 3);
  const all = (what: string) => `for (var item : ${what}) {\n        System.out.println(item);\n      }`;
  if (isPaged(c)) return all(`client.${name}Paginator(${request}).items()`);
  switch (printsOf(c)) {
    case "item":
      return `System.out.println(client.${name}(${request}).item());`;
    case "items":
      return all(`client.${name}(${request}).items()`);
    case "responses":
      return all(`client.${name}(${request}).responses()`);
    case "nothing":
      return `client.${name}(${request});`;
  }
}

// What may be imported, in the order of their names.
const classes = [
  "java.math.BigDecimal",
  "java.net.URI",
  "java.util.Base64",
  "java.util.List",
  "java.util.Map",
  "java.util.Set",
  "software.amazon.awssdk.auth.credentials.AwsBasicCredentials",
  "software.amazon.awssdk.auth.credentials.StaticCredentialsProvider",
  "software.amazon.awssdk.core.SdkBytes",
  "software.amazon.awssdk.enhanced.dynamodb.*",
  "software.amazon.awssdk.enhanced.dynamodb.document.EnhancedDocument",
  "software.amazon.awssdk.enhanced.dynamodb.model.*",
  "software.amazon.awssdk.regions.Region",
  "software.amazon.awssdk.services.dynamodb.DynamoDbClient",
  "software.amazon.awssdk.services.dynamodb.model.*",
  "software.amazon.awssdk.services.dynamodb.model.AttributeValue",
  "software.amazon.awssdk.services.dynamodb.model.Select",
];

// program is statements with a client; those of packages named as they are imported.
export function program(statements: string, packages: readonly string[], { account, region }: Place, endpoint: string): string {
  const main = `public class Main {
  public static void main(String[] args) {
    try (DynamoDbClient client = DynamoDbClient.builder()
        .endpointOverride(URI.create(${text(endpoint)}))
        .region(Region.of(${text(region)}))
        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(${text(account)}, "stator")))
        .build()) {
${statements}    }
  }
}
`;
  const code = codeIn(main);
  const given = (path: string) => packages.includes(path.replace(/\w+$/, "*"));
  const used = classes.filter((path) => (path.endsWith("*") ? packages.includes(path) : !given(path) && new RegExp(`\\b${path.replace(/.*\./, "")}\\b`).test(code)));
  return `${used.map((path) => `import ${path};\n`).join("")}\n${main}`;
}

// client returns requests for the SDK for Java, version 2.
export function client(calls: readonly Call[], place: Place, endpoint: string): string {
  return program(calls.map((c) => `      ${body(c)}\n`).join(""), ["software.amazon.awssdk.services.dynamodb.model.*"], place, endpoint);
}
