import {
  type DynamoDBClient,
  TagResourceCommand,
  type TagResourceCommandInput,
  UntagResourceCommand,
  type UntagResourceCommandInput,
  UpdateTableCommand,
  type UpdateTableCommandInput,
  UpdateTimeToLiveCommand,
  type UpdateTimeToLiveCommandInput,
} from "@aws-sdk/client-dynamodb";
import { definitionOf, type IndexForm, projectionOf, type TableForm, type Throughput, throughputOf } from "./form";

// Settings are what can be changed of a table that is there.
export interface Settings {
  form: TableForm;
  timeToLive: string; // an attribute; none is off
}

// A Change is one setting before and after.
export interface Change {
  what: string;
  before: string;
  after: string;
}

// A Step is one request on the way from one table to another.
export type Step = { title: string } & (
  | { operation: "UpdateTable"; input: UpdateTableCommandInput }
  | { operation: "UpdateTimeToLive"; input: UpdateTimeToLiveCommandInput }
  | { operation: "TagResource"; input: TagResourceCommandInput }
  | { operation: "UntagResource"; input: UntagResourceCommandInput }
);

// send carries out a step.
export async function send(client: DynamoDBClient, step: Step, signal?: AbortSignal): Promise<void> {
  const options = { abortSignal: signal };
  switch (step.operation) {
    case "UpdateTable":
      await client.send(new UpdateTableCommand(step.input), options);
      return;
    case "UpdateTimeToLive":
      await client.send(new UpdateTimeToLiveCommand(step.input), options);
      return;
    case "TagResource":
      await client.send(new TagResourceCommand(step.input), options);
      return;
    case "UntagResource":
      await client.send(new UntagResourceCommand(step.input), options);
  }
}

const none = "–";

// keyText says what the key of an index is.
export function keyText(ix: Pick<IndexForm, "hash" | "range">): string {
  return [ix.hash, ix.range]
    .map((part) =>
      part
        .filter((a) => a.name !== "")
        .map((a) => `${a.name} (${a.type})`)
        .join(" + "),
    )
    .filter((part) => part !== "")
    .join(", ");
}

function throughputText(t: Throughput, billing: TableForm["billing"], table: Throughput = t): string {
  const parts = [
    ...(billing === "PROVISIONED" ? [`${t.read || table.read} read units, ${t.write || table.write} write units`] : []),
    ...(billing === "PAY_PER_REQUEST" && t.maxRead ? [`at most ${t.maxRead} reads a second`] : []),
    ...(billing === "PAY_PER_REQUEST" && t.maxWrite ? [`at most ${t.maxWrite} writes a second`] : []),
    ...(t.warmRead || t.warmWrite ? [`warm: ${t.warmRead || none} reads, ${t.warmWrite || none} writes`] : []),
  ];
  return parts.join("; ");
}

const globals = (form: TableForm) => form.indexes.filter((ix) => !ix.local);
const byName = (form: TableForm) => new Map(globals(form).map((ix) => [ix.name, ix]));

// An index with another key or other attributes is another index, whatever its name.
function isSame(a: IndexForm, b: IndexForm): boolean {
  return keyText(a) === keyText(b) && JSON.stringify(projectionOf(a)) === JSON.stringify(projectionOf(b));
}

function indexText(ix: IndexForm, form: TableForm): string {
  const { projection } = ix;
  const projected = { ALL: "all attributes", KEYS_ONLY: "keys only", INCLUDE: `keys and ${ix.include}` }[projection];
  return [keyText(ix), projected, throughputText(ix, form.billing, form)].filter((part) => part !== "").join("; ");
}

// changesOf returns what is different between two states of a table.
export function changesOf(before: Settings, after: Settings): Change[] {
  const all: [string, (s: Settings) => string][] = [
    ["Mode", ({ form }) => (form.billing === "PROVISIONED" ? "provisioned" : "on demand")],
    ["Throughput", ({ form }) => throughputText(form, form.billing) || none],
    ["Table class", ({ form }) => (form.class || "STANDARD").toLowerCase().replaceAll("_", " ")],
    ["Stream", ({ form }) => form.stream.toLowerCase().replaceAll("_", " ") || "off"],
    ["Time to live", ({ timeToLive }) => timeToLive || "off"],
    ["Encryption", ({ form }) => (form.encrypt ? `a key of KMS${form.key ? `: ${form.key}` : ""}` : "DynamoDB’s own key")],
    ["Protected against deletion", ({ form }) => (form.protect ? "yes" : "no")],
  ];
  const names = [...new Set([...byName(before.form).keys(), ...byName(after.form).keys()])];
  for (const name of names) {
    all.push([
      `Index ${name}`,
      ({ form }) => {
        const ix = byName(form).get(name);
        return ix ? indexText(ix, form) : none;
      },
    ]);
  }
  const value = (s: Settings, key: string) => s.form.tags.find((t) => t.key === key)?.value;
  for (const key of new Set([...before.form.tags, ...after.form.tags].map((t) => t.key))) {
    if (key !== "") all.push([`Tag ${key}`, (s) => value(s, key) ?? none]);
  }
  return all.map(([what, text]) => ({ what, before: text(before), after: text(after) })).filter((c) => c.before !== c.after);
}

// stepsOf returns the requests that make the one of the other, in the order in which
// they must be made: one thing at a time, as DynamoDB wants it. Each needs the table
// to be active.
export function stepsOf(arn: string, before: Settings, after: Settings): Step[] {
  const table = { TableName: before.form.name };
  const [was, is] = [byName(before.form), byName(after.form)];
  const [from, to] = [before.form, after.form];
  const steps: Step[] = [];
  const update = (title: string, input: Omit<UpdateTableCommandInput, "TableName">) => steps.push({ title, operation: "UpdateTable", input: { ...table, ...input } });

  for (const ix of was.values()) {
    const next = is.get(ix.name);
    if (!next || !isSame(ix, next)) update(`Drop the index ${ix.name}`, { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: ix.name } }] });
  }
  const staying = [...is.values()].flatMap((ix) => {
    const old = was.get(ix.name);
    return old && isSame(old, ix) ? [{ old, ix }] : [];
  });
  steps.push(...throughputSteps(table, from, to, staying));
  for (const ix of is.values()) {
    const old = was.get(ix.name);
    if (old && isSame(old, ix)) continue;
    const { GlobalSecondaryIndexes = [], AttributeDefinitions } = definitionOf({ ...to, indexes: [...to.indexes.filter((other) => other.local || staying.some((s) => s.ix === other)), ix] });
    const Create = GlobalSecondaryIndexes.at(-1);
    if (Create) update(`Add the index ${ix.name}`, { AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create }] });
    staying.push({ old: ix, ix });
  }
  if (from.stream !== to.stream) {
    if (from.stream !== "") update("Disable the stream", { StreamSpecification: { StreamEnabled: false } });
    if (to.stream !== "") update("Enable a new stream", { StreamSpecification: { StreamEnabled: true, StreamViewType: to.stream } });
  }
  if ((from.class || "STANDARD") !== (to.class || "STANDARD")) update("Change the class", { TableClass: to.class || "STANDARD" });
  if (from.encrypt !== to.encrypt || from.key !== to.key) {
    const key = to.encrypt && to.key !== "" ? { KMSMasterKeyId: to.key } : {};
    update("Change the encryption", { SSESpecification: to.encrypt ? { Enabled: true, SSEType: "KMS", ...key } : { Enabled: false } });
  }
  if (from.protect !== to.protect) update(to.protect ? "Protect the table" : "Protect the table no more", { DeletionProtectionEnabled: to.protect });

  const expire = (title: string, AttributeName: string, Enabled: boolean) =>
    steps.push({ title, operation: "UpdateTimeToLive", input: { ...table, TimeToLiveSpecification: { AttributeName, Enabled } } });
  if (before.timeToLive !== after.timeToLive) {
    if (before.timeToLive !== "") expire("Disable the time to live", before.timeToLive, false);
    if (after.timeToLive !== "") expire("Enable the time to live", after.timeToLive, true);
  }
  const tags = to.tags.filter((t) => t.key !== "");
  const gone = from.tags.filter((t) => !tags.some((other) => other.key === t.key)).map((t) => t.key);
  if (gone.length > 0) steps.push({ title: "Remove tags", operation: "UntagResource", input: { ResourceArn: arn, TagKeys: gone } });
  const set = tags.filter((t) => from.tags.find((other) => other.key === t.key)?.value !== t.value);
  if (set.length > 0) steps.push({ title: "Set tags", operation: "TagResource", input: { ResourceArn: arn, Tags: set.map((t) => ({ Key: t.key, Value: t.value })) } });
  return steps;
}

// throughputSteps are about the throughput of a table and of the indexes that stay.
function throughputSteps(table: { TableName: string }, from: TableForm, to: TableForm, staying: { old: IndexForm; ix: IndexForm }[]): Step[] {
  const steps: Step[] = [];
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const mode = from.billing !== to.billing;
  const provisioned = (form: TableForm, t: Throughput) => throughputOf(form.billing, t, form).ProvisionedThroughput;
  const own = provisioned(to, to);
  const units = staying.flatMap(({ old, ix }) => {
    const ProvisionedThroughput = provisioned(to, ix);
    return ProvisionedThroughput && !same(ProvisionedThroughput, provisioned(from, old)) ? [{ Update: { IndexName: ix.name, ProvisionedThroughput } }] : [];
  });
  if (mode || !same(own, provisioned(from, from)) || units.length > 0) {
    steps.push({
      title: mode ? "Change the mode" : "Change the throughput",
      operation: "UpdateTable",
      input: {
        ...table,
        ...(mode ? { BillingMode: to.billing } : {}),
        ...(own && (mode || !same(own, provisioned(from, from))) ? { ProvisionedThroughput: own } : {}),
        ...(units.length > 0 ? { GlobalSecondaryIndexUpdates: units } : {}),
      },
    });
  }
  const limits = staying.flatMap(({ old, ix }) => {
    const OnDemandThroughput = limitChange(from, old, to, ix);
    return OnDemandThroughput ? [{ Update: { IndexName: ix.name, OnDemandThroughput } }] : [];
  });
  const limit = limitChange(from, from, to, to);
  if (limit || limits.length > 0) {
    steps.push({
      title: "Change the limits",
      operation: "UpdateTable",
      input: { ...table, ...(limit ? { OnDemandThroughput: limit } : {}), ...(limits.length > 0 ? { GlobalSecondaryIndexUpdates: limits } : {}) },
    });
  }
  // Warm throughput that there is stays: it cannot be given back.
  const warm = (form: TableForm, t: Throughput) => throughputOf(form.billing, t, form).WarmThroughput;
  const warmer = staying.flatMap(({ old, ix }) => {
    const WarmThroughput = warm(to, ix);
    return WarmThroughput && !same(WarmThroughput, warm(from, old)) ? [{ Update: { IndexName: ix.name, WarmThroughput } }] : [];
  });
  const WarmThroughput = same(warm(to, to), warm(from, from)) ? undefined : warm(to, to);
  if (WarmThroughput || warmer.length > 0) {
    steps.push({
      title: "Raise the warm throughput",
      operation: "UpdateTable",
      input: { ...table, ...(WarmThroughput ? { WarmThroughput } : {}), ...(warmer.length > 0 ? { GlobalSecondaryIndexUpdates: warmer } : {}) },
    });
  }
  return steps;
}

// limitChange returns the limits of a table on demand that change; -1 takes one away.
function limitChange(from: TableForm, old: Throughput, to: TableForm, now: Throughput) {
  if (to.billing !== "PAY_PER_REQUEST") return undefined;
  const was = from.billing === "PAY_PER_REQUEST" ? old : { maxRead: "", maxWrite: "" };
  const change = {
    ...(was.maxRead === now.maxRead ? {} : { MaxReadRequestUnits: now.maxRead === "" ? -1 : Number(now.maxRead) }),
    ...(was.maxWrite === now.maxWrite ? {} : { MaxWriteRequestUnits: now.maxWrite === "" ? -1 : Number(now.maxWrite) }),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}
