import { type ComponentProps, type ReactNode, useId } from "react";

const control = "h-9 w-full rounded-md border border-line bg-panel px-2.5 text-ink placeholder:text-muted";

interface Labelled {
  label: string;
  hint?: ReactNode;
  hidden?: boolean; // the label is only for those who do not see
}

function Around({ id, label, hint, hidden, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className="min-w-0 flex-1">
      <label htmlFor={id} className={hidden ? "sr-only" : "mb-1 block font-medium"}>
        {label}
      </label>
      {children}
      {hint ? (
        <p id={`${id}-hint`} className="mt-1 text-muted">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

export function TextField({ label, hint, hidden, className = "", ...rest }: Labelled & ComponentProps<"input">) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} hidden={hidden}>
      <input id={id} aria-describedby={hint ? `${id}-hint` : undefined} className={`${control} ${className}`} autoComplete="off" spellCheck={false} {...rest} />
    </Around>
  );
}

export function Choice({ label, hint, hidden, options, className = "", ...rest }: Labelled & ComponentProps<"select"> & { options: [value: string, text: string][] }) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} hidden={hidden}>
      <select id={id} aria-describedby={hint ? `${id}-hint` : undefined} className={`${control} ${className}`} {...rest}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </Around>
  );
}

export function Check({ label, hint, ...rest }: Labelled & ComponentProps<"input">) {
  const id = useId();
  return (
    <div className="flex gap-2.5">
      <input id={id} type="checkbox" className="mt-0.5 size-4 accent-accent" aria-describedby={hint ? `${id}-hint` : undefined} {...rest} />
      <div>
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {hint ? (
          <p id={`${id}-hint`} className="text-muted">
            {hint}
          </p>
        ) : null}
      </div>
    </div>
  );
}
