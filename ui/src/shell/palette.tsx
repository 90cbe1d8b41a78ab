import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { readOnly } from "../given";
import { kept } from "../kept";
import { useShortcuts } from "../keys";
import { type KeyAttribute, sourcesOf } from "../model/table";
import { type Item, NotAValue, toDynamoJSON } from "../model/value";
import { Button } from "../parts/button";
import { Choose, type Choice as Shown, Over } from "../parts/choose";
import { TextField } from "../parts/field";
import { savedOf } from "../query/history";
import { valueOf } from "../query/model";
import { tableKey, tablesQuery, tableQuery } from "../server";
import { pages, useAt, useGo } from "./at";
import { Strokes } from "./help";
import { recent } from "./recent";
import { best, placesOf } from "./tables";

export interface Action {
  name: string;
  run: () => void;
  keys?: string;
}

type Choice = Action & Pick<Shown, "id" | "about">;

const shown = 50; // of the tables that match

// Palette finds what there is by name: tables, their pages and indexes, and what can
// be done.
export default function Palette({ close, actions }: { close: () => void; actions: readonly Action[] }) {
  const [typed, setTyped] = useState("");
  const [byKey, setByKey] = useState(false);
  const at = useAt();
  const navigate = useNavigate();
  const go = useGo();
  const shortcuts = useShortcuts();
  const tables = useQuery(tablesQuery).data;
  const description = useQuery({ ...tableQuery(at.table ?? { account: "", region: "" }, at.table?.name ?? ""), enabled: at.table !== undefined });
  const several = placesOf(tables ?? []).length > 1;

  const own = useMemo((): Choice[] => {
    const { table } = at;
    if (!table) return [];
    return [
      ...pages.map((p): Choice => ({ id: `page ${p.path}`, name: p.name, about: table.name, keys: p.letter && `g ${p.letter}`, run: () => go(table, p.path) })),
      ...kept(savedOf(`${table.account}/${table.region}/${table.name}`)).map(
        ({ name, search }): Choice => ({ id: `saved ${name}`, name, about: "saved query", run: () => void navigate({ to: "/t/$account/$region/$table", params: { account: table.account, region: table.region, table: table.name }, search }) }),
      ),
      { id: "by key", name: "Go to item by key…", about: table.name, run: () => setByKey(true) },
      ...(description.data ? sourcesOf(description.data) : []).flatMap((s): Choice[] =>
        s.index
          ? [{ id: `index ${s.index}`, name: `Index ${s.index}`, about: table.name, run: () => void navigate({ to: "/t/$account/$region/$table", params: { account: table.account, region: table.region, table: table.name }, search: { index: s.index } }) }]
          : [],
      ),
    ];
  }, [at, description.data, go, navigate]);
  const listed = useMemo((): Choice[] => {
    const order = kept(recent);
    const rank = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
    return [...(tables ?? [])]
      .sort((a, b) => rank(tableKey(a)) - rank(tableKey(b)))
      .map((t) => ({ id: `table ${tableKey(t)}`, name: t.name, about: several ? (t.account === "000000000000" ? t.region : `${t.region}, ${t.account}`) : undefined, run: () => go(t) }));
  }, [tables, several, go]);
  const others: Choice[] = [
    { id: "overview", name: "Overview", keys: "g o", run: () => void navigate({ to: "/" }) },
    ...(readOnly ? [] : [{ id: "create", name: "Create table", run: () => void navigate({ to: "/create" }) }]),
    { id: "partiql", name: "PartiQL", keys: "g p", run: () => void navigate({ to: "/partiql", search: at.place ?? {} }) },
    { id: "settings", name: "Settings", run: () => void navigate({ to: "/settings" }) },
    ...actions.map((a) => ({ ...a, id: `action ${a.name}` })),
  ];

  const find = (choices: Choice[], most = 20) => best(typed, choices, (c) => `${c.name} ${c.about ?? ""}`).slice(0, most);
  const visited = typed.trim() === "" ? listed.filter((c) => kept(recent).includes(c.id.slice("table ".length))).slice(0, 5) : [];
  const rest = find(listed.filter((c) => !visited.includes(c)), shown);
  const known = new Set(shortcuts.map((s) => s.keys));

  const listedAs = (choices: Choice[]) =>
    choices.map((c): Shown => ({
      ...c,
      hint: c.keys && known.has(c.keys) ? <Strokes keys={c.keys} /> : null,
      run: () => {
        if (c.id !== "by key") close();
        c.run();
      },
    }));
  const { table } = at;
  return (
    <Over title={byKey ? "Go to item by key" : "Go to"} close={close}>
      {byKey && table ? (
        <ByKey
          attributes={(description.data ? sourcesOf(description.data) : []).slice(0, 1).flatMap((s) => [...s.hash, ...s.range])}
          table={table.name}
          go={(key) => {
            close();
            void navigate({ to: "/t/$account/$region/$table/item", params: { account: table.account, region: table.region, table: table.name }, search: { key: toDynamoJSON(key) } });
          }}
          back={() => setByKey(false)}
        />
      ) : (
        <Choose
          label="Go to"
          placeholder="A table, a page, something to do"
          typed={typed}
          onTyped={setTyped}
          sections={[
            ["Recent", listedAs(visited)],
            ["This table", listedAs(find(own))],
            ["Tables", listedAs(rest)],
            ["Pages and actions", listedAs(find(others))],
          ]}
        />
      )}
    </Over>
  );
}

// ByKey asks for the key of an item.
function ByKey({ attributes, table, go, back }: { attributes: KeyAttribute[]; table: string; go: (key: Item) => void; back: () => void }) {
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState("");
  const types = { S: "a string", N: "a number", B: "binary, in base64" };
  const submit = () => {
    try {
      go(Object.fromEntries(attributes.map((a) => [a.name, valueOf({ type: a.type, text: texts[a.name] ?? "" })])));
    } catch (err) {
      setProblem(err instanceof NotAValue ? `${err.message}.` : String(err));
    }
  };
  return (
    <form className="flex flex-col gap-4 p-5" onSubmit={(e) => { e.preventDefault(); submit(); }}>
      <p className="text-base font-semibold break-all">Item of {table}</p>
      {attributes.map((a, i) => (
        <TextField key={a.name} label={`${a.name}, ${types[a.type]}`} value={texts[a.name] ?? ""} onChange={(e) => setTexts({ ...texts, [a.name]: e.target.value })} autoFocus={i === 0} className="font-mono" />
      ))}
      {problem ? (
        <p role="alert" className="text-danger">
          {problem}
        </p>
      ) : null}
      <div className="flex justify-end gap-2">
        <Button onClick={back}>Back</Button>
        <Button kind="primary" type="submit">
          Go
        </Button>
      </div>
    </form>
  );
}
