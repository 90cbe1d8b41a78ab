import { type Item, recordOf, typeOf, type Value } from "../model/value";
import { pathsIn } from "../query/expression";
import type { Path } from "../query/path";
import { conjuncts, isTest, type Tree } from "../query/tree";
import type { Place } from "../server";
import { type Call, type Expressions, expressionsIn, type Input, isPaged, Refusal } from "./call";
import { bytesOf, itemOf, mapOf, program, text } from "./java";

const builtOf = (name: string, steps: readonly string[], at: string) => `${name}.builder()${steps.map((step) => `\n${at}    .${step}`).join("")}\n${at}    .build()`;

const decimal = (n: string) => `new BigDecimal(${text(n)})`;

// keyValue writes the value of an attribute of a key.
function keyValue(v: Value): string {
  if ("S" in v) return text(v.S);
  if ("N" in v) return decimal(v.N);
  if ("B" in v) return bytesOf(v.B);
  throw new Refusal("A key has strings, numbers and binary values.");
}

// documentOf writes an item. Lists and maps are said as they are: in Java those have
// elements of one type.
function documentOf(item: Item, at: string): string {
  const deep = Object.entries(item).filter(([, v]) => "L" in v || "M" in v);
  const set = (elements: string[]) => `Set.of(${elements.join(", ")})`;
  const put = ([name, v]: [string, Value]): string[] => {
    const of = (type: string, value: string) => [`put${type}(${text(name)}, ${value})`];
    if ("S" in v) return of("String", text(v.S));
    if ("N" in v) return of("Number", decimal(v.N));
    if ("B" in v) return of("Bytes", bytesOf(v.B));
    if ("BOOL" in v) return of("Boolean", String(v.BOOL));
    if ("NULL" in v) return [`putNull(${text(name)})`];
    if ("SS" in v) return of("StringSet", set(v.SS.map(text)));
    if ("NS" in v) return of("NumberSet", set(v.NS.map(decimal)));
    if ("BS" in v) return of("BytesSet", set(v.BS.map(bytesOf)));
    return [];
  };
  const steps = [...(deep.length > 0 ? [`attributeValueMap(${itemOf(recordOf(deep), at.length / 2 + 2)})`] : []), ...Object.entries(item).flatMap(put)];
  return builtOf("EnhancedDocument", steps, at);
}

// checked refuses names of which the library makes no placeholders, or one for two:
// what it does not like in a name is an underscore there.
function checked(names: readonly string[]): void {
  const clean = new Set(names.map((name) => name.replaceAll(/[*.\-#+:/()\t &<>?=!@%$|]/g, "_")));
  const odd = [...clean].find((name) => !/^\w{1,200}$/.test(name) || name.includes("_NESTED_ATTR_UPDATE_"));
  if (odd !== undefined || clean.size < new Set(names).size) throw new Refusal(`The enhanced client makes no placeholders of all these names: ${names.join(", ")}.`);
}

// expressionOf writes an expression with what it needs of the names and values.
function expressionOf(expression: unknown, input: Input, at: string): string {
  const needed: string[] = String(expression).match(/[#:]\w+/g) ?? [];
  const of = <T>(all: unknown) => Object.entries((all ?? {}) as Record<string, T>).filter(([name]) => needed.includes(name));
  const [names, values] = [of<string>(input.ExpressionAttributeNames), of<Value>(input.ExpressionAttributeValues)];
  const depth = at.length / 2 + 2;
  return builtOf(
    "Expression",
    [
      `expression(${text(String(expression))})`,
      ...(names.length > 0 ? [`expressionNames(${mapOf(names.map(([n, s]) => [n, text(s)]), depth)})`] : []),
      ...(values.length > 0 ? [`expressionValues(${itemOf(recordOf(values), depth)})`] : []),
    ],
    at,
  );
}

const keyOf = (parts: readonly Value[]) => `Key.builder()${parts.map((v, i) => `.${i === 0 ? "partition" : "sort"}Value(${keyValue(v)})`).join("")}.build()`;

const sorted: Record<string, string> = { "=": "keyEqualTo", "<": "sortLessThan", "<=": "sortLessThanOrEqualTo", ">": "sortGreaterThan", ">=": "sortGreaterThanOrEqualTo", BETWEEN: "sortBetween", begins_with: "sortBeginsWith" };

// conditionalOf writes a condition on a key, and returns the values that tell its types.
function conditionalOf(tree: Tree, [hash, range]: readonly string[]): { text: string; types: Item } {
  const tests = conjuncts(tree).map((t) => {
    if (!isTest(t) || t.path.length !== 1) throw new Refusal("The condition on the key is no list of conditions.");
    return t;
  });
  const [partition, sort] = [hash, range].map((name) => tests.find((t) => t.path[0] === name));
  const [is] = partition?.values ?? [];
  if (!hash || !is || partition?.operator !== "=" || tests.length !== (sort ? 2 : 1)) throw new Refusal("The enhanced client has conditions on one partition key and one sort key.");
  const method = sorted[sort?.operator ?? "="];
  if (!method) throw new Refusal(`The enhanced client has no ${sort?.operator} for keys.`);
  const keys = sort ? sort.values.map((v) => keyOf([is, v])) : [keyOf([is])];
  checked(tests.map((t) => t.path[0]));
  return { text: `QueryConditional.${method}(${keys.join(", ")})`, types: { [hash]: is, ...(sort?.values[0] && range ? { [range]: sort.values[0] } : {}) } };
}

function projected(said: Expressions): string[] {
  if (said.projection === undefined) return [];
  const paths = pathsIn(said.projection, said.names);
  const names = (path: Path) => path.map((step) => {
    if (typeof step === "number") throw new Refusal("The enhanced client reads no elements of lists by themselves.");
    return text(step);
  });
  checked(paths.flatMap((path) => path.map(String)));
  return paths.every((p) => p.length === 1) ? [`attributesToProject(${paths.flatMap(names).join(", ")})`] : [`addNestedAttributesToProject(${paths.map((p) => `NestedAttributeName.create(${names(p).join(", ")})`).join(", ")})`];
}

const known = ["TableName", "IndexName", "Key", "Item", "ConsistentRead", "ScanIndexForward", "Limit", "Segment", "TotalSegments", "Select"];

// stepsOf writes what members of a request builders have by the same name.
function stepsOf(input: Input): string[] {
  const odd = Object.keys(input).find((name) => !known.includes(name) && !/Expression/.test(name));
  if (odd) throw new Refusal(`The enhanced client has no ${odd}.`);
  return ["ConsistentRead", "ScanIndexForward", "Limit", "Segment", "TotalSegments", "Select"]
    .filter((name) => name in input)
    .map((name) => `${name.charAt(0).toLowerCase()}${name.slice(1)}(${name === "Select" ? "Select." : ""}${String(input[name])})`);
}

interface Written {
  types: Item; // of the key
  text: string; // of the request
}

// writeOf writes a request that writes an item; in a transaction they are of other
// classes.
function writeOf(kind: string, input: Input, keys: readonly string[], prefix: string, at: string): Written {
  stepsOf(input);
  const item = (kind === "Put" ? input.Item : input.Key) as Item;
  const types = recordOf(keys.flatMap((name) => (Object.hasOwn(item, name) ? [[name, item[name] as Value]] : [])));
  const condition = "ConditionExpression" in input ? [`conditionExpression(${expressionOf(input.ConditionExpression, input, `${at}    `)})`] : [];
  if (kind === "Delete") return { types, text: builtOf(`${prefix}DeleteItemEnhancedRequest`, [`key(${keyOf(Object.values(types))})`, ...condition], at) };
  let document = item;
  if (kind === "Update") {
    const { ConditionExpression: _, ...rest } = input;
    const { set, remove } = expressionsIn(rest).update ?? { set: [], remove: [] };
    if ([...set.map(([path]) => path), ...remove].some((path) => path.length > 1)) throw new Refusal("The enhanced client updates attributes as a whole.");
    if (set.some(([, v]) => "NULL" in v)) throw new Refusal("The enhanced client removes what is null.");
    const changes = recordOf<Value>([...set.map(([[name], v]) => [name, v] as const), ...remove.map(([name]) => [name, { NULL: true }] as const)]);
    checked(Object.keys(changes));
    document = { ...item, ...changes };
  }
  return { types, text: builtOf(`${prefix}${kind}ItemEnhancedRequest`, [`item(${documentOf(document, `${at}    `)})`, ...condition], at).replace(".builder()", ".builder(EnhancedDocument.class)") };
}

function body({ operation, input, key }: Call): string {
  const at = "      ";
  const keys = [...(key?.hash ?? []), ...(key?.range ?? [])];
  if (!key || key.hash.length !== 1 || key.range.length > 1) throw new Refusal("Keys of more attributes than one partition key and one sort key are not written here.");
  const table = (name: unknown, types: Item, index?: unknown) => {
    const of = index === undefined ? "TableMetadata.primaryIndexName()" : text(String(index));
    const steps = keys.flatMap((name, i) => (Object.hasOwn(types, name) ? [`\n${at}    .addIndex${i === 0 ? "Partition" : "Sort"}Key(${of}, ${text(name)}, AttributeValueType.${typeOf(types[name] as Value)})`] : []));
    return `${at}DynamoDbTable<EnhancedDocument> table = enhanced.table(${text(String(name))}, TableSchema.documentSchemaBuilder()${steps.join("")}\n${at}    .build());\n`;
  };
  switch (operation) {
    case "GetItem": {
      if ("ProjectionExpression" in input) throw new Refusal("The enhanced client reads an item as a whole.");
      const types = input.Key as Item;
      const request = builtOf("GetItemEnhancedRequest", [`key(${keyOf(keys.map((name) => types[name] as Value))})`, ...stepsOf(input)], at);
      return `${table(input.TableName, types)}${at}EnhancedDocument item = table.getItem(${request});\n${at}System.out.println(item == null ? null : item.toMap());\n`;
    }
    case "Query":
    case "Scan": {
      // A filter stays text, whatever it says.
      const { FilterExpression: filter, ...rest } = input;
      const said = expressionsIn(rest);
      const condition = said.key ? conditionalOf(said.key, keys) : undefined;
      const steps = [
        ...(condition ? [`queryConditional(${condition.text})`] : []),
        ...(filter !== undefined ? [`filterExpression(${expressionOf(filter, input, `${at}    `)})`] : []),
        ...projected(said),
        ...stepsOf(input),
      ];
      const index = input.IndexName === undefined ? "" : `.index(${text(String(input.IndexName))})`;
      const pages = `table${index}.${operation.toLowerCase()}(${builtOf(`${operation}EnhancedRequest`, steps, at)})`;
      const items = (page: string, more: string) => `${more}for (var item : ${page}.items()) {\n${more}  System.out.println(item.toMap());\n${more}}\n`;
      const made = table(input.TableName, condition?.types ?? {}, input.IndexName);
      return isPaged({ operation, input }) ? `${made}${at}for (var page : ${pages}) {\n${items("page", `${at}  `)}${at}}\n` : `${made}${at}var page = ${pages}.iterator().next();\n${items("page", at)}`;
    }
    case "PutItem":
    case "UpdateItem":
    case "DeleteItem": {
      const { types, text: request } = writeOf(operation.slice(0, -4), input, keys, "", at);
      return `${table(input.TableName, types)}${at}table.${operation.charAt(0).toLowerCase()}${operation.slice(1)}(${request});\n`;
    }
    case "TransactWriteItems": {
      const all = (input.TransactItems as Record<string, Input>[]).flatMap((t) => Object.entries(t).map(([kind, of]) => ({ kind, of, ...writeOf(kind, of, keys, "Transact", `${at}    `) })));
      const [first] = all;
      if (!first || all.some(({ kind, of }) => kind === "ConditionCheck" || of.TableName !== first.of.TableName)) throw new Refusal("A transaction on several tables is not written here.");
      return `${table(first.of.TableName, first.types)}${at}enhanced.transactWriteItems(${builtOf("TransactWriteItemsEnhancedRequest", all.map(({ kind, text: request }) => `add${kind}Item(table, ${request})`), at)});\n`;
    }
    default:
      throw new Refusal("The enhanced client is about items.");
  }
}

// enhanced returns requests for the enhanced client of the SDK for Java, whose items are
// documents.
export function enhanced(calls: readonly Call[], place: Place, endpoint: string): string {
  const [only, ...more] = calls;
  if (!only || more.length > 0) throw new Refusal("There are several requests.");
  const made = `      DynamoDbEnhancedClient enhanced = DynamoDbEnhancedClient.builder().dynamoDbClient(client).build();\n`;
  const packages = ["software.amazon.awssdk.enhanced.dynamodb.*", "software.amazon.awssdk.enhanced.dynamodb.model.*"];
  return program(`${made}${body(only)}`, packages, place, endpoint);
}
