/** A shared text with expressions: completion, located errors, and below it what it comes to now. */
import { useEffect, useMemo, useState } from "react";
import type * as Y from "yjs";
import { useCallables } from "@/editor/catalogue";
import { type Evaluated, evaluate } from "@/editor/preview";
import { dataScope, ERROR_SCOPE, scopeOf } from "@/editor/scope";
import type { Problem } from "@/editor/studio";
import { useMarks, useStudio } from "@/editor/studio";
import { type Known, shown } from "@/expr/reading";
import { TextField } from "@/expr/text-field";
import { cx } from "@/lib/classes";
import type { Shared } from "./shared-field";

export function ExpressionField({
  node,
  text,
  label,
  isInside = false,
  isRetry = false,
  isLiteral = false,
  placeholder,
  shared,
  problems = [],
  hasPreview = true,
}: {
  node: string;
  text: Y.Text;
  label: string;
  isInside?: boolean;
  isRetry?: boolean;
  isLiteral?: boolean;
  placeholder?: string;
  shared: Shared;
  problems?: readonly Problem[];
  hasPreview?: boolean;
}) {
  const studio = useStudio();
  const callables = useCallables();
  const [isHere, setHere] = useState(false);
  const scope = useMemo(
    () => (): Record<string, Known> => (isRetry ? ERROR_SCOPE : scopeOf(studio, node, isInside)),
    [studio, node, isInside, isRetry],
  );
  const mistakes = useMemo(
    () =>
      problems
        .filter((one) => one.line)
        .map((one) => ({ line: one.line ?? 1, column: one.column ?? 1, message: one.message })),
    [problems],
  );
  return (
    <>
      <TextField
        text={text}
        undo={studio.draft.undo}
        label={label}
        isReadOnly={!studio.mayEdit}
        frame={shared.frame}
        isInvalid={problems.length > 0}
        mistakes={mistakes}
        {...(isLiteral ? { language: "plain" as const } : { scope, callables })}
        {...(placeholder ? { placeholder } : {})}
        onFocus={() => {
          setHere(true);
          shared.onFocus();
        }}
        onBlur={() => {
          setHere(false);
          shared.onBlur();
        }}
      />
      {hasPreview && !isLiteral && !isRetry && (
        <Preview
          node={node}
          text={text}
          isInside={isInside}
          isHere={isHere}
          isWrong={problems.length > 0}
        />
      )}
    </>
  );
}

const PAUSE_MS = 300;

/** What the text comes to over the data there is, said by the server. */
function Preview({
  isWrong,
  node,
  text,
  isInside,
  isHere,
}: {
  node: string;
  text: Y.Text;
  isInside: boolean;
  isHere: boolean;
  /** The server has said of the draft what is wrong here already. */
  isWrong: boolean;
}) {
  const studio = useStudio();
  const pins = useMarks((marks) => marks.pins);
  const steps = useMarks((marks) => marks.steps);
  const input = useMarks((marks) => marks.input);
  const [written, setWritten] = useState(() => text.toString());
  const [found, setFound] = useState<Evaluated | null>(null);
  useEffect(() => {
    const see = () => setWritten(text.toString());
    see();
    text.observe(see);
    return () => text.unobserve(see);
  }, [text]);
  const hasExpression = written.includes("{{") || written.includes("${");
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was seen is read through the studio
  useEffect(() => {
    if (!hasExpression) {
      setFound(null);
      return;
    }
    let isOver = false;
    const timer = setTimeout(async () => {
      const { scope, missing } = dataScope(studio, node, isInside);
      const answer = await evaluate(written, scope, missing).catch(() => null);
      if (!isOver) setFound(answer);
    }, PAUSE_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [studio, node, isInside, written, hasExpression, pins, steps, input]);
  if (!hasExpression || !found || (!found.ok && !found.isMissing && isWrong)) return null;
  if (!found.ok && !isHere && found.isMissing) return null;
  return (
    <p
      data-preview
      aria-live="polite"
      className={cx(
        "mono break-words text-12",
        found.ok ? "text-fg2" : found.isMissing ? "text-fg3" : "text-err",
      )}
    >
      {found.ok ? `= ${shown(found.value, 240)}` : found.message}
    </p>
  );
}
