/** What a step looks like on the time line: queue time, attempts, and waits, one after another. */
import { hasEnded, type Step, shownStatus } from "./steps";

export type SegmentKind = "queue" | "work" | "wait" | "span";

export interface Segment {
  kind: SegmentKind;
  from: number;
  to: number;
  /** Its state, for the colour. */
  status: string;
  /** The attempt it belongs to; 0 if to none. */
  attempt: number;
  /** What is waited for. */
  note: string;
  /** It goes on: `to` is the time of asking. */
  open: boolean;
}

/** What a step waits for, in words. */
export function waitNote(step: Pick<Step, "waits" | "status" | "error">): string {
  const [what, name = ""] = (step.waits ?? "").split(/:(.*)/s);
  if (what === "signal") return `signal ${name}`;
  if (what === "child") return "sub-run";
  if (what === "ask") return "a decision";
  if (what === "approval") return "an approval";
  if (what === "input") return "an answer";
  if (step.status === "retrying")
    return step.error?.code ? `retry after ${step.error.code}` : "retry";
  return what ? `${what} ${name}`.trim() : "timer";
}

const CONTAINERS = new Set(["for_each", "while", "try", "scope", "race", "iteration"]);

export function isContainer(step: Pick<Step, "nodeType" | "inside">): boolean {
  return step.inside !== null || CONTAINERS.has(step.nodeType);
}

/** How long a step took, all its attempts together, or takes until now; null before it began. */
export function lasted(step: Step, now: number): number | null {
  const first = step.attempts[0];
  const from = first ? (first.startedAt ?? first.queuedAt) : (step.startedAt ?? step.scheduledAt);
  if (from === null) return null;
  return Math.max(0, (hasEnded(step) ? (step.endedAt ?? now) : now) - from);
}

/** The segments of a step, in order of time. `now` ends what goes on. */
export function segmentsOf(step: Step, now: number): Segment[] {
  if (isContainer(step)) return spanOf(step, now);
  const found: Segment[] = [];
  let last: number | null = null;
  for (const attempt of step.attempts) {
    const end = attempt.endedAt ?? now;
    const open = attempt.endedAt === null;
    const status = open ? shownStatus(step) : attempt.status;
    const common = { attempt: attempt.number, note: "", status };
    if (last !== null && attempt.queuedAt > last) {
      found.push({
        ...common,
        kind: "wait",
        from: last,
        to: attempt.queuedAt,
        status: "retrying",
        note: "retry",
        open: false,
      });
    }
    const began: number =
      attempt.startedAt ?? (open ? (step.atWork ? attempt.queuedAt : end) : attempt.queuedAt);
    const start = Math.min(Math.max(began, attempt.queuedAt), end);
    if (start > attempt.queuedAt) {
      found.push({
        ...common,
        kind: "queue",
        from: attempt.queuedAt,
        to: start,
        status: "queued",
        open: open && start === end,
      });
    }
    if (start < end || !open) found.push({ ...common, kind: "work", from: start, to: end, open });
    last = end;
  }
  const open = !hasEnded(step);
  const from = last ?? step.scheduledAt ?? step.startedAt;
  if (from === null) return found;
  const end = step.endedAt ?? now;
  if (open && (step.status === "waiting" || step.status === "retrying")) {
    found.push({
      kind: "wait",
      from,
      to: now,
      status: step.status,
      attempt: 0,
      note: waitNote(step),
      open,
    });
  } else if (!step.attempts.length) {
    found.push(unattempted(step, from, end, open));
  }
  return found;
}

/** A step without attempts: inline, in a queue, or one that waited. */
function unattempted(step: Step, from: number, to: number, open: boolean): Segment {
  const waited = step.childRun !== null || to - from > 50;
  const kind = open && step.status === "queued" ? "queue" : !open && waited ? "wait" : "work";
  const note = kind === "wait" && step.childRun ? "sub-run" : "";
  return { kind, from, to, status: shownStatus(step), attempt: 0, note, open };
}

function spanOf(step: Step, now: number): Segment[] {
  const from = step.startedAt ?? step.scheduledAt;
  if (from === null) return [];
  const open = !hasEnded(step);
  const to = step.endedAt ?? now;
  return [{ kind: "span", from, to, status: shownStatus(step), attempt: 0, note: "", open }];
}
