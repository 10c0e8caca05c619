/** What each frame of a run's socket makes of a step: a table, as the server has one. */
import type { Frame } from "@/api/socket";
import { type Attempt, childOf, type Failure, failure, milliseconds, type Step } from "./steps";

type Data = Record<string, unknown>;
type Change = Partial<Step>;
type Make = (step: Step, data: Data, at: number) => Change;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const count = (value: unknown): number => (typeof value === "number" ? value : 0);

/** The attempts with this one changed, or begun. */
function withAttempt(step: Step, number: number, change: Partial<Attempt>, at: number): Attempt[] {
  const known = step.attempts.find((one) => one.number === number);
  const fresh: Attempt = {
    number,
    status: "queued",
    worker: "",
    error: null,
    queuedAt: at,
    startedAt: null,
    endedAt: null,
  };
  const next = { ...(known ?? fresh), ...change };
  if (!known) return [...step.attempts, next];
  return step.attempts.map((one) => (one === known ? next : one));
}

/** An attempt that nobody heard the end of is over when its step goes on without it. */
function givenUp(
  step: Step,
  at: number,
  status: string,
  error: Failure | null,
): readonly Attempt[] {
  if (!step.attempts.some((one) => one.endedAt === null)) return step.attempts;
  return step.attempts.map((one) =>
    one.endedAt === null ? { ...one, status, error, endedAt: at } : one,
  );
}

function ended(step: Step, status: string, at: number, change: Change = {}): Change {
  return {
    status,
    endedAt: at,
    scheduledAt: step.scheduledAt ?? at,
    startedAt: step.startedAt ?? (step.attempts.length ? null : (step.scheduledAt ?? at)),
    wakeAt: null,
    waits: null,
    atWork: false,
    ...change,
  };
}

export function cancelled(step: Step, at: number): Change {
  return ended(step, "cancelled", at, { attempts: givenUp(step, at, "cancelled", null) });
}

const succeeded: Make = (step, data, at) => {
  const attempt = count(data.attempt);
  const startedAt = milliseconds(text(data.started_at));
  const done = { status: "succeeded", worker: text(data.worker), startedAt, endedAt: at };
  return ended(step, "succeeded", at, {
    port: text(data.port) || "out",
    error: null,
    ...(attempt && {
      attempt,
      startedAt: startedAt ?? step.startedAt,
      attempts: withAttempt(step, attempt, done, at),
    }),
  });
};

const failed =
  (status: string): Make =>
  (step, data, at) => {
    const error = failure(data.error);
    return ended(step, status, at, { error, attempts: givenUp(step, at, "failed", error) });
  };

export const CHANGES: Readonly<Record<string, Make>> = {
  "step:queued": (step, data, at) => ({
    status: "queued",
    queue: text(data.queue),
    scheduledAt: step.scheduledAt ?? at,
    waits: null,
    wakeAt: null,
  }),
  "step:dispatched": (step, data, at) => {
    const attempt = count(data.attempt) || 1;
    return {
      status: "queued",
      attempt,
      queue: text(data.queue),
      nodeType: text(data.node_type),
      scheduledAt: step.scheduledAt ?? at,
      endedAt: null,
      wakeAt: null,
      waits: null,
      atWork: false,
      attempts: withAttempt(step, attempt, {}, at),
    };
  },
  "step:succeeded": succeeded,
  "step:attempt_failed": (step, data, at) => {
    const error = failure(data.error);
    const over = { status: "failed", worker: text(data.worker), error, endedAt: at };
    const attempt = count(data.attempt) || step.attempt;
    return { atWork: false, error, attempts: withAttempt(step, attempt, over, at) };
  },
  "step:retrying": (step, data, at) => {
    const error = failure(data.error);
    return {
      status: "retrying",
      wakeAt: milliseconds(text(data.until)),
      error,
      atWork: false,
      attempts: givenUp(step, at, "failed", error),
    };
  },
  "step:deferred": (step, data, at) => ({
    status: "retrying",
    wakeAt: milliseconds(text(data.until)),
    atWork: false,
    attempts: givenUp(step, at, "cancelled", null),
  }),
  "step:waiting": (step, data, at) => {
    const waits = text(data.for) || null;
    return {
      status: "waiting",
      scheduledAt: step.scheduledAt ?? at,
      wakeAt: milliseconds(text(data.until)),
      waits,
      childRun: childOf(waits) ?? step.childRun,
      atWork: false,
      ...(data.error ? { error: failure(data.error) } : {}),
    };
  },
  "step:deadline_moved": (_, data) => ({ wakeAt: milliseconds(text(data.until)) }),
  "step:resumed": (step) => ({
    status: step.status === "retrying" || step.status === "waiting" ? "pending" : step.status,
    wakeAt: null,
  }),
  "step:decided": () => ({ status: "pending", waits: null }),
  "step:caught": failed("caught"),
  "step:failed": failed("failed"),
  "step:skipped": (step, _, at) => ended(step, "skipped", at),
  "step:entered": (step, data, at) => ({
    status: "running",
    nodeType: text(data.kind),
    scheduledAt: step.scheduledAt ?? at,
    startedAt: step.startedAt ?? at,
    endedAt: null,
    wakeAt: milliseconds(text(data.until)),
    inside: { total: count(data.count), done: 0, failed: 0 },
  }),
  "step:compensated": () => ({ status: "compensated" }),
};

const RUN: Readonly<Record<string, string>> = {
  "run:started": "running",
  "run:cancelling": "cancelling",
  "run:paused": "paused",
  "run:resumed": "running",
  "run:waiting": "waiting",
  "run:admitted": "running",
  "run:succeeded": "succeeded",
  "run:failed": "failed",
  "run:cancelled": "cancelled",
};

/** The state a run has come to by a frame; null if it goes on as it was. */
export function runStatus(frame: Frame): string | null {
  if (frame.type === "run:compensating" && !frame.step) return "compensating";
  return RUN[frame.type] ?? null;
}
