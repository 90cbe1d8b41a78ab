import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { Call as Coded } from "../code/call";
import type { EditorView } from "@codemirror/view";
import { CircleCheck, CircleX, CircleMinus, CodeXml, Play } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { bytes, count, plural, when } from "../format";
import { readOnly } from "../given";
import { keep, kept, useKept } from "../kept";
import { names as keyNamesShown, useKey } from "../keys";
import { keyNames, sourcesOf } from "../model/table";
import { type Item, itemOf, NotAValue, toDynamoJSON, typeNames, typeOf, type Value } from "../model/value";
import { draft, history, remember, snippets, type Snippet as Named } from "../partiql/kept";
import { examplesOf } from "../partiql/examples";
import { type Names, partiql } from "../partiql/language";
import { batchInput, type Call, most, oneInput, type Options, type Outcome, type Result, runBatch, runOne, runTransaction, transactionInput } from "../partiql/run";
import { carry, formatted, type Statement, statementAt, statementsOf } from "../partiql/statements";
import { Button, buttonClass } from "../parts/button";
import { Code } from "../parts/code";
import { Snippet } from "../parts/copy";
import { Dialog } from "../parts/dialog";
import { Check, Choice, TextField } from "../parts/field";
import { Grid } from "../parts/grid";
import { Failure } from "../parts/notice";
import { Empty, Panel, Skeleton } from "../parts/panel";
import { type Operand, operandTypes, valueOf } from "../query/model";
import { clientOf, defaultPlace, messageOf, type Place, tablesQuery, tableQuery } from "../server";
import { placeAt, placeKey } from "../shell/place";
import { placesOf } from "../shell/tables";

const Codes = lazy(async () => ({ default: (await import("../parts/codes")).Codes }));

const emptyOperand = (): Operand => ({ type: "S", text: "" });

const limits: [string, string][] = [["", "No limit"], ["10", "10 items"], ["100", "100 items"], ["1000", "1,000 items"]];

const sampleQuery = (place: Place, table: string) => ({
  queryKey: ["sample", place.account, place.region, table],
  queryFn: async ({ signal }: { signal: AbortSignal }) => ((await clientOf(place).send(new ScanCommand({ TableName: table, Limit: 50 }), { abortSignal: signal })).Items ?? []).map(itemOf),
  staleTime: 60_000,
});

// PartiQL runs statements.
export function PartiQL() {
  const search = useSearch({ from: "/partiql" });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const tables = useQuery(tablesQuery);
  const list = useMemo(() => tables.data ?? [], [tables.data]);
  const places = useMemo(() => placesOf(list), [list]);
  const { account, region } = search.account && search.region ? { account: search.account, region: search.region } : (places.find((p) => p.account === defaultPlace.account) ?? places[0] ?? defaultPlace);
  const place = useMemo(() => ({ account, region }), [account, region]);
  const here = useMemo(() => list.filter((t) => t.account === account && t.region === region).map((t) => t.name), [list, account, region]);

  const [text, setText] = useState(() => kept(draft));
  const [cursor, setCursor] = useState(0);
  const [operands, setOperands] = useState<Operand[]>(() => carry("", text, [], emptyOperand));
  const [consistent, setConsistent] = useState(false);
  const [limit, setLimit] = useState("");
  const [result, setResult] = useState<Result & { from: { call: Call; options: Options } | undefined }>();
  const [error, setError] = useState<{ text: string; again: () => void }>();
  const [busy, setBusy] = useState(false);
  const [looking, setLooking] = useState(false);
  const [coding, setCoding] = useState<[what: string, coded: Coded][]>();
  const controller = useRef<AbortController>(undefined);
  const view = useRef<EditorView>(undefined);
  const written = useRef(text);
  const statements = useMemo(() => statementsOf(text), [text]);
  const current = statementAt(statements, text, cursor);

  // What is typed is there when one comes back.
  useEffect(() => keep(draft, text), [text]);
  useEffect(() => () => controller.current?.abort(), []);

  const change = (next: string) => {
    // Several changes may come before the next drawing.
    const before = written.current;
    written.current = next;
    setOperands((now) => carry(before, next, now, emptyOperand));
    setText(next);
    setCursor((now) => view.current?.state.selection.main.head ?? now);
  };

  // For all that is run: only the last counts, and what it changed is looked at anew.
  const attempt = async (work: (signal: AbortSignal) => Promise<void>) => {
    controller.current?.abort();
    const mine = new AbortController();
    controller.current = mine;
    setBusy(true);
    setError(undefined);
    try {
      await work(mine.signal);
    } catch (err) {
      if (!mine.signal.aborted) setError({ text: err instanceof NotAValue ? err.message : messageOf(err), again: () => void attempt(work) });
    } finally {
      if (controller.current === mine) setBusy(false);
    }
  };
  const callOf = (statement: Statement): Call => ({
    statement,
    parameters: operands.slice(statement.first, statement.first + statement.parameters).map((o, i) => {
      try {
        return valueOf(o);
      } catch (err) {
        throw err instanceof NotAValue ? new NotAValue(`Parameter ${statement.first + i + 1}: ${err.message}.`) : err;
      }
    }),
  });
  const options: Options = { consistent, ...(limit ? { limit: Number(limit) } : {}) };
  const wrote = (some: readonly Statement[]) => {
    if (some.some((s) => s.verb !== "SELECT")) void queries.invalidateQueries({ queryKey: ["tables"] });
  };
  const one = () => {
    // The cursor may have moved without a word of it.
    const statement = statementAt(statements, text, view.current?.state.selection.main.head ?? cursor);
    if (!statement) return;
    remember(statement.text);
    setResult(undefined);
    void attempt(async (signal) => {
      const call = callOf(statement);
      const next = await runOne(place, call, options, undefined, signal);
      setResult({ ...next, from: { call, options } });
      wrote([statement]);
    });
  };
  const all = (run: (calls: Call[], signal: AbortSignal) => Promise<Result>) => () => {
    remember(text.trim());
    setResult(undefined);
    void attempt(async (signal) => {
      setResult({ ...(await run(statements.map(callOf), signal)), from: undefined });
      wrote(statements);
    });
  };
  const more = () => {
    const { from, more: token } = result ?? {};
    if (!result || !from || !token) return;
    void attempt(async (signal) => {
      const next = await runOne(result.place, from.call, from.options, token, signal);
      const [outcome] = result.outcomes;
      setResult({
        ...next,
        from,
        outcomes: outcome ? [{ ...outcome, items: [...outcome.items, ...(next.outcomes[0]?.items ?? [])] }] : [],
        units: result.units + next.units,
        milliseconds: result.milliseconds + next.milliseconds,
        explanation: sumOf(result.explanation, next.explanation),
      });
    });
  };

  const showCode = () => {
    setError(undefined);
    try {
      const at = statementAt(statements, text, view.current?.state.selection.main.head ?? cursor);
      const calls = statements.map(callOf);
      setCoding([
        ...(at ? [[statements.length > 1 ? `Statement ${statements.indexOf(at) + 1}` : "Statement", { operation: "ExecuteStatement", input: { ...oneInput(callOf(at), options) } }] as [string, Coded]] : []),
        ...(statements.length > 1
          ? ([
              ["All as batch", { operation: "BatchExecuteStatement", input: { ...batchInput(calls, options) } }],
              ["All as transaction", { operation: "ExecuteTransaction", input: { ...transactionInput(calls) } }],
            ] satisfies [string, Coded][])
          : []),
      ]);
    } catch (err) {
      setError({ text: err instanceof NotAValue ? err.message : messageOf(err), again: showCode });
    }
  };

  const latest = useRef({ one, here });
  useEffect(() => {
    latest.current = { one, here };
  });
  useKey("mod+enter", "Run the statement at the cursor", one);
  const language = useMemo(() => {
    const described = async (table: string) => sourcesOf(await queries.fetchQuery({ ...tableQuery(place, table), staleTime: 10_000 }));
    const names: Names = {
      tables: () => latest.current.here,
      indexes: async (table) => (await described(table).catch(() => [])).flatMap((s) => s.index ?? []),
      attributes: async (table) => {
        const found = new Map<string, string>();
        const [sources, items] = await Promise.all([described(table).catch(() => []), queries.fetchQuery(sampleQuery(place, table)).catch((): Item[] => [])]);
        for (const a of sources.flatMap((s) => [...s.hash, ...s.range])) found.set(a.name, typeNames[a.type]);
        for (const item of items) for (const [name, v] of Object.entries(item)) if (!found.has(name)) found.set(name, typeNames[typeOf(v)]);
        return [...found].map(([name, type]) => ({ name, type }));
      },
    };
    return partiql(names, () => latest.current.one());
  }, [place, queries]);
  const onView = useCallback((v: EditorView | undefined) => {
    view.current = v;
  }, []);
  const at = () => setCursor(view.current?.state.selection.main.head ?? 0);

  const tooMany = (kind: keyof typeof most) => (statements.length > most[kind] ? `A ${kind} has at most ${most[kind]} statements.` : undefined);
  const known = places.some((p) => placeKey(p) === placeKey(place));
  const several = new Set(places.map((p) => p.account)).size > 1;
  const placeName = (p: Place) => (several || p.account !== defaultPlace.account ? `${p.region}, ${p.account}` : p.region);

  return (
    <div className="flex min-w-0 flex-1 flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="text-xl font-semibold">PartiQL</h1>
        <span className="flex-1" />
        <div className="w-72">
          <Choice
            hidden
            label="Where it runs"
            value={placeKey(place)}
            onChange={(e) => {
              const to = placeAt(e.target.value);
              if (to) void navigate({ to: "/partiql", search: to });
            }}
            options={[...(known ? [] : [[placeKey(place), placeName(place)] as [string, string]]), ...places.map((p): [string, string] => [placeKey(p), placeName(p)])]}
          />
        </div>
      </div>

      <div className="flex flex-col gap-3 lg:flex-row">
        {/* The statement under the cursor is what is run: each way to move it is followed. */}
        <div className="min-w-0 flex-1" onKeyUp={at} onPointerUp={at} onFocus={at}>
          <Code label="Statements" value={text} onChange={change} language={language} onView={onView} className="h-64" placeholder={`A statement, such as SELECT * FROM "${here[0] ?? "table"}"`} />
        </div>
        {operands.length > 0 ? <Parameters statements={statements} current={current} operands={operands} set={(i, o) => setOperands(operands.map((was, j) => (j === i ? o : was)))} /> : null}
      </div>

      <div className="flex flex-wrap items-center gap-2">
        <Button kind="primary" onClick={one} disabled={!current || busy} title={keyNamesShown("mod+enter").join(" ")}>
          <Play size={16} aria-hidden />
          {statements.length > 1 ? `Run statement ${current ? statements.indexOf(current) + 1 : ""}` : "Run"}
        </Button>
        <Button onClick={all((calls, signal) => runBatch(place, calls, options, signal))} disabled={busy || statements.length === 0 || tooMany("batch") !== undefined} title={tooMany("batch") ?? "Each by itself, in one request"}>
          Run all as batch
        </Button>
        <Button onClick={all((calls, signal) => runTransaction(place, calls, signal))} disabled={busy || statements.length === 0 || tooMany("transaction") !== undefined} title={tooMany("transaction") ?? "All or none"}>
          Run all as transaction
        </Button>
        {busy ? <Button onClick={() => { controller.current?.abort(); setBusy(false); }}>Stop</Button> : null}
        <span className="flex-1" />
        <div className="w-32">
          <Choice hidden label="Limit of one page" value={limit} onChange={(e) => setLimit(e.target.value)} options={limits} />
        </div>
        <Check label="Consistent read" checked={consistent} onChange={(e) => setConsistent(e.target.checked)} />
        <Button onClick={() => change(formatted(text))} disabled={statements.length === 0}>
          Format
        </Button>
        <Button onClick={showCode} disabled={statements.length === 0}>
          <CodeXml size={16} aria-hidden />
          Show code
        </Button>
        <Button onClick={() => setLooking(true)}>History and snippets</Button>
      </div>
      {readOnly ? <p className="text-muted">Statements can only read here: the server was started with --ui-read-only.</p> : null}
      {tooMany("batch") ? <p className="text-muted">{[tooMany("batch"), tooMany("transaction")].filter(Boolean).join(" ")}</p> : null}

      {error ? (
        <Failure title={result ? "The next items cannot be read" : "It was not run"} message={error.text}>
          <Button onClick={error.again}>Try again</Button>
        </Failure>
      ) : null}
      <p role="status" className="sr-only">
        {busy ? "Running…" : result ? saying(result) : ""}
      </p>
      {result ? <Results result={result} more={result.more && !busy ? more : undefined} /> : null}
      {busy && !result ? <p className="text-muted">Running…</p> : null}
      {!result && !busy && !error ? <Examples place={place} tables={here} loaded={tables.data !== undefined} use={(example) => { change(text.trim() === "" ? example : `${text.trimEnd()}${text.trimEnd().endsWith(";") ? "" : ";"}\n\n${example}`); view.current?.focus(); }} /> : null}
      {coding ? <ShowCode all={coding} close={() => setCoding(undefined)} place={place} /> : null}
      <Past open={looking} close={() => setLooking(false)} text={text} use={(next) => { change(next); setLooking(false); }} />
    </div>
  );
}

function sumOf(a: Result["explanation"], b: Result["explanation"]): Result["explanation"] {
  if (!a || !b) return b ?? a;
  return {
    ...b,
    matched: a.matched + b.matched,
    read: { items: a.read.items + b.read.items, bytes: a.read.bytes + b.read.bytes },
    returned: { items: a.returned.items + b.returned.items, bytes: a.returned.bytes + b.returned.bytes },
  };
}

const types: Record<Operand["type"], string> = { S: "String", N: "Number", B: "Binary, base64", BOOL: "Boolean", NULL: "Null", JSON: "DynamoDB JSON" };

// Parameters has a value for each question mark.
function Parameters({ statements, current, operands, set }: { statements: readonly Statement[]; current: Statement | undefined; operands: readonly Operand[]; set: (at: number, to: Operand) => void }) {
  return (
    <section aria-label="Parameters" className="max-h-64 w-full shrink-0 overflow-y-auto rounded-md border border-line bg-panel p-3 lg:w-96" tabIndex={0}>
      <h2 className="mb-2 font-semibold">Parameters</h2>
      <div className="flex flex-col gap-3">
        {statements
          .filter((s) => s.parameters > 0)
          .map((s) => (
            <div key={s.first} className={s === current && statements.length > 1 ? "border-s-2 border-accent ps-2" : ""}>
              {statements.length > 1 ? <h3 className="mb-1 text-muted">Statement {statements.indexOf(s) + 1}</h3> : null}
              <div className="flex flex-col gap-2">
                {operands.slice(s.first, s.first + s.parameters).map((o, i) => {
                  const n = s.first + i;
                  return (
                    <div key={n} className="flex items-center gap-2">
                      <span className="w-6 shrink-0 text-end text-muted tabular-nums" aria-hidden>
                        {n + 1}
                      </span>
                      <div className="w-36 shrink-0">
                        <Choice hidden label={`Type of parameter ${n + 1}`} value={o.type} onChange={(e) => set(n, { type: e.target.value as Operand["type"], text: e.target.value === "BOOL" ? "true" : o.type === "BOOL" ? "" : o.text })} options={operandTypes.map((t) => [t, types[t]])} />
                      </div>
                      {o.type === "NULL" ? (
                        <span className="flex-1" />
                      ) : o.type === "BOOL" ? (
                        <Choice hidden label={`Value of parameter ${n + 1}`} value={o.text === "false" ? "false" : "true"} onChange={(e) => set(n, { ...o, text: e.target.value })} options={[["true", "true"], ["false", "false"]]} />
                      ) : (
                        <TextField hidden label={`Value of parameter ${n + 1}`} value={o.text} onChange={(e) => set(n, { ...o, text: e.target.value })} className="font-mono" placeholder={o.type === "JSON" ? '{"SS": ["a"]}' : ""} />
                      )}
                    </div>
                  );
                })}
              </div>
            </div>
          ))}
      </div>
    </section>
  );
}

// saying tells what came of a request in one line.
function saying({ kind, outcomes, more }: Result): string {
  const failed = outcomes.filter((o) => o.error).length;
  if (kind === "transaction") return failed > 0 ? "Nothing was done: the transaction was cancelled" : `All of ${plural(outcomes.length, "statement")} done`;
  if (kind === "batch") return failed > 0 ? `${count(outcomes.length - failed)} of ${plural(outcomes.length, "statement")} done, ${count(failed)} failed` : `All of ${plural(outcomes.length, "statement")} done`;
  const [one] = outcomes;
  if (one?.statement.verb !== "SELECT") return `${one?.statement.verb ?? ""} done`;
  return `${plural(one.items.length, "item")}${more ? " so far, there are more" : ""}`;
}

function Results({ result, more }: { result: Result; more?: () => void }) {
  const { kind, outcomes, explanation, place } = result;
  const [open, setOpen] = useState<Item>();
  const sources = new Set(outcomes.map((o) => o.statement.source?.table));
  const table = sources.size === 1 ? [...sources][0] : undefined;
  const description = useQuery({ ...tableQuery(place, table ?? ""), enabled: table !== undefined });
  const keys = description.data ? sourcesOf(description.data).slice(0, 1).flatMap(keyNames) : [];
  const items = useMemo(() => outcomes.flatMap((o) => o.items), [outcomes]);
  const writes = outcomes.every((o) => o.statement.verb !== "SELECT");
  const key = open && keys.length > 0 && keys.every((name) => open[name]) ? Object.fromEntries(keys.map((name) => [name, open[name] as Value])) : undefined;
  return (
    <section aria-label="Result" className="flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="font-semibold">{saying(result)}</h2>
        <p className="text-muted tabular-nums">
          {explanation
            ? `${explanation.operation}${explanation.index ? ` on ${explanation.index}` : ""}: ${plural(explanation.read.items, "item")} (${bytes(explanation.read.bytes)}) read → ${count(explanation.returned.items)} returned · `
            : ""}
          {plural(result.units, writes ? "write unit" : explanation ? "read unit" : "unit")} · {count(Math.round(result.milliseconds))} ms
        </p>
        <span className="flex-1" />
        {more ? <Button onClick={more}>Load more</Button> : null}
      </div>
      {explanation?.advice.map((a) => (
        <p key={a.code} className="text-muted">
          Advice: {a.text}
        </p>
      ))}
      {kind === "statement" ? null : <Outcomes result={result} />}
      {items.length > 0 ? (
        <Grid label="Items" items={items} keys={keys} table={table} onOpen={setOpen} more={result.more !== undefined} />
      ) : kind === "statement" && outcomes[0]?.statement.verb === "SELECT" ? (
        <Empty title={more ? "No items on this page" : "No items match"}>
          {more ? "There may be some on the next: a page ends after what was read, not after what was found." : null}
        </Empty>
      ) : null}
      <Dialog open={open !== undefined} close={() => setOpen(undefined)} title="Item" wide>
        {open ? (
          <div className="flex flex-col gap-3">
            <Snippet label="item" text={toDynamoJSON(open, 2)} />
            {table && key ? (
              <div>
                <Link to={"/t/$account/$region/$table/item" as "/t/$account/$region/$table"} params={{ ...place, table }} search={{ key: toDynamoJSON(key) } as never} className={buttonClass()}>
                  Open it in {table}
                </Link>
              </div>
            ) : null}
          </div>
        ) : null}
      </Dialog>
    </section>
  );
}

// Outcomes tells what came of each of several statements.
function Outcomes({ result: { kind, outcomes } }: { result: Result }) {
  const cancelled = kind === "transaction" && outcomes.some((o) => o.error);
  const state = (o: Outcome) => {
    if (o.error) return { Icon: CircleX, colour: "text-danger", text: o.error.code };
    if (cancelled) return { Icon: CircleMinus, colour: "text-muted", text: "Not done" };
    return { Icon: CircleCheck, colour: "text-good", text: o.items.length > 0 ? plural(o.items.length, "item") : o.statement.verb === "SELECT" ? "No item" : "Done" };
  };
  return (
    <ol aria-label="Statements, each with what came of it" className="divide-y divide-line rounded-md border border-line bg-panel">
      {outcomes.map((o, i) => {
        const { Icon, colour, text } = state(o);
        return (
          <li key={i} className="flex flex-col gap-1 px-3 py-2">
            <div className="flex items-center gap-2">
              <span className="w-6 shrink-0 text-end text-muted tabular-nums">{i + 1}</span>
              <Icon size={16} className={`shrink-0 ${colour}`} aria-hidden />
              <span className="shrink-0 font-medium">{text}</span>
              <code className="min-w-0 truncate font-mono text-[13px] text-muted" title={o.statement.text}>
                {o.statement.text.replaceAll(/\s+/g, " ")}
              </code>
            </div>
            {o.error?.message ? <p className="ps-14 break-words">{o.error.message}</p> : null}
            {o.error?.item ? <p className="ps-14 font-mono text-[13px] break-words text-muted">The item is {toDynamoJSON(o.error.item)}</p> : null}
          </li>
        );
      })}
    </ol>
  );
}

function Examples({ place, tables, loaded, use }: { place: Place; tables: readonly string[]; loaded: boolean; use: (text: string) => void }) {
  const [chosen, setChosen] = useState<string>();
  const table = chosen !== undefined && tables.includes(chosen) ? chosen : tables[0];
  const description = useQuery({ ...tableQuery(place, table ?? ""), enabled: table !== undefined });
  const sample = useQuery({ ...sampleQuery(place, table ?? ""), enabled: table !== undefined });
  if (!loaded) return null;
  if (table === undefined) {
    return (
      <Empty title={`There are no tables in ${place.region}`}>
        <p>Statements are about tables.</p>
        {readOnly ? null : (
          <Link to="/create" search={{ account: place.account, region: place.region }} className={`${buttonClass("primary")} mt-3`}>
            Create table
          </Link>
        )}
      </Empty>
    );
  }
  const examples = description.data ? examplesOf(table, sourcesOf(description.data), sample.data?.[0]) : [];
  return (
    <Panel
      title="To begin with"
      actions={
        <div className="w-64">
          <Choice hidden label="Table of the examples" value={table} onChange={(e) => setChosen(e.target.value)} options={tables.map((t) => [t, t])} />
        </div>
      }
    >
      <ul className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
        {examples.map((e) => (
          <li key={e.title}>
            <button type="button" onClick={() => use(e.text)} className="flex h-full w-full cursor-pointer flex-col items-start rounded-md border border-line bg-panel p-3 text-start hover:bg-raised">
              <span className="font-medium">{e.title}</span>
              <span className="mt-1 block font-mono text-[13px] break-words whitespace-pre-wrap text-muted">{e.text.trim()}</span>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

// ShowCode has what Run sends as code, to be pasted elsewhere.
function ShowCode({ all, close, place }: { all: readonly [what: string, coded: Coded][]; close: () => void; place: Place }) {
  const [chosen, setChosen] = useState(0);
  const coded = all[chosen]?.[1];
  const calls = useMemo(() => (coded ? [coded] : []), [coded]);
  return (
    <Dialog open close={close} wide title="As code" text="What Run asks the server for. It reads one page.">
      {all.length > 1 ? (
        <div className="mb-3 w-56">
          <Choice hidden label="Request" value={String(chosen)} onChange={(e) => setChosen(Number(e.target.value))} options={all.map(([what], i) => [String(i), what])} />
        </div>
      ) : null}
      <Suspense fallback={<Skeleton />}>
        <Codes calls={calls} place={place} />
      </Suspense>
    </Dialog>
  );
}

// Past has what was run, and what was saved to be run again.
function Past({ open, close, text, use }: { open: boolean; close: () => void; text: string; use: (text: string) => void }) {
  const [runs, setRuns] = useKept(history);
  const [saved, setSaved] = useKept(snippets);
  const [name, setName] = useState("");
  const entry = "min-w-0 flex-1 cursor-pointer truncate rounded px-2 py-1.5 text-start font-mono text-[13px] hover:bg-raised";
  const line = (t: string) => t.replaceAll(/\s+/g, " ");
  const save = () => {
    const snippet: Named = { name: name.trim(), text };
    if (snippet.name === "" || text.trim() === "") return;
    setSaved([...saved.filter((s) => s.name !== snippet.name), snippet].sort((a, b) => a.name.localeCompare(b.name)));
    setName("");
  };
  return (
    <Dialog open={open} close={close} title="History and snippets" text="They are kept in this web browser only." wide>
      <section aria-label="Snippets">
        <h3 className="font-semibold">Snippets</h3>
        <form className="mt-2 flex items-end gap-2" onSubmit={(e) => { e.preventDefault(); save(); }}>
          <TextField label="Save what is in the editor as" value={name} onChange={(e) => setName(e.target.value)} />
          <Button type="submit" disabled={name.trim() === "" || text.trim() === ""}>
            Save
          </Button>
        </form>
        <ul className="mt-2">
          {saved.map((s) => (
            <li key={s.name} className="flex items-center gap-2">
              <button type="button" className={entry} onClick={() => use(s.text)} title={s.text}>
                <span className="font-sans font-medium">{s.name}</span> <span className="text-muted">{line(s.text)}</span>
              </button>
              <Button aria-label={`Delete ${s.name}`} onClick={() => setSaved(saved.filter((o) => o !== s))}>
                Delete
              </Button>
            </li>
          ))}
        </ul>
      </section>
      <section aria-label="History" className="mt-5">
        <div className="flex items-center gap-2">
          <h3 className="flex-1 font-semibold">History</h3>
          <Button onClick={() => setRuns([])} disabled={runs.length === 0}>
            Clear
          </Button>
        </div>
        {runs.length === 0 ? <p className="mt-2 text-muted">What you run shows up here.</p> : null}
        <ul className="mt-2">
          {runs.map((r) => (
            <li key={r.text} className="flex items-center gap-3">
              <button type="button" className={entry} onClick={() => use(r.text)} title={r.text}>
                {line(r.text)}
              </button>
              <span className="shrink-0 text-muted">{when(new Date(r.at).toISOString())}</span>
            </li>
          ))}
        </ul>
      </section>
    </Dialog>
  );
}
