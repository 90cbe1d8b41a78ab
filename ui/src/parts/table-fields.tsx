import { Plus, X } from "lucide-react";
import type { ReactNode } from "react";
import { emptyIndex, type IndexForm, type TableForm, type Throughput } from "../definition/form";
import type { KeyAttribute } from "../model/table";
import { Button, IconButton } from "./button";
import { Choice, TextField } from "./field";

export const projections: [string, string][] = [
  ["ALL", "All"],
  ["KEYS_ONLY", "Keys only"],
  ["INCLUDE", "Keys and some more"],
];

export const billings: [string, string][] = [
  ["PAY_PER_REQUEST", "On demand"],
  ["PROVISIONED", "Provisioned"],
];

export const classes: [string, string][] = [
  ["STANDARD", "Standard"],
  ["STANDARD_INFREQUENT_ACCESS", "Standard, infrequent access"],
];

export const views: [string, string][] = [
  ["", "Off"],
  ["NEW_AND_OLD_IMAGES", "New and old images"],
  ["NEW_IMAGE", "New image"],
  ["OLD_IMAGE", "Old image"],
  ["KEYS_ONLY", "Keys only"],
];

const types: [string, string][] = [
  ["S", "String"],
  ["N", "Number"],
  ["B", "Binary"],
];

const regions = ["us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-central-1", "ap-south-1", "ap-northeast-1", "ap-southeast-1", "sa-east-1"];

// Regions is a list of regions that fields can offer by its id.
export function Regions({ id }: { id: string }) {
  return (
    <datalist id={id}>
      {regions.map((r) => (
        <option key={r} value={r} />
      ))}
    </datalist>
  );
}

// Part is a group of fields with a title.
export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-panel p-4">
      <legend className="float-left mb-1 w-full text-base font-semibold">{title}</legend>
      {children}
    </fieldset>
  );
}

export function Row({ children }: { children: ReactNode }) {
  return <div className="flex flex-col gap-3 sm:flex-row">{children}</div>;
}

// nameHint says what a name of a table or an index is, and what is wrong with one.
export function nameHint(name: string): string {
  const odd = /[^A-Za-z0-9_.-]/u.exec(name)?.[0];
  if (odd !== undefined) return `${odd === " " ? "A space" : `“${odd}”`} cannot be in a name: it has letters, digits, and . _ -`;
  if (name.length > 255) return `${name.length} characters are too many: there may be 255`;
  return "3 to 255 letters, digits, and . _ -";
}

export function KeyRow({ label, hint, required, attribute, set, remove }: { label: string; hint?: string; required?: boolean; attribute: KeyAttribute; set: (a: KeyAttribute) => void; remove?: () => void }) {
  return (
    <Row>
      <div className="min-w-0 flex-1">
        <TextField label={label} hint={hint} required={required} value={attribute.name} onChange={(e) => set({ ...attribute, name: e.target.value })} />
      </div>
      <div className="flex items-end gap-1 self-start max-sm:w-full sm:w-52 sm:shrink-0">
        <Choice label={`${label}: type`} value={attribute.type} onChange={(e) => set({ ...attribute, type: e.target.value as KeyAttribute["type"] })} options={types} />
        {remove ? (
          <IconButton label={`Remove ${label.charAt(0).toLowerCase()}${label.slice(1)}`} onClick={remove}>
            <X size={16} aria-hidden />
          </IconButton>
        ) : null}
      </div>
    </Row>
  );
}

const mostKeys = 4; // of each kind

// KeyRows are the attributes of a key that may have several.
function KeyRows({ label, first, attributes, set }: { label: string; first?: boolean; attributes: KeyAttribute[]; set: (all: KeyAttribute[]) => void }) {
  return (
    <>
      {attributes.map((attribute, i) => (
        <KeyRow
          key={i}
          label={i === 0 ? label : `${label} ${i + 1}`}
          required={first && i === 0}
          attribute={attribute}
          set={(a) => set(attributes.with(i, a))}
          remove={i === 0 ? undefined : () => set(attributes.toSpliced(i, 1))}
        />
      ))}
      {attributes.length < mostKeys && attributes.at(-1)?.name ? (
        <div>
          <Button onClick={() => set([...attributes, { name: "", type: "S" }])}>
            <Plus size={16} aria-hidden />
            {first ? "Attribute of the partition key" : "Attribute of the sort key"}
          </Button>
        </div>
      ) : null}
    </>
  );
}

// Limits are the fields of throughput that most tables do without.
export function Limits({ billing, of, set }: { billing: TableForm["billing"]; of: Throughput; set: (change: Partial<Throughput>) => void }) {
  return (
    <details className="rounded-md" open={[of.maxRead, of.maxWrite, of.warmRead, of.warmWrite].some((t) => t !== "")}>
      <summary className="w-fit cursor-pointer font-medium text-accent">Limits and warm throughput</summary>
      <div className="mt-3 flex flex-col gap-3">
        {billing === "PAY_PER_REQUEST" ? (
          <Row>
            <TextField label="Reads a second, at most" type="number" min={1} placeholder="no limit" value={of.maxRead} onChange={(e) => set({ maxRead: e.target.value })} />
            <TextField label="Writes a second, at most" type="number" min={1} placeholder="no limit" value={of.maxWrite} onChange={(e) => set({ maxWrite: e.target.value })} />
          </Row>
        ) : null}
        <Row>
          <TextField label="Reads a second, ready at once" type="number" min={1} value={of.warmRead} onChange={(e) => set({ warmRead: e.target.value })} hint="This is its warm throughput" />
          <TextField label="Writes a second, ready at once" type="number" min={1} value={of.warmWrite} onChange={(e) => set({ warmWrite: e.target.value })} />
        </Row>
      </div>
    </details>
  );
}

// IndexFields are the fields of one index.
export function IndexFields({ index, billing, set }: { index: IndexForm; billing: TableForm["billing"]; set: (change: Partial<IndexForm>) => void }) {
  return (
    <>
      <TextField label="Index name" required value={index.name} onChange={(e) => set({ name: e.target.value })} hint={nameHint(index.name)} />
      {index.local && index.hash.length === 0 ? null : <KeyRows label="Partition key" first attributes={index.hash} set={(hash) => set({ hash })} />}
      {index.local ? (
        <KeyRow label="Sort key" required attribute={index.range[0] ?? { name: "", type: "S" }} set={(a) => set({ range: [a] })} />
      ) : (
        <KeyRows label="Sort key" attributes={index.range.length > 0 ? index.range : [{ name: "", type: "S" }]} set={(range) => set({ range })} />
      )}
      <Choice label="Attributes in the index" value={index.projection} onChange={(e) => set({ projection: e.target.value as IndexForm["projection"] })} options={projections} />
      {index.projection === "INCLUDE" ? <TextField label="Which" required value={index.include} onChange={(e) => set({ include: e.target.value })} hint="Names, separated by commas" /> : null}
      {billing === "PROVISIONED" && !index.local ? (
        <Row>
          <TextField label="Read units" type="number" min={1} placeholder="as the table" value={index.read} onChange={(e) => set({ read: e.target.value })} />
          <TextField label="Write units" type="number" min={1} placeholder="as the table" value={index.write} onChange={(e) => set({ write: e.target.value })} />
        </Row>
      ) : null}
      {index.local ? null : <Limits billing={billing} of={index} set={set} />}
    </>
  );
}

// IndexList are the indexes of a table that is being made.
export function IndexList({ form, set }: { form: TableForm; set: (change: Partial<TableForm>) => void }) {
  const add = (local: boolean) => set({ indexes: [...form.indexes, emptyIndex(local)] });
  return (
    <>
      {form.indexes.map((ix) => {
        const kind = ix.local ? "Local index" : "Global index";
        return (
          <div key={ix.id} role="group" aria-label={`${kind} ${ix.name}`} className="flex flex-col gap-3 rounded-md border border-line p-3">
            <div className="flex items-center justify-between">
              <span className="font-medium">{kind}</span>
              <IconButton label={`Remove the index ${ix.name}`} onClick={() => set({ indexes: form.indexes.filter((other) => other.id !== ix.id) })}>
                <X size={16} aria-hidden />
              </IconButton>
            </div>
            <IndexFields index={ix} billing={form.billing} set={(change) => set({ indexes: form.indexes.map((other) => (other.id === ix.id ? { ...other, ...change } : other)) })} />
          </div>
        );
      })}
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => add(false)}>
          <Plus size={16} aria-hidden />
          Global index
        </Button>
        <Button onClick={() => add(true)} disabled={form.range.name === ""} title={form.range.name === "" ? "A local index needs a table with a sort key" : undefined}>
          <Plus size={16} aria-hidden />
          Local index
        </Button>
      </div>
    </>
  );
}
