/** Trying the draft out: whole, one step alone, or from a step of the last run on. */
import { useEffect, useMemo, useState } from "react";
import { type ApiError, api, asError, got, onceKey } from "@/api/client";
import { queries } from "@/api/queries";
import { versionQuery } from "@/api/version";
import { roots } from "@/collab/document";
import type { Json } from "@/collab/types";
import { tell, tellError } from "@/ui/toast";
import { byNode } from "./checking";
import { pinsKey, sampleKey } from "./pins";
import { definitionOf, upstream } from "./scope";
import {
  hasEnded,
  isUnderWay,
  type Problem,
  type StepSeen,
  type Studio,
  useMarks,
  useStudio,
} from "./studio";

const RANK = [
  "skipped",
  "pending",
  "queued",
  "succeeded",
  "compensated",
  "cancelled",
  "caught",
  "waiting",
  "retrying",
  "running",
  "failed",
];
const FIRST_MS = 150;
const LATER_MS = 800;

/** The node of a step path: `each[3]/notify` is a step of notify. */
export function nodeOf(path: string): string {
  return (path.split("/").at(-1) ?? "").replace(/\[\d+\]$/, "");
}

interface StepAnswer {
  step: string;
  status: string;
  output?: unknown;
  error?: unknown;
}

/** What was seen of each node: of many rounds the most telling state, and the last output. */
export function seenSteps(items: readonly StepAnswer[]): Record<string, StepSeen> {
  const seen: Record<string, StepSeen> = {};
  for (const item of items) {
    const id = nodeOf(item.step);
    if (/\[\d+\]$/.test(item.step) && seen[id]) continue; // a round of a loop, not the loop
    const old = seen[id];
    const isWorse = !old || RANK.indexOf(item.status) >= RANK.indexOf(old.status);
    seen[id] = {
      status: isWorse ? item.status : (old?.status ?? item.status),
      ...(item.output !== undefined && item.output !== null
        ? { output: item.output as Json }
        : old?.output !== undefined
          ? { output: old.output }
          : {}),
      ...(item.error
        ? { error: item.error as StepSeen["error"] }
        : !isWorse && old?.error
          ? { error: old.error }
          : {}),
    };
  }
  return seen;
}

async function readSteps(run: string): Promise<StepAnswer[]> {
  const found: StepAnswer[] = [];
  let cursor: string | undefined;
  do {
    const page = await got(
      api.GET("/api/v1/runs/{run_id}/steps", {
        params: { path: { run_id: run }, query: { limit: 200, ...(cursor ? { cursor } : {}) } },
      }),
    );
    found.push(...(page.items as StepAnswer[]));
    cursor = page.next_cursor ?? undefined;
  } while (cursor && found.length < 2000);
  return found;
}

/** Look at a run until it has ended; what is seen stands on the canvas. */
async function follow(studio: Studio, run: string): Promise<void> {
  const isMine = () => studio.marks.getState().runId === run;
  for (let times = 0; isMine(); times += 1) {
    try {
      const [state, steps] = await Promise.all([
        got(api.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: run } } })),
        readSteps(run),
      ]);
      if (!isMine()) return;
      const before = studio.marks.getState().steps;
      const seen = seenSteps(steps);
      studio.marks.setState({ runStatus: state.status, steps: { ...kept(before, seen), ...seen } });
      if (hasEnded(state.status)) return;
    } catch (thrown) {
      // It was started this moment and is not in the views yet, or the network is gone: ask again.
      const { status } = asError(thrown);
      if (status !== 404 && status !== 0 && status !== 503) return;
    }
    await new Promise((done) => setTimeout(done, times < 10 ? FIRST_MS : LATER_MS));
  }
}

/** Outputs of an earlier run stay readable beside those of one step alone. */
function kept(
  before: Studio["marks"] extends { getState: () => infer M }
    ? M extends { steps: infer S }
      ? S
      : never
    : never,
  seen: Record<string, StepSeen>,
) {
  return Object.fromEntries(
    Object.entries(before)
      .filter(([id, step]) => !(id in seen) && step.output !== undefined)
      .map(([id, step]) => [id, { status: "", output: step.output as Json, isStale: true }]),
  );
}

export function pin(studio: Studio, id: string, value: Json | undefined): void {
  const { [id]: _, ...rest } = studio.marks.getState().pins;
  const pins = value === undefined ? rest : { ...rest, [id]: value };
  studio.marks.setState({ pins });
  try {
    localStorage.setItem(pinsKey(studio), JSON.stringify(pins));
  } catch {
    tell("This is too much to keep in the browser: it is pinned until the page is closed.");
  }
}

export function setSample(studio: Studio, input: Json): void {
  studio.marks.setState({ input });
  try {
    localStorage.setItem(sampleKey(studio), JSON.stringify(input));
  } catch {
    // It counts for this visit alone.
  }
}

/** Why this node's data cannot be pinned; empty if it can. */
export function whyNotPinned(studio: Studio, id: string): string {
  const view = studio.draft.projection.views.getState().nodes[id];
  if (!view) return "It is not there any more.";
  if (view.kind === "trigger") return "A trigger takes the sample input.";
  if (view.ports.some((port) => port !== "out" && port !== "error"))
    return "It decides which way to go: pin what it reads.";
  return "";
}

function whyNotAlone(studio: Studio, id: string): string {
  const { nodes } = studio.draft.projection.views.getState();
  for (let at = nodes[id]?.parent ?? ""; at; at = nodes[at]?.parent ?? "") {
    const type = nodes[at]?.type;
    if (type === "for_each" || type === "while" || type === "race") {
      return `It stands in ${nodes[at]?.title}, which gives it its items: run that instead`;
    }
  }
  return "";
}

async function tryOut(studio: Studio, only?: string): Promise<string> {
  const { pins, steps } = studio.marks.getState();
  const { nodes } = studio.draft.projection.views.getState();
  const given: Record<string, Json> = {};
  for (const [id, value] of Object.entries(pins))
    if (nodes[id] && !whyNotPinned(studio, id)) given[id] = value;
  let definition = definitionOf(studio);
  if (only) {
    delete given[only];
    for (const id of upstream(studio, only)) {
      const output = steps[id]?.output;
      if (!(id in given) && output !== undefined && !whyNotPinned(studio, id)) given[id] = output;
    }
    // What is wrong elsewhere does not keep one step from being tried.
    definition = withoutOthersProblems(studio, definition, only, given);
  }
  const made = await got(
    api.POST("/api/v1/workflows/{workflow_id}/trials", {
      params: { path: { workflow_id: studio.workflow } },
      body: { definition: definition as never, pins: given as never, ...(only ? { only } : {}) },
    }),
  );
  return made.version;
}

function withoutOthersProblems(
  studio: Studio,
  definition: ReturnType<typeof definitionOf>,
  only: string,
  given: Record<string, Json>,
) {
  const wrong = new Set(studio.marks.getState().problems.map((one) => one.node));
  wrong.delete(only);
  const before = new Set([...upstream(studio, only), ...Object.keys(given)]);
  const gone = new Set(
    definition.nodes
      .filter((node) => wrong.has(node.id) && !before.has(node.id) && node.parent !== only)
      .map((node) => node.id),
  );
  return {
    ...definition,
    nodes: definition.nodes.filter((node) => !gone.has(node.id) && !gone.has(node.parent ?? "")),
    edges: definition.edges.filter((edge) => !gone.has(edge.source) && !gone.has(edge.target)),
  };
}

/** Which trigger a run is to start from, where Weir would not know: the first manual one, or the first. */
export function triggerAmong(
  nodes: readonly { id: string; kind: string; type: string; disabled?: boolean }[],
): string | undefined {
  const triggers = nodes.filter((node) => node.kind === "trigger" && !node.disabled);
  const manual = triggers.filter((node) => node.type === "manual");
  return triggers.length > 1 && manual.length !== 1 ? (manual[0] ?? triggers[0])?.id : undefined;
}

const triggerOfDraft = (studio: Studio) =>
  triggerAmong(Object.values(studio.draft.projection.views.getState().nodes));

/** What is published may have other triggers than the draft. */
async function triggerOfVersion(studio: Studio, version: string): Promise<string | undefined> {
  const { frozen } = await queries.fetchQuery(versionQuery(studio.workflow, version));
  return triggerAmong((frozen as { nodes: Parameters<typeof triggerAmong>[0] }).nodes);
}

async function start(
  studio: Studio,
  input: Json,
  trigger: string | undefined,
  more: object,
): Promise<string> {
  studio.marks.setState({ steps: {} });
  setSample(studio, input);
  const started = await got(
    api.POST("/api/v1/workflows/{workflow_id}/runs", {
      params: {
        path: { workflow_id: studio.workflow },
        header: { "Idempotency-Key": onceKey() } as never,
      },
      body: { input, ...more, ...(trigger ? { trigger } : {}) } as never,
    }),
  );
  return started.run_id;
}

/** What steps read in `trigger` beside the payload: as the last run's trigger saw it. */
const triggerOfLast = (studio: Studio) => studio.marks.getState().trigger ?? {};

export function useTrial() {
  const studio = useStudio();
  const [isBusy, setBusy] = useState(false);
  const runId = useMarks((marks) => marks.runId);
  const runStatus = useMarks((marks) => marks.runStatus);
  const isRunning = useMarks(isUnderWay);
  return useMemo(() => {
    const attempt = async (act: () => Promise<string>) => {
      setBusy(true);
      try {
        const run = await act();
        studio.marks.setState({ runId: run, runStatus: "queued" });
        void follow(studio, run);
        return run;
      } catch (thrown) {
        const error = asError(thrown);
        if (error.code === "DEFINITION_INVALID") takeProblems(studio, error);
        else tellError(error);
        return "";
      } finally {
        setBusy(false);
      }
    };
    return {
      isBusy,
      runId,
      runStatus,
      isRunning,
      /** Run the draft as it stands with this input. */
      run: (input: Json) =>
        attempt(async () =>
          start(studio, input, triggerOfDraft(studio), {
            version: await tryOut(studio),
            labels: { trial: "true" },
            trigger_data: triggerOfLast(studio),
          }),
        ),
      /** Run this version, which is published, with this input. */
      runPublished: (input: Json, version: string) =>
        attempt(async () =>
          start(studio, input, await triggerOfVersion(studio, version), { version }),
        ),
      /** Run one step with pinned or last data of those before it. */
      runNode: (id: string) =>
        attempt(async () => {
          const version = await tryOut(studio, id);
          const input = studio.marks.getState().input ?? {};
          const started = await got(
            api.POST("/api/v1/workflows/{workflow_id}/runs", {
              params: { path: { workflow_id: studio.workflow } },
              body: {
                input,
                version,
                labels: { trial: "true" },
                trigger_data: triggerOfLast(studio),
              } as never,
            }),
          );
          studio.ui.setState({ tab: "data" });
          return started.run_id;
        }),
      /** Go on from this step of the last run, with the draft as it stands. */
      runFrom: (id: string) =>
        attempt(async () => {
          const from = studio.marks.getState().runId;
          const version = await tryOut(studio);
          const forked = await got(
            api.POST("/api/v1/runs/{run_id}/fork", {
              params: { path: { run_id: from } },
              body: { step: id, version } as never,
            }),
          );
          return forked.run_id ?? "";
        }),
      whyNotNode: (id: string) => whyNotAlone(studio, id),
    };
  }, [studio, isBusy, runId, runStatus, isRunning]);
}

function takeProblems(studio: Studio, error: ApiError): void {
  const { errors = [], warnings = [] } = (error.details ?? {}) as {
    errors?: Problem[];
    warnings?: Problem[];
  };
  studio.marks.setState({ problems: errors, warnings, byNode: byNode(errors, warnings) });
  studio.ui.setState({ panel: "problems" });
  tell("The draft has problems: mend them, then run it.");
}

/** What the last run gave, so that there is something to see from the beginning. */
function useLastRun(studio: Studio): void {
  useEffect(() => {
    let isOver = false;
    const look = async () => {
      const { items } = await got(
        api.GET("/api/v1/workflows/{workflow_id}/runs", {
          params: { path: { workflow_id: studio.workflow }, query: { limit: 1 } },
        }),
      );
      const last = items[0];
      if (!last || isOver || studio.marks.getState().runId) return;
      const [run, steps] = await Promise.all([
        got(api.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: last.id } } })),
        readSteps(last.id),
      ]);
      if (isOver || studio.marks.getState().runId) return;
      const seen = Object.fromEntries(
        Object.entries(seenSteps(steps)).map(([id, step]) => [id, { ...step, status: "" }]),
      );
      studio.marks.setState(({ input, steps: now }) => ({
        steps: { ...seen, ...now },
        input: input ?? (run.input as Json),
        trigger: run.trigger.data as unknown as Json,
      }));
    };
    look().catch(() => {}); // nothing to see is no error
    return () => {
      isOver = true;
      studio.marks.setState({ runId: "" });
    };
  }, [studio]);
}

/** What a node gave is of the past as soon as the node is changed. */
function useStale(studio: Studio): void {
  useEffect(() => {
    const { nodes } = roots(studio.draft.doc);
    const see = (
      events: { path: (string | number)[]; changes: { keys: Map<string, unknown> } }[],
    ) => {
      const changed = new Set<string>();
      for (const { path, changes } of events) {
        const isPlace =
          path.length === 1 &&
          [...changes.keys.keys()].every((key) => key === "position" || key === "name");
        if (path.length && !isPlace) changed.add(String(path[0]));
      }
      const { steps } = studio.marks.getState();
      const hit = [...changed].filter((id) => steps[id] && !steps[id].isStale);
      if (!hit.length) return;
      studio.marks.setState({
        steps: {
          ...steps,
          ...Object.fromEntries(
            hit.map((id) => [id, { ...(steps[id] as StepSeen), isStale: true }]),
          ),
        },
      });
    };
    nodes.observeDeep(see as never);
    return () => nodes.unobserveDeep(see as never);
  }, [studio]);
}

/** What the last run gave, kept beside the steps for as long as the editor is open. */
export function LastRun() {
  const studio = useStudio();
  useLastRun(studio);
  useStale(studio);
  return null;
}
