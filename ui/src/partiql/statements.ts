// A Token is a part of PartiQL, as far as it matters where statements end.
interface Token {
  kind: "word" | "name" | "text" | "number" | "sign" | "parameter" | "comment";
  from: number;
  to: number;
  text: string;
}

const patterns: [Token["kind"], RegExp][] = [
  ["comment", /--[^\n]*|\/\*[^]*?(?:\*\/|$)/y],
  ["text", /'(?:[^']|'')*(?:'|$)/y],
  ["name", /"(?:[^"]|"")*(?:"|$)/y],
  ["word", /[\p{L}_$][\p{L}\p{N}_$]*/uy],
  ["number", /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?/y],
  ["parameter", /\?/y],
  ["sign", /<<|>>|<>|!=|<=|>=|\|\||[^\s]/uy],
];

// tokensOf takes text apart. What is not closed goes to the end.
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at++;
      continue;
    }
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const match = pattern.exec(text)?.[0];
      if (match === undefined || match === "") continue;
      tokens.push({ kind, from: at, to: at + match.length, text: match });
      at += match.length;
      break;
    }
  }
  return tokens;
}

// A Statement is one of several that stand between semicolons.
export interface Statement {
  from: number; // without space and comments around it
  to: number;
  end: number; // its semicolon is before this
  text: string;
  verb: string; // in upper case
  parameters: number;
  first: number; // of its parameters, counted over all text
  source?: { table: string; index?: string };
}

export function statementsOf(text: string): Statement[] {
  const statements: Statement[] = [];
  let tokens: Token[] = [];
  let first = 0;
  const finish = (end: number) => {
    const own = tokens.filter((t) => t.kind !== "comment");
    const [begin, last] = [own[0], own.at(-1)];
    tokens = [];
    if (!begin || !last) return;
    const parameters = own.filter((t) => t.kind === "parameter").length;
    const source = sourceOf(own);
    statements.push({ from: begin.from, to: last.to, end, text: text.slice(begin.from, last.to), verb: begin.text.toUpperCase(), parameters, first, ...(source ? { source } : {}) });
    first += parameters;
  };
  for (const token of tokensOf(text)) {
    if (token.kind === "sign" && token.text === ";") finish(token.to);
    else tokens.push(token);
  }
  finish(text.length);
  return statements;
}

// nameOf returns what a name or a word names.
function nameOf(token: Token | undefined): string | undefined {
  if (token?.kind === "word") return token.text;
  return token?.kind === "name" ? token.text.replace(/^"|"$/g, "").replaceAll('""', '"') : undefined;
}

function sourceOf(tokens: Token[]): Statement["source"] {
  const at = tokens.findIndex((t, i) => t.kind === "word" && (/^(FROM|INTO)$/i.test(t.text) || (i === 0 && /^UPDATE$/i.test(t.text))));
  const table = at < 0 ? undefined : nameOf(tokens[at + 1]);
  if (table === undefined) return undefined;
  const index = tokens[at + 2]?.text === "." ? nameOf(tokens[at + 3]) : undefined;
  return { table, ...(index === undefined ? {} : { index }) };
}

// statementAt returns the statement in which a place in the text is, or else the one
// before it on the same line, or else the next one, or the last.
export function statementAt(statements: readonly Statement[], text: string, at: number): Statement | undefined {
  const within = statements.find((s) => s.from <= at && at <= s.end);
  const before = statements.findLast((s) => s.end <= at && !text.slice(s.end, at).includes("\n"));
  return within ?? before ?? statements.find((s) => s.from > at) ?? statements.at(-1);
}

// carry keeps the values of parameters beside their question marks when the text
// around them changes.
export function carry<T>(before: string, after: string, values: readonly T[], empty: () => T): T[] {
  const marks = (text: string) => tokensOf(text).filter((t) => t.kind === "parameter");
  const [old, now] = [marks(before), marks(after)];
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return now.map((mark, i) => {
    if (old.length === now.length) return values[i] ?? empty();
    const was = mark.to <= head ? i : mark.from >= after.length - tail ? old.length - (now.length - i) : -1;
    return values[was] ?? empty();
  });
}

const clauses = new Set(["FROM", "WHERE", "SET", "REMOVE", "VALUE", "RETURNING", "ORDER", "ON"]);
const keywords = new Set([...clauses, "SELECT", "INSERT", "INTO", "UPDATE", "DELETE", "AND", "OR", "NOT", "IN", "BETWEEN", "IS", "BY", "ASC", "DESC", "EXISTS", "AS"]);

// formatted writes keywords in capitals and each clause on its line. All else stays
// as it is: names, literals, comments.
export function formatted(text: string): string {
  const tokens = tokensOf(text);
  const last = tokens.at(-1);
  // What is not closed cannot be told from what is in it.
  if (last && isOpen(last)) return text;
  let out = "";
  let depth = 0;
  let verb = "";
  let between = false;
  let returning = false;
  tokens.forEach((token, i) => {
    const before = tokens[i - 1];
    const next = tokens[i + 1];
    const word = token.kind === "word" && before?.text !== "." ? token.text.toUpperCase() : "";
    if (verb === "" && word !== "") verb = word;
    // Some words are keywords only where they can be nothing else.
    const ended = before !== undefined && (before.kind !== "sign" || /^[)\]}]$/.test(before.text)) && !isKeyword(before);
    const keyword =
      keywords.has(word) &&
      (word !== "REMOVE" || (verb === "UPDATE" && ended)) &&
      (word !== "VALUE" || (verb === "INSERT" && ended && (next?.text === "{" || next?.text === "?"))) &&
      (word !== "RETURNING" || (ended && /^(ALL|MODIFIED)$/i.test(next?.text ?? ""))) &&
      (word !== "ON" || (verb === "INSERT" && ended));
    if (keyword) returning = word === "RETURNING";
    const capital = keyword || (word === "MISSING" && /^(IS|NOT)$/i.test(before?.text ?? "")) || (returning && /^(ALL|MODIFIED|OLD|NEW)$/.test(word));
    const written = capital ? word : token.text;

    let gap = before === undefined ? "" : /\s/.test(text.slice(before.to, token.from)) ? " " : "";
    if (before?.kind === "comment") gap = "\n";
    else if (token.kind === "comment") gap = before && text.slice(before.to, token.from).includes("\n") ? "\n" : before ? " " : "";
    else if (before?.text === ";") gap = "\n\n";
    else if (depth === 0 && before && keyword && clauses.has(word) && !(word === "FROM" && /^DELETE$/i.test(before.text))) gap = "\n";
    else if (depth === 0 && keyword && (word === "AND" || word === "OR") && !between) gap = "\n  ";
    if (keyword && word === "BETWEEN") between = true;
    else if (keyword && word === "AND") between = false;

    if (token.kind === "sign") {
      if (/^([([{]|<<)$/.test(token.text)) depth++;
      else if (/^([)\]}]|>>)$/.test(token.text)) depth = Math.max(depth - 1, 0);
      else if (token.text === ";") {
        gap = before?.kind === "comment" ? "\n" : "";
        [depth, verb, between, returning] = [0, "", false, false];
      }
    }
    out += gap + written;
  });
  return out === "" ? "" : `${out}\n`;

  function isKeyword(token: Token): boolean {
    return token.kind === "word" && keywords.has(token.text.toUpperCase());
  }
}

function isOpen({ kind, text }: Token): boolean {
  if (kind === "comment") return text.startsWith("/*") && !(text.length > 3 && text.endsWith("*/"));
  if (kind !== "text" && kind !== "name") return false;
  const quote = text.charAt(0);
  return text.length < 2 || text.split(quote).length % 2 === 0;
}

// quoted writes a name so that it is one, whatever it is.
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

// literal writes a text as PartiQL has it.
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
