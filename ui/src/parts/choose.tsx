import { Command } from "cmdk";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";

export interface Choice {
  id: string;
  name: string;
  about?: string; // more to find it by, and to tell it from others
  hint?: ReactNode;
  run: () => void;
}

// Over is a dialog near the top of the window, for what is typed and chosen at once.
export function Over({ title, close, children }: { title: string; close: () => void; children: ReactNode }) {
  return (
    <Dialog.Root open onOpenChange={(open) => { if (!open) close(); }}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/50" />
        <Dialog.Content aria-describedby={undefined} className="fixed top-[12vh] left-1/2 z-40 w-[min(40rem,calc(100vw-2rem))] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-panel shadow-xl">
          <Dialog.Title className="sr-only">{title}</Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface Props {
  label: string;
  placeholder: string;
  typed: string;
  onTyped: (typed: string) => void;
  sections: readonly (readonly [heading: string, choices: readonly Choice[]])[];
  children?: ReactNode; // above the list
}

// Choose is a field that finds what can be chosen, below it. What is found is its
// caller's to say.
export function Choose({ label, placeholder, typed, onTyped, sections, children }: Props) {
  return (
    <Command shouldFilter={false} label={label} loop>
      <Command.Input autoFocus value={typed} onValueChange={onTyped} placeholder={placeholder} className="h-12 w-full border-b border-line bg-panel px-4 text-ink outline-none placeholder:text-muted" />
      {children}
      <Command.List label="What there is" tabIndex={0} className="max-h-[60vh] overflow-y-auto p-2">
        {sections.every(([, choices]) => choices.length === 0) ? <p className="px-2 py-6 text-center text-muted">Nothing has such a name.</p> : null}
        {sections.map(([heading, choices]) =>
          choices.length > 0 ? (
            <Command.Group
              key={heading}
              heading={heading}
              className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-semibold [&_[cmdk-group-heading]]:text-muted"
            >
              {choices.map((c) => (
                <Command.Item key={c.id} value={c.id} onSelect={c.run} className="flex cursor-pointer items-center gap-3 rounded px-2 py-1.5 data-[selected=true]:bg-raised">
                  <span className="min-w-0 truncate">{c.name}</span>
                  <span className="min-w-0 flex-1 truncate text-muted">{c.about}</span>
                  {c.hint}
                </Command.Item>
              ))}
            </Command.Group>
          ) : null,
        )}
      </Command.List>
    </Command>
  );
}
