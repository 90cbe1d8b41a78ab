import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { kept } from "../kept";
import { type Source, sourcesOf } from "../model/table";
import { NotAValue, textOf, toWire, typeOf, type Value } from "../model/value";
import { valueOf } from "../query/model";
import { showPath } from "../query/path";
import { recent } from "../shell/recent";
import { best, likely } from "../shell/tables";
import { type ListedTable, messageOf, type Place, tableKey, tableQuery, tablesQuery } from "../server";
import { Choose, type Choice, Over } from "./choose";

const shown = 50;

// Follow finds the items of another table whose partition key is a value: the table is
// chosen, and, if it has several keys, the one that is meant.
export default function Follow({ place, attribute, value, close }: { place: Place; attribute: string; value: Value; close: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const [of, setOf] = useState<{ table: string; sources: Source[] }>();
  const [problem, setProblem] = useState("");
  const tables = useQuery(tablesQuery).data ?? [];

  const go = (table: string, { index, hash: [key] }: Source) => {
    if (!key) return;
    try {
      const wanted = typeOf(value) === key.type ? value : valueOf({ type: key.type, text: textOf(value) });
      close();
      void navigate({ to: "/t/$account/$region/$table", params: { ...place, table }, search: { ...(index ? { index } : {}), where: ["=", showPath([key.name]), toWire(wanted)] } });
    } catch (err) {
      if (!(err instanceof NotAValue)) throw err;
      setProblem(`It cannot be a value of ${key.name} in ${table}: ${err.message}.`);
    }
  };
  const look = async (table: string) => {
    try {
      // Indexes with several partition keys need more than one value.
      const sources = sourcesOf(await queries.fetchQuery(tableQuery(place, table))).filter((s) => !s.local && s.hash.length === 1);
      const [only] = sources;
      if (sources.length === 1 && only) {
        go(table, only);
        return;
      }
      setProblem("");
      setTyped("");
      setOf({ table, sources });
    } catch (err) {
      setProblem(messageOf(err));
    }
  };

  const order = kept(recent);
  const rank = (t: ListedTable) => (likely(attribute, t.name) ? -1 : order.includes(tableKey(t)) ? order.indexOf(tableKey(t)) : order.length);
  const here = tables.filter((t) => t.account === place.account && t.region === place.region).sort((a, b) => rank(a) - rank(b));
  const choices: Choice[] = of
    ? best(typed, of.sources, (s) => `${s.index ?? ""} ${s.hash[0]?.name ?? ""}`).map((s) => ({ id: s.index ?? "-", name: s.hash[0]?.name ?? "", about: s.index ? `by the index ${s.index}` : "the key of the table", run: () => go(of.table, s) }))
    : best(typed, here, (t) => t.name)
        .slice(0, shown)
        .map((t) => ({ id: tableKey(t), name: t.name, about: likely(attribute, t.name) ? `it may be of ${attribute}` : "", run: () => void look(t.name) }));
  const text = textOf(value);
  return (
    <Over title={`Follow ${attribute} to a table`} close={close}>
      <Choose
        key={of?.table ?? ""}
        label={of ? "Which key" : "Which table"}
        placeholder={of ? "Which key has this value?" : "Which table has items with this key?"}
        typed={typed}
        onTyped={setTyped}
        sections={[[of ? `Keys of ${of.table}` : "Tables", choices]]}
      >
        <p className="truncate px-4 pt-2 text-muted">
          {attribute} <span className="font-mono text-[13px] text-ink">{text}</span>
        </p>
        {problem ? (
          <p role="alert" className="px-4 pt-1 break-words text-danger">
            {problem}
          </p>
        ) : null}
      </Choose>
    </Over>
  );
}
