// @vitest-environment happy-dom
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, it, vi } from "vitest";
import { clientOf, messageOf } from "./server";

const client = clientOf({ account: "000000000000", region: "us-east-1" });
const answer = (statusCode: number, body: string) =>
  vi.spyOn(client.config.requestHandler, "handle").mockImplementation(async () => ({ response: { statusCode, headers: {}, body: new TextEncoder().encode(body) } as never }));

const item = `{"pk":{"S":"a"},"__proto__":{"M":{"__proto__":{"B":"AQI="}}}}`;
const read = (value: unknown) => Object.getOwnPropertyDescriptor(value, "__proto__")?.value as unknown;

it("reads an attribute called __proto__", async () => {
  answer(200, `{"Item":${item}}`);
  const { Item } = await client.send(new GetItemCommand({ TableName: "t", Key: { pk: { S: "a" } } }));
  expect(read((read(Item) as { M: object }).M)).toEqual({ B: new Uint8Array([1, 2]) });

  answer(400, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no","Item":${item}}`);
  const refused = await client.send(new PutItemCommand({ TableName: "t", Item: { pk: { S: "a" } } })).catch((err: unknown) => err);
  expect(refused).toBeInstanceOf(ConditionalCheckFailedException);
  expect(read((refused as ConditionalCheckFailedException).Item)).toBeDefined();
});

it("does not take every error for a server that does not answer", () => {
  for (const text of ["Failed to fetch", "NetworkError when attempting to fetch resource.", "Load failed", "network error"]) {
    expect(messageOf(new TypeError(text))).toBe("The server does not answer.");
  }
  expect(messageOf(new TypeError("x is undefined"))).toBe("TypeError: x is undefined");
});
