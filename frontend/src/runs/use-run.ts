/** What components of a run view read: the session, its pictures, the run and its version. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { api, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import type { RunPicture } from "./model/picture";
import type { Said } from "./model/speech";
import { hasEnded, runHasEnded, type Step } from "./model/steps";
import type { RunSession, RunView, Selected } from "./session";

export type Run = Schemas["Run"];
export type Version = Schemas["Version"];

export const SessionContext = createContext<RunSession | null>(null);

export function useSession(): RunSession {
  const session = useContext(SessionContext);
  if (!session) throw new Error("No run view stands around this.");
  return session;
}

/** A part of the view; drawn anew only when that part is another. */
export function useView<T>(pick: (view: RunView) => T): T {
  return useStore(useSession().view, pick);
}

/** Something of a run's picture; `pick` gives the same object for what has not changed. */
export function usePicture<T>(runId: string, pick: (picture: RunPicture | undefined) => T): T {
  const session = useSession();
  return useStore(session.view, () => pick(session.picture(runId)));
}

export function useSelected(): Selected | null {
  return useView((view) => view.selected);
}

export function useStep(runId: string, path: string): Step | undefined {
  return usePicture(runId, (picture) => picture?.step(path));
}

/** What a step has said while it works; nothing once it has ended, when its output counts. */
export function useSaid(runId: string, step: Step): Said | undefined {
  const session = useSession();
  return useStore(session.view, () =>
    hasEnded(step) ? undefined : session.said(runId, step.path),
  );
}

/** How often a run is asked about beside what its socket tells: its queue moves without a word. */
const LIVE_MS = 1_500;
const WAITING_MS = 20_000;

export function runQuery(id: string) {
  return queryOptions({
    queryKey: keys.run(id),
    queryFn: () => got(api.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: id } } })),
    refetchInterval: (query) => {
      const status = query.state.data?.status ?? "";
      if (runHasEnded(status)) return false;
      return status === "waiting" || status === "paused" ? WAITING_MS : LIVE_MS;
    },
  });
}

export function useRun(id: string) {
  return useQuery(runQuery(id));
}

/** A step in full; read again when the log says more of it. */
export function useStepInFull(runId: string, path: string, seq: number) {
  return useQuery({
    queryKey: [...keys.steps(runId, { step: path }), seq],
    queryFn: () =>
      got(
        api.GET("/api/v1/runs/{run_id}/steps/{step}", {
          params: { path: { run_id: runId, step: path } },
        }),
      ),
    placeholderData: (before) => (before?.step === path ? before : undefined),
    enabled: Boolean(path),
  });
}
