/** A person's word about a step that failed and waits for it: retry, skip, or fail. */
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got, onceKey } from "@/api/client";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { Button } from "@/ui/button";
import { Field, Input, TextArea } from "@/ui/field";
import { Refused } from "@/ui/states";
import { parsed } from "./json";

type Word = "retry" | "skip" | "fail";

export function Decide({ runId, path }: { runId: string; path: string }) {
  const may = useMay("runs:start");
  const [reason, setReason] = useState("");
  const [output, setOutput] = useState("");
  const [skips, skip] = useState(false);
  const value = parsed(output);
  const act = useAct(
    (decision: Word) =>
      got(
        api.POST("/api/v1/runs/{run_id}/steps/{step}/decision", {
          params: { path: { run_id: runId, step: path }, header: { "Idempotency-Key": onceKey() } },
          body: {
            decision,
            reason,
            ...(decision === "skip" && output.trim() ? { output: value.value } : {}),
          } as never,
        }),
      ),
    { again: [keys.run(runId)], said: (_, decision) => `Recorded: ${decision}` },
  );
  return (
    <section
      aria-label="Decision"
      className="flex flex-col gap-3 rounded-panel border border-line border-l-3 border-l-wait bg-bg2 p-3"
    >
      <p className="text-14">All attempts are used up. What becomes of the step?</p>
      {may ? (
        <>
          <Field label="Reason" help="Stands in the audit and in the run's log.">
            <Input value={reason} onChange={(event) => setReason(event.target.value)} />
          </Field>
          {skips && (
            <Field
              label="Output in its place"
              help="JSON that later steps read; empty for null."
              error={value.error}
            >
              <TextArea
                className="mono text-12"
                value={output}
                onChange={(event) => setOutput(event.target.value)}
              />
            </Field>
          )}
          <Refused error={act.error} />
          <div className="flex flex-wrap gap-2">
            <Button kind="primary" busy={act.busy} onClick={() => act.run("retry")}>
              Retry the step
            </Button>
            <Button
              busy={act.busy}
              disabled={skips && Boolean(value.error)}
              onClick={() => (skips ? act.run("skip") : skip(true))}
            >
              {skips ? "Skip with this output" : "Skip it"}
            </Button>
            <Button kind="danger" busy={act.busy} onClick={() => act.run("fail")}>
              Let it fail
            </Button>
          </div>
        </>
      ) : (
        <p className="text-fg2">Somebody who may start runs decides.</p>
      )}
    </section>
  );
}
