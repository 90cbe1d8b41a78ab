import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { buttonClass } from "./button";

// An Entry is a line of a menu: something to do, something to switch, more of them,
// or a line between.
export type Entry =
  | { text: string; hint?: string; do: () => void; disabled?: boolean }
  | { text: string; checked: boolean; set: (checked: boolean) => void }
  | { text: string; entries: Entry[] }
  | "line";

const frame = "z-50 max-h-[min(28rem,var(--radix-dropdown-menu-content-available-height))] min-w-44 overflow-y-auto rounded-md border border-line bg-panel p-1 shadow-xl";
const line = "flex min-h-8 cursor-pointer items-center gap-3 rounded px-2.5 outline-none data-disabled:cursor-not-allowed data-disabled:opacity-50 data-highlighted:bg-raised data-[state=open]:bg-raised";

function Lines({ entries }: { entries: readonly Entry[] }) {
  return entries.map((entry, i) => {
    if (entry === "line") return <DropdownMenu.Separator key={i} className="my-1 h-px bg-line" />;
    if ("entries" in entry) {
      return (
        <DropdownMenu.Sub key={entry.text}>
          <DropdownMenu.SubTrigger className={line}>
            <span className="flex-1">{entry.text}</span>
            <span aria-hidden>›</span>
          </DropdownMenu.SubTrigger>
          <DropdownMenu.Portal>
            <DropdownMenu.SubContent className={frame} sideOffset={4}>
              <Lines entries={entry.entries} />
            </DropdownMenu.SubContent>
          </DropdownMenu.Portal>
        </DropdownMenu.Sub>
      );
    }
    if ("checked" in entry) {
      return (
        // It stays open: mostly more than one is switched.
        <DropdownMenu.CheckboxItem key={entry.text} className={line} checked={entry.checked} onCheckedChange={entry.set} onSelect={(e) => e.preventDefault()}>
          <span aria-hidden className="w-4">
            {entry.checked ? "✓" : ""}
          </span>
          <span className="flex-1 break-all">{entry.text}</span>
        </DropdownMenu.CheckboxItem>
      );
    }
    return (
      <DropdownMenu.Item key={entry.text} className={line} disabled={entry.disabled} onSelect={entry.do}>
        <span className="flex-1 break-words">{entry.text}</span>
        {entry.hint ? <span className="text-muted">{entry.hint}</span> : null}
      </DropdownMenu.Item>
    );
  });
}

// MenuButton opens a menu below it.
export function MenuButton({ label, children, entries, disabled, className = "" }: { label?: string; children: ReactNode; entries: () => Entry[]; disabled?: boolean; className?: string }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger aria-label={label} disabled={disabled} className={`${buttonClass()} ${className}`}>
        {children}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={frame} align="end" sideOffset={4} collisionPadding={8}>
          <Filled entries={entries} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

// Filled asks for the lines of a menu only when it is open.
function Filled({ entries }: { entries: () => Entry[] }) {
  return <Lines entries={entries()} />;
}

export interface Point {
  x: number;
  y: number;
}

// PointMenu is a menu at a point of the window; undefined is none. When it closes,
// back is asked for what gets the focus, unless something has taken it.
export function PointMenu({ at, label, entries, close, back }: { at: Point | undefined; label: string; entries: readonly Entry[]; close: () => void; back: () => HTMLElement | null }) {
  return (
    <DropdownMenu.Root modal={false} open={at !== undefined} onOpenChange={(open) => { if (!open) close(); }}>
      <DropdownMenu.Trigger asChild>
        <span aria-hidden style={{ position: "fixed", left: at?.x ?? 0, top: at?.y ?? 0, width: 0, height: 0 }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className={frame}
          aria-label={label}
          aria-labelledby={undefined}
          align="start"
          collisionPadding={8}
          onCloseAutoFocus={(e) => {
            e.preventDefault();
            if (document.activeElement === document.body) back()?.focus({ preventScroll: true });
          }}
        >
          <Lines entries={entries} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
