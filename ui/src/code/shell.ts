import { toWire } from "../model/value";
import type { Place } from "../server";
import { type Call, type Input, mapped } from "./call";
import { kebab, quoted } from "./write";

// wire returns a request as it is sent.
export const wire = (input: Input) => mapped(input, toWire);

const hasBinary = (input: Input) => JSON.stringify(input) !== JSON.stringify(input, (_, v: unknown) => (v instanceof Uint8Array ? 0 : v));

// cli returns a request for the AWS CLI.
export function cli({ operation, input }: Call, { account, region }: Place, endpoint: string): string {
  const at = `--endpoint-url ${quoted(endpoint)} --region ${quoted(region)}`;
  const words = operation === "Wait" ? ["wait table-exists"] : [kebab(operation)];
  const flags = Object.entries(wire(input)).map(([name, v]) => {
    if (typeof v === "boolean") return `--${v ? "" : "no-"}${kebab(name)}`;
    return `--${kebab(name)} ${quoted(typeof v === "object" ? JSON.stringify(v) : String(v))}`;
  });
  const binary = hasBinary(input);
  return [
    `${binary ? "# Binary is in base64, as version 2 of the AWS CLI has it. Version 1 has no such option.\n" : ""}AWS_ACCESS_KEY_ID=${quoted(account)} AWS_SECRET_ACCESS_KEY=stator aws dynamodb ${words.join(" ")}`,
    at,
    ...(binary ? ["--cli-binary-format base64"] : []),
    ...flags,
    // By itself it goes on until it has all.
    ...("Limit" in input ? ["--no-paginate"] : []),
  ].join(" \\\n  ");
}

// curl returns a request as it is sent, with the signature that AWS asks for.
export function curl(call: Call, { account, region }: Place, endpoint: string): string {
  const text = (operation: string, input: Input, more: string[] = []) =>
    [
      `curl ${quoted(endpoint)}`,
      `--aws-sigv4 ${quoted(`aws:amz:${region}:dynamodb`)} --user ${quoted(`${account}:stator`)}`,
      `-H ${quoted(`X-Amz-Target: DynamoDB_20120810.${operation}`)}`,
      `-H ${quoted("Content-Type: application/x-amz-json-1.0")}`,
      `-d ${quoted(JSON.stringify(wire(input)))}`,
      ...more,
    ].join(" \\\n  ");
  if (call.operation !== "Wait") return text(call.operation, call.input);
  return `until ${text("DescribeTable", call.input, [`-sS | grep -q ${quoted(`"TableStatus":"ACTIVE"`)}`])}; do\n  sleep 1\ndone`;
}
