import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { sql, SQLDialect } from "@codemirror/lang-sql";
import { type Extension, Prec } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { quoted, statementAt, statementsOf, tokensOf } from "./statements";

const words = ["SELECT", "FROM", "WHERE", "INSERT", "INTO", "VALUE", "UPDATE", "SET", "REMOVE", "DELETE", "RETURNING", "ALL", "MODIFIED", "OLD", "NEW", "AND", "OR", "NOT", "IN", "BETWEEN", "IS", "MISSING", "NULL", "TRUE", "FALSE", "ORDER", "BY", "ASC", "DESC", "EXISTS", "ON", "CONFLICT"];

const functions: [name: string, detail: string][] = [
  ["begins_with", "(path, 'prefix')"],
  ["contains", "(path, value)"],
  ["attribute_type", "(path, 'S')"],
  ["size", "(path)"],
  ["list_append", "(list, list)"],
  ["set_add", "(set, <<…>>)"],
  ["set_delete", "(set, <<…>>)"],
];

const dialect = SQLDialect.define({
  keywords: words.filter((w) => !/^(NULL|TRUE|FALSE)$/.test(w)).join(" ").toLowerCase(),
  types: "",
  builtin: functions.map(([name]) => name).join(" "),
  identifierQuotes: '"',
  operatorChars: "*+-/<>=!|",
});

// Names are what a place has, for completion.
export interface Names {
  tables: () => readonly string[];
  indexes: (table: string) => Promise<readonly string[]>;
  attributes: (table: string) => Promise<readonly { name: string; type: string }[]>;
}

// partiql is the language of an editor, with completion of names, and keys: run is
// for the statement that has the cursor.
export function partiql(names: Names, run: () => void): Extension {
  return [
    sql({ dialect }),
    autocompletion({ override: [(context) => complete(context, names)], icons: false }),
    Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => { run(); return true; } }])),
  ];
}

async function complete(context: CompletionContext, names: Names): Promise<CompletionResult | null> {
  const text = context.state.doc.toString();
  const tokens = tokensOf(text.slice(0, context.pos));
  const last = tokens.at(-1);
  const begun = last?.to === context.pos && /^(word|name|text)$/.test(last.kind) ? last : undefined;
  if (begun?.kind === "text" || (last?.kind === "comment" && !context.explicit)) return null;
  const before = begun ? tokens.slice(0, -1) : tokens;
  const [dot, owner] = [before.at(-1), before.at(-2)];
  if (!begun && !context.explicit && dot?.text !== ".") return null;
  // A quote that closes itself goes with the name.
  const to = begun?.kind === "name" && text.charAt(context.pos) === '"' ? context.pos + 1 : context.pos;
  const inside = begun?.kind === "name";
  const result = (options: Completion[]): CompletionResult => ({ from: begun ? begun.from + (inside ? 1 : 0) : context.pos, to, options, validFor: /^[\p{L}\p{N}_$.-]*$/u });
  const name = (label: string, type: string, detail?: string): Completion => ({ label, apply: quoted(label).slice(inside ? 1 : 0), type, ...(detail ? { detail } : {}) });

  const isSource = (at: number) => {
    const t = before.at(at);
    return t?.kind === "word" && (/^(FROM|INTO)$/i.test(t.text) || (/^UPDATE$/i.test(t.text) && (before.at(at - 1) === undefined || before.at(at - 1)?.text === ";")));
  };
  if (isSource(-1)) return result(names.tables().map((t) => name(t, "class", "table")));
  if (dot?.text === "." && owner && isSource(-3)) {
    const table = owner.kind === "name" ? owner.text.slice(1, -1).replaceAll('""', '"') : owner.text;
    return result((await names.indexes(table)).map((ix) => name(ix, "class", "index")));
  }
  const source = statementAt(statementsOf(text), text, context.pos)?.source;
  const attributes = source ? await names.attributes(source.table) : [];
  if (context.aborted) return null;
  return result([
    ...attributes.map((a): Completion => ({ ...name(a.name, "property", a.type), boost: 2 })),
    ...(inside ? [] : functions.map(([label, detail]): Completion => ({ label, detail, type: "function" }))),
    ...(inside ? [] : words.map((label): Completion => ({ label, type: "keyword" }))),
  ]);
}
