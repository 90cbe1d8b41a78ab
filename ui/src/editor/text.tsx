import { json } from "@codemirror/lang-json";
import { type Diagnostic, linter, lintGutter } from "@codemirror/lint";
import type { EditorView } from "@codemirror/view";
import { useEffect, useMemo, useRef } from "react";
import type { Source } from "../model/table";
import { Code } from "../parts/code";
import { read } from "./draft";

export interface TextProps {
  view: "plain" | "wire";
  text: string;
  onText?: (text: string) => void; // none: it can be read only
  sources: readonly Source[];
  goal: { offset: number } | undefined; // where the cursor goes: another object goes there again
  className?: string;
}

// Text is an item in JSON, with what is wrong with it underlined. It has all of
// CodeMirror with it.
export function Text({ view, text, onText, sources, goal, className }: TextProps) {
  const editor = useRef<EditorView>(undefined);
  const language = useMemo(
    () => [
      json(),
      lintGutter(),
      linter(
        (at): Diagnostic[] => {
          const now = at.state.doc.toString();
          return read({ view, text: now }, sources).troubles.map((t) => {
            const from = Math.min(t.position?.offset ?? 0, now.length);
            const rest = /^("(?:[^"\\\n]|\\.)*"?|[^\s,\]}]+|.)/.exec(now.slice(from, from + 200))?.[0].length ?? 0;
            return { from, to: Math.min(now.length, from + rest), severity: "error", message: t.text };
          });
        },
        { delay: 300 },
      ),
    ],
    [view, sources],
  );
  const go = (to: { offset: number } | undefined) => {
    const now = editor.current;
    if (!now || !to) return;
    const offset = Math.min(to.offset, now.state.doc.length);
    now.dispatch({ selection: { anchor: offset }, scrollIntoView: true });
    now.focus();
  };
  useEffect(() => go(goal), [goal]);
  return (
    <Code
      label={view === "plain" ? "Item as JSON" : "Item as DynamoDB JSON"}
      value={text}
      onChange={onText}
      language={language}
      className={className}
      onView={(now) => {
        editor.current = now;
        if (now) go(goal);
      }}
    />
  );
}
