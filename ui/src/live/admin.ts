import { refusal } from "../events";

// ask asks one of the pages beside the API: docs/admin-api.md. The error is in the
// server's words.
export async function ask<T>(method: "GET" | "PUT" | "POST", path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(path, { method, signal, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }) });
  if (!answer.ok) throw new Error(refusal(answer.status, await answer.text()));
  return (await answer.json()) as T;
}
