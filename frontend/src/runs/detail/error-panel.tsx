/** What went wrong, before anything else: the message, its code, what to do, then the stack. */
import { Link } from "@tanstack/react-router";
import { BookOpen } from "lucide-react";
import { cx } from "@/lib/classes";
import { Chip } from "@/ui/chip";
import { CopyButton } from "@/ui/copy";
import { Prose } from "../prose";
import { useErrorPages } from "../use-error-pages";
import { useSession } from "../use-run";

export interface Problem {
  code?: string;
  message?: string;
  step?: string;
  details?: unknown;
}

/** The stack of an error, where its worker told one; and what else its details hold. */
function partsOf(details: unknown): { stack: string; rest: unknown } {
  if (typeof details !== "object" || details === null) return { stack: "", rest: details ?? null };
  const { stack, traceback, ...rest } = details as Record<string, unknown>;
  const told = stack ?? traceback;
  const text = Array.isArray(told) ? told.join("") : typeof told === "string" ? told : "";
  return { stack: text, rest: Object.keys(rest).length ? rest : null };
}

export function ErrorPanel({
  error,
  runId,
  caught = false,
  here = "",
}: {
  error: Problem;
  runId: string;
  caught?: boolean;
  /** The step that is shown: it need not be named. */
  here?: string;
}) {
  const session = useSession();
  const pages = useErrorPages();
  const code = error.code ?? "";
  const advice = pages?.adviceOf(code) ?? "";
  const { stack, rest } = partsOf(error.details);
  const elsewhere = error.step && error.step !== here ? error.step : "";
  return (
    <section
      aria-label="Error"
      data-testid="error-panel"
      className={cx(
        "flex flex-col gap-2 rounded-panel border border-line border-l-3 bg-bg2 p-3",
        caught ? "border-l-warn" : "border-l-err",
      )}
    >
      <p className="break-words text-16">{error.message || "No message was given."}</p>
      <div className="flex flex-wrap items-center gap-2">
        {code && (
          <Chip tone={caught ? "warn" : "err"} mono>
            {code}
          </Chip>
        )}
        {elsewhere && (
          <button
            type="button"
            className="mono text-12 text-accent hover:underline"
            onClick={() => session.select({ runId, path: elsewhere })}
          >
            {elsewhere}
          </button>
        )}
        {code && pages?.pageOf(code) && (
          <Link
            to="/errors/$code"
            params={{ code }}
            className="inline-flex items-center gap-1 text-12 text-accent hover:underline"
          >
            <BookOpen size={14} strokeWidth={1.5} aria-hidden />
            About this code
          </Link>
        )}
        <span className="flex-1" />
        <CopyButton text={JSON.stringify(error, null, 2)} what="the error" />
      </div>
      {advice && <Prose text={advice} />}
      {stack && <Folded title="Stack" text={stack} />}
      {rest !== null && <Folded title="Details" text={JSON.stringify(rest, null, 2)} />}
    </section>
  );
}

function Folded({ title, text }: { title: string; text: string }) {
  return (
    <details>
      <summary className="text-12 text-fg2 hover:text-fg">{title}</summary>
      <pre className="mono mt-1 max-h-80 overflow-auto rounded-control bg-bg0 p-2 text-12">
        {text}
      </pre>
    </details>
  );
}
