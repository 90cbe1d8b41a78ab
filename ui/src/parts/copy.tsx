import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { IconButton } from "./button";

// Snippet is text to be copied. What has lines keeps them, however long they are.
export function Snippet({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    window.setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div className="relative rounded-md border border-line bg-raised">
      {/* It scrolls, so it must be reachable without a mouse. */}
      <pre tabIndex={0} aria-label={label} className={`max-h-[28rem] overflow-auto p-3 pe-12 font-mono text-[13px] ${text.includes("\n") ? "whitespace-pre" : "whitespace-pre-wrap break-words"}`}>
        {text}
      </pre>
      <IconButton label={copied ? "Copied" : `Copy ${label}`} onClick={copy} className="absolute top-1 end-1 bg-raised">
        {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
      </IconButton>
    </div>
  );
}
