/** Texts with expressions in them, coloured: what is text, and inside the braces names, calls, literals. */
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

interface State {
  isInside: boolean;
  quote: string;
}

const WORDS = new Set(["true", "false", "null", "in", "has", "get"]);

/** `isWhole`: the text is one expression without braces around it. */
export const expressions = (isWhole = false) =>
  StreamLanguage.define<State>({
    startState: () => ({ isInside: isWhole, quote: "" }),
    token: (stream, state) => {
      if (!state.isInside) {
        if (stream.match("{{")) {
          state.isInside = true;
          return "brace";
        }
        if (!stream.skipTo("{{")) stream.skipToEnd();
        return null;
      }
      if (state.quote) {
        let letter = stream.next();
        while (letter !== undefined && letter !== state.quote) {
          if (letter === "\\") stream.next();
          letter = stream.next();
        }
        if (letter === state.quote) state.quote = "";
        return "string";
      }
      if (!isWhole && stream.match("}}")) {
        state.isInside = false;
        return "brace";
      }
      if (stream.eatSpace()) return null;
      const letter = stream.next() as string;
      if (letter === '"' || letter === "'") {
        state.quote = letter;
        return "string";
      }
      if (/\d/.test(letter)) {
        stream.eatWhile(/[\d.eE]/);
        return "number";
      }
      if (/[A-Za-z_]/.test(letter)) {
        stream.eatWhile(/\w/);
        const word = stream.current();
        if (WORDS.has(word) && !stream.match(/^\s*\(/, false)) return "keyword";
        return stream.match(/^\s*\(/, false) ? "function" : "variable";
      }
      return /[+\-*/%=!<>&|?:]/.test(letter) ? "operator" : null;
    },
    tokenTable: {
      brace: tags.brace,
      function: tags.function(tags.variableName),
      variable: tags.variableName,
    },
  });

export const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.brace, color: "var(--accent)" },
    { tag: tags.variableName, color: "var(--fg)" },
    { tag: tags.function(tags.variableName), color: "var(--accent)" },
    { tag: tags.propertyName, color: "var(--fg)" },
    { tag: tags.string, color: "var(--ok)" },
    { tag: tags.number, color: "var(--wait)" },
    { tag: [tags.bool, tags.null, tags.keyword], color: "var(--wait)" },
    { tag: tags.operator, color: "var(--fg2)" },
    { tag: tags.invalid, color: "var(--err)" },
  ]),
);

export const look = EditorView.theme({
  "&": { color: "var(--fg)", backgroundColor: "transparent", fontSize: "13px", maxHeight: "240px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "20px", overflow: "auto" },
  ".cm-content": { padding: "5px 0", caretColor: "var(--accent)" },
  ".cm-line": { padding: "0 8px" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    {
      background: "color-mix(in srgb, var(--accent) 30%, transparent)",
    },
  ".cm-placeholder": { color: "var(--fg3)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--fg3)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--err) 1px",
    textUnderlineOffset: "3px",
  },
  ".cm-lintRange-warning": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--warn) 1px",
    textUnderlineOffset: "3px",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--bg1)",
    border: "none",
    borderRadius: "8px",
    boxShadow: "var(--float)",
    color: "var(--fg)",
    fontFamily: "var(--font-sans)",
    fontSize: "13px",
    zIndex: "60",
  },
  ".cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--font-mono)",
    fontSize: "12px",
    maxHeight: "240px",
    padding: "4px",
  },
  ".cm-tooltip-autocomplete > ul > li": {
    padding: "4px 8px",
    borderRadius: "4px",
    lineHeight: "20px",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--bg3)",
    color: "var(--fg)",
  },
  ".cm-completionLabel": { color: "var(--fg)" },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--accent)" },
  ".cm-completionDetail": { color: "var(--fg3)", fontStyle: "normal", marginLeft: "12px" },
  ".cm-completionInfo": {
    padding: "8px",
    maxWidth: "320px",
    color: "var(--fg2)",
    whiteSpace: "pre-wrap",
    wordBreak: "break-word",
  },
  ".cm-diagnostic": { padding: "4px 8px", borderLeft: "2px solid var(--err)" },
  ".cm-tooltip-lint": { padding: "4px 0" },
});
