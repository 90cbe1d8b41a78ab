import { parse, stringify } from "lossless-json";
import type { Exchange } from "../exchange";

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
