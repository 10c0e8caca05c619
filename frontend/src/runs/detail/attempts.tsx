/** Every attempt of a step: when, where, how it ended, and what it was given. */
import { ChevronDown, ChevronRight, RotateCw } from "lucide-react";
import { cx } from "@/lib/classes";
import { clock, duration, exact } from "@/lib/format";
import { StateChip } from "@/ui/chip";
import { Empty } from "@/ui/states";
import { type Attempt, type Step, shownStatus } from "../model/steps";
import { useSession, useStepInFull } from "../use-run";
import { ErrorPanel, type Problem } from "./error-panel";
import { Value } from "./value";

export function Attempts({
  step,
  runId,
  attempt,
}: {
  step: Step;
  runId: string;
  attempt: number | null;
}) {
  const session = useSession();
  const { data: full } = useStepInFull(runId, step.path, step.seq);
  if (!step.attempts.length) {
    return (
      <Empty icon={RotateCw} title="No attempts">
        This step is decided by the scheduler itself, at once and only once.
      </Empty>
    );
  }
  const shown = attempt ?? step.attempts.at(-1)?.number ?? null;
  return (
    <ol className="flex flex-col p-2">
      {[...step.attempts].reverse().map((one) => {
        const open = one.number === shown;
        const Icon = open ? ChevronDown : ChevronRight;
        const told = full?.attempts.find((each) => each.attempt === one.number);
        const given = full?.inputs.find((each) => each.attempt === one.number);
        return (
          <li
            key={one.number}
            data-attempt={one.number}
            className="border-b border-line last:border-0"
          >
            <button
              type="button"
              aria-expanded={open}
              onClick={() => session.select({ runId, path: step.path }, open ? null : one.number)}
              className={cx(
                "flex h-9 w-full items-center gap-3 rounded-control px-2 text-left hover:bg-bg2 focus-visible:outline-offset-[-2px]",
                open && "bg-bg2",
              )}
            >
              <Icon size={14} strokeWidth={1.5} aria-hidden className="text-fg3" />
              <span className="tabular w-20">Attempt {one.number}</span>
              <StateChip state={one.endedAt === null ? shownStatus(step) : one.status} />
              <span className="flex-1" />
              <span className="mono text-12 text-fg3" title={exact(one.queuedAt)}>
                {clock(one.queuedAt)}
              </span>
              <span className="mono w-16 text-right text-12 text-fg2">{lasted(one)}</span>
            </button>
            {open && (
              <div className="flex flex-col gap-3 px-2 pb-4 pt-2">
                {(told?.error ?? one.error) && (
                  <ErrorPanel
                    error={(told?.error ?? one.error) as Problem}
                    runId={runId}
                    here={step.path}
                    caught={step.status === "succeeded"}
                  />
                )}
                <p className="text-12 text-fg3">{times(one)}</p>
                {given && (
                  <div className="border-t border-line">
                    <Value
                      value={given.value}
                      runId={runId}
                      name={`input of attempt ${one.number}`}
                      fits
                    />
                  </div>
                )}
              </div>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function lasted(one: Attempt): string {
  return duration(
    one.endedAt === null
      ? Date.now() - one.queuedAt
      : one.endedAt - (one.startedAt ?? one.queuedAt),
  );
}

function times(one: Attempt): string {
  const queued = one.startedAt === null ? null : Math.max(0, one.startedAt - one.queuedAt);
  const parts = [
    one.worker && `by ${one.worker}`,
    queued !== null && `${duration(queued)} in the queue`,
    one.startedAt !== null &&
      one.endedAt !== null &&
      `${duration(one.endedAt - one.startedAt)} at work`,
  ];
  return parts.filter(Boolean).join(" · ");
}
