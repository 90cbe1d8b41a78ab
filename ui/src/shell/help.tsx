import { Fragment } from "react";
import { everywhere, names, type Shortcut, useShortcuts, useSingleKeys } from "../keys";
import { Dialog } from "../parts/dialog";
import { Check } from "../parts/field";

// Help lists the keys that do something now.
export function Help({ open, close }: { open: boolean; close: () => void }) {
  return (
    <Dialog open={open} close={close} title="Keys">
      <Keys />
    </Dialog>
  );
}

// Keys lists them, and has the switch for those that are pressed alone.
export function Keys() {
  const shortcuts = useShortcuts();
  const [single, setSingle] = useSingleKeys();
  const scopes = new Map<string, Map<string, Shortcut>>();
  const last = (scope: string) => (scope === everywhere ? 1 : 0);
  for (const s of shortcuts) {
    // Of two of the same keys the page's counts.
    if (s.scope === everywhere && shortcuts.some((o) => o.keys === s.keys && o.scope !== everywhere)) continue;
    const own = scopes.get(s.scope) ?? new Map<string, Shortcut>();
    own.set(s.keys, s);
    scopes.set(s.scope, own);
  }
  return (
    <div className="flex flex-col gap-5">
      {[...scopes]
        .sort(([a], [b]) => last(a) - last(b))
        .map(([scope, own]) => (
          <section key={scope} aria-label={scope}>
            <h3 className="mb-1 font-semibold">{scope}</h3>
            <dl className="grid grid-cols-[1fr_auto] items-center gap-x-6">
              {[...own.values()].map((s) => (
                <Fragment key={s.keys}>
                  <dt className="border-b border-line py-1.5">{s.description}</dt>
                  <dd className="border-b border-line py-1.5 text-end">
                    <Strokes keys={s.keys} />
                  </dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      <Check
        label="Keys without Ctrl or ⌘"
        hint="Off is safer for those who speak to the machine, or whose keys go astray."
        checked={single}
        onChange={(e) => setSingle(e.target.checked)}
      />
    </div>
  );
}

// Strokes shows keys as they are called on this machine.
export function Strokes({ keys }: { keys: string }) {
  return (
    <span className="whitespace-nowrap text-muted">
      {names(keys).map((name, i) => (
        <Fragment key={i}>
          {i > 0 ? " then " : ""}
          <kbd className="rounded border border-line bg-raised px-1.5 py-0.5 font-mono text-xs text-ink">{name}</kbd>
        </Fragment>
      ))}
    </span>
  );
}
