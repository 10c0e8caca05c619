/** What rises above the strip: the list of problems, or the sample input of a trial. */
import { Link } from "@tanstack/react-router";
import { CircleAlert, Play, TriangleAlert, X } from "lucide-react";
import { useMemo, useState } from "react";
import { plain, roots } from "@/collab/document";
import type { Json } from "@/collab/types";
import { TextField } from "@/expr/text-field";
import type { Schema } from "@/nodes/schema";
import { sentence } from "@/nodes/shared-field";
import { Button, IconButton } from "@/ui/button";
import { Chip, StateChip } from "@/ui/chip";
import { useHead } from "./publish-button";
import { choose, type Problem, useMarks, useStudio, useUi } from "./studio";
import { useTrial } from "./trial";

export function Drawer() {
  const panel = useUi((ui) => ui.panel);
  if (panel === "problems") return <Problems />;
  if (panel === "run") return <TryOut />;
  return null;
}

function Frame({
  title,
  children,
  actions,
}: {
  title: string;
  children: React.ReactNode;
  actions?: React.ReactNode;
}) {
  const studio = useStudio();
  return (
    <section aria-label={title} className="flex h-56 shrink-0 flex-col border-t border-line bg-bg1">
      <header className="flex h-9 shrink-0 items-center gap-2 border-b border-line pl-4 pr-2">
        <h2 className="flex-1 text-13">{title}</h2>
        {actions}
        <IconButton
          small
          icon={X}
          label="Close"
          onClick={() => studio.ui.setState({ panel: null })}
        />
      </header>
      {children}
    </section>
  );
}

function Problems() {
  const errors = useMarks((marks) => marks.problems);
  const warnings = useMarks((marks) => marks.warnings);
  return (
    <Frame title="Problems">
      <ul className="min-h-0 flex-1 overflow-y-auto py-1">
        {errors.map((one) => (
          <Line key={`${one.code}${one.path}${one.line ?? ""}${one.message}`} problem={one} />
        ))}
        {warnings.map((one) => (
          <Line
            key={`${one.code}${one.path}${one.line ?? ""}${one.message}`}
            problem={one}
            isWarning
          />
        ))}
        {!errors.length && !warnings.length && (
          <li className="px-4 py-2 text-fg2">Nothing is wrong.</li>
        )}
      </ul>
    </Frame>
  );
}

function Line({ problem, isWarning = false }: { problem: Problem; isWarning?: boolean }) {
  const studio = useStudio();
  const title = problem.node
    ? (studio.draft.projection.views.getState().nodes[problem.node]?.title ?? problem.node)
    : "Workflow";
  const Icon = isWarning ? TriangleAlert : CircleAlert;
  const go = () => {
    if (problem.node && studio.draft.projection.views.getState().nodes[problem.node]) {
      choose(studio, [problem.node]);
      const isBehaviour = /\/(retry|timeout|queue|on_error|compensate|join|disabled)/.test(
        problem.path,
      );
      studio.ui.setState({ tab: isBehaviour ? "behaviour" : "parameters" });
      studio.canvas.current?.reveal([problem.node]);
    } else studio.ui.setState({ panel: "settings" });
  };
  return (
    <li>
      <button
        type="button"
        onClick={go}
        className="grid w-full grid-cols-[16px_160px_1fr_auto] items-baseline gap-3 px-4 py-1.5 text-left hover:bg-bg2 focus-visible:outline-offset-[-2px]"
      >
        <Icon
          size={14}
          strokeWidth={1.75}
          aria-label={isWarning ? "Warning" : "Problem"}
          className={`translate-y-0.5 ${isWarning ? "text-warn" : "text-err"}`}
        />
        <span className="truncate font-medium">{title}</span>
        <span>
          {sentence(problem.message)} <span className="text-fg2">{problem.advice}</span>
        </span>
        <Chip mono>{problem.code}</Chip>
      </button>
    </li>
  );
}

/** A first sample from what the draft says of its input. */
export function sampleOf(schema: Schema | undefined): Json {
  if (!schema) return {};
  if (schema.default !== undefined) return schema.default;
  if (schema.enum?.length) return schema.enum[0] as Json;
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object" || schema.properties) {
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, sampleOf(inner)]),
    );
  }
  if (type === "array") return [];
  if (type === "string") return "";
  if (type === "integer" || type === "number") return 0;
  return type === "boolean" ? false : {};
}

function TryOut() {
  const studio = useStudio();
  const last = useMarks((marks) => marks.input);
  const pins = useMarks((marks) => Object.keys(marks.pins).length);
  const { run, runPublished, isBusy, isRunning, runId, runStatus } = useTrial();
  const head = useHead().data;
  const published = head?.current_number;
  const first = useMemo(() => {
    const schema = plain(roots(studio.draft.doc).meta.get("input")) as Schema | undefined;
    return JSON.stringify(
      last ?? sampleOf(typeof schema === "object" ? schema : undefined),
      null,
      2,
    );
  }, [studio, last]);
  const [written, setWritten] = useState(first);
  const [wrong, setWrong] = useState("");
  const start = (begin: (input: Json) => Promise<string>) => {
    let input: Json;
    try {
      input = JSON.parse(written || "{}") as Json;
    } catch (error) {
      setWrong(`This is no JSON: ${(error as Error).message}.`);
      return;
    }
    setWrong("");
    void begin(input);
  };
  return (
    <Frame
      title={studio.mayEdit ? "Try it out" : "Run what is published"}
      actions={
        <>
          {runStatus && runId && <StateChip state={runStatus} />}
          {runId && (
            <Link
              to="/runs/$id"
              params={{ id: runId }}
              data-tour="open-run"
              className="text-accent hover:underline"
            >
              Open the run
            </Link>
          )}
          {published && (
            <Button
              small
              data-tour="run-version"
              {...(!studio.mayEdit && { autoFocus: true, kind: "primary", icon: Play })}
              disabled={isBusy || isRunning}
              onClick={() => start((input) => runPublished(input, head?.current_version ?? ""))}
            >
              Run version {published}
            </Button>
          )}
          {studio.mayEdit && (
            <Button
              small
              autoFocus
              kind="primary"
              icon={Play}
              busy={isBusy || isRunning}
              onClick={() => start(run)}
            >
              Run the draft
            </Button>
          )}
        </>
      }
    >
      <div className="grid min-h-0 flex-1 grid-cols-[1fr_280px] gap-4 overflow-y-auto p-4">
        <div className="flex flex-col gap-1">
          <TextField
            text={written}
            label="Sample input"
            language="json"
            isInvalid={wrong !== ""}
            onChange={setWritten}
          />
          {wrong && <p className="text-12 text-err">{wrong}</p>}
        </div>
        {studio.mayEdit ? (
          <p className="text-fg2">
            The draft runs as it stands, for real: what it calls is called.
            {pins > 0 &&
              ` ${pins === 1 ? "One step" : `${pins} steps`} with pinned data will not be executed.`}{" "}
            The run carries the label trial.
            {published && " A version runs as it was published, without pinned data and label."}
          </p>
        ) : (
          <p className="text-fg2">
            {published
              ? `Version ${published} runs as it was published, for real: what it calls is called.`
              : "Nothing is published yet, so there is nothing to run."}
          </p>
        )}
      </div>
    </Frame>
  );
}
