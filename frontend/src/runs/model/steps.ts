/** Steps of a run as the pages hold them: times in ms, the place in the log as a sequence. */
import type { Schemas } from "@/api/client";

export interface Failure {
  code: string;
  message: string;
}

export interface Attempt {
  number: number;
  status: string;
  worker: string;
  error: Failure | null;
  queuedAt: number;
  startedAt: number | null;
  endedAt: number | null;
}

export interface Inside {
  total: number;
  done: number;
  failed: number;
}

/** Never changed in place: another object is another state. */
export interface Step {
  path: string;
  /** Where the run reached it among the others. */
  place: number;
  status: string;
  attempt: number;
  nodeType: string;
  queue: string;
  port: string;
  error: Failure | null;
  scheduledAt: number | null;
  startedAt: number | null;
  endedAt: number | null;
  wakeAt: number | null;
  /** `signal:<name>`, `child:<run id>`, `ask`; null if it waits for nothing of these. */
  waits: string | null;
  inside: Inside | null;
  attempts: readonly Attempt[];
  /** The run it started. */
  childRun: string | null;
  /** A worker has it: the log hears of that only with the result. */
  atWork: boolean;
  /** The last message of the log that is in it. */
  seq: number;
}

const ENDED = new Set(["succeeded", "failed", "caught", "skipped", "cancelled", "compensated"]);
const RUN_ENDED = new Set(["succeeded", "failed", "cancelled"]);

export function hasEnded(step: Pick<Step, "status">): boolean {
  return ENDED.has(step.status);
}

export function runHasEnded(status: string): boolean {
  return RUN_ENDED.has(status);
}

/** What a step is shown as: the log says "queued" until the result comes. */
export function shownStatus(step: Step): string {
  if (step.status === "queued" && step.atWork) return "running";
  return step.status === "pending" ? "queued" : step.status;
}

export function milliseconds(at: string | null | undefined): number | null {
  return at ? Date.parse(at) : null;
}

/** The message of the log that a mark lies in. */
export function sequenceOf(mark: string | number): number {
  return Math.floor(Number(mark) / 65_536);
}

export function failure(error: unknown): Failure | null {
  if (typeof error !== "object" || error === null) return null;
  const { code, message } = error as { code?: unknown; message?: unknown };
  return { code: String(code ?? ""), message: String(message ?? "") };
}

const CHILD = "child:";

export function childOf(waits: string | null | undefined): string | null {
  return waits?.startsWith(CHILD) ? waits.slice(CHILD.length) : null;
}

/** A step of a timeline. */
export function fromBar(bar: Schemas["Bar"], place: number): Step {
  return {
    path: bar.step,
    place,
    status: bar.status,
    attempt: bar.attempt,
    nodeType: bar.node_type,
    queue: bar.queue,
    port: bar.port,
    error: bar.error,
    scheduledAt: milliseconds(bar.scheduled_at),
    startedAt: milliseconds(bar.started_at),
    endedAt: milliseconds(bar.ended_at),
    wakeAt: milliseconds(bar.wake_at),
    waits: bar.waits,
    inside: bar.inside,
    attempts: bar.attempts.map((one) => ({
      number: one.attempt,
      status: one.status,
      worker: one.worker,
      error: one.error,
      queuedAt: Date.parse(one.queued_at),
      startedAt: milliseconds(one.started_at),
      endedAt: milliseconds(one.ended_at),
    })),
    childRun: childOf(bar.waits),
    atWork: false,
    seq: sequenceOf(bar.seq),
  };
}

/** A step that was heard of for the first time. */
export function newStep(path: string, place: number): Step {
  return {
    path,
    place,
    status: "pending",
    attempt: 0,
    nodeType: path.endsWith("]") ? "iteration" : "",
    queue: "",
    port: "",
    error: null,
    scheduledAt: null,
    startedAt: null,
    endedAt: null,
    wakeAt: null,
    waits: null,
    inside: null,
    attempts: [],
    childRun: null,
    atWork: false,
    seq: 0,
  };
}
