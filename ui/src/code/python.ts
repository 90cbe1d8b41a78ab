import { base64, type Value } from "../model/value";
import type { Place } from "../server";
import { type Call, isPaged, mapped, printsOf } from "./call";
import { block, type Dialect, snake, write } from "./write";

// A Literal is written as it is.
class Literal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const dialect: Dialect = {
  indent: "    ",
  yes: "True",
  no: "False",
  nothing: "None",
  map: (members, depth) => (depth < 0 ? `{${members.join(", ")}}` : block("{", members, "}", "    ", depth)),
  member: (name, value) => `${JSON.stringify(name)}: ${value}`,
  list: (elements) => `[${elements.join(", ")}]`,
  binary: (text) => `base64.b64decode("${text}")`,
  native: (v) => (v instanceof Literal ? v.text : undefined),
};

// native returns a value as the resources of boto3 have it.
function native(v: Value): unknown {
  const set = (elements: string[]) => new Literal(`{${elements.join(", ")}}`);
  // boto3 refuses more than 38 digits, zeros among them.
  const decimal = (n: string) => `Decimal("${n.length > 38 ? n.replace(/^([+-]?\d*[1-9])(0+)$/, (_, digits: string, zeros: string) => `${digits}E+${zeros.length}`) : n}")`;
  if ("S" in v) return v.S;
  if ("N" in v) return new Literal(decimal(v.N));
  if ("B" in v) return v.B;
  if ("BOOL" in v) return v.BOOL;
  if ("NULL" in v) return null;
  if ("SS" in v) return set(v.SS.map((s) => JSON.stringify(s)));
  if ("NS" in v) return set(v.NS.map(decimal));
  if ("BS" in v) return set(v.BS.map((b) => dialect.binary(base64(b))));
  if ("L" in v) return v.L.map(native);
  return Object.fromEntries(Object.entries(v.M).map(([name, e]) => [name, native(e)]));
}

const call = (open: string, input: object) => block(open, Object.entries(input).map(([name, v]) => `${name}=${write(v, dialect, 1)}`), ")", "    ", 0);

function body(c: Call, object: string, pages: string, input: object): string {
  const method = snake(c.operation);
  if (c.operation === "Wait") return call(`${object}.get_waiter("table_exists").wait(`, input);
  if (isPaged(c)) return `for page in ${call(`${pages}.get_paginator("${method}").paginate(`, input)}:\n    for item in page["Items"]:\n        print(item)`;
  const made = call(`${object}.${method}(`, input);
  switch (printsOf(c)) {
    case "item":
      return `print(${made}.get("Item"))`;
    case "items":
      return `for item in ${made}["Items"]:\n    print(item)`;
    case "responses":
      return `for response in ${made}["Responses"]:\n    print(response)`;
    case "nothing":
      return made;
  }
}

const connected = (kind: "client" | "resource", { account, region }: Place, endpoint: string) => `dynamodb = boto3.${kind}(
    "dynamodb",
    endpoint_url=${JSON.stringify(endpoint)},
    region_name=${JSON.stringify(region)},
    aws_access_key_id=${JSON.stringify(account)},
    aws_secret_access_key="stator",
)
`;

function program(head: string, lines: string[]): string {
  const text = lines.join("\n");
  const imports = [...(text.includes("base64.") ? ["import base64"] : []), ...(text.includes("Decimal(") ? ["from decimal import Decimal"] : [])];
  return `${imports.length > 0 ? `${imports.join("\n")}\n\n` : ""}import boto3\n\n${head}${text}\n`;
}

// client returns requests for the client of boto3.
export function client(calls: readonly Call[], place: Place, endpoint: string): string {
  return program(connected("client", place, endpoint), calls.map((c) => body(c, "dynamodb", "dynamodb", c.input)));
}

// resource returns requests for the resources of boto3, whose values are Python's.
export function resource(calls: readonly Call[], place: Place, endpoint: string): string {
  const tables = new Set<string>();
  const lines = calls.map((c) => {
    const { TableName, ...input } = mapped(c.input, native) as { TableName?: string };
    // The client of a resource, too, has Python's values.
    if (TableName === undefined) return body(c, "dynamodb.meta.client", "dynamodb.meta.client", input);
    tables.add(TableName);
    return isPaged(c) ? body(c, "table", "table.meta.client", { TableName, ...input }) : body(c, "table", "table", input);
  });
  const head = [...tables].map((name) => `table = dynamodb.Table(${JSON.stringify(name)})\n`).join("");
  return program(connected("resource", place, endpoint) + head, lines);
}
