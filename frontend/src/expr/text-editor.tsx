/**
 * CodeMirror over a shared text, in a shadow root of its own: its style sheets are taken there as
 * objects, which the page's policy allows. Loaded when the first text is shown.
 */
import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  closeBrackets,
  completionKeymap,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder as showPlaceholder } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import type * as Y from "yjs";
import { awaited } from "./focus";
import { colours, expressions, look } from "./language";
import { askedAt, type Callable, type Known, offers } from "./reading";

export interface Mistake {
  line: number;
  column: number;
  message: string;
  isWarning?: boolean;
}

export interface TextEditorProps {
  /** The shared text, or a plain one with what is told of it. */
  text: Y.Text | string;
  onChange?: (text: string) => void;
  undo?: Y.UndoManager;
  label: string;
  language?: "expression" | "json" | "plain";
  isReadOnly?: boolean;
  placeholder?: string;
  scope?: () => Readonly<Record<string, Known>>;
  callables?: readonly Callable[];
  mistakes?: readonly Mistake[];
  onFocus?: () => void;
  onBlur?: () => void;
  isInvalid?: boolean;
}

const KINDS = { name: "variable", field: "property", function: "function", method: "method" };

function completion(props: { current: TextEditorProps }) {
  return (context: CompletionContext): CompletionResult | null => {
    const { scope, callables = [] } = props.current;
    if (!scope) return null;
    const text = context.state.doc.toString();
    const asked = askedAt(text, context.pos);
    if (
      !asked ||
      (!asked.word &&
        !asked.path.length &&
        !context.explicit &&
        !/\{\{\s*$/.test(text.slice(0, context.pos)))
    ) {
      return null;
    }
    const found = offers(asked, scope(), callables);
    if (!found.length) return null;
    return {
      from: asked.from,
      filter: false,
      options: found.slice(0, 100).map((offer) => ({
        label: offer.label,
        type: KINDS[offer.kind],
        detail: offer.detail,
        ...(offer.info ? { info: offer.info } : {}),
        ...(offer.apply
          ? {
              apply: (view: EditorView, _: unknown, from: number, to: number) => {
                const insert = offer.apply as string;
                const begin = insert.startsWith("[") ? from - 1 : from; // the dot goes
                view.dispatch({
                  changes: { from: begin, to, insert },
                  selection: { anchor: begin + insert.length },
                });
              },
            }
          : {}),
      })),
    };
  };
}

/**
 * Typing over a selection, done here: the browser would keep the look of what stood there in a
 * style of its own, which the page's policy forbids.
 */
function replaceSelection(event: InputEvent, view: EditorView): boolean {
  const { from, to, empty } = view.state.selection.main;
  const text = event.data;
  if (event.inputType !== "insertText" || text === null || empty || view.composing) return false;
  const insert = () =>
    view.state.update(view.state.replaceSelection(text), {
      userEvent: "input.type",
      scrollIntoView: true,
    });
  event.preventDefault();
  const isTaken = view.state
    .facet(EditorView.inputHandler)
    .some((handle) => handle(view, from, to, text, insert));
  if (!isTaken) view.dispatch(insert());
  return true;
}

export default function TextEditor(props: TextEditorProps) {
  const { text, undo, label, language = "expression", isReadOnly = false, placeholder } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const shared = typeof text === "string" ? null : text;
  // What was told of and has not come back yet: a page that is a moment behind takes nothing away.
  const told = useRef<string[]>([]);

  useEffect(() => {
    const place = host.current;
    if (!place) return;
    const root = place.shadowRoot ?? place.attachShadow({ mode: "open" });
    const initial = latest.current.text;
    const extensions: Extension[] = [
      look,
      colours,
      language === "json" ? json() : language === "expression" ? expressions() : [],
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({
        spellcheck: "false",
        autocorrect: "off",
      }),
      closeBrackets(),
      latest.current.scope
        ? autocompletion({ override: [completion(latest)], icons: false, activateOnTyping: true })
        : [],
      keymap.of([
        ...completionKeymap,
        { key: "Mod-Space", run: startCompletion },
        ...(undo ? yUndoManagerKeymap : []),
        ...defaultKeymap,
      ]),
      EditorView.domEventHandlers({
        beforeinput: replaceSelection,
        focus: () => latest.current.onFocus?.(),
        blur: () => latest.current.onBlur?.(),
      }),
      EditorState.readOnly.of(isReadOnly),
      EditorView.editable.of(!isReadOnly),
      placeholder ? showPlaceholder(placeholder) : [],
      shared ? yCollab(shared, null, undo ? { undoManager: undo } : { undoManager: false }) : [],
      shared
        ? []
        : EditorView.updateListener.of((update) => {
            const { onChange } = latest.current;
            if (!update.docChanged || !onChange) return;
            const written = update.state.doc.toString();
            told.current.push(written);
            onChange(written);
          }),
    ];
    const made = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc: typeof initial === "string" ? initial : initial.toString(),
        extensions,
      }),
    });
    view.current = made;
    if (awaited.label === latest.current.label && shared) {
      awaited.label = "";
      made.focus();
      made.dispatch({ selection: { anchor: made.state.doc.length } });
    }
    // What is typed is no shortcut of the page; what has a modifier may be.
    const keep = (event: KeyboardEvent) => {
      const isOut = event.key === "Escape" || event.ctrlKey || event.metaKey;
      if (!isOut || event.defaultPrevented) event.stopPropagation();
    };
    place.addEventListener("keydown", keep);
    return () => {
      place.removeEventListener("keydown", keep);
      made.destroy();
      view.current = null;
    };
  }, [shared, undo, language, isReadOnly, placeholder]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new editor is named as well
  useEffect(() => {
    // Apart from the rest: a row that is renamed keeps its editor, and whoever types in it.
    view.current?.contentDOM.setAttribute("aria-label", label);
  }, [label, shared, undo, language, isReadOnly, placeholder]);

  useEffect(() => {
    const there = view.current;
    if (!there || typeof text !== "string") return;
    const now = there.state.doc.toString();
    const back = told.current.indexOf(text);
    if (now !== text && back >= 0) {
      told.current.splice(0, back + 1);
      return;
    }
    if (now !== text) there.dispatch({ changes: { from: 0, to: now.length, insert: text } });
    told.current = [];
  }, [text]);

  const { mistakes, isInvalid = false } = props;
  const complaint = (mistakes ?? []).map((one) => one.message).join("; ");
  useEffect(() => {
    const there = view.current?.contentDOM;
    if (!there) return;
    // Outside of the shadow root nothing can be referred to, so it is said in words.
    there.setAttribute("aria-description", complaint);
    there.setAttribute("aria-invalid", String(isInvalid));
  }, [complaint, isInvalid]);
  useEffect(() => {
    const there = view.current;
    if (!there) return;
    const { doc } = there.state;
    const found: Diagnostic[] = (mistakes ?? []).map((one) => {
      const line = doc.line(Math.max(1, Math.min(one.line, doc.lines)));
      const from = Math.min(line.from + Math.max(0, one.column - 1), line.to);
      const word = /^[\w.]+/.exec(doc.sliceString(from, line.to))?.[0].length ?? 1;
      return {
        from,
        to: Math.min(from + word, doc.length),
        severity: one.isWarning ? "warning" : "error",
        message: one.message,
      };
    });
    there.dispatch(setDiagnostics(there.state, found));
  }, [mistakes]);

  return <div ref={host} className="min-h-[30px]" data-editor={label} />;
}
