import { kebab, quoted } from "../code/write";
import { updatesOf, type Wanted } from "./wanted";

// commandOf returns what to type to make a table with the AWS CLI.
export function commandOf(wanted: Wanted, endpoint: string, region: string): string {
  const { definition, timeToLive } = wanted;
  const at = `--endpoint-url ${quoted(endpoint)} --region ${quoted(region)}`;
  const name = `--table-name ${quoted(definition.TableName ?? "")}`;
  const wait = `aws dynamodb wait table-exists ${at} ${name}`;
  return [
    `aws dynamodb create-table ${at} --cli-input-json ${quoted(JSON.stringify(definition))}`,
    ...(timeToLive ? [wait, `aws dynamodb update-time-to-live ${at} ${name} --time-to-live-specification ${quoted(JSON.stringify({ AttributeName: timeToLive, Enabled: true }))}`] : []),
    ...updatesOf(wanted).flatMap((update) => [wait, `aws dynamodb update-table ${at} ${name} ${Object.entries(update).map(flag).join(" ")}`]),
  ].join("\n");
}

const flag = ([name, value]: [string, unknown]) => `--${kebab(name)} ${quoted(typeof value === "string" ? value : JSON.stringify(value))}`;
