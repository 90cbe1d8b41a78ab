import { parse, stringify } from "lossless-json";
import type { Exchange } from "../exchange";
import { itemToWire } from "../model/value";
import type { Used } from "./uses";

// pretty writes JSON so that it can be read, digit for digit; what is no JSON, or
// only the beginning of it, stays as it is.
export function pretty(text: string): string {
  try {
    return stringify(parse(text), undefined, 2) ?? text;
  } catch {
    return text;
  }
}

const streams = new Set(["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"]);

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

// curlOf returns what to type to send the same request with curl. The server reads
// account and region from the credential, and does not ask for a signature.
export function curlOf({ operation, account, region, request }: Exchange, endpoint: string): string {
  const target = `${streams.has(operation) ? "DynamoDBStreams_20120810" : "DynamoDB_20120810"}.${operation}`;
  return [
    `curl ${endpoint}/`,
    `-H ${quote("Content-Type: application/x-amz-json-1.0")}`,
    `-H ${quote(`X-Amz-Target: ${target}`)}`,
    `-H ${quote(`Authorization: AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`)}`,
    `--data-raw ${quote(request)}`,
  ].join(" \\\n  ");
}

// cliOf returns what to type to send the same request with the AWS CLI.
export function cliOf({ operation, account, region, request }: Exchange, endpoint: string): string {
  const command = operation.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
  return `AWS_ACCESS_KEY_ID=${account} AWS_SECRET_ACCESS_KEY=stator \\\n  aws ${streams.has(operation) ? "dynamodbstreams" : "dynamodb"} ${command} --endpoint-url ${endpoint} --region ${region} \\\n  --cli-input-json ${quote(request)}`;
}

// aboutOf returns the table that a request names, if it names one.
export function aboutOf(request: string): string | undefined {
  try {
    const { TableName } = parse(request) as { TableName?: unknown };
    return typeof TableName === "string" ? TableName : undefined;
  } catch {
    return undefined;
  }
}

// isUsed tells whether a request of an item's table, or what is kept of its answer, has
// the item or its key.
export function isUsed({ place, table, key }: Used, { account, region, request, response = "" }: Exchange): boolean {
  // The name may be by itself, in an ARN, or in a statement, but not a part of another one.
  const ofTable = new RegExp(`(?<![\\w.-])${table.replaceAll(".", "\\.")}(?![\\w.-])`);
  if (account !== place.account || region !== place.region || !ofTable.test(request)) return false;
  const members = Object.entries(itemToWire(key)).map(([name, value]) => [name, JSON.stringify(value)] as const);
  return [request, response].some((text) => {
    if (!members.every(([name, value]) => text.includes(`${JSON.stringify(name)}:${value}`))) return false;
    try {
      // They may be those of several items.
      return has(JSON.parse(text), members);
    } catch {
      return true; // of a long answer the beginning is kept
    }
  });
}

function has(json: unknown, members: readonly (readonly [name: string, value: string])[]): boolean {
  if (typeof json !== "object" || json === null) return false;
  const own = new Map(Object.entries(json));
  return members.every(([name, value]) => JSON.stringify(own.get(name)) === value) || [...own.values()].some((v) => has(v, members));
}
