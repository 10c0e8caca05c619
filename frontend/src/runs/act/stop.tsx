/** Ending a run, or letting it stand still, with the reason that its log will tell. */
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got, onceKey } from "@/api/client";
import { keys } from "@/api/queries";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { CheckBox, Field, Input } from "@/ui/field";
import { Refused } from "@/ui/states";
import type { Run } from "../use-run";

type What = "cancel" | "pause";

const WORDS = {
  cancel: {
    title: "Cancel the run",
    text: "What can be undone is undone, step by step, before the run ends.",
    verb: "Cancel the run",
    said: "Cancelling is recorded",
  },
  pause: {
    title: "Pause the run",
    text: "Nothing new begins until somebody resumes it; work that is under way ends and is kept.",
    verb: "Pause",
    said: "Pausing is recorded",
  },
};

export function StopDialog({ run, what, onClose }: { run: Run; what: What; onClose: () => void }) {
  const words = WORDS[what];
  const [reason, setReason] = useState("");
  const [atOnce, setAtOnce] = useState(false);
  const [once] = useState(onceKey);
  const params = { path: { run_id: run.id }, header: { "Idempotency-Key": once } };
  const act = useAct(
    () =>
      what === "cancel"
        ? got(
            api.POST("/api/v1/runs/{run_id}/cancel", {
              params,
              body: { reason, mode: atOnce ? "terminate" : "graceful" },
            }),
          )
        : got(api.POST("/api/v1/runs/{run_id}/pause", { params, body: { reason } })),
    { again: [keys.run(run.id)], said: words.said, after: onClose },
  );
  return (
    <Dialog
      open
      size="small"
      onOpenChange={(open) => !open && onClose()}
      title={words.title}
      description={words.text}
      footer={
        <>
          <Button onClick={onClose}>Keep it going</Button>
          <Button
            kind={what === "cancel" ? "danger" : "primary"}
            busy={act.busy}
            onClick={() => act.run()}
          >
            {words.verb}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 pb-2">
        <Field label="Reason" help="Stands in the run's log and in the audit.">
          <Input value={reason} onChange={(event) => setReason(event.target.value)} />
        </Field>
        {what === "cancel" && (
          <CheckBox
            label="At once, and undo nothing"
            checked={atOnce}
            onChange={(event) => setAtOnce(event.target.checked)}
          />
        )}
        <Refused error={act.error} />
      </div>
    </Dialog>
  );
}
