import type { Raw } from "./model";

// A Wrong is what the server says of an expression, and where in it that is.
export interface Wrong {
  field: keyof Raw;
  from: number;
  to: number;
  message: string;
}

const fields: Record<string, keyof Raw> = {
  KeyConditionExpression: "key",
  FilterExpression: "filter",
  ProjectionExpression: "projection",
  ExpressionAttributeNames: "names",
  ExpressionAttributeValues: "values",
};

// wrongIn finds what the server complains of in the expressions that it was sent. Where
// it does not say what that is, it is all of the expression.
export function wrongIn(raw: Raw, message: string): Wrong | undefined {
  const [, named = ""] = /\b(\w+Expression|ExpressionAttribute(?:Names|Values))\b/.exec(message) ?? [];
  const field = fields[named];
  if (!field) return undefined;
  const text = raw[field];
  const whole: Wrong = { field, from: 0, to: text.length, message };
  const syntax = /token: "(.*?)", near: "(.*)"/s.exec(message);
  if (syntax) {
    const [, token = "", near = ""] = syntax;
    const words = near.trim().split(/\s+/).map(escaped);
    const around = near.trim() === "" ? undefined : new RegExp(words.join("\\s*")).exec(text);
    const start = around?.index ?? 0;
    if (token === "<EOF>") return { ...whole, from: Math.max(0, text.trimEnd().length - 1), to: text.length };
    const at = text.indexOf(token, around ? start : 0);
    // The word that is wrong is the last of those that it stands near of, or the one
    // before.
    const within = around ? text.slice(start, start + around[0].length).lastIndexOf(token) : -1;
    const from = within >= 0 ? start + within : at;
    return from >= 0 && token !== "" ? { ...whole, from, to: from + token.length } : whole;
  }
  // What else is wrong is named behind the last colons.
  const names = [...message.matchAll(/: (?:keys: \{|\[)?"?([#:]?[^\s,;:"{}[\]]+)/g)].map((m) => m[1] ?? "").toReversed();
  for (const name of names) {
    const from = new RegExp(`(?<![\\w#:])${escaped(name)}(?!\\w)`).exec(text)?.index;
    if (from !== undefined) return { ...whole, from, to: from + name.length };
  }
  return whole;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
