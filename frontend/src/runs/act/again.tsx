/**
 * Going on in a new run: from what failed, or from any step. It tells before what will be done
 * once more, with which version and input.
 */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, onceKey } from "@/api/client";
import { keys } from "@/api/queries";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Dialog } from "@/ui/dialog";
import { CheckBox, Field, TextArea } from "@/ui/field";
import { Loading, Refused } from "@/ui/states";
import { referenceOf } from "../source";
import type { Run } from "../use-run";
import { parsed } from "./json";

export type Again = { kind: "retry" } | { kind: "fork"; step: string };

type VersionChoice = "original" | "current";

interface Asked {
  version: VersionChoice;
  step: string;
  given: boolean;
  input: unknown;
  dry: boolean;
}

function ask(runId: string, { version, step, given, input, dry }: Asked) {
  const header = dry ? {} : { header: { "Idempotency-Key": onceKey() } };
  const params = { path: { run_id: runId }, ...header };
  if (!step) {
    return got(
      api.POST("/api/v1/runs/{run_id}/retry", { params, body: { version, dry_run: dry } }),
    );
  }
  const body = { version, step, dry_run: dry, ...(given ? { input } : {}) };
  return got(api.POST("/api/v1/runs/{run_id}/fork", { params, body: body as never }));
}

const CHOICES: readonly { value: VersionChoice; title: string; text: string }[] = [
  {
    value: "original",
    title: "The version of this run",
    text: "What ran before runs again, as it was.",
  },
  { value: "current", title: "The current version", text: "With what has been published since." },
];

export function AgainDialog({
  run,
  again,
  onClose,
}: {
  run: Run;
  again: Again;
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const [version, choose] = useState<VersionChoice>("original");
  const [edits, edit] = useState(false);
  const [text, setText] = useState(() => JSON.stringify(run.input, null, 2));
  const wanted = again.kind === "fork" ? again.step : "";
  const plain = useQuery({
    queryKey: [...keys.run(run.id), "again", version, wanted],
    queryFn: () => ask(run.id, { version, step: wanted, given: false, input: null, dry: true }),
    staleTime: 0,
    retry: false,
  });
  const input = parsed(text);
  // A retry takes no input: with one it is a fork from the same place.
  const step = wanted || (edits ? (plain.data?.origin.step ?? "") : "");
  const act = useAct(
    () => ask(run.id, { version, step, given: edits, input: input.value, dry: false }),
    {
      again: [keys.runs()],
      after: (made) => {
        onClose();
        if (made.run_id) void navigate({ to: "/runs/$id", params: { id: made.run_id } });
      },
    },
  );
  const told = plain.data;
  const kept = referenceOf(run.input) !== null;
  const verb = again.kind === "retry" ? "Retry" : "Start from here";
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={again.kind === "retry" ? "Retry from what failed" : `Start again from ${again.step}`}
      description="A new run goes on from there. What ended well before is taken over and not executed again; this run stays as it is."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            busy={act.busy}
            disabled={!told || (edits && Boolean(input.error))}
            onClick={() => act.run()}
          >
            {verb}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 pb-2">
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 font-medium">Version</legend>
          {CHOICES.map((choice) => (
            <label
              key={choice.value}
              className="flex cursor-pointer items-baseline gap-2 rounded-control border border-line px-3 py-2 has-checked:border-accent"
            >
              <input
                type="radio"
                name="version"
                className="accent-accent"
                checked={version === choice.value}
                onChange={() => choose(choice.value)}
              />
              <span className="flex-1">
                {choice.title}
                <span className="block text-12 text-fg3">{choice.text}</span>
              </span>
              {version === choice.value && told && (
                <span className="mono text-12 text-fg3">{told.version.slice(0, 12)}</span>
              )}
            </label>
          ))}
        </fieldset>
        {plain.isPending && <Loading rows={2} what="Asking what will be repeated" />}
        {plain.error && <Refused error={asError(plain.error)} />}
        {told && <Consequences told={told} />}
        {!kept && (
          <div className="flex flex-col gap-2">
            <CheckBox
              label="Give it another input"
              checked={edits}
              onChange={(event) => edit(event.target.checked)}
            />
            {edits && (
              <Field
                label="Input"
                help="JSON. Steps that are taken over keep what they read."
                error={input.error}
              >
                <TextArea
                  className="mono min-h-40 text-12"
                  spellCheck={false}
                  value={text}
                  onChange={(event) => setText(event.target.value)}
                />
              </Field>
            )}
          </div>
        )}
        <Refused error={act.error} />
      </div>
    </Dialog>
  );
}

function Consequences({ told }: { told: Awaited<ReturnType<typeof ask>> }) {
  return (
    <div className="flex flex-col gap-2" data-testid="repeats">
      <p className="text-fg2">
        Goes on at <span className="mono text-12 text-fg">{told.origin.step}</span>;{" "}
        {plural(told.carried, "step is", "steps are")} taken over.
      </p>
      {told.repeats.length > 0 ? (
        <div className="flex flex-col gap-1 rounded-panel border border-line border-l-3 border-l-warn bg-bg2 p-3">
          <p className="flex items-center gap-2">
            <TriangleAlert size={16} strokeWidth={1.5} aria-hidden className="text-warn" />
            {plural(told.repeats.length, "step")} with an effect outside ran before and will run
            again:
          </p>
          <ul className="flex max-h-40 flex-wrap gap-1 overflow-y-auto pl-6">
            {told.repeats.map((one) => (
              <li key={one.step}>
                <Chip mono tone="warn" title={one.node_type}>
                  {one.step}
                </Chip>
              </li>
            ))}
          </ul>
        </div>
      ) : (
        <p className="text-fg2">No step with an effect outside is repeated.</p>
      )}
    </div>
  );
}
