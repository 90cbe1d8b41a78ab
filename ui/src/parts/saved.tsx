import { Trash2 } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { useKept } from "../kept";
import { inWords, type Saved, savedOf, withName } from "../query/history";
import { decode, encode, type Query } from "../query/model";
import { Button, IconButton } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";

// SavedQueries gives a query a name, or shows those that have one, to be renamed and
// deleted.
export function SavedQueries({ memory, close, query }: { memory: string; close: () => void; query?: Query }) {
  const [saved, setSaved] = useKept(useMemo(() => savedOf(memory), [memory]));
  const [name, setName] = useState("");
  const wanted = name.trim();
  const there = saved.some((s) => s.name === wanted);
  if (query) {
    return (
      <Dialog open close={close} title="Save this query" text={inWords(query)}>
        <form
          className="flex flex-col gap-4"
          onSubmit={(e) => {
            e.preventDefault();
            if (wanted === "") return;
            setSaved(withName(saved, { name: wanted, search: encode(query) }));
            close();
          }}
        >
          <TextField label="Name" value={name} onChange={(e) => setName(e.target.value)} autoComplete="off" />
          <p className="text-muted" role="status">
            {there ? "There is a query with this name: it is replaced." : "It is kept in this web browser, and is in the menu and in Go to…."}
          </p>
          <div className="flex justify-end gap-2">
            <Button onClick={close}>Cancel</Button>
            <Button kind="primary" type="submit" disabled={wanted === ""}>
              {there ? "Replace" : "Save"}
            </Button>
          </div>
        </form>
      </Dialog>
    );
  }
  return (
    <Dialog open close={close} title="Saved queries" text="They are kept in this web browser. A name that is changed is kept with Enter.">
      {saved.length === 0 ? <p className="text-muted">There are none any more.</p> : null}
      <ul className="flex flex-col gap-3">
        {saved.map((s) => (
          <Row key={s.name} saved={s} taken={(to) => to !== s.name && saved.some((o) => o.name === to)} rename={(to) => setSaved(withName(saved, { ...s, name: to }, s.name))} remove={() => setSaved(saved.filter((o) => o !== s))} />
        ))}
      </ul>
      <div className="mt-4 flex justify-end">
        <Button onClick={close}>Close</Button>
      </div>
    </Dialog>
  );
}

function Row({ saved, taken, rename, remove }: { saved: Saved; taken: (name: string) => boolean; rename: (name: string) => void; remove: () => void }) {
  const [name, setName] = useState(saved.name);
  const id = useId();
  const wanted = name.trim();
  const problem = wanted === "" ? "A query has a name." : taken(wanted) ? "Another one has this name." : undefined;
  const keep = () => {
    if (!problem && wanted !== saved.name) rename(wanted);
  };
  return (
    <li>
      <form className="flex items-center gap-2" onSubmit={(e) => { e.preventDefault(); keep(); }}>
        <TextField hidden label={`Name of ${saved.name}`} value={name} aria-invalid={problem !== undefined} aria-describedby={id} onChange={(e) => setName(e.target.value)} onBlur={keep} autoComplete="off" />
        <IconButton label={`Delete ${saved.name}`} onClick={remove}>
          <Trash2 size={16} aria-hidden />
        </IconButton>
      </form>
      <p id={id} className={`mt-0.5 break-words ${problem ? "text-danger" : "text-muted"}`}>
        {problem ?? inWords(decode(saved.search).query)}
      </p>
    </li>
  );
}
