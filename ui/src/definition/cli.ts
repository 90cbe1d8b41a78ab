import { quoted } from "../code/write";
import { updateOf, type Wanted } from "./wanted";

// commandOf returns what to type to make a table with the AWS CLI.
export function commandOf({ definition, timeToLive, replicas = [] }: Wanted, endpoint: string, region: string): string {
  const at = `--endpoint-url ${quoted(endpoint)} --region ${quoted(region)}`;
  const name = `--table-name ${quoted(definition.TableName ?? "")}`;
  const wait = `aws dynamodb wait table-exists ${at} ${name}`;
  return [
    `aws dynamodb create-table ${at} --cli-input-json ${quoted(JSON.stringify(definition))}`,
    ...(timeToLive ? [wait, `aws dynamodb update-time-to-live ${at} ${name} --time-to-live-specification ${quoted(JSON.stringify({ AttributeName: timeToLive, Enabled: true }))}`] : []),
    ...replicas.flatMap((r) => [wait, `aws dynamodb update-table ${at} ${name} --replica-updates ${quoted(JSON.stringify([updateOf(r)]))}`]),
  ].join("\n");
}
