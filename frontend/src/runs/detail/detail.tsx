/** The right pane: everything about what is selected, the run itself if nothing is. */
import { SquareDashed, X } from "lucide-react";
import { IconButton } from "@/ui/button";
import { StateIcon } from "@/ui/chip";
import { Empty, Loading } from "@/ui/states";
import { TabPanel, Tabs } from "@/ui/tabs";
import { iterationOf, nodeOf } from "../model/paths";
import { type Step, shownStatus } from "../model/steps";
import { type Run, useSaid, useSelected, useSession, useStep, useStepInFull } from "../use-run";
import { Attempts } from "./attempts";
import { Logs } from "./logs";
import { RunOverview, StepOverview } from "./overview";
import { Saying } from "./saying";
import { Value } from "./value";

export const TABS = ["overview", "input", "output", "logs", "attempts"] as const;

export function Detail({
  run,
  titles,
  tab,
  onTab,
}: {
  run: Run;
  titles: ReadonlyMap<string, string>;
  tab: string;
  onTab: (tab: string) => void;
}) {
  const session = useSession();
  const selected = useSelected();
  const runId = selected?.runId ?? run.id;
  const step = useStep(runId, selected?.path ?? "");
  const node = selected ? nodeOf(selected.path) : "";
  const title = (runId === run.id && titles.get(node)) || node;
  const named =
    selected && iterationOf(selected.path) !== null
      ? `${title} #${iterationOf(selected.path)}`
      : title;
  const known = (TABS as readonly string[]).includes(tab) ? tab : "overview";
  const shown = known === "attempts" && !selected ? "overview" : known;
  return (
    <section
      aria-label="Detail"
      className="flex h-full min-h-0 flex-col bg-bg1"
      data-testid="detail"
    >
      <div className="flex h-8 shrink-0 items-center gap-2 border-b border-line px-3">
        {step && <StateIcon state={shownStatus(step)} size={14} />}
        <h2 className="truncate text-12 font-medium text-fg2">
          {selected ? named : "The whole run"}
        </h2>
        <span className="flex-1" />
        {selected && (
          <IconButton small icon={X} label="Select nothing" onClick={() => session.select(null)} />
        )}
      </div>
      <Tabs
        label="What is shown of it"
        value={shown}
        onChange={onTab}
        className="min-h-0 flex-1 px-3"
        tabs={[
          { id: "overview", label: "Overview" },
          { id: "input", label: "Input" },
          { id: "output", label: "Output" },
          { id: "logs", label: "Logs" },
          ...(selected
            ? [
                {
                  id: "attempts",
                  label: "Attempts",
                  ...(step?.attempts.length ? { count: step.attempts.length } : {}),
                },
              ]
            : []),
        ]}
      >
        <TabPanel id="overview" className="-mx-3 overflow-y-auto">
          {!selected && <RunOverview run={run} />}
          {selected && step && <StepOverview step={step} runId={runId} title={named} />}
          {selected && !step && <NotReached />}
        </TabPanel>
        <TabPanel id="input" className="flex flex-col overflow-hidden">
          {selected ? (
            step ? (
              <StepInput step={step} runId={runId} attempt={selected.attempt} />
            ) : (
              <NotReached />
            )
          ) : (
            <Value value={run.input} runId={run.id} name="input" />
          )}
        </TabPanel>
        <TabPanel id="output" className="flex flex-col overflow-hidden">
          {selected ? (
            step ? (
              <StepOutput step={step} runId={runId} />
            ) : (
              <NotReached />
            )
          ) : (
            <RunOutput run={run} />
          )}
        </TabPanel>
        <TabPanel id="logs" className="flex flex-col overflow-hidden">
          <Logs key={runId} runId={runId} step={selected?.path ?? ""} />
        </TabPanel>
        <TabPanel id="attempts" className="-mx-3 overflow-y-auto">
          {step ? (
            <Attempts step={step} runId={runId} attempt={selected?.attempt ?? null} />
          ) : (
            <NotReached />
          )}
        </TabPanel>
      </Tabs>
    </section>
  );
}

function NotReached() {
  return (
    <Empty icon={SquareDashed} title="The run has not come here">
      Once it does, what the step is given and comes to stands here.
    </Empty>
  );
}

function RunOutput({ run }: { run: Run }) {
  if (run.status === "succeeded") return <Value value={run.output} runId={run.id} name="output" />;
  return (
    <Empty icon={SquareDashed} title="No output">
      {run.ended_at ? `The run has ${run.status}.` : "The run goes on."}
    </Empty>
  );
}

function StepInput({
  step,
  runId,
  attempt,
}: {
  step: Step;
  runId: string;
  attempt: number | null;
}) {
  const { data, isPending } = useStepInFull(runId, step.path, step.seq);
  if (isPending) return <Loading rows={4} />;
  const given = data?.inputs.find((one) => one.attempt === attempt) ?? data?.inputs.at(-1);
  if (!given) {
    return (
      <Empty icon={SquareDashed} title="Nothing was handed over">
        The scheduler decides this step itself, from the outputs before it.
      </Empty>
    );
  }
  return (
    <>
      {!given.evaluated && (
        <p className="shrink-0 border-b border-line py-2 text-12 text-fg2">
          The worker evaluates these expressions itself: they are heavy.
        </p>
      )}
      <Value value={given.value} runId={runId} name={`input of ${step.path}`} />
    </>
  );
}

function StepOutput({ step, runId }: { step: Step; runId: string }) {
  const { data, isPending } = useStepInFull(runId, step.path, step.seq);
  const said = useSaid(runId, step);
  if (said) return <Saying said={said} />;
  if (isPending) return <Loading rows={4} />;
  if (data?.output === null && step.status !== "succeeded") {
    return (
      <Empty icon={SquareDashed} title="No output">
        {step.error ? "The step has failed; Overview says why." : "The step has not ended."}
      </Empty>
    );
  }
  return <Value value={data?.output} runId={runId} name={`output of ${step.path}`} />;
}
