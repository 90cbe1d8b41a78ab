import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, codeFolding, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers, placeholder as placeholderText } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useId, useRef } from "react";

// The colours are those of the page, so both themes have theirs.
const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--panel)", fontSize: "13px", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "var(--default-mono-font-family, ui-monospace, monospace)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--code-selection)" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--muted)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--code-line)" },
  ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--code-match)" },
  ".cm-searchMatch-selected": { outline: "1px solid var(--accent)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--code-match)", outline: "1px solid var(--line)" },
  "&.cm-focused .cm-nonmatchingBracket": { color: "var(--danger)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--raised)", color: "var(--muted)", border: "1px solid var(--line)", padding: "0 4px" },
  ".cm-placeholder": { color: "var(--muted)" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)" },
  ".cm-panels.cm-panels-top, .cm-panels.cm-panels-bottom": { borderColor: "var(--line)" },
  ".cm-panel.cm-search label": { fontSize: "13px" },
  ".cm-textfield": { backgroundColor: "var(--panel)", border: "1px solid var(--line)", borderRadius: "4px" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--panel)", border: "1px solid var(--line)", borderRadius: "4px" },
  ".cm-tooltip": { backgroundColor: "var(--panel)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "6px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--danger)" },
});

const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-name)" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
    { tag: [tags.number, tags.integer, tags.float], color: "var(--code-number)" },
    { tag: [tags.keyword, tags.operatorKeyword, tags.bool, tags.null, tags.atom], color: "var(--code-keyword)" },
    { tag: [tags.comment, tags.lineComment, tags.blockComment], color: "var(--muted)", fontStyle: "italic" },
    { tag: tags.invalid, color: "var(--danger)" },
  ]),
);

export interface CodeProps {
  label: string;
  value: string;
  onChange?: (text: string) => void; // none: it can be read only
  language?: Extension; // with its completion, linter and keys, which go before the editor's
  placeholder?: string;
  lines?: boolean; // show their numbers
  tab?: boolean; // the Tab key indents, rather than go on to the next field
  className?: string; // says how high it is
  onView?: (view: EditorView | undefined) => void;
}

const hinted = (text: string): Extension => (text ? placeholderText(text) : []);

// Code is an editor of text in a language. Tab indents; Escape and then Tab leaves.
// It is large: import it only where it is shown.
export function Code({ label, value, onChange, language = [], placeholder = "", lines = true, tab = true, className = "h-80", onView }: CodeProps) {
  const element = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const hint = useId();
  const latest = useRef({ onChange, onView });
  useEffect(() => {
    latest.current = { onChange, onView };
  });
  const told = useRef<string[]>([]);
  const languages = useRef(new Compartment());
  const placeholders = useRef(new Compartment());
  const readOnly = onChange === undefined;

  useEffect(() => {
    const made = new EditorView({
      parent: element.current ?? undefined,
      state: EditorState.create({
        doc: value,
        extensions: [
          languages.current.of(language),
          theme,
          colours,
          lines ? lineNumbers() : [],
          lines ? foldGutter({ openText: "⌄", closedText: "›" }) : [],
          codeFolding(),
          highlightSpecialChars(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          lines ? highlightActiveLine() : [],
          highlightSelectionMatches(),
          search({ top: true }),
          EditorView.lineWrapping,
          EditorState.readOnly.of(readOnly),
          placeholders.current.of(hinted(placeholder)),
          EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": hint }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged || update.transactions.some((t) => t.isUserEvent("set"))) return;
            const text = update.state.doc.toString();
            told.current = [...told.current.slice(-20), text];
            latest.current.onChange?.(text);
          }),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, ...(readOnly || !tab ? [] : [indentWithTab])]),
        ],
      }),
    });
    view.current = made;
    latest.current.onView?.(made);
    return () => {
      latest.current.onView?.(undefined);
      made.destroy();
      view.current = undefined;
    };
    // What follows changes the editor that is there.
    // oxlint-disable-next-line exhaustive-deps
  }, [label, lines, tab, readOnly]);

  useEffect(() => view.current?.dispatch({ effects: languages.current.reconfigure(language) }), [language]);
  useEffect(() => view.current?.dispatch({ effects: placeholders.current.reconfigure(hinted(placeholder)) }), [placeholder]);

  // Text from elsewhere takes the place of what is there. What was typed here comes
  // back, too, and may be late: then more has been typed already.
  useEffect(() => {
    const mine = told.current.lastIndexOf(value);
    told.current = told.current.slice(mine + 1);
    const now = view.current;
    if (mine < 0 && now && now.state.doc.toString() !== value) {
      now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value }, userEvent: "set" });
    }
  }, [value]);

  return (
    <div className={`min-h-0 min-w-0 overflow-hidden rounded-md border border-line ${className}`}>
      <div ref={element} className="h-full" />
      <span id={hint} className="sr-only">
        {readOnly ? "Read only." : tab ? "Tab indents. Press Escape and then Tab to leave." : ""}
      </span>
    </div>
  );
}
