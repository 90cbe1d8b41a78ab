import type { Place } from "../server";
import { type Call, Refusal } from "./call";
import * as dotnet from "./dotnet";
import * as go from "./go";
import * as java from "./java";
import { enhanced } from "./java-enhanced";
import * as javascript from "./javascript";
import { statements } from "./partiql";
import * as php from "./php";
import * as python from "./python";
import * as rust from "./rust";
import { cli, curl, wire } from "./shell";

// Requests as code, to be pasted: it asks this server, and prints what there is to be
// seen. A Query or Scan that has a limit reads a page, any other one all pages.
// test/ui/code.spec.ts runs each of these.

export interface Code {
  name: string;
  text?: string;
  why?: string; // there is no text
}

type Writer = (calls: readonly Call[], place: Place, endpoint: string) => string;

const lines =
  (write: (call: Call, place: Place, endpoint: string) => string): Writer =>
  (calls, place, endpoint) =>
    calls.map((c) => write(c, place, endpoint)).join("\n\n");

const json: Writer = (calls) => {
  const [only, ...more] = calls.filter((c) => c.operation !== "Wait").map((c) => wire(c.input));
  return JSON.stringify(more.length > 0 ? [only, ...more] : only, null, 2);
};

// What of them says something of its own about: values of items, tables, statements.
type About = "items" | "tables" | "statements";

const writers: [name: string, write: Writer, about: readonly About[]][] = [
  ["AWS CLI", lines(cli), ["items", "tables", "statements"]],
  ["Python", python.client, ["items", "tables", "statements"]],
  ["Python resource", python.resource, ["items", "statements"]],
  ["JavaScript", javascript.client, ["items", "tables", "statements"]],
  ["JavaScript documents", javascript.documents, ["items", "statements"]],
  ["Go", go.client, ["items", "tables", "statements"]],
  ["Go expressions", go.builder, ["items"]],
  ["Java", java.client, ["items", "tables", "statements"]],
  ["Java Enhanced", enhanced, ["items"]],
  ["PHP", php.client, ["items", "tables", "statements"]],
  [".NET", dotnet.client, ["items", "tables", "statements"]],
  ["Rust", rust.client, ["items", "tables", "statements"]],
  ["cURL", lines(curl), ["items", "tables", "statements"]],
  ["PartiQL", statements, ["items"]],
  ["JSON", json, ["items", "tables", "statements"]],
];

function aboutOf(calls: readonly Call[]): About {
  const [first] = calls;
  if (first?.operation === "CreateTable") return "tables";
  return /Statement|ExecuteTransaction/.test(first?.operation ?? "") ? "statements" : "items";
}

// codesOf returns requests, one after the other, in all languages that differ in how
// they say them.
export function codesOf(calls: readonly Call[], place: Place, endpoint: string): Code[] {
  const given = calls.map((c) => ({ ...c, input: Object.fromEntries(Object.entries(c.input).filter(([, v]) => v !== undefined)) }));
  const about = aboutOf(calls);
  return writers
    .filter(([, , of]) => of.includes(about))
    .map(([name, write]) => {
      try {
        return { name, text: write(given, place, endpoint) };
      } catch (err) {
        if (err instanceof Refusal) return { name, why: err.message };
        throw err;
      }
    });
}
