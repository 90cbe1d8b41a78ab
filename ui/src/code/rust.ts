import { type Item, type Value } from "../model/value";
import type { Place } from "../server";
import { type Call, camel, fits, type Input, isPaged, printsOf, type Shape, shapeOf } from "./call";
import { codeIn, escaped, snake } from "./write";

const text = (s: string) => `"${escaped(s, /[\\"]/g)}"`;

const owned = (s: string) => `${text(s)}.into()`;

const at = (depth: number) => "    ".repeat(depth);

const listOf = (elements: string[]) => `vec![${elements.join(", ")}]`;

const blobOf = (b: Uint8Array) => `Blob::new(b"${[...b].map((n) => `\\x${n.toString(16).padStart(2, "0")}`).join("")}".to_vec())`;

function valueOf(v: Value, depth: number): string {
  const of = (type: string, value: string) => `AttributeValue::${type}(${value})`;
  if ("S" in v) return of("S", owned(v.S));
  if ("N" in v) return of("N", owned(v.N));
  if ("B" in v) return of("B", blobOf(v.B));
  if ("BOOL" in v) return of("Bool", String(v.BOOL));
  if ("NULL" in v) return of("Null", "true");
  if ("SS" in v) return of("Ss", listOf(v.SS.map(owned)));
  if ("NS" in v) return of("Ns", listOf(v.NS.map(owned)));
  if ("BS" in v) return of("Bs", listOf(v.BS.map(blobOf)));
  if ("L" in v) return of("L", listOf(v.L.map((e) => valueOf(e, depth))));
  const members = Object.entries(v.M).map(([name, e]) => `${at(depth + 1)}(${owned(name)}, ${valueOf(e, depth + 1)}),\n`);
  return of("M", members.length === 0 ? "HashMap::new()" : `HashMap::from([\n${members.join("")}${at(depth)}])`);
}

// Of these a builder returns what it makes as it is: nothing in them is required.
const optional = ["TransactWriteItem", "Projection", "OnDemandThroughput", "WarmThroughput", "SSESpecification", "ReplicationGroupUpdate"];

const named = (structure: string) => structure.replace("SSE", "Sse");

function oneOf(v: unknown, shape: Shape, depth: number): string {
  if (shape === "value") return valueOf(v as Value, depth);
  if (typeof shape === "object" && "one" in shape) return `${named(shape.one)}::${camel(String(v))}`;
  if (typeof shape === "object" && "of" in shape) {
    return `${named(shape.of)}::builder()${stepsOf(v as Input, depth + 1, shape.of)}\n${at(depth + 1)}.build()${optional.includes(shape.of) ? "" : "?"}`;
  }
  return shape === "string" ? text(String(v)) : String(v);
}

// stepsOf writes what builders are told: maps and lists one by one.
function stepsOf(input: Input, depth: number, structure?: string): string {
  return Object.entries(input)
    .flatMap(([member, v]): string[] => {
      const shape = shapeOf(member, structure);
      fits(member, v, shape);
      const name = snake(member);
      if (shape === "item") return Object.entries(v as Item).map(([key, e]) => `${name}(${text(key)}, ${valueOf(e, depth)})`);
      if (shape === "names") return Object.entries(v as Record<string, string>).map(([key, s]) => `${name}(${text(key)}, ${text(s)})`);
      if (typeof shape !== "object" || !("list" in shape)) return [`${name}(${oneOf(v, shape, depth)})`];
      const elements = v as unknown[];
      return elements.length === 0 ? [`set_${name}(Some(Vec::new()))`] : elements.map((e) => `${name}(${oneOf(e, shape.list, depth)})`);
    })
    .map((step) => `\n${at(depth)}.${step}`)
    .join("");
}

function body(c: Call): string {
  const { operation, input } = c;
  const request = (method: string) => `client\n        .${method}()${stepsOf(input, 2)}`;
  if (operation === "Wait") return `    ${request("wait_until_table_exists")}\n        .wait(Duration::from_secs(300))\n        .await?;\n`;
  const asked = request(snake(operation));
  if (isPaged(c)) return `    let mut items = ${asked}\n        .into_paginator()\n        .items()\n        .send();\n    while let Some(item) = items.next().await {\n        println!("{:?}", item?);\n    }\n`;
  const sent = `${asked}\n        .send()\n        .await?;\n`;
  switch (printsOf(c)) {
    case "item":
      return `    let output = ${sent}    println!("{:?}", output.item());\n`;
    case "items":
      return `    let output = ${sent}    for item in output.items() {\n        println!("{item:?}");\n    }\n`;
    case "responses": {
      const failed = operation === "BatchExecuteStatement" ? `        if let Some(error) = response.error() {\n            return Err(error.message().unwrap_or_default().into());\n        }\n` : "";
      return `    let output = ${sent}    for response in output.responses() {\n${failed}        println!("{:?}", response.item());\n    }\n`;
    }
    case "nothing":
      return `    ${sent}`;
  }
}

// client returns requests for the SDK for Rust.
export function client(calls: readonly Call[], { account, region }: Place, endpoint: string): string {
  const main = `#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(${text(endpoint)})
        .region(Region::new(${text(region)}))
        .credentials_provider(Credentials::new(${text(account)}, "stator", None, None, "stator"))
        .build();
    let client = Client::from_conf(config);
${calls.map(body).join("")}    Ok(())
}
`;
  const code = codeIn(main);
  // What has a builder or values is one of the types.
  const others = ["BehaviorVersion", "Blob", "Client", "Config", "Credentials", "Duration", "HashMap", "Region", "Vec"];
  const types = [...new Set([...code.matchAll(/\b([A-Z]\w*)::/g)].map(([, name = ""]) => name))].filter((name) => !others.includes(name)).sort();
  const uses = [
    ...(calls.some((c) => c.operation === "Wait") ? ["aws_sdk_dynamodb::client::Waiters"] : []),
    "aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region}",
    ...(/\bBlob::/.test(code) ? ["aws_sdk_dynamodb::primitives::Blob"] : []),
    ...(types.length > 1 ? [`aws_sdk_dynamodb::types::{${types.join(", ")}}`] : types.map((name) => `aws_sdk_dynamodb::types::${name}`)),
    "aws_sdk_dynamodb::{Client, Config}",
    ...(/\bHashMap::/.test(code) ? ["std::collections::HashMap"] : []),
    ...(/\bDuration::/.test(code) ? ["std::time::Duration"] : []),
  ];
  return `${uses.map((name) => `use ${name};\n`).join("")}\n${main}`;
}
