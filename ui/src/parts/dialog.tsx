import { AlertDialog, Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";

const over = "fixed inset-0 z-30 bg-black/50";
const frame = "fixed top-1/2 left-1/2 z-40 max-h-[90vh] -translate-x-1/2 -translate-y-1/2 overflow-auto rounded-lg border border-line bg-panel p-5 shadow-xl";

interface Props {
  open: boolean;
  close: () => void;
  title: string;
  text?: ReactNode;
  wide?: boolean;
  children?: ReactNode;
}

const width = (wide?: boolean) => (wide ? "w-[min(60rem,calc(100vw-2rem))]" : "w-[min(34rem,calc(100vw-2rem))]");

// Dialog asks for something that does no harm.
export function Dialog({ open, close, title, text, wide, children }: Props) {
  return (
    <Radix.Root open={open} onOpenChange={(now) => { if (!now) close(); }}>
      <Radix.Portal>
        <Radix.Overlay className={over} />
        <Radix.Content className={`${frame} ${width(wide)}`} {...(text ? {} : { "aria-describedby": undefined })}>
          <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
          {text ? <Radix.Description className="mt-1 text-muted">{text}</Radix.Description> : null}
          <div className="mt-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

// Warning asks before something is done that cannot be undone. What is in it has
// the button that does it.
export function Warning({ open, close, title, text, wide, children }: Props) {
  return (
    <AlertDialog.Root open={open} onOpenChange={(now) => { if (!now) close(); }}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={over} />
        <AlertDialog.Content
          className={`${frame} ${width(wide)}`}
          // What is to be typed comes first. Where nothing is, it is Cancel.
          onOpenAutoFocus={(e) => {
            const field = (e.currentTarget as HTMLElement).querySelector("input");
            if (!field) return;
            e.preventDefault();
            field.focus();
          }}
        >
          <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description className="mt-1 text-muted">{text}</AlertDialog.Description>
          {children}
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

// CancelWarning is the button that leaves a Warning.
export function CancelWarning() {
  return (
    <AlertDialog.Cancel asChild>
      <Button>Cancel</Button>
    </AlertDialog.Cancel>
  );
}
