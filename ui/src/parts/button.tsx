import type { ButtonHTMLAttributes } from "react";

const kinds = {
  plain: "border border-line bg-panel hover:bg-raised",
  primary: "border border-accent bg-accent text-on-accent hover:opacity-95",
  danger: "border border-danger bg-danger text-on-danger hover:opacity-95",
};

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { kind?: keyof typeof kinds };

export const buttonClass = (kind: keyof typeof kinds = "plain") =>
  `inline-flex h-9 cursor-pointer items-center gap-2 rounded-md px-3 font-medium whitespace-nowrap disabled:cursor-not-allowed disabled:opacity-50 ${kinds[kind]}`;

export function Button({ kind, className = "", type = "button", ...rest }: Props) {
  return <button type={type} className={`${buttonClass(kind)} ${className}`} {...rest} />;
}

// IconButton has a name for those who do not see its icon.
export function IconButton({ label, className = "", ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex size-9 cursor-pointer items-center justify-center rounded-md text-muted enabled:hover:bg-raised enabled:hover:text-ink disabled:cursor-not-allowed disabled:opacity-40 ${className}`}
      {...rest}
    />
  );
}
