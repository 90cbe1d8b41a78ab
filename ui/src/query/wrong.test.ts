import { expect, it } from "vitest";
import { emptyRaw } from "./model";
import { wrongIn } from "./wrong";

const raw = { ...emptyRaw, key: "pk = :pk AND AND sk = :sk", filter: "status = :s AND foo(a)", projection: "a,, b", values: `{":pk": {"S": "a"}, ":x": {"N": "1"}}` };
const marked = (message: string) => {
  const wrong = wrongIn(raw, message);
  return wrong && [wrong.field, raw[wrong.field].slice(wrong.from, wrong.to), wrong.from];
};

it.each<[string, unknown]>([
  [`Invalid KeyConditionExpression: Syntax error; token: "AND", near: "AND AND sk"`, ["key", "AND", 13]],
  [`Invalid FilterExpression: Attribute name is a reserved keyword; reserved keyword: status`, ["filter", "status", 0]],
  [`Invalid FilterExpression: Invalid function name; function: foo`, ["filter", "foo", 16]],
  [`Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :s`, ["filter", ":s", 9]],
  [`Invalid FilterExpression: Syntax error; token: "<EOF>", near: "a)"`, ["filter", ")", 21]],
  [`Invalid ProjectionExpression: Syntax error; token: ",", near: ",, b"`, ["projection", ",", 2]],
  [`Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}`, ["values", ":x", 21]],
  [`Invalid FilterExpression: The expression can not be empty;`, ["filter", raw.filter, 0]],
  ["Requested resource not found", undefined],
])("finds what is wrong: %s", (message, found) => expect(marked(message)).toEqual(found));
