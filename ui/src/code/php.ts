import type { Place } from "../server";
import { type Call, isPaged, printsOf, Refusal } from "./call";
import { block, type Dialect, escaped, write } from "./write";

// text is a string in single quotes, in which there are but two escapes; one with
// control characters is in double quotes, to be read.
function text(s: string): string {
  if (!/\p{Cc}/u.test(s)) return `'${s.replaceAll(/[\\']/g, "\\$&")}'`;
  return `"${escaped(s, /[\\"$]/g)}"`;
}

const dialect: Dialect = {
  indent: "    ",
  yes: "true",
  no: "false",
  nothing: "null",
  text,
  map: (members, depth) => (depth < 0 ? `[${members.join(", ")}]` : block("[", members, "]", "    ", depth)),
  member: (name, value) => `${text(name)} => ${value}`,
  list: (elements) => `[${elements.join(", ")}]`,
  binary: (of) => `base64_decode('${of}')`,
  native: (v) => {
    if (!Array.isArray(v) && Object.keys(v).length > 0 && Object.keys(v).every((name, i) => name === String(i))) {
      throw new Refusal("PHP cannot tell a map with the members 0, 1, 2 from a list.");
    }
    return undefined;
  },
};

function body(c: Call): string {
  const { operation } = c;
  const input = write(c.input, dialect, 0);
  const shown = (what: string, at: string) => `${at}var_export(${what});\n${at}echo PHP_EOL;\n`;
  const all = (list: string, item: string, what: string, at = "") => `${at}foreach (${list} as ${item}) {\n${shown(what, `${at}    `)}${at}}\n`;
  if (operation === "Wait") return `$client->waitUntil('TableExists', ${input});\n`;
  if (isPaged(c)) return `foreach ($client->getPaginator('${operation}', ${input}) as $page) {\n${all("$page['Items']", "$item", "$item", "    ")}}\n`;
  const made = `$client->${operation.charAt(0).toLowerCase()}${operation.slice(1)}(${input})`;
  switch (printsOf(c)) {
    case "item":
      return `$result = ${made};\n${shown("$result['Item']", "")}`;
    case "items":
      return `$result = ${made};\n${all("$result['Items']", "$item", "$item")}`;
    case "responses":
      return `$result = ${made};\n${all("$result['Responses']", "$response", "$response")}`;
    case "nothing":
      return `${made};\n`;
  }
}

// client returns requests for the SDK for PHP, version 3.
export function client(calls: readonly Call[], { account, region }: Place, endpoint: string): string {
  return `<?php

require 'vendor/autoload.php';

use Aws\\DynamoDb\\DynamoDbClient;

$client = new DynamoDbClient([
    'endpoint' => ${text(endpoint)},
    'region' => ${text(region)},
    'version' => 'latest',
    'credentials' => ['key' => ${text(account)}, 'secret' => 'stator'],
]);
${calls.map(body).join("")}`;
}
