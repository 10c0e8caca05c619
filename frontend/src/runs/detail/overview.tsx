/** The first tab: of a run who started it and what it waits for, of a step how it went. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, got } from "@/api/client";
import { useNames } from "@/api/people";
import { keys } from "@/api/queries";
import { duration, readable } from "@/lib/format";
import { Chip, StateChip } from "@/ui/chip";
import { Id } from "@/ui/copy";
import { Time } from "@/ui/time";
import { Decide } from "../act/decide";
import { isContainer, lasted, waitNote } from "../model/bars";
import { hasEnded, milliseconds, type Step, shownStatus } from "../model/steps";
import { inline } from "../prose";
import { type Run, useSession, useStepInFull } from "../use-run";
import { ErrorPanel, type Problem } from "./error-panel";
import { At, Fact, Facts } from "./facts";
import { StepSummary } from "./summary";

export function RunOverview({ run }: { run: Run }) {
  const names = useNames();
  const session = useSession();
  const labels = Object.entries(run.labels);
  const search = Object.entries(run.search);
  return (
    <div className="flex flex-col gap-4 px-3 py-4">
      {run.error && <ErrorPanel error={run.error as Problem} runId={run.id} />}
      {run.waits_for.length > 0 && (
        <section>
          <h3 className="mb-1 text-13">Waits for</h3>
          <ul className="flex flex-col gap-1">
            {run.waits_for.map((wait) => (
              <li key={`${wait.kind} ${wait.step}`} className="flex items-baseline gap-2">
                <Chip tone="wait">{wait.kind}</Chip>
                {wait.step ? (
                  <button
                    type="button"
                    className="min-w-0 break-words text-left hover:text-accent"
                    onClick={() => session.select({ runId: run.id, path: wait.step ?? "" })}
                  >
                    {inline(withoutKind(wait))}
                  </button>
                ) : (
                  <span className="min-w-0 break-words">{inline(withoutKind(wait))}</span>
                )}
                {wait.approval_id && <Inbox id={wait.approval_id} />}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Facts>
        <Fact name="Run">
          <Id of={run.id} what="the run's id" length={34} />
        </Fact>
        <Fact name="Workflow">
          <Link to="/workflows/$id" params={{ id: run.workflow_id }} className="hover:text-accent">
            {run.workflow_name || run.workflow_id}
          </Link>
        </Fact>
        <Fact name="Version">
          <Id of={run.version} what="the version's id" length={34} />
        </Fact>
        <Fact name="Started">
          <At ms={milliseconds(run.started_at)} />
        </Fact>
        <Fact name="Ended">{run.ended_at && <At ms={milliseconds(run.ended_at)} />}</Fact>
        <Fact name="Trigger">
          {[run.trigger.kind, run.trigger.node].filter(Boolean).join(" · ")}
        </Fact>
        <Fact name="Started by">{names(run.started_by)}</Fact>
        <Fact name="Goes on from">{run.origin && <RunLink {...run.origin} />}</Fact>
        <Fact name="Step of">{run.parent && <RunLink {...run.parent} />}</Fact>
        <Fact name="Labels">
          {labels.length > 0 && (
            <span className="flex flex-wrap gap-1">
              {labels.map(([name, value]) => (
                <Chip key={name}>
                  {name}={value}
                </Chip>
              ))}
            </span>
          )}
        </Fact>
        <Fact name="Found by">
          {search.length > 0 && (
            <span className="flex flex-wrap gap-1">
              {search.map(([name, value]) => (
                <Chip key={name}>
                  {name}: {value}
                </Chip>
              ))}
            </span>
          )}
        </Fact>
      </Facts>
      <StepSummary />
      <WentOn run={run} />
    </div>
  );
}

/** Runs that go on from this one. */
function WentOn({ run }: { run: Run }) {
  const filters = { origin_run_id: run.id, limit: 20 };
  const { data } = useQuery({
    queryKey: keys.runs(filters),
    queryFn: () => got(api.GET("/api/v1/runs", { params: { query: filters } })),
  });
  if (!data?.items.length) return null;
  return (
    <section>
      <h3 className="mb-1 text-13">Went on in</h3>
      <ul className="flex flex-col gap-1">
        {data.items.map((one) => (
          <li key={one.id} className="flex items-center gap-3">
            <StateChip state={one.status} />
            <RunLink run_id={one.id} step="" />
            <Time at={one.started_at} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What it waits for, without the kind, which stands before it. */
const withoutKind = ({ kind, text }: Run["waits_for"][number]) =>
  readable(text.startsWith(`${kind} `) ? text.slice(kind.length + 1) : text);

/** To what people are asked there. */
function Inbox({ id }: { id: string }) {
  return (
    <Link to="/approvals" search={{ id }} className="whitespace-nowrap text-accent hover:underline">
      Open in the inbox
    </Link>
  );
}

function RunLink({ run_id, step }: { run_id: string; step: string }) {
  return (
    <Link
      to="/runs/$id"
      params={{ id: run_id }}
      search={step ? { step } : {}}
      className="mono text-12 text-accent hover:underline"
    >
      {run_id}
      {step && ` at ${step}`}
    </Link>
  );
}

export function StepOverview({ step, runId, title }: { step: Step; runId: string; title: string }) {
  const { data: full } = useStepInFull(runId, step.path, step.seq);
  const status = shownStatus(step);
  const approval = /^(?:approval|input):(.+)/.exec(step.waits ?? "")?.[1];
  const asks = step.waits === "ask" && !hasEnded(step);
  const error = (full?.error ?? step.error) as Problem | null;
  const caught = step.status !== "failed";
  const queued = step.attempts.at(-1);
  const end = hasEnded(step) ? step.endedAt : null;
  const took = lasted(step, Date.now());
  return (
    <div className="flex flex-col gap-4 px-3 py-4">
      {error && <ErrorPanel error={error} runId={runId} caught={caught} here={step.path} />}
      {approval && !hasEnded(step) && (
        <p className="flex items-center gap-2">
          People decide about it. <Inbox id={approval} />
        </p>
      )}
      {asks && <Decide runId={runId} path={step.path} />}
      <Facts>
        <Fact name="Step">{title}</Fact>
        <Fact name="Path">
          <span className="mono text-12">{step.path}</span>
        </Fact>
        <Fact name="State">
          <StateChip state={status} note={stateNote(step)} />
        </Fact>
        <Fact name="Type">{full?.node_type || step.nodeType || "inline"}</Fact>
        <Fact name="Queue">{step.queue && <span className="mono text-12">{step.queue}</span>}</Fact>
        <Fact name="Worker">
          {queued?.worker && <span className="mono text-12">{queued.worker}</span>}
        </Fact>
        <Fact name="Scheduled">
          <At ms={step.scheduledAt} />
        </Fact>
        <Fact name="Ended">{end !== null && <At ms={end} />}</Fact>
        <Fact name={hasEnded(step) ? "Took" : "So far"}>{took !== null && duration(took)}</Fact>
        <Fact name="Left by">
          {step.port && step.port !== "out" && <Chip mono>{step.port}</Chip>}
        </Fact>
        <Fact name="Inside">
          {isContainer(step) && step.inside && (
            <span className="tabular">
              {step.inside.done} of {step.inside.total} done
              {step.inside.failed > 0 && (
                <span className="text-err">, {step.inside.failed} failed</span>
              )}
            </span>
          )}
        </Fact>
        <Fact name="Due">{step.wakeAt !== null && <At ms={step.wakeAt} />}</Fact>
        <Fact name="Sub-run">
          {(step.childRun ?? full?.child_run_id) && (
            <RunLink run_id={step.childRun ?? full?.child_run_id ?? ""} step="" />
          )}
        </Fact>
      </Facts>
    </div>
  );
}

function stateNote(step: Step): string | undefined {
  if (step.status === "waiting") return `for ${waitNote(step)}`;
  if (step.status === "retrying") return `attempt ${step.attempt + 1} is next`;
  return step.attempts.length > 1 ? `attempt ${step.attempt}` : undefined;
}
