import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { Editor, type Handle } from "../editor/editor";
import { itemQuery, keyText } from "../editor/load";
import { readOnly } from "../given";
import { keyNames, type Source } from "../model/table";
import { fromWire, type Item as Attributes, identity, itemFromWire, itemToWire, keyOf, parseDynamoJSON, recordOf, typeNames, typeOf } from "../model/value";
import { Button, buttonClass } from "../parts/button";
import { Unsaved, useSources, useUnsaved } from "../parts/inspector";
import { Failure, Gone, ReadOnly } from "../parts/notice";
import { Skeleton } from "../parts/panel";
import { messageOf, tableQuery } from "../server";

const route = "/t/$account/$region/$table/item";

// Item is the page of one item, by its key, or of one that is to be: empty, or a
// copy.
export function Item() {
  const { account, region, table } = useParams({ from: route });
  const search = useSearch({ from: route });
  const place = { account, region };
  const sources = useSources(useQuery(tableQuery(place, table)).data as TableDescription);
  const keys = sources?.slice(0, 1).flatMap(keyNames) ?? [];
  const given = search.key ?? search.copy;
  const read = sources && given !== undefined ? keyOfSearch(given, sources) : undefined;

  if (!sources) return <Skeleton />;
  if (read && "problem" in read) {
    return (
      <Gone what="This link has no key of an item" message={read.problem}>
        <Link to="/t/$account/$region/$table" params={{ account, region, table }} className={buttonClass()}>
          All items
        </Link>
        {readOnly ? null : (
          <Link to={route} params={{ account, region, table }} search={{ new: true }} className={buttonClass("primary")}>
            New item
          </Link>
        )}
      </Gone>
    );
  }
  if (readOnly && (!read || search.key === undefined)) return <ReadOnly what="There are no new items here" />;
  if (!read) return <Opened key="new" title="New item" sources={sources} start={emptyKey(sources)} />;
  return <Loaded key={`${search.key === undefined}${identity(read.key, keys)}`} itemKey={read.key} sources={sources} keys={keys} copy={search.key === undefined} />;
}

// keyOfSearch reads the key in a link, and says what is wrong with it.
function keyOfSearch(given: unknown, [source]: readonly Source[]): { key: Attributes } | { problem: string } {
  try {
    const key = typeof given === "string" ? parseDynamoJSON(given) : itemFromWire(given);
    const wanted = source ? [...source.hash, ...source.range] : [];
    for (const { name, type } of wanted) {
      const v = Object.hasOwn(key, name) ? key[name] : undefined;
      if (!v) return { problem: `The key attribute ${name} is missing.` };
      if (typeOf(v) !== type) return { problem: `The key attribute ${name} is a ${typeNames[type]} in this table, not a ${typeNames[typeOf(v)]}.` };
    }
    const strange = Object.keys(key).find((name) => !wanted.some((w) => w.name === name));
    if (strange !== undefined) return { problem: `${strange} is no attribute of the table’s key.` };
    return { key };
  } catch (err) {
    return { problem: `It should be DynamoDB JSON, like {"${source?.hash[0]?.name}": {"S": "…"}}. ${err instanceof Error ? err.toString().replace(/^\w*Error: /, "") : ""}` };
  }
}

// emptyKey returns what a new item begins with.
function emptyKey([source]: readonly Source[]): Attributes {
  return recordOf((source ? [...source.hash, ...source.range] : []).map(({ name, type }) => [name, type === "B" ? fromWire({ B: "" }) : type === "N" ? { N: "" } : { S: "" }] as const));
}

function Loaded({ itemKey, sources, keys, copy }: { itemKey: Attributes; sources: readonly Source[]; keys: readonly string[]; copy: boolean }) {
  const { account, region, table } = useParams({ from: route });
  const loaded = useQuery(itemQuery({ account, region }, table, keys, itemKey));
  const [creating, setCreating] = useState(false);
  if (loaded.isPending) return <Skeleton rows={8} />;
  if (loaded.isError) {
    return (
      <Failure title="The item cannot be read" message={messageOf(loaded.error)}>
        <Button onClick={() => void loaded.refetch()}>Try again</Button>
      </Failure>
    );
  }
  if (creating && !loaded.data) return <Opened title="New item" sources={sources} start={itemKey} />;
  if (!loaded.data) {
    return (
      <Gone what="There is no item with this key" message={keyText(itemKey, keys)}>
        <Link to="/t/$account/$region/$table" params={{ account, region, table }} className={buttonClass()}>
          All items
        </Link>
        <Button onClick={() => void loaded.refetch()}>Look again</Button>
        {readOnly ? null : (
          <Button kind="primary" onClick={() => setCreating(true)}>
            Create it
          </Button>
        )}
      </Gone>
    );
  }
  if (copy) return <Opened title="New item, a copy" sources={sources} start={loaded.data} />;
  return <Opened title="Item" sources={sources} base={loaded.data} refetch={() => void loaded.refetch()} />;
}

interface OpenedProps {
  title: string;
  sources: readonly Source[];
  base?: Attributes;
  start?: Attributes;
  refetch?: () => void;
}

function Opened({ title, sources, base, start, refetch }: OpenedProps) {
  const { account, region, table } = useParams({ from: route });
  const params = { account, region, table };
  const place = { account, region };
  const navigate = useNavigate();
  const queries = useQueryClient();
  const keys = sources.slice(0, 1).flatMap(keyNames);
  const [dirty, setDirty] = useState(false);
  const editor = useRef<Handle>(null);
  const { blocker, release } = useUnsaved(dirty);
  const toItem = (item: Attributes) => navigate({ to: route, params, search: { key: itemToWire(keyOf(item, keys)) }, replace: true });

  return (
    <div className="flex min-h-0 flex-1 flex-col gap-2">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h2 className="text-base font-semibold">{title}</h2>
        {base ? <span className="min-w-0 font-mono text-[13px] break-all text-muted">{keyText(base, keys)}</span> : null}
        <span className="flex-1" />
        <Link to="/t/$account/$region/$table" params={params} className="text-accent hover:underline">
          All items
        </Link>
      </div>
      <div className="flex min-h-[28rem] flex-1 flex-col rounded-lg border border-line bg-panel p-4">
        <Editor
          ref={editor}
          place={place}
          table={table}
          sources={sources}
          {...(base ? { base } : {})}
          {...(start ? { start } : {})}
          onDirty={setDirty}
          onSaved={(item) => {
            setDirty(false);
            release();
            queries.setQueryData(itemQuery(place, table, keys, item).queryKey, item);
            if (!base || identity(item, keys) !== identity(base, keys)) void toItem(item);
          }}
          onDeleted={() => {
            setDirty(false);
            release();
            void navigate({ to: "/t/$account/$region/$table", params });
          }}
          onUndone={() => refetch?.()}
          onDuplicate={(of) => void navigate({ to: route, params, search: { copy: itemToWire(keyOf(of, keys)) } })}
        />
      </div>
      <Unsaved
        open={blocker.status === "blocked"}
        stay={() => blocker.reset?.()}
        discard={() => blocker.proceed?.()}
        save={async () => {
          const { proceed, reset } = blocker;
          if (await editor.current?.save()) proceed?.();
          else reset?.();
        }}
      />
    </div>
  );
}
