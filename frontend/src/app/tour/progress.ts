/** The first steps somebody takes, and which of them they have really done. */

export const STEPS = [
  "workflow",
  "connect",
  "expression",
  "publish",
  "run",
  "step",
  "read",
] as const;
export type Step = (typeof STEPS)[number];

export interface Progress {
  isOn: boolean;
  /** When they began, in milliseconds: only a workflow made since then is theirs to learn by. */
  since: number;
  /** The workflow they learn by. */
  workflow: string | null;
  done: readonly Step[];
}

/** The browser's clock and the server's may differ by this much. */
const CLOCKS_MS = 60_000;

export const begun = (now: number): Progress => ({
  isOn: true,
  since: now,
  workflow: null,
  done: [],
});
export const NOT_NEEDED: Progress = { isOn: false, since: 0, workflow: null, done: [] };

/** What a browser kept, whoever wrote it there. */
export function readProgress(text: string | null): Progress | null {
  let kept: Partial<Record<keyof Progress, unknown>> | null;
  try {
    kept = JSON.parse(text ?? "null");
  } catch {
    return null;
  }
  if (typeof kept?.isOn !== "boolean") return null;
  const done = Array.isArray(kept.done) ? kept.done : [];
  return {
    isOn: kept.isOn,
    since: typeof kept.since === "number" ? kept.since : 0,
    workflow: typeof kept.workflow === "string" ? kept.workflow : null,
    done: STEPS.filter((step) => done.includes(step)),
  };
}

/** What can be seen of what somebody did. */
export interface Seen {
  person: string;
  /** The workflow that is open, or else the one they learn by. */
  workflow?:
    | {
        id: string;
        created_by: string;
        created_at: string;
        current_version: string | null;
        definition: Record<string, unknown>;
      }
    | undefined;
  /** Connections on the canvas, which its draft holds a moment later. */
  wires: number;
  /** Whether the workflow they learn by has a run. */
  hasRun: boolean;
  /** The step of a run that is chosen, and the tab that tells of it. */
  step?: string | undefined;
  tab?: string | undefined;
}

const READ = ["input", "output", "logs", "attempts"];

/** The progress with what is seen now; the same object where nothing is new. */
export function advance(before: Progress, seen: Seen): Progress {
  const { workflow } = seen;
  const isTheirs =
    workflow?.created_by === seen.person &&
    Date.parse(workflow.created_at) > before.since - CLOCKS_MS;
  const learnsBy = workflow && isTheirs ? workflow.id : before.workflow;
  const isOpen = workflow !== undefined && workflow.id === learnsBy;
  const { edges } = workflow?.definition ?? {};
  const now: Record<Step, boolean> = {
    workflow: isOpen,
    connect: isOpen && (seen.wires > 0 || (Array.isArray(edges) && edges.length > 0)),
    expression: isOpen && JSON.stringify(workflow.definition).includes("{{"),
    publish: isOpen && workflow.current_version !== null,
    run: isOpen && seen.hasRun,
    step: seen.step !== undefined,
    read: seen.step !== undefined && READ.includes(seen.tab ?? ""),
  };
  const done = STEPS.filter((step) => now[step] || before.done.includes(step));
  return done.length === before.done.length && learnsBy === before.workflow
    ? before
    : { ...before, workflow: learnsBy, done };
}

/** What comes next; undefined when all is done. */
export const nextOf = ({ done }: Progress): Step | undefined =>
  STEPS.find((step) => !done.includes(step));
