import type { Item, Value } from "../model/value";
import { pathsIn } from "../query/expression";
import type { Path } from "../query/path";
import { isTest, type Test, type Tree } from "../query/tree";
import type { Place } from "../server";
import { type Call, camel, expressionsIn, fits, type Input, isPaged, printsOf, Refusal, type Shape, shapeOf } from "./call";
import { block, codeIn } from "./write";

// valueOf writes an attribute's value.
function valueOf(v: Value, depth: number): string {
  const member = (type: string, value: string) => `&types.AttributeValueMember${type}{Value: ${value}}`;
  const bytes = (b: Uint8Array) => `[]byte{${[...b].join(", ")}}`;
  const strings = (list: string[]) => `[]string{${list.map((s) => JSON.stringify(s)).join(", ")}}`;
  if ("S" in v) return member("S", JSON.stringify(v.S));
  if ("N" in v) return member("N", JSON.stringify(v.N));
  if ("B" in v) return member("B", bytes(v.B));
  if ("BOOL" in v) return member("BOOL", String(v.BOOL));
  if ("NULL" in v) return member("NULL", "true");
  if ("SS" in v) return member("SS", strings(v.SS));
  if ("NS" in v) return member("NS", strings(v.NS));
  if ("BS" in v) return member("BS", `[][]byte{${v.BS.map((b) => bytes(b).slice("[]byte".length)).join(", ")}}`);
  if ("L" in v) return member("L", `[]types.AttributeValue{${v.L.map((e) => valueOf(e, depth)).join(", ")}}`);
  return member("M", itemOf(v.M, depth));
}

function itemOf(item: Item, depth: number): string {
  return block("map[string]types.AttributeValue{", Object.entries(item).map(([name, v]) => `${JSON.stringify(name)}: ${valueOf(v, depth + 1)}`), "}", "\t", depth);
}

const typeOf = (shape: Shape): string =>
  shape === "value" ? "types.AttributeValue" : typeof shape === "object" && "of" in shape ? `types.${shape.of}` : "string";

// members writes what is in a structure.
function members(input: Input, depth: number, structure?: string): string[] {
  return Object.entries(input).map(([name, v]) => {
    const shape = shapeOf(name, structure);
    fits(name, v, shape);
    return `${name}: ${memberOf(v, shape, depth)}`;
  });
}

function memberOf(v: unknown, shape: Shape, depth: number): string {
  switch (shape) {
    case "string":
      return `aws.String(${JSON.stringify(v)})`;
    case "boolean":
      return `aws.Bool(${String(v)})`;
    case "int":
      return `aws.Int32(${String(v)})`;
    case "long":
      return `aws.Int64(${String(v)})`;
    case "value":
      return valueOf(v as Value, depth);
    case "item":
      return itemOf(v as Item, depth);
    case "names":
      return block("map[string]string{", Object.entries(v as Record<string, string>).map(([n, s]) => `${JSON.stringify(n)}: ${JSON.stringify(s)}`), "}", "\t", depth);
  }
  if ("one" in shape) return `types.${shape.one}${camel(String(v))}`;
  if ("of" in shape) return block(`&types.${shape.of}{`, members(v as Input, depth + 1, shape.of), "}", "\t", depth);
  const { list } = shape;
  const open = `[]${typeOf(list)}{`;
  if (list === "string") return `${open}${(v as string[]).map((s) => JSON.stringify(s)).join(", ")}}`;
  const elements = (v as unknown[]).map((e) => (typeof list === "object" && "of" in list ? block("{", members(e as Input, depth + 2, list.of), "}", "\t", depth + 1) : memberOf(e, list, depth + 1)));
  return block(open, elements, "}", "\t", depth);
}

function body(c: Call, request: string, indent = "\t"): string {
  const { operation } = c;
  const check = (at: string) => `${at}if err != nil {\n${at}\tlog.Fatal(err)\n${at}}\n`;
  if (operation === "Wait") {
    return `${indent}if err := dynamodb.NewTableExistsWaiter(client).Wait(context.Background(), ${request.replace("WaitInput", "DescribeTableInput")}, 5*time.Minute); err != nil {\n${indent}\tlog.Fatal(err)\n${indent}}\n`;
  }
  if (isPaged(c)) {
    return `${indent}pages := dynamodb.New${operation}Paginator(client, ${request})
${indent}for pages.HasMorePages() {
${indent}	page, err := pages.NextPage(context.Background())
${check(`${indent}\t`)}${indent}	print(page.Items...)
${indent}}
`;
  }
  const prints = printsOf(c);
  if (prints === "nothing") return `${indent}if _, err := client.${operation}(context.Background(), ${request}); err != nil {\n${indent}\tlog.Fatal(err)\n${indent}}\n`;
  const made = `${indent}out, err := client.${operation}(context.Background(), ${request})\n${check(indent)}`;
  switch (prints) {
    case "item":
      return `${made}${indent}print(out.Item)\n`;
    case "items":
      return `${made}${indent}print(out.Items...)\n`;
    case "responses":
      return operation === "BatchExecuteStatement"
        ? `${made}${indent}for _, response := range out.Responses {
${indent}	if response.Error != nil {
${indent}		log.Fatal(aws.ToString(response.Error.Message))
${indent}	}
${indent}	print(response.Item)
${indent}}
`
        : `${made}${indent}for _, response := range out.Responses {\n${indent}\tprint(response.Item)\n${indent}}\n`;
  }
}

const packages: [used: string, path: string][] = [
  ["aws", "github.com/aws/aws-sdk-go-v2/aws"],
  ["credentials", "github.com/aws/aws-sdk-go-v2/credentials"],
  ["attributevalue", "github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"],
  ["expression", "github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"],
  ["dynamodb", "github.com/aws/aws-sdk-go-v2/service/dynamodb"],
  ["types", "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"],
];

function program(calls: readonly Call[], bodies: string, { account, region }: Place, endpoint: string): string {
  const print = calls.some((c) => printsOf(c) !== "nothing")
    ? `
func print(items ...map[string]types.AttributeValue) {
	for _, item := range items {
		var fields map[string]any
		if err := attributevalue.UnmarshalMap(item, &fields); err != nil {
			log.Fatal(err)
		}
		fmt.Println(fields)
	}
}
`
    : "";
  const main = `func main() {
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(${JSON.stringify(endpoint)}),
		Region:       ${JSON.stringify(region)},
		Credentials:  credentials.NewStaticCredentialsProvider(${JSON.stringify(account)}, "stator", ""),
	})
${bodies}}
${print}`;
  const code = codeIn(main);
  const imported = packages.filter(([name]) => new RegExp(`\\b${name}\\.`).test(code)).map(([, path]) => path);
  const own = ["context", "fmt", "log", "time"].filter((name) => new RegExp(`\\b${name}\\.`).test(code));
  const lines = (paths: string[]) => paths.map((path) => `\t"${path}"\n`).join("");
  return `package main

import (
${lines(own)}
${lines(imported)})

${main}`;
}

// client returns requests for the SDK for Go, version 2.
export function client(calls: readonly Call[], place: Place, endpoint: string): string {
  const bodies = calls.map((c) => body(c, block(`&dynamodb.${c.operation}Input{`, members(c.input, 2), "}", "\t", 1)));
  return program(calls, bodies.join(""), place, endpoint);
}

// The words of the expression builder.
const nameOf = (path: Path): string => {
  if (path.some((step) => typeof step === "string" && /[[\]]/.test(step))) throw new Refusal("The expression builder takes brackets in a name for the number of an element.");
  const odd = path.some((step) => typeof step === "string" && step.includes("."));
  const parts: string[] = [];
  for (const step of path) {
    if (typeof step === "number") parts.push(`${parts.pop() ?? ""}[${step}]`);
    else parts.push(step);
  }
  if (!odd) return `expression.Name(${JSON.stringify(parts.join("."))})`;
  const [first, ...rest] = parts.map((part) => `expression.NameNoDotSplit(${JSON.stringify(part)})`);
  return `${first}${rest.map((part) => `.AppendName(${part})`).join("")}`;
};

const operand = (v: Value) => ("S" in v ? `expression.Value(${JSON.stringify(v.S)})` : "BOOL" in v ? `expression.Value(${v.BOOL})` : `expression.Value(${valueOf(v, 2)})`);

const comparisons: Record<string, string> = { "=": "Equal", "<>": "NotEqual", "<": "LessThan", "<=": "LessThanEqual", ">": "GreaterThan", ">=": "GreaterThanEqual" };

function testOf({ path, operator, values, size }: Test, subject: string): string {
  const [first] = values;
  const of = size ? `${subject}.Size()` : subject;
  const text = () => {
    if (!first || !("S" in first)) throw new Refusal(`The expression builder has ${operator} for strings only.`);
    return JSON.stringify(first.S);
  };
  const compared = comparisons[operator];
  if (compared && first) return `${of}.${compared}(${operand(first)})`;
  switch (operator) {
    case "BETWEEN":
      return `${of}.Between(${values.map(operand).join(", ")})`;
    case "IN":
      return `${of}.In(${values.map(operand).join(", ")})`;
    case "begins_with":
      return `${of}.BeginsWith(${text()})`;
    case "contains":
      return `${of}.Contains(${first && "S" in first ? text() : first ? valueOf(first, 2) : ""})`;
    case "attribute_exists":
      return `${of}.AttributeExists()`;
    case "attribute_not_exists":
      return `${of}.AttributeNotExists()`;
    case "attribute_type":
      return `${of}.AttributeType(expression.DynamoDBAttributeType(${text()}))`;
    default:
      throw new Refusal(`The expression builder has no ${operator} for ${path.join(".")}.`);
  }
}

function conditionOf(tree: Tree): string {
  if (isTest(tree)) return testOf(tree, nameOf(tree.path));
  if ("not" in tree) return `expression.Not(${conditionOf(tree.not)})`;
  const [parts, join] = "and" in tree ? [tree.and, "And"] : [tree.or, "Or"];
  const [only, ...more] = parts;
  if (only && more.length === 0) return conditionOf(only);
  return block(`expression.${join}(`, parts.map(conditionOf), ")", "\t", 2);
}

function keyOf(tree: Tree): string {
  if (isTest(tree)) return testOf(tree, `expression.Key(${JSON.stringify(tree.path[0])})`);
  if (!("and" in tree)) throw new Refusal("The condition on the key is no list of conditions.");
  const [only, ...more] = tree.and;
  return only && more.length === 0 ? keyOf(only) : block("expression.KeyAnd(", tree.and.map(keyOf), ")", "\t", 2);
}

const written: [member: string, method: string][] = [
  ["KeyConditionExpression", "KeyCondition"],
  ["FilterExpression", "Filter"],
  ["ProjectionExpression", "Projection"],
  ["UpdateExpression", "Update"],
  ["ConditionExpression", "Condition"],
];

// builder returns a request for the SDK for Go with the expressions that its builder
// makes. It throws a Refusal where that cannot.
export function builder(calls: readonly Call[], place: Place, endpoint: string): string {
  const bodies = calls.map((c) => {
    if (!written.some(([name]) => name in c.input)) throw new Refusal("There are no expressions in it to be built.");
    const said = expressionsIn(c.input);
    const steps: Record<string, string> = {
      ...(said.key ? { KeyCondition: keyOf(said.key) } : {}),
      ...(said.filter ? { Filter: conditionOf(said.filter) } : {}),
      ...(said.condition ? { Condition: conditionOf(said.condition) } : {}),
      ...(said.projection ? { Projection: `expression.NamesList(${pathsIn(said.projection, said.names).map(nameOf).join(", ")})` } : {}),
      ...(said.update
        ? {
            Update: [...said.update.set.map(([path, v]) => `Set(${nameOf(path)}, ${operand(v)})`), ...said.update.remove.map((path) => `Remove(${nameOf(path)})`)]
              .map((step, i) => (i === 0 ? `expression.${step}` : step))
              .join(".\n\t\t\t"),
          }
        : {}),
    };
    const built = `\texpr, err := expression.NewBuilder().\n${Object.entries(steps).map(([name, text]) => `\t\tWith${name}(${text}).\n`).join("")}\t\tBuild()\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n`;
    const { ExpressionAttributeNames: _, ExpressionAttributeValues: values, ...input } = c.input;
    const rest = Object.fromEntries(Object.entries(input).filter(([name]) => !written.some(([w]) => w === name)));
    const request = block(
      `&dynamodb.${c.operation}Input{`,
      [...members(rest, 2), ...written.filter(([name]) => name in c.input).map(([name, method]) => `${name}: expr.${method}()`), "ExpressionAttributeNames: expr.Names()", ...(values ? ["ExpressionAttributeValues: expr.Values()"] : [])],
      "}",
      "\t",
      1,
    );
    return `${built}${body(c, request)}`;
  });
  if (bodies.length !== 1) throw new Refusal("There are several requests.");
  return program(calls, bodies.join(""), place, endpoint);
}
