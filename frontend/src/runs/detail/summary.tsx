/** What is worth a look in a run: steps by state, what went wrong, what took longest. */
import { useMemo } from "react";
import { count, duration } from "@/lib/format";
import { StateChip, StateIcon, stateLook } from "@/ui/chip";
import { isContainer, lasted } from "../model/bars";
import type { RunPicture } from "../model/picture";
import { hasEnded, type Step, shownStatus } from "../model/steps";
import { useSession, useView } from "../use-run";

const SHOWN = 5;
const ORDER = [
  "failed",
  "caught",
  "retrying",
  "running",
  "waiting",
  "queued",
  "succeeded",
  "skipped",
  "cancelled",
  "compensated",
];

interface Summary {
  states: [string, number][];
  wrong: Step[];
  more: number;
  longest: [Step, number][];
}

function summaryOf(picture: RunPicture): Summary {
  const states = new Map<string, number>();
  const wrong: Step[] = [];
  const timed: [Step, number][] = [];
  for (const step of picture.steps()) {
    if (step.nodeType === "iteration") continue;
    const state = shownStatus(step);
    states.set(state, (states.get(state) ?? 0) + 1);
    if (state === "failed" || state === "caught") wrong.push(step);
    const took = lasted(step, 0);
    if (isContainer(step) || took === null || !hasEnded(step)) continue;
    if (took < (timed.at(-1)?.[1] ?? 0) && timed.length >= SHOWN) continue;
    timed.push([step, took]);
    timed.sort((a, b) => b[1] - a[1]);
    timed.length = Math.min(timed.length, SHOWN);
  }
  return {
    states: [...states].sort((a, b) => ORDER.indexOf(a[0]) - ORDER.indexOf(b[0])),
    wrong: wrong.slice(0, SHOWN),
    more: Math.max(0, wrong.length - SHOWN),
    longest: timed.filter(([, took]) => took >= 1),
  };
}

export function StepSummary() {
  const session = useSession();
  const revision = useView((view) => view.revision);
  const { states, wrong, more, longest } = useMemo(() => {
    void revision;
    return summaryOf(session.root);
  }, [session, revision]);
  if (!states.length) return null;
  return (
    <div className="flex flex-col gap-4">
      <section>
        <h3 className="mb-1 text-13">Steps</h3>
        <ul className="flex flex-wrap gap-x-4 gap-y-1">
          {states.map(([state, total]) => (
            <li key={state}>
              <StateChip state={state} note={count(total)} />
            </li>
          ))}
        </ul>
      </section>
      {wrong.length > 0 && (
        <section>
          <h3 className="mb-1 text-13">Went wrong</h3>
          <ul>
            {wrong.map((step) => (
              <Entry key={step.path} step={step} note={step.error?.message ?? ""} mono={false} />
            ))}
          </ul>
          {more > 0 && <p className="text-12 text-fg3">and {count(more)} more in the time line</p>}
        </section>
      )}
      {longest.length > 0 && (
        <section>
          <h3 className="mb-1 text-13">Took longest</h3>
          <ul>
            {longest.map(([step, took]) => (
              <Entry key={step.path} step={step} note={duration(took)} mono />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Entry({ step, note, mono }: { step: Step; note: string; mono: boolean }) {
  const session = useSession();
  return (
    <li>
      <button
        type="button"
        onClick={() => session.select({ runId: session.runId, path: step.path })}
        className="-mx-2 flex h-7 w-[calc(100%+16px)] items-center gap-2 rounded-control px-2 text-left hover:bg-bg2"
      >
        <StateIcon state={shownStatus(step)} size={14} />
        <span className="mono shrink-0 text-12">{step.path}</span>
        <span className="sr-only">{stateLook(shownStatus(step)).word}</span>
        <span
          className={
            mono ? "mono flex-1 text-right text-12 text-fg2" : "min-w-0 flex-1 truncate text-fg2"
          }
        >
          {note}
        </span>
      </button>
    </li>
  );
}
