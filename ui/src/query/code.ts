import { base64, type Item, toWire, type Value } from "../model/value";
import type { Place } from "../server";
import type { Request } from "./plan";

// A request as code, to be pasted: it asks this server, and prints the items. One
// that has a limit reads a page, any other one all pages.

export interface Code {
  name: string;
  text: string;
}

type Input = Record<string, unknown>;

// codesOf returns a request in all languages.
export function codesOf({ operation, input }: Request, place: Place, endpoint: string): Code[] {
  const given = Object.fromEntries(Object.entries(input).filter(([, v]) => v !== undefined)) as Input;
  return [
    { name: "AWS CLI", text: cli(operation, given, place, endpoint) },
    { name: "Python", text: python(operation, given, place, endpoint) },
    { name: "JavaScript", text: javascript(operation, given, place, endpoint) },
    { name: "Go", text: go(operation, given, place, endpoint) },
    { name: "cURL", text: curl(operation, given, place, endpoint) },
    { name: "JSON", text: JSON.stringify(wire(given), null, 2) },
  ];
}

// Members that are attributes, or values by placeholders.
const itemMembers = new Set(["Key", "ExpressionAttributeValues"]);

function wire(input: Input): Input {
  return Object.fromEntries(Object.entries(input).map(([name, v]) => [name, itemMembers.has(name) ? Object.fromEntries(Object.entries(v as Item).map(([n, e]) => [n, toWire(e)])) : v]));
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function kebab(name: string): string {
  return name.replaceAll(/(?!^)[A-Z]/g, (c) => `-${c}`).toLowerCase();
}

function cli(operation: string, input: Input, { account, region }: Place, endpoint: string): string {
  const flags = Object.entries(wire(input)).map(([name, v]) => {
    if (typeof v === "boolean") return `--${v ? "" : "no-"}${kebab(name)}`;
    return `--${kebab(name)} ${quoted(typeof v === "object" ? JSON.stringify(v) : String(v))}`;
  });
  return [
    `AWS_ACCESS_KEY_ID=${quoted(account)} AWS_SECRET_ACCESS_KEY=stator aws dynamodb ${kebab(operation)}`,
    `--endpoint-url ${quoted(endpoint)} --region ${quoted(region)}`,
    ...flags,
    // By itself it goes on until it has all.
    ...("Limit" in input ? ["--no-paginate"] : []),
  ].join(" \\\n  ");
}

function curl(operation: string, input: Input, { account, region }: Place, endpoint: string): string {
  const header = (text: string) => `-H ${quoted(text)}`;
  return [
    `curl ${quoted(endpoint)}`,
    header(`X-Amz-Target: DynamoDB_20120810.${operation}`),
    header("Content-Type: application/x-amz-json-1.0"),
    header(`Authorization: AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=none`),
    `-d ${quoted(JSON.stringify(wire(input)))}`,
  ].join(" \\\n  ");
}

// A Dialect is how a language writes values.
interface Dialect {
  indent: string;
  yes: string;
  no: string;
  map: (members: string[], depth: number) => string;
  member: (name: string, value: string) => string;
  list: (elements: string[]) => string;
  binary: (text: string) => string;
}

function block(open: string, members: string[], close: string, indent: string, depth: number): string {
  if (members.length === 0) return `${open}${close}`;
  return `${open}\n${members.map((m) => `${indent.repeat(depth + 1)}${m},\n`).join("")}${indent.repeat(depth)}${close}`;
}

// write writes what is in a request: text, numbers, lists and what has members.
function write(v: unknown, d: Dialect, depth: number): string {
  if (typeof v === "string") return JSON.stringify(v);
  if (typeof v === "number") return String(v);
  if (typeof v === "boolean") return v ? d.yes : d.no;
  if (v instanceof Uint8Array) return d.binary(base64(v));
  if (Array.isArray(v)) return d.list(v.map((e) => write(e, d, depth + 1)));
  const members = Object.entries(v as Input);
  const [only] = members;
  // A value with its type fits in a line.
  if (members.length === 1 && only && (typeof only[1] !== "object" || only[1] instanceof Uint8Array)) return d.map([d.member(only[0], write(only[1], d, depth))], -1);
  return d.map(
    members.map(([name, e]) => d.member(name, write(e, d, depth + 1))),
    depth,
  );
}

const pythonic: Dialect = {
  indent: "    ",
  yes: "True",
  no: "False",
  map: (members, depth) => (depth < 0 ? `{${members.join(", ")}}` : block("{", members, "}", "    ", depth)),
  member: (name, value) => `${JSON.stringify(name)}: ${value}`,
  list: (elements) => `[${elements.join(", ")}]`,
  binary: (text) => `base64.b64decode("${text}")`,
};

function python(operation: string, input: Input, { account, region }: Place, endpoint: string): string {
  const method = kebab(operation).replaceAll("-", "_");
  const values = Object.entries(input).map(([name, v]) => `${name}=${write(v, pythonic, 1)}`);
  const paged = operation !== "GetItem" && !("Limit" in input);
  const call = (open: string, depth: number) => block(open, values, ")", "    ", depth);
  const body = paged
    ? `for page in ${call(`dynamodb.get_paginator("${method}").paginate(`, 0)}:\n    for item in page["Items"]:\n        print(item)`
    : operation === "GetItem"
      ? `print(${call(`dynamodb.${method}(`, 0)}.get("Item"))`
      : `for item in ${call(`dynamodb.${method}(`, 0)}["Items"]:\n    print(item)`;
  return `${body.includes("base64.") ? "import base64\n\n" : ""}import boto3

dynamodb = boto3.client(
    "dynamodb",
    endpoint_url=${JSON.stringify(endpoint)},
    region_name=${JSON.stringify(region)},
    aws_access_key_id=${JSON.stringify(account)},
    aws_secret_access_key="stator",
)
${body}
`;
}

const scripted: Dialect = {
  indent: "  ",
  yes: "true",
  no: "false",
  map: (members, depth) => (depth < 0 ? `{ ${members.join(", ")} }` : block("{", members, "}", "  ", depth)),
  member: (name, value) => `${/^[A-Za-z]\w*$/.test(name) ? name : name === "__proto__" ? '["__proto__"]' : JSON.stringify(name)}: ${value}`,
  list: (elements) => `[${elements.join(", ")}]`,
  binary: (text) => `Buffer.from("${text}", "base64")`,
};

function javascript(operation: string, input: Input, { account, region }: Place, endpoint: string): string {
  const paged = operation !== "GetItem" && !("Limit" in input);
  const values = write(input, scripted, 0);
  const [name, body] = paged
    ? [`paginate${operation}`, `for await (const { Items } of paginate${operation}({ client }, ${values})) {\n  for (const item of Items) console.dir(item, { depth: null });\n}`]
    : operation === "GetItem"
      ? ["GetItemCommand", `const { Item } = await client.send(new GetItemCommand(${values}));\nconsole.dir(Item, { depth: null });`]
      : [`${operation}Command`, `const { Items } = await client.send(new ${operation}Command(${values}));\nfor (const item of Items) console.dir(item, { depth: null });`];
  return `import { DynamoDBClient, ${name} } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({
  endpoint: ${JSON.stringify(endpoint)},
  region: ${JSON.stringify(region)},
  credentials: { accessKeyId: ${JSON.stringify(account)}, secretAccessKey: "stator" },
});
${body}
`;
}

// goValue writes an attribute's value.
function goValue(v: Value, depth: number): string {
  const member = (type: string, value: string) => `&types.AttributeValueMember${type}{Value: ${value}}`;
  const bytes = (b: Uint8Array) => `[]byte{${[...b].join(", ")}}`;
  const strings = (list: string[]) => `[]string{${list.map((s) => JSON.stringify(s)).join(", ")}}`;
  if ("S" in v) return member("S", JSON.stringify(v.S));
  if ("N" in v) return member("N", JSON.stringify(v.N));
  if ("B" in v) return member("B", bytes(v.B));
  if ("BOOL" in v) return member("BOOL", String(v.BOOL));
  if ("NULL" in v) return member("NULL", "true");
  if ("SS" in v) return member("SS", strings(v.SS));
  if ("NS" in v) return member("NS", strings(v.NS));
  if ("BS" in v) return member("BS", `[][]byte{${v.BS.map((b) => bytes(b).slice("[]byte".length)).join(", ")}}`);
  if ("L" in v) return member("L", `[]types.AttributeValue{${v.L.map((e) => goValue(e, depth)).join(", ")}}`);
  return member("M", goItem(v.M, depth));
}

function goItem(item: Item, depth: number): string {
  return block("map[string]types.AttributeValue{", Object.entries(item).map(([name, v]) => `${JSON.stringify(name)}: ${goValue(v, depth + 1)}`), "}", "\t", depth);
}

function go(operation: string, input: Input, { account, region }: Place, endpoint: string): string {
  const value = (name: string, v: unknown, depth: number): string => {
    if (itemMembers.has(name)) return goItem(v as Item, depth);
    if (name === "Select") return "types.SelectAllAttributes";
    if (typeof v === "string") return `aws.String(${JSON.stringify(v)})`;
    if (typeof v === "number") return `aws.Int32(${v})`;
    if (typeof v === "boolean") return `aws.Bool(${v})`;
    return block("map[string]string{", Object.entries(v as Record<string, string>).map(([n, s]) => `${JSON.stringify(n)}: ${JSON.stringify(s)}`), "}", "\t", depth);
  };
  const request = block(`&dynamodb.${operation}Input{`, Object.entries(input).map(([name, v]) => `${name}: ${value(name, v, 2)}`), "}", "\t", 1);
  const paged = operation !== "GetItem" && !("Limit" in input);
  const check = (indent: string) => `${indent}if err != nil {\n${indent}\tlog.Fatal(err)\n${indent}}\n`;
  const body = paged
    ? `	pages := dynamodb.New${operation}Paginator(client, ${request})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
${check("\t\t")}		print(page.Items...)
	}
`
    : `	out, err := client.${operation}(context.Background(), ${request})
${check("\t")}	print(${operation === "GetItem" ? "out.Item" : "out.Items..."})
`;
  return `package main

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func main() {
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(${JSON.stringify(endpoint)}),
		Region:       ${JSON.stringify(region)},
		Credentials:  credentials.NewStaticCredentialsProvider(${JSON.stringify(account)}, "stator", ""),
	})
${body}}

func print(items ...map[string]types.AttributeValue) {
	for _, item := range items {
		var fields map[string]any
		if err := attributevalue.UnmarshalMap(item, &fields); err != nil {
			log.Fatal(err)
		}
		fmt.Println(fields)
	}
}
`;
}
