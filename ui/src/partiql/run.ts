import { type AttributeValue, BatchExecuteStatementCommand, type ConsumedCapacity, ExecuteStatementCommand, ExecuteTransactionCommand, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { type Explanation, explanationOf } from "../exchange";
import { type Item, itemOf, type Value } from "../model/value";
import { clientOf, type Place } from "../server";
import type { Statement } from "./statements";

// most is how many statements a request may have.
export const most = { batch: 25, transaction: 100 };

// A Call is a statement with the values of its parameters.
export interface Call {
  statement: Statement;
  parameters: Value[];
}

export interface Options {
  consistent: boolean;
  limit?: number;
}

// An Outcome is what came of one statement.
export interface Outcome {
  statement: Statement;
  items: Item[];
  error?: { code: string; message: string; item?: Item };
}

// A Result is what came of a request.
export interface Result {
  kind: "statement" | "batch" | "transaction";
  place: Place;
  outcomes: Outcome[];
  units: number;
  milliseconds: number;
  explanation?: Explanation;
  more?: string; // the token for what follows
}

const input = ({ statement, parameters }: Call) => ({ Statement: statement.text, ...(parameters.length > 0 ? { Parameters: parameters as AttributeValue[] } : {}) });

function units(capacity: ConsumedCapacity | ConsumedCapacity[] | undefined): number {
  return [capacity ?? []].flat().reduce((sum, c) => sum + (c.CapacityUnits ?? 0), 0);
}

// What is sent to run statements: one, several each by itself, or all or none.
export const oneInput = (call: Call, { consistent, limit }: Options) => ({ ...input(call), ...(consistent ? { ConsistentRead: true } : {}), ...(limit ? { Limit: limit } : {}) });
export const batchInput = (calls: readonly Call[], { consistent }: Options) => ({ Statements: calls.map((c) => ({ ...input(c), ...(consistent && c.statement.verb === "SELECT" ? { ConsistentRead: true } : {}) })) });
export const transactionInput = (calls: readonly Call[]) => ({ TransactStatements: calls.map(input) });

// runOne runs a statement, from where an earlier answer ended if a token is given.
export async function runOne(place: Place, call: Call, options: Options, token: string | undefined, abortSignal: AbortSignal): Promise<Result> {
  const started = performance.now();
  const output = await clientOf(place).send(
    new ExecuteStatementCommand({ ...oneInput(call, options), ReturnConsumedCapacity: "TOTAL", ...(token ? { NextToken: token } : {}) }),
    { abortSignal },
  );
  return {
    kind: "statement",
    place,
    outcomes: [{ statement: call.statement, items: (output.Items ?? []).map(itemOf) }],
    units: units(output.ConsumedCapacity),
    milliseconds: performance.now() - started,
    explanation: explanationOf(output),
    more: output.NextToken,
  };
}

export async function runBatch(place: Place, calls: readonly Call[], options: Options, abortSignal: AbortSignal): Promise<Result> {
  const started = performance.now();
  const output = await clientOf(place).send(
    new BatchExecuteStatementCommand({ ...batchInput(calls, options), ReturnConsumedCapacity: "TOTAL" }),
    { abortSignal },
  );
  return {
    kind: "batch",
    place,
    outcomes: calls.map(({ statement }, i) => {
      const { Item: item, Error: error } = output.Responses?.[i] ?? {};
      return {
        statement,
        items: item ? [itemOf(item)] : [],
        ...(error ? { error: { code: error.Code ?? "", message: error.Message ?? "", ...(error.Item ? { item: itemOf(error.Item) } : {}) } } : {}),
      };
    }),
    units: units(output.ConsumedCapacity),
    milliseconds: performance.now() - started,
  };
}

// runTransaction runs all statements or none. One that is cancelled has a result, too:
// with the reasons, by statement.
export async function runTransaction(place: Place, calls: readonly Call[], abortSignal: AbortSignal): Promise<Result> {
  const started = performance.now();
  const result = (outcomes: Outcome[], capacity?: ConsumedCapacity[]): Result => ({ kind: "transaction", place, outcomes, units: units(capacity), milliseconds: performance.now() - started });
  try {
    const output = await clientOf(place).send(new ExecuteTransactionCommand({ ...transactionInput(calls), ReturnConsumedCapacity: "TOTAL" }), { abortSignal });
    return result(
      calls.map(({ statement }, i) => {
        const item = output.Responses?.[i]?.Item;
        return { statement, items: item ? [itemOf(item)] : [] };
      }),
      output.ConsumedCapacity,
    );
  } catch (err) {
    if (!(err instanceof TransactionCanceledException) || !err.CancellationReasons) throw err;
    const reasons = err.CancellationReasons;
    return result(
      calls.map(({ statement }, i) => {
        const { Code = "None", Message = "", Item: item } = reasons[i] ?? {};
        return { statement, items: [], ...(Code === "None" ? {} : { error: { code: Code, message: Message, ...(item ? { item: itemOf(item) } : {}) } }) };
      }),
    );
  }
}
