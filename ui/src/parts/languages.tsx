import { Tabs } from "radix-ui";
import type { ReactNode } from "react";
import { cdkOf } from "../definition/cdk";
import { commandOf } from "../definition/cli";
import { cloudFormationOf } from "../definition/cloudformation";
import { pulumiOf } from "../definition/pulumi";
import { terraformOf } from "../definition/terraform";
import { codesOf } from "../code/codes";
import { callsOf } from "../definition/calls";
import type { Wanted } from "../definition/wanted";
import type { Place } from "../server";
import { Snippet } from "./copy";

// Languages shows what makes a table, in all languages that have words for it. The
// first tab is the request, which may be more than text to be copied.
export function Languages({ wanted, place, request, note }: { wanted: Wanted; place: Place; request?: ReactNode; note?: ReactNode }) {
  const { region } = place;
  const tabs: [name: string, label: string, text: () => string][] = [
    ["CloudFormation", "template", () => cloudFormationOf(wanted, region)],
    ["Terraform", "resource", () => terraformOf(wanted)],
    ["CDK", "stack", () => cdkOf(wanted, region)],
    ["Pulumi", "program", () => pulumiOf(wanted)],
    ["AWS CLI", "command", () => commandOf(wanted, window.location.origin, region)],
    ...codesOf(callsOf(wanted), place, window.location.origin)
      .filter(({ name }) => name !== "AWS CLI" && name !== "JSON")
      .map(({ name, text }): [string, string, () => string] => [name, `code for ${name}`, () => text ?? ""]),
  ];
  return (
    <Tabs.Root defaultValue="CreateTable">
      <Tabs.List className="mb-2 flex flex-wrap gap-1" aria-label="As">
        {["CreateTable", ...tabs.map(([name]) => name)].map((name) => (
          <Tabs.Trigger
            key={name}
            value={name}
            className="cursor-pointer rounded-md px-2.5 py-1.5 font-medium text-muted hover:bg-raised data-[state=active]:bg-raised data-[state=active]:text-ink"
          >
            {name}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <Tabs.Content value="CreateTable" tabIndex={-1}>
        {request ?? <Snippet label="request" text={JSON.stringify(wanted.definition, null, 2)} />}
      </Tabs.Content>
      {tabs.map(([name, label, text]) => (
        <Tabs.Content key={name} value={name} tabIndex={-1}>
          {note}
          <Snippet label={label} text={text()} />
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}
