import { Braces, CodeXml, History, ListFilter, Play, Plus, SlidersHorizontal, Trash2, X } from "lucide-react";
import { Tooltip } from "radix-ui";
import { lazy, type ReactNode, Suspense, useId, useMemo, useState } from "react";
import { keyNames, type Source } from "../model/table";
import { itemOf, type Type, typeNames, types } from "../model/value";
import { operandTypeOf, operatorNames, replacePart } from "../query/forms";
import { emptyGroup, emptyLeaf, emptyRaw, fromRaw, type Group, isGroup, type Leaf, type Mode, type Operand, operandsFor, type OperandType, pageSizes, problemOf, type Query, type Raw, segmentCounts, toRaw } from "../query/model";
import { isPlan, type Plan, plan as planOf, type Request, type Trouble } from "../query/plan";
import { isAlways } from "../query/tree";
import { wrongIn } from "../query/wrong";
import { Button, IconButton } from "./button";
import { Check, Choice, TextField } from "./field";
import { type Entry, MenuButton } from "./menu";
import { Skeleton } from "./panel";

interface Props {
  query: Query;
  onChange: (query: Query) => void;
  onRun: () => void;
  onShow: () => void; // the request is to be seen
  history: () => Entry[]; // queries that were run before
  table: string;
  sources: readonly Source[];
  paths: ReadonlyMap<string, Type>; // that there are, with the type they mostly have
  plan: Plan | Trouble;
  refused: boolean; // it was to be run, but there is no plan
  error?: string; // what the server said of the last run
  ran?: Raw; // the expressions of that
}

const Expressions = lazy(async () => ({ default: (await import("./expressions")).Expressions }));

const modes: [Mode, string][] = [
  ["auto", "Auto"],
  ["query", "Query"],
  ["scan", "Scan"],
];

const operandTypeNames: [OperandType, string][] = [
  ["S", "String"],
  ["N", "Number"],
  ["B", "Binary"],
  ["BOOL", "Boolean"],
  ["NULL", "Null"],
  ["JSON", "Other"],
];

// A Completion is what fields for paths offer.
interface Completion {
  list: string; // the id of a datalist
  typeOf: (path: string) => Type | undefined;
  problems: ReadonlyMap<number, string>;
}

// QueryBar is where people say what they want to see.
export function QueryBar({ query, onChange, onRun, onShow, history, table, sources, paths, plan, refused, error, ran }: Props) {
  const list = useId();
  const usual = query.projection === "" && !query.descending && query.page === 100 && !query.consistent && query.segments === 1;
  const [wanted, setOptions] = useState<boolean>();
  const options = wanted ?? !usual;
  const [refusal, setRefusal] = useState<string>();
  const set = (change: Partial<Query>) => {
    setRefusal(undefined);
    onChange({ ...query, ...change });
  };
  const keys = new Map(sources.flatMap((s) => [...s.hash, ...s.range].map((a) => [a.name, a.type] as const)));
  const offered = new Map<string, Type>([...keys, ...[...paths].filter(([path]) => !keys.has(path))]);
  const completion: Completion = { list, typeOf: (path) => offered.get(path.trim()), problems: (!isPlan(plan) && plan.at) || new Map() };

  const wrong = useMemo(() => (ran && error !== undefined ? wrongIn(ran, error) : undefined), [ran, error]);

  const toExpressions = () => {
    // GetItem has no expressions, but there is a Query for it.
    const first = planOf(query, table, sources);
    const p = isPlan(first) && first.request.operation === "GetItem" ? planOf({ ...query, mode: "query" }, table, sources) : first;
    if (!isPlan(p)) {
      setRefusal(p.trouble);
      return;
    }
    if (!isAlways(p.local)) {
      setRefusal("A Query cannot say all of these conditions: choose Scan before.");
      return;
    }
    set({ raw: rawOf(p.request), source: p.source.index ?? "" });
  };
  const toConditions = () => {
    if (!query.raw) return;
    try {
      set(fromRawOf(query, query.raw));
    } catch (err) {
      setRefusal(`These expressions cannot be shown as conditions: ${problemOf(err)}.`);
    }
  };

  return (
    <form
      aria-label="Query"
      className="flex flex-col gap-2 rounded-lg border border-line bg-panel p-3"
      onSubmit={(e) => {
        e.preventDefault();
        onRun();
      }}
    >
      <div className="flex flex-wrap items-center gap-2">
        <div className="flex w-24">
          <Choice hidden label="Operation" value={query.mode} options={modes} onChange={(e) => set({ mode: e.target.value as Mode })} />
        </div>
        <div className="flex w-56 max-w-full">
          <Choice hidden label="Table or index" value={query.source ?? "*"} options={sourceOptions(sources, query.source)} onChange={(e) => set({ source: e.target.value === "*" ? undefined : e.target.value })} />
        </div>
        <span className="flex-1" />
        <MenuButton label="Saved queries and history" entries={history}>
          <History size={16} aria-hidden />
        </MenuButton>
        <Button onClick={query.raw ? toConditions : toExpressions} title={query.raw ? "Say it by conditions" : "Say it in DynamoDB’s expressions"}>
          {query.raw ? <ListFilter size={16} aria-hidden /> : <Braces size={16} aria-hidden />}
          {query.raw ? "Conditions" : "Expressions"}
        </Button>
        <Button aria-expanded={options} onClick={() => setOptions(!options)}>
          <SlidersHorizontal size={16} aria-hidden />
          Options
        </Button>
        <Button kind="primary" type="submit" title="Ctrl+Enter or ⌘+Enter">
          <Play size={16} aria-hidden />
          Run
        </Button>
      </div>
      <datalist id={list}>
        {[...offered].map(([path, type]) => (
          <option key={path} value={path} label={typeNames[type]} />
        ))}
      </datalist>

      {query.raw ? (
        <Suspense fallback={<Skeleton rows={4} />}>
          <Expressions raw={query.raw} set={(raw) => set({ raw })} run={onRun} paths={offered} wrong={wrong} ran={ran} />
        </Suspense>
      ) : (
        <Conditions group={query.where} set={(where) => set({ where })} completion={completion} at="" />
      )}
      {refusal ? (
        <p role="alert" className="text-danger">
          {refusal}
        </p>
      ) : null}

      {options ? (
        <div role="group" aria-label="Options" className="flex flex-wrap items-end gap-3 border-t border-line pt-2">
          {query.raw ? null : (
            <div className="flex min-w-56 flex-1">
              <TextField label="Attributes to show" value={query.projection} placeholder="all" list={list} onChange={(e) => set({ projection: e.target.value })} />
            </div>
          )}
          <div className="flex w-40">
            <Choice
              label="Order by sort key"
              value={query.descending ? "desc" : "asc"}
              options={[
                ["asc", "Ascending ↑"],
                ["desc", "Descending ↓"],
              ]}
              onChange={(e) => set({ descending: e.target.value === "desc" })}
            />
          </div>
          <div className="flex w-28">
            <Choice label="Page size" value={String(query.page)} options={[...new Set([...pageSizes, query.page])].sort((a, b) => a - b).map((n) => [String(n), String(n)])} onChange={(e) => set({ page: Number(e.target.value) })} />
          </div>
          <div className="flex w-44">
            <Choice
              label="Segments of a Scan"
              value={String(query.segments)}
              options={[...new Set([...segmentCounts, query.segments])].sort((a, b) => a - b).map((n) => [String(n), n === 1 ? "One" : `${n} at once`])}
              onChange={(e) => set({ segments: Number(e.target.value) })}
            />
          </div>
          <div className="flex h-9 items-center">
            <Check label="Consistent read" checked={query.consistent} onChange={(e) => set({ consistent: e.target.checked })} />
          </div>
        </div>
      ) : null}

      <PlanLine plan={plan} onShow={onShow} refused={refused} />
    </form>
  );
}

function rawOf({ operation, input }: Request): Raw {
  if (operation === "GetItem") return emptyRaw;
  return toRaw({
    key: operation === "Query" ? input.KeyConditionExpression : undefined,
    filter: input.FilterExpression,
    projection: input.ProjectionExpression,
    names: input.ExpressionAttributeNames,
    values: input.ExpressionAttributeValues && itemOf(input.ExpressionAttributeValues),
  });
}

// fromRawOf leaves the choice of the source to the planner again, if that was the
// table.
function fromRawOf(query: Query, raw: Raw): Query {
  const next = fromRaw(query, raw);
  return { ...next, raw: undefined, source: next.source === "" ? undefined : next.source };
}

function sourceOptions(sources: readonly Source[], now: string | undefined): [string, string][] {
  const text = (s: Source) => `${s.index ?? "Table"} (${keyNames(s).join(", ")})`;
  const all = sources.map((s): [string, string] => [s.index ?? "", text(s)]);
  const gone: [string, string][] = now !== undefined && !all.some(([value]) => value === now) ? [[now, now]] : [];
  return [["*", "Table or best index"], ...all, ...gone];
}

// Conditions is a group of conditions, with groups in it.
function Conditions({ group, set, remove, completion, at }: { group: Group; set: (group: Group) => void; remove?: () => void; completion: Completion; at: string }) {
  const several = group.parts.length > 1;
  const add = (part: Leaf | Group) => set({ ...group, parts: [...group.parts, part] });
  return (
    <div role="group" aria-label={at === "" ? "Conditions" : `Group ${at}`} className={at === "" ? "flex flex-col gap-2" : "flex flex-col gap-2 rounded-md border border-line border-s-4 p-2"}>
      {several || remove ? (
        <div className="flex flex-wrap items-center gap-2">
          {remove ? <Not on={group.not} set={(not) => set({ ...group, not })} /> : null}
          <div className="flex w-52">
            <Choice
              hidden
              label="Items match"
              value={group.join}
              options={[
                ["and", "All of these (AND)"],
                ["or", "Any of these (OR)"],
              ]}
              onChange={(e) => set({ ...group, join: e.target.value as Group["join"] })}
            />
          </div>
          <span className="flex-1" />
          {remove ? (
            <IconButton label={`Remove group ${at}`} onClick={remove}>
              <Trash2 size={16} aria-hidden />
            </IconButton>
          ) : null}
        </div>
      ) : null}
      {group.parts.map((part, i) => {
        const number = `${at}${at === "" ? "" : "."}${i + 1}`;
        const change = (next: Leaf | Group | undefined) => set(replacePart(group, part.id, next));
        return isGroup(part) ? (
          <Conditions key={part.id} group={part} set={change} remove={() => change(undefined)} completion={completion} at={number} />
        ) : (
          <Condition key={part.id} leaf={part} set={change} remove={at === "" && !several ? undefined : () => change(undefined)} completion={completion} at={number} />
        );
      })}
      <div className="flex flex-wrap gap-2">
        <Small onClick={() => add(emptyLeaf())}>Condition</Small>
        <Small onClick={() => add(emptyGroup(group.join === "and" ? "or" : "and"))}>Group</Small>
      </div>
    </div>
  );
}

function Small({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" onClick={onClick} className="inline-flex h-7 cursor-pointer items-center gap-1 rounded-md px-2 text-muted hover:bg-raised hover:text-ink">
      <Plus size={14} aria-hidden />
      {children}
    </button>
  );
}

function Not({ on, set }: { on: boolean; set: (on: boolean) => void }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      title="Turns it into its opposite"
      onClick={() => set(!on)}
      className="h-9 cursor-pointer rounded-md border border-line px-2 text-muted hover:bg-raised aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:font-medium aria-pressed:text-on-accent"
    >
      NOT
    </button>
  );
}

function Condition({ leaf, set, remove, completion, at }: { leaf: Leaf; set: (leaf: Leaf) => void; remove?: () => void; completion: Completion; at: string }) {
  // What is not typed yet is not called wrong.
  const begun = leaf.path.trim() !== "" && leaf.operands.some((o) => o.text !== "");
  const problem = begun ? completion.problems.get(leaf.id) : undefined;
  const id = useId();
  const setPath = (path: string) => {
    // As long as no value was typed, its type is the attribute's.
    const type = leaf.size ? undefined : completion.typeOf(path);
    const untouched = leaf.operands.every((o) => o.text === "" || o.type === "BOOL");
    set({ ...leaf, path, ...(type && untouched && leaf.operator !== "attribute_type" ? { operands: leaf.operands.map(() => blankOf(operandTypeOf(type))) } : {}) });
  };
  const setOperator = (choice: string) => {
    const [operator, size] = operatorNames[Number(choice)] ?? ["=", false];
    const operands = operandsFor(operator, leaf.operands);
    set({ ...leaf, operator, size, operands: size ? operands.map((o) => ({ ...o, type: "N" })) : operands });
  };
  const setOperand = (i: number, operand: Operand) => set({ ...leaf, operands: leaf.operands.map((o, j) => (i === j ? operand : o)) });
  const operators = operatorNames.map(([, , text], i): [string, string] => [String(i), text]);
  return (
    <div role="group" aria-label={`Condition ${at}`} aria-describedby={problem ? id : undefined}>
      <div className="flex flex-wrap items-start gap-2">
        <Not on={leaf.not} set={(not) => set({ ...leaf, not })} />
        <div className="flex min-w-36 flex-1">
          <TextField hidden label="Attribute" placeholder="attribute" className="font-mono text-[13px]" list={completion.list} value={leaf.path} onChange={(e) => setPath(e.target.value)} />
        </div>
        <div className="flex w-40">
          <Choice hidden label="Operator" value={String(operatorNames.findIndex(([o, size]) => o === leaf.operator && size === leaf.size))} options={operators} onChange={(e) => setOperator(e.target.value)} />
        </div>
        {leaf.operator === "attribute_type" ? (
          <div className="min-w-64 flex-[2]">
            <Choice hidden label="Value" value={leaf.operands[0]?.text} options={types.map((t) => [t, typeNames[t]])} onChange={(e) => setOperand(0, { type: "S", text: e.target.value })} />
          </div>
        ) : leaf.operands.length > 0 ? (
          <div className="flex min-w-64 flex-[2] flex-col gap-2">
            {leaf.operands.map((operand, i) => (
              <div key={i} className="flex items-start gap-2">
                <Value operand={operand} set={(o) => setOperand(i, o)} number={leaf.operands.length > 1 ? ` ${i + 1}` : ""} invalid={problem !== undefined} />
                {leaf.operator === "IN" && leaf.operands.length > 1 ? (
                  <IconButton label={`Remove value ${i + 1}`} onClick={() => set({ ...leaf, operands: leaf.operands.filter((_, j) => i !== j) })}>
                    <X size={16} aria-hidden />
                  </IconButton>
                ) : null}
              </div>
            ))}
            {leaf.operator === "IN" ? (
              <div>
                <Small onClick={() => set({ ...leaf, operands: [...leaf.operands, blankOf(leaf.operands[0]?.type ?? "S")] })}>Value</Small>
              </div>
            ) : null}
          </div>
        ) : (
          <div className="hidden min-w-64 flex-[2] lg:block" />
        )}
        {remove ? (
          <IconButton label={`Remove condition ${at}`} onClick={remove}>
            <X size={16} aria-hidden />
          </IconButton>
        ) : null}
      </div>
      {problem ? (
        <p id={id} className="mt-1 text-danger">
          {problem}
        </p>
      ) : null}
    </div>
  );
}

function blankOf(type: OperandType): Operand {
  return { type, text: type === "BOOL" ? "true" : "" };
}

const placeholders: Record<OperandType, string> = { S: "value", N: "0", B: "base64", BOOL: "", NULL: "", JSON: `{"SS": ["a", "b"]}` };

// Value is a value with its type. What has no field of its own is typed as DynamoDB
// JSON.
function Value({ operand, set, number, invalid }: { operand: Operand; set: (o: Operand) => void; number: string; invalid: boolean }) {
  const { type, text } = operand;
  const retype = (next: OperandType) => set(next === "BOOL" || type === "BOOL" || next === "NULL" ? blankOf(next) : { type: next, text });
  return (
    <>
      <div className="flex w-28 shrink-0">
        <Choice hidden label={`Type${number}`} value={type} options={operandTypeNames} onChange={(e) => retype(e.target.value as OperandType)} />
      </div>
      {type === "NULL" ? null : type === "BOOL" ? (
        <div className="flex w-28">
          <Choice
            hidden
            label={`Value${number}`}
            value={text}
            options={[
              ["true", "true"],
              ["false", "false"],
            ]}
            onChange={(e) => set({ type, text: e.target.value })}
          />
        </div>
      ) : text.includes("\n") ? (
        // A field of one line would lose the others.
        <textarea
          aria-label={`Value${number}`}
          rows={text.split("\n").length}
          value={text}
          onChange={(e) => set({ type, text: e.target.value })}
          className="min-h-9 min-w-0 flex-1 rounded-md border border-line bg-panel px-2.5 py-1.5 font-mono text-[13px] text-ink"
        />
      ) : (
        <TextField
          hidden
          label={`Value${number}`}
          placeholder={placeholders[type]}
          className="font-mono text-[13px]"
          inputMode={type === "N" ? "decimal" : undefined}
          aria-invalid={invalid && text !== "" ? true : undefined}
          value={text}
          onChange={(e) => set({ type, text: e.target.value })}
        />
      )}
    </>
  );
}

// PlanLine says what Run will do, and why.
function PlanLine({ plan, onShow, refused }: { plan: Plan | Trouble; onShow: () => void; refused: boolean }) {
  if (!isPlan(plan)) {
    return (
      <div role={refused ? "alert" : undefined}>
        <p aria-label="Plan" role="note" className={refused ? "font-medium text-danger" : "text-muted"}>
          {plan.trouble}
        </p>
      </div>
    );
  }
  const [operation = "", ...rest] = plan.reason.split(" ");
  return (
    <div className="flex items-start gap-2">
      <p aria-label="Plan" role="note" className="min-w-0 break-words">
        <Tooltip.Provider delayDuration={200}>
          <Tooltip.Root>
            <Tooltip.Trigger type="button" onClick={onShow} className="cursor-pointer text-start break-words [word-break:break-word]">
              <span className="font-semibold text-accent">{operation}</span> {rest.join(" ")}
            </Tooltip.Trigger>
            <Tooltip.Portal>
              <Tooltip.Content side="bottom" align="start" sideOffset={4} className="z-40 max-w-[min(48rem,90vw)] rounded-md border border-line bg-panel p-3 shadow-xl">
                <Expressed plan={plan} />
              </Tooltip.Content>
            </Tooltip.Portal>
          </Tooltip.Root>
        </Tooltip.Provider>
        {plan.notes.length > 0 ? <span className="text-muted"> {plan.notes.join(" ")}</span> : null}
      </p>
      <IconButton label="Show code" onClick={onShow} className="!size-6 shrink-0">
        <CodeXml size={16} aria-hidden />
      </IconButton>
    </div>
  );
}

// Expressed shows the expressions that are sent, with what their placeholders are.
function Expressed({ plan }: { plan: Plan }) {
  const { TableName: _, ...input } = plan.request.input;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
      {Object.entries(input).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="line-clamp-4 font-mono text-[13px] break-words">{typeof value === "string" ? value : shown(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) => (v instanceof Uint8Array ? `${v.length} bytes` : v));
}
