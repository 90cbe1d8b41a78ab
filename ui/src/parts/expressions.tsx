import { autocompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { json } from "@codemirror/lang-json";
import { linter } from "@codemirror/lint";
import { Prec } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { useEffect, useMemo, useRef } from "react";
import { type Type, typeNames } from "../model/value";
import type { Raw } from "../query/model";
import type { Wrong } from "../query/wrong";
import { Code } from "./code";

const fields: [keyof Raw, string, string][] = [
  ["key", "KeyConditionExpression", "pk = :pk AND begins_with(sk, :sk)"],
  ["filter", "FilterExpression", "#status = :status OR n > :n"],
  ["projection", "ProjectionExpression", "pk, sk, address.city"],
  ["names", "ExpressionAttributeNames", `{"#status": "status"}`],
  ["values", "ExpressionAttributeValues", `{":pk": {"S": "a"}, ":n": {"N": "5"}}`],
];

const functions: [name: string, detail: string][] = [
  ["begins_with", "(path, :prefix)"],
  ["contains", "(path, :value)"],
  ["attribute_exists", "(path)"],
  ["attribute_not_exists", "(path)"],
  ["attribute_type", "(path, :type)"],
  ["size", "(path)"],
];

interface Props {
  raw: Raw;
  set: (raw: Raw) => void;
  run: () => void;
  paths: ReadonlyMap<string, Type>; // that are offered
  wrong?: Wrong; // as of what was run
  ran?: Raw;
}

// Expressions is a query in DynamoDB's words. What is wrong with them the server says.
// It has all of CodeMirror with it.
export function Expressions({ raw, set, run, paths, wrong, ran }: Props) {
  const latest = useRef({ raw, run, paths });
  useEffect(() => {
    latest.current = { raw, run, paths };
  });
  return (
    <div role="group" aria-label="Expressions" className="grid gap-2 md:grid-cols-2">
      {fields.map(([name, label, example]) => (
        <div key={name} className="min-w-0">
          <p className="mb-1 font-medium" aria-hidden>
            {label}
          </p>
          <Field name={name} label={label} example={example} text={raw[name]} set={(text) => set({ ...latest.current.raw, [name]: text })} latest={latest} wrong={wrong?.field === name && ran?.[name].trim() === raw[name].trim() ? wrong : undefined} />
        </div>
      ))}
    </div>
  );
}

interface FieldProps {
  name: keyof Raw;
  label: string;
  example: string;
  text: string;
  set: (text: string) => void;
  latest: { current: { raw: Raw; run: () => void; paths: ReadonlyMap<string, Type> } };
  wrong: Wrong | undefined;
}

function Field({ name, label, example, text, set, latest, wrong }: FieldProps) {
  const isJSON = name === "names" || name === "values";
  const [from, to, message] = wrong ? [wrong.from, wrong.to, wrong.message] : [];
  const language = useMemo(
    () => [
      isJSON ? json() : [],
      autocompletion({ override: [(context) => complete(context, name, latest.current)], icons: false }),
      linter((view) => (message === undefined || from === undefined || to === undefined ? [] : [{ from: Math.min(from, view.state.doc.length), to: Math.min(to, view.state.doc.length), severity: "error" as const, message }]), { delay: 0 }),
      Prec.highest(
        keymap.of([
          {
            key: "Mod-Enter",
            run: () => {
              latest.current.run();
              return true;
            },
          },
        ]),
      ),
    ],
    [isJSON, name, latest, from, to, message],
  );
  return (
    <>
      <Code label={label} value={text} onChange={set} language={language} placeholder={example} lines={false} tab={false} className="h-16" />
      {message === undefined ? null : <p className="mt-1 break-words text-danger">{message}</p>}
    </>
  );
}

// complete offers what there is: attributes, as they can stand in an expression, and
// what stands for others.
function complete(context: CompletionContext, name: keyof Raw, { raw, paths }: FieldProps["latest"]["current"]): CompletionResult | null {
  const word = context.matchBefore(name === "names" || name === "values" ? /"[^"\n]*/ : /[#:]?[\w.]*/);
  if (!word || (word.from === word.to && !context.explicit)) return null;
  if (name === "names") {
    return { from: word.from, options: [...paths].map(([path, type]) => ({ label: `"${path}"`, detail: typeNames[type], type: "property" })), validFor: /^"[^"\n]*"?$/ };
  }
  if (name === "values") return null;
  const placeholders = (text: string) => [...new Set(text.match(/"[#:]\w+"(?=\s*:)/g) ?? [])].map((p) => p.slice(1, -1));
  return {
    from: word.from,
    options: [
      ...[...paths].filter(([path]) => /^[A-Za-z_]\w*([.[]|$)/.test(path)).map(([path, type]) => ({ label: path, detail: typeNames[type], type: "property", boost: 1 })),
      ...[...placeholders(raw.names), ...placeholders(raw.values)].map((label) => ({ label, type: "variable" })),
      ...(name === "projection" ? [] : functions.map(([label, detail]) => ({ label, detail, type: "function" }))),
      ...(name === "projection" ? [] : ["AND", "OR", "NOT", "BETWEEN", "IN"].map((label) => ({ label, type: "keyword" }))),
    ],
    validFor: /^[#:]?[\w.]*$/,
  };
}
