import type { GetItemCommandInput, QueryCommandInput, ScanCommandInput } from "@aws-sdk/client-dynamodb";
import { plural } from "../format";
import { type KeyAttribute, keyNames, type Source } from "../model/table";
import { compare, type Item, recordOf, typeNames, typeOf, type Value } from "../model/value";
import { expressionOf, Placeholders } from "./expression";
import { conditionOf, fromRaw, placeholdersOf, problemOf, type Query } from "./model";
import { type Path, readPaths } from "./path";
import { allOf, always, attributesOf, conjuncts, given, isAlways, isNever, isTest, showTest, showValue, type Test, testsOf, type Tree } from "./tree";

// A Request is what is sent for a page, without where it begins. A Scan that has
// segments is sent for each of them.
export type Request =
  | { operation: "GetItem"; input: GetItemCommandInput & { TableName: string } }
  | { operation: "Query"; input: QueryCommandInput & { TableName: string } }
  | { operation: "Scan"; input: ScanCommandInput & { TableName: string } };

// A Plan is how a query is carried out.
export interface Plan {
  request: Request;
  source: Source;
  key: readonly Test[]; // what decides what is read
  filter: Tree; // what DynamoDB looks at afterwards
  local: Tree; // what is left to this page: a Query filters no key attributes
  reason: string; // in one line
  notes: readonly string[]; // what is to be known of the result
  partial: boolean; // items may lack attributes that they have in the table
}

// A Trouble is why there is no plan.
export interface Trouble {
  trouble: string;
  at?: ReadonlyMap<number, string>; // what is wrong with conditions, by their ids
}

export function isPlan(p: Plan | Trouble): p is Plan {
  return "request" in p;
}

// A Candidate is a Query that would do.
interface Candidate {
  source: Source;
  key: Test[];
  pinned: Item;
  filter: Tree;
  local: Tree;
  sparse: KeyAttribute[]; // items without these are not in the index
  lacks: string[]; // attributes that are asked for and not in the index
  partial: boolean;
}

// plan chooses how to read what a query asks for. It reads the same items as a
// Scan of the table with all conditions would, but for those that an index does
// not have, which it says.
export function plan(query: Query, table: string, sources: readonly Source[]): Plan | Trouble {
  const own = sources[0];
  if (!own) return { trouble: "The table has no key." };
  const chosen = query.source === undefined ? undefined : sources.find((s) => (s.index ?? "") === query.source);
  if (query.source !== undefined && !chosen) return { trouble: `The table has no index ${query.source}.` };
  if (query.raw) return planRaw(query, table, chosen ?? own, own);

  const { tree, problems } = conditionOf(query.where);
  const [[, problem] = [undefined, undefined]] = problems;
  if (problem !== undefined) return { trouble: `A condition is not whole: ${problem}.`, at: problems };
  let paths: Path[];
  try {
    paths = readPaths(query.projection);
  } catch (err) {
    return { trouble: `The attributes to show: ${problemOf(err)}.` };
  }
  const all = conjuncts(tree);
  if (all.some(isNever)) return { trouble: "No item can match these conditions." };
  const context: Context = { query, table, own, paths, tree: allOf(all), all, refused: [] };

  if (query.mode !== "scan") {
    const candidates: Candidate[] = [];
    for (const source of chosen ? [chosen] : sources) {
      const found = candidate(context, source, chosen !== undefined);
      if (found === "nothing") return { trouble: `No item can match these conditions: ${impossible(all, source)}.` };
      if (found) candidates.push(found);
    }
    const best = candidates.sort(order)[0];
    if (best) return query.mode === "auto" && isWhole(best) ? getItem(context, best) : queryPlan(context, best);
    if (query.mode === "query") return { trouble: noQuery(context, chosen) };
  }
  return scanPlan(context, chosen ?? own);
}

interface Context {
  query: Query;
  table: string;
  own: Source;
  paths: Path[];
  tree: Tree;
  all: readonly Tree[];
  refused: string[]; // why sources that have the key will not do
}

// tests returns those conditions that must hold and are of an attribute itself.
function tests(all: readonly Tree[], attribute: string): Test[] {
  return all.filter((t): t is Test => isTest(t) && t.path.length === 1 && t.path[0] === attribute && !t.size);
}

const typed = (t: Test, attribute: KeyAttribute) => t.values.length > 0 && t.values.every((v) => typeOf(v) === attribute.type);

const isEmpty = (v: Value | undefined) => v !== undefined && (("S" in v && v.S === "") || ("B" in v && v.B.length === 0));

function candidate(context: Context, source: Source, forced: boolean): Candidate | "nothing" | undefined {
  const { query, all, own, paths } = context;
  const pinned = new Map<string, Value>();
  const key: Test[] = [];
  const equals = (a: KeyAttribute) => tests(all, a.name).find((t) => t.operator === "=" && typed(t, a));
  const ownKeys = new Set(keyNames(own));
  for (const a of source.hash) {
    const t = equals(a);
    if (!t?.values[0]) return undefined;
    // No key is empty; but an item that is not in an index may well have that.
    if (isEmpty(t.values[0])) return source.index === undefined ? "nothing" : undefined;
    pinned.set(a.name, t.values[0]);
    key.push(t);
  }
  // Of several sort key attributes the last one that has a condition may have
  // another than equality.
  let bound: Bound | undefined;
  const unbound: KeyAttribute[] = [];
  for (const a of source.range) {
    const t = bound || unbound.length > 0 ? undefined : equals(a);
    if (t?.values[0] && isEmpty(t.values[0]) && ownKeys.has(a.name)) return "nothing";
    if (t?.values[0] && !isEmpty(t.values[0])) {
      pinned.set(a.name, t.values[0]);
      key.push(t);
      continue;
    }
    const limits = bound || unbound.length > 0 ? undefined : boundOf(tests(all, a.name).filter((c) => typed(c, a) && !c.values.some(isEmpty)));
    if (limits) bound = limits;
    else unbound.push(a);
  }
  if (bound) key.push(bound.test);
  const known = recordOf(pinned);
  const rest = given(allOf(all.filter((t) => !key.includes(t as Test) && !bound?.covers.includes(t as Test))), known);
  if (isNever(rest)) return "nothing";

  const name = source.index ?? "";
  if (source.index && source.status !== "ACTIVE") return refuse(context, `${name} is ${source.status.toLowerCase()}`);
  if (source.index && !source.local && query.consistent && !forced) return refuse(context, `${name} has no consistent reads`);
  const keys = new Set(keyNames(source));
  const parts = conjuncts(rest);
  const onKey = (t: Tree) => [...attributesOf(t)].some((a) => keys.has(a));
  const local = allOf(parts.filter(onKey));
  const filter = allOf(parts.filter((t) => !onKey(t)));
  const has = (a: string) => !source.projected || source.projected.has(a);
  // What a filter asks for must be in the index; what is shown comes from the
  // table, if the index is a local one.
  const missing = [...attributesOf(rest)].filter((a) => !has(a));
  if (missing.length > 0) return refuse(context, `${name} does not have ${missing.join(", ")}`);
  const lacks = source.local ? [] : [...new Set(paths.map(([first]) => first))].filter((a) => !has(a));
  if (lacks.length > 0 && !forced) return refuse(context, `${name} does not have ${lacks.join(", ")}`);
  return {
    source,
    key,
    pinned: known,
    filter,
    local,
    sparse: source.index ? unbound.filter((a) => !ownKeys.has(a.name) && !implied(all, a)) : [],
    lacks,
    partial: source.projected !== undefined && !source.local && paths.length === 0,
  };
}

function refuse(context: Context, why: string): undefined {
  context.refused.push(why);
}

// implied tells whether items that match surely have a key attribute.
function implied(all: readonly Tree[], a: KeyAttribute): boolean {
  return tests(all, a.name).some(
    (t) => !t.values.some(isEmpty) && ["=", "<", "<=", ">", ">=", "BETWEEN", "IN", "begins_with"].includes(t.operator) && typed(t, a),
  );
}

interface Bound {
  test: Test;
  covers: Test[]; // the conditions that it stands for
}

// boundOf returns the one condition on a sort key that a Query takes, of those
// that there are. What it does not cover must be looked at afterwards.
function boundOf(all: Test[]): Bound | undefined {
  const single = all.find((t) => t.operator === "BETWEEN") ?? all.find((t) => t.operator === "begins_with" && t.values.every((v) => !("N" in v)));
  if (single) return { test: single, covers: [single] };
  const low = all.find((t) => t.operator === ">=" || t.operator === ">");
  const high = all.find((t) => t.operator === "<=" || t.operator === "<");
  const [from, to] = [low?.values[0], high?.values[0]];
  if (low && high && from && to && compare(from, to) <= 0) {
    return { test: { path: low.path, operator: "BETWEEN", values: [from, to] }, covers: [low, high].filter((t) => t.operator.endsWith("=")) };
  }
  const one = low ?? high;
  return one && { test: one, covers: [one] };
}

// order puts the better Query first: one that has all, then the more exact one.
function order(a: Candidate, b: Candidate): number {
  const cost = (c: Candidate) => [
    Number(c.sparse.length > 0),
    Number(c.partial),
    -c.key.length,
    Number(!isAlways(c.local)),
    Number(c.source.index !== undefined),
    Number(!c.source.local),
  ];
  const [x, y] = [cost(a), cost(b)];
  return x.map((n, i) => n - (y[i] ?? 0)).find((d) => d !== 0) ?? 0;
}

// isWhole tells whether a Query asks for one item and nothing else of it.
function isWhole({ source, key, pinned, filter, local }: Candidate): boolean {
  return source.index === undefined && isAlways(filter) && isAlways(local) && key.length === Object.keys(pinned).length && key.length === keyNames(source).length;
}

// titleOf names a source in a sentence.
export function titleOf(source: Source): string {
  return source.index ?? "the table";
}

// projectionOf returns the expression for what is shown. The table's key is always
// there, because it tells items apart, and so is what this page looks at.
function projectionOf({ own, paths }: Context, lacks: readonly string[], local: Tree, p: Placeholders): { ProjectionExpression?: string } {
  if (paths.length === 0) return {};
  const needed = [...keyNames(own), ...attributesOf(local)];
  const shown = paths.filter(([first]) => !lacks.includes(first) && !needed.includes(first));
  const texts = new Set([...needed.map((name): Path => [name]), ...shown].map((path) => p.path(path)));
  return { ProjectionExpression: [...texts].join(", ") };
}

function placeholders(p: Placeholders): { ExpressionAttributeNames?: Record<string, string>; ExpressionAttributeValues?: Item } {
  return {
    ...(p.names.size > 0 ? { ExpressionAttributeNames: recordOf([...p.names].map(([attribute, name]) => [name, attribute] as const)) } : {}),
    ...(p.values.size > 0 ? { ExpressionAttributeValues: recordOf(p.values) } : {}),
  };
}

function getItem(context: Context, { source, key, pinned }: Candidate): Plan {
  const { table, query, paths } = context;
  const p = new Placeholders();
  const projection = projectionOf(context, [], always, p);
  const input = { TableName: table, Key: pinned, ...projection, ...placeholders(p), ...(query.consistent ? { ConsistentRead: true } : {}) };
  return {
    request: { operation: "GetItem", input },
    source,
    key,
    filter: always,
    local: always,
    reason: `GetItem from the table (${key.map(showTest).join(", ")}): the conditions are the whole key`,
    notes: [],
    partial: paths.length > 0,
  };
}

function common({ query, table }: Context, source: Source, filters: boolean) {
  return {
    TableName: table,
    ...(source.index === undefined ? {} : { IndexName: source.index }),
    ...(query.consistent ? { ConsistentRead: true } : {}),
    // A page is of items that are read: where few of them match, larger ones are
    // better.
    ...(filters ? {} : { Limit: query.page }),
  };
}

// segmentsOf has a Scan read several parts of a table at once.
function segmentsOf({ segments }: Query): { input: { TotalSegments?: number }; text: string } {
  return segments > 1 ? { input: { TotalSegments: segments }, text: ` in ${segments} segments at once` } : { input: {}, text: "" };
}

function queryPlan(context: Context, c: Candidate): Plan {
  const { query, paths } = context;
  const { source } = c;
  const p = new Placeholders();
  const KeyConditionExpression = expressionOf(allOf(c.key), p);
  const FilterExpression = isAlways(c.filter) ? undefined : expressionOf(c.filter, p);
  const projection = projectionOf(context, c.lacks, c.local, p);
  const [after, here] = [conjuncts(c.filter).length, conjuncts(c.local).length];
  const input: QueryCommandInput & { TableName: string } = {
    ...common(context, source, after + here > 0),
    KeyConditionExpression,
    ...(FilterExpression ? { FilterExpression } : {}),
    ...projection,
    ...placeholders(p),
    ...(query.descending ? { ScanIndexForward: false } : {}),
    ...allAttributes(source, paths),
  };
  const parts = [
    `Query on ${titleOf(source)} (${c.key.map(showTest).join(", ")})`,
    ...(after > 0 ? [`${plural(after, "filter runs", "filters run")} after the read`] : []),
    ...(here > 0 ? [`${plural(here, "condition", "conditions")} on the key ${here === 1 ? "is" : "are"} looked at in this page, as a Query filters no keys`] : []),
  ];
  return {
    request: { operation: "Query", input },
    source,
    key: c.key,
    filter: c.filter,
    local: c.local,
    reason: parts.join("; "),
    notes: [
      ...(c.sparse.length > 0 ? [`Items without ${c.sparse.map((a) => `${a.name} (${typeNames[a.type]})`).join(" or ")} are not in ${titleOf(source)}.`] : []),
      ...partialNote(c.partial, source),
      ...(c.lacks.length > 0 ? [`${titleOf(source)} does not have ${c.lacks.join(", ")}.`] : []),
    ],
    partial: c.partial || paths.length > 0,
  };
}

// allAttributes has a local index return items as the table has them.
function allAttributes(source: Source, paths: readonly Path[]) {
  return source.local && source.projected && paths.length === 0 ? { Select: "ALL_ATTRIBUTES" as const } : {};
}

function partialNote(partial: boolean, source: Source): string[] {
  return partial ? [`${titleOf(source)} has only ${[...(source.projected ?? [])].filter((name, i, all) => all.indexOf(name) === i).join(", ")} of an item.`] : [];
}

function scanPlan(context: Context, source: Source): Plan | Trouble {
  const { tree, paths, query, own } = context;
  const has = (a: string) => !source.projected || source.projected.has(a);
  const missing = [...attributesOf(tree)].filter((a) => !has(a));
  if (missing.length > 0) return { trouble: `${titleOf(source)} does not have ${missing.join(", ")}: there can be no condition on ${missing.length === 1 ? "it" : "them"} there.` };
  const lacks = source.local ? [] : [...new Set(paths.map(([first]) => first))].filter((a) => !has(a));
  const p = new Placeholders();
  const filtered = !isAlways(tree);
  const FilterExpression = filtered ? expressionOf(tree, p) : undefined;
  const projection = projectionOf(context, lacks, always, p);
  const partial = source.projected !== undefined && !source.local && paths.length === 0;
  const ownKeys = new Set(keyNames(own));
  const sparse = source.index ? [...source.hash, ...source.range].filter((a) => !ownKeys.has(a.name) && !implied(context.all, a)) : [];
  const input: ScanCommandInput & { TableName: string } = {
    ...common(context, source, filtered),
    ...segmentsOf(query).input,
    ...(FilterExpression ? { FilterExpression } : {}),
    ...projection,
    ...placeholders(p),
    ...allAttributes(source, paths),
  };
  const why = query.mode === "scan" ? (filtered ? "all conditions are filters" : "") : reasonToScan(context, source);
  return {
    request: { operation: "Scan", input },
    source,
    key: [],
    filter: tree,
    local: always,
    reason: `Scan of ${titleOf(source)}${segmentsOf(query).text}${why ? `: ${why}` : ""}`,
    notes: [
      ...(sparse.length > 0 ? [`Items without ${sparse.map((a) => `${a.name} (${typeNames[a.type]})`).join(" or ")} are not in ${titleOf(source)}.`] : []),
      ...partialNote(partial, source),
      ...(lacks.length > 0 ? [`${titleOf(source)} does not have ${lacks.join(", ")}.`] : []),
      ...(query.descending ? ["A Scan has no order."] : []),
    ],
    partial: partial || paths.length > 0,
  };
}

// reasonToScan says why no Query will do, as near to what was typed as it can.
function reasonToScan({ tree, all, refused }: Context, source: Source): string {
  if (isAlways(tree)) return "there are no conditions";
  if (refused[0]) return refused[0];
  if ("or" in tree) return "with OR there is no one value of a partition key";
  for (const a of source.hash) {
    const near = tests(all, a.name)[0];
    if (near?.operator === "=" && near.values[0] && !typed(near, a)) return `${a.name} is a ${typeNames[a.type]} in the key, and ${showValue(near.values[0])} is a ${typeNames[typeOf(near.values[0])]}`;
    if (near?.operator === "IN") return `each value of ${a.name} would be a Query of its own`;
    if (near && near.operator !== "=") return `a Query needs ${a.name} by =`;
  }
  return `no condition gives a partition key by = (${source.hash.map((a) => a.name).join(", ")})`;
}

function noQuery({ own, refused }: Context, chosen: Source | undefined): string {
  if (refused[0]) return `There is no Query for these conditions: ${refused[0]}.`;
  const source = chosen ?? own;
  return `A Query of ${titleOf(source)} needs a value of ${source.hash.map((a) => `${a.name} (${typeNames[a.type]})`).join(" and ")} by =.`;
}

function impossible(all: readonly Tree[], source: Source): string {
  const names = keyNames(source).filter((name) => tests(all, name).some((t) => t.operator === "="));
  return testsOf(allOf(all)).some((t) => t.values.some(isEmpty) && names.includes(t.path[0])) ? "a key is never empty" : `${names.join(" and ")} cannot be all that`;
}

// planRaw takes expressions as they are: the server says what is wrong with them.
function planRaw(query: Query, table: string, source: Source, own: Source): Plan | Trouble {
  const raw = query.raw;
  if (!raw) return { trouble: "There are no expressions." };
  let names: Map<string, string>;
  let values: Item;
  try {
    ({ names, values } = placeholdersOf(raw));
  } catch (err) {
    return { trouble: `The names or values: ${problemOf(err)}.` };
  }
  const isQuery = query.mode === "query" || (query.mode === "auto" && raw.key.trim() !== "");
  if (!isQuery && raw.key.trim() !== "") return { trouble: "A Scan has no key condition." };
  if (isQuery && raw.key.trim() === "") return { trouble: "A Query needs a key condition." };
  const filtered = raw.filter.trim() !== "";
  const input = {
    ...common({ query, table, own, paths: [], tree: always, all: [], refused: [] }, source, filtered),
    ...(filtered ? { FilterExpression: raw.filter } : {}),
    ...(raw.projection.trim() === "" ? allAttributes(source, []) : { ProjectionExpression: raw.projection }),
    ...(names.size > 0 ? { ExpressionAttributeNames: recordOf(names) } : {}),
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
  };
  const partial = (source.projected !== undefined && !source.local) || raw.projection.trim() !== "";
  const rest = { source, key: [], filter: filtered ? filterOf(query, raw) : always, local: always, partial, notes: partialNote(partial && raw.projection.trim() === "", source) };
  if (!isQuery) return { ...rest, request: { operation: "Scan", input: { ...input, ...segmentsOf(query).input } }, reason: `Scan of ${titleOf(source)}${segmentsOf(query).text}, with the expressions as they are` };
  return {
    ...rest,
    request: { operation: "Query", input: { ...input, KeyConditionExpression: raw.key, ...(query.descending ? { ScanIndexForward: false } : {}) } },
    reason: `Query on ${titleOf(source)}, with the expressions as they are`,
  };
}

// filterOf returns a raw filter as a tree; one that cannot be read is still one.
function filterOf(query: Query, raw: NonNullable<Query["raw"]>): Tree {
  try {
    return conditionOf(fromRaw(query, { ...raw, key: "", projection: "" }).where).tree;
  } catch {
    return { and: [{ path: ["?"], operator: "attribute_exists", values: [] }] };
  }
}
