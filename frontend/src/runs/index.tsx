/** The view of one run: its head, the graph of its own version, its time line, and the detail. */
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { asError } from "@/api/client";
import { keys, queries } from "@/api/queries";
import { versionQuery } from "@/api/version";
import { useTitle } from "@/app/page";
import { BarWhere } from "@/app/slots";
import { Failed, Loading } from "@/ui/states";
import { Detail } from "./detail/detail";
import { Gantt } from "./gantt/gantt";
import { RunGraph } from "./graph/graph";
import { RunHeader } from "./header";
import { graphOf } from "./model/graph";
import { nodeOf } from "./model/paths";
import { Panes } from "./panes";
import { RunSession, type Selected } from "./session";
import { type Run as RunTold, SessionContext, useRun, useSession, useView } from "./use-run";
import "./runs.css";

const NO_TITLES: ReadonlyMap<string, string> = new Map();

export default function RunPage() {
  const { id } = useParams({ from: "/inside/runs/$id" });
  return <Run key={id} id={id} />;
}

function Run({ id }: { id: string }) {
  const search = useSearch({ from: "/inside/runs/$id" });
  const [session] = useState(() => {
    const first: Selected | null = search.step
      ? { runId: id, path: search.step, attempt: search.attempt ?? null }
      : null;
    return new RunSession(id, first);
  });
  useEffect(() => {
    void session.start();
    return () => session.stop();
  }, [session]);
  const { data: run, error } = useRun(id);
  useTitle(run ? `${run.workflow_name || "Run"} · ${run.status}` : "Run");
  return (
    <SessionContext value={session}>
      <BarWhere>
        <Link to="/runs" className="text-fg2 hover:text-fg">
          Runs
        </Link>
        <span className="text-fg3">/</span>
        <span className="mono truncate text-12">{id}</span>
      </BarWhere>
      {run ? (
        <View run={run} />
      ) : error ? (
        <div className="px-6">
          <Failed error={asError(error)} />
        </div>
      ) : (
        <div className="px-6 pt-4">
          <Loading what="Reading the run" />
        </div>
      )}
    </SessionContext>
  );
}

function View({ run }: { run: RunTold }) {
  const session = useSession();
  const { data: version } = useQuery(versionQuery(run.workflow_id, run.version));
  const graph = useMemo(() => version && graphOf(version), [version]);
  const titles = graph?.titles ?? NO_TITLES;
  const ready = useView((view) => view.ready);
  const error = useView((view) => view.error);
  const [tab, setTab] = useAddress();
  useHeardOf(run.id);
  useEffect(() => {
    const working = run.waits_for.filter(
      (wait) => wait.kind === "task" && wait.position === null && wait.workers !== null,
    );
    session.atWork(new Set(working.flatMap((wait) => wait.step ?? [])));
  }, [run, session]);
  return (
    <div
      className="flex h-full min-h-0 flex-col"
      data-ready={ready || undefined}
      data-testid="run-view"
    >
      <RunHeader run={run} version={version} />
      <div className="min-h-0 flex-1">
        <Panes name="run.detail" label="Width of the detail" across first={0.62}>
          <Panes name="run.graph" label="Height of the graph" across={false} first={0.46}>
            {graph ? (
              <RunGraph
                graph={graph}
                runId={run.id}
                focus={typeof run.error?.step === "string" ? nodeOf(run.error.step) : null}
                title={version ? `Version ${version.number}` : "Version"}
              />
            ) : (
              <div className="p-4">
                <Loading rows={3} what="Reading the version" />
              </div>
            )}
            {ready ? (
              <Gantt titles={titles} />
            ) : error ? (
              <div className="px-4">
                <Failed error={error} retry={() => void session.start()} />
              </div>
            ) : (
              <div className="px-4">
                <Loading rows={8} what="Reading the steps" />
              </div>
            )}
          </Panes>
          <Detail run={run} titles={titles} tab={tab} onTab={setTab} />
        </Panes>
      </div>
    </div>
  );
}

const HEARD_MS = 400;

/** The run is read again, soon but not each time, when its socket has told something. */
function useHeardOf(runId: string): void {
  const revision = useView((view) => view.revision);
  const live = useView((view) => view.socket !== "closed");
  useEffect(() => {
    if (!revision) return;
    const timer = setTimeout(
      () => void queries.invalidateQueries({ queryKey: keys.run(runId), exact: true }),
      live ? HEARD_MS : 0,
    );
    return () => clearTimeout(timer);
  }, [revision, live, runId]);
}

/** What is selected stands in the address, so that it can be sent to somebody. */
function useAddress(): [string, (tab: string) => void] {
  const session = useSession();
  const navigate = useNavigate();
  const { tab = "overview" } = useSearch({ from: "/inside/runs/$id" });
  const selected = useView((view) => view.selected);
  const step = selected?.runId === session.runId ? selected.path : undefined;
  const attempt = (step && selected?.attempt) || undefined;
  useEffect(() => {
    void navigate({
      to: ".",
      replace: true,
      search: (before: object) => ({ ...before, step, attempt }),
    } as never);
  }, [navigate, step, attempt]);
  const setTab = (next: string) =>
    void navigate({
      to: ".",
      replace: true,
      search: (before: object) => ({ ...before, tab: next }),
    } as never);
  return [tab, setTab];
}
