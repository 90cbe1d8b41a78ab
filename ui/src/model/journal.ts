import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { useCallback, useSyncExternalStore } from "react";
import type { Change, Target } from "./save";

// A Saved is what was saved at one time, as the changes that take it back.
export type Saved = readonly Change[];

// So many can be taken back, one after the other.
const most = 50;

// They are known until the page is left, each table's of each client.
const journals = new WeakMap<DynamoDBClient, Map<string, readonly Saved[]>>();
const listeners = new Set<() => void>();

type Where = Pick<Target, "client" | "table">;

function journal({ client, table }: Where): readonly Saved[] {
  return journals.get(client)?.get(table) ?? [];
}

function write({ client, table }: Where, saved: readonly Saved[]) {
  let tables = journals.get(client);
  if (!tables) journals.set(client, (tables = new Map()));
  tables.set(table, saved);
  for (const listener of listeners) listener();
}

// note writes down what takes back what was saved.
export function note(where: Where, saved: Saved) {
  if (saved.length > 0) write(where, [...journal(where).slice(1 - most), saved]);
}

// strike takes out changes that were made, or that shall not be made any more.
export function strike(where: Where, changes: readonly Change[]) {
  const now = journal(where).map((saved) => (saved.some((c) => changes.includes(c)) ? saved.filter((c) => !changes.includes(c)) : saved));
  write(where, now.filter((saved) => saved.length > 0));
}

export function lastSaved(where: Where): Saved | undefined {
  return journal(where).at(-1);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// useLastSaved returns what can be taken back now.
export function useLastSaved({ client, table }: Where): Saved | undefined {
  return useSyncExternalStore(subscribe, useCallback(() => lastSaved({ client, table }), [client, table]));
}
