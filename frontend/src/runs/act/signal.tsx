/** Sending a signal: its name is known where a step waits for one. */
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got, onceKey } from "@/api/client";
import { keys } from "@/api/queries";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input, TextArea } from "@/ui/field";
import { Refused } from "@/ui/states";
import type { Run } from "../use-run";
import { parsed } from "./json";

export function SignalDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const waited = run.waits_for.flatMap((wait) => (wait.signal ? [wait.signal] : []));
  const [name, setName] = useState(waited[0] ?? "");
  const [text, setText] = useState("");
  const payload = parsed(text);
  const act = useAct(
    () =>
      got(
        api.POST("/api/v1/runs/{run_id}/signals", {
          params: { path: { run_id: run.id }, header: { "Idempotency-Key": onceKey() } },
          body: { name, payload: payload.value } as never,
        }),
      ),
    { again: [keys.run(run.id)], said: `Signal ${name} recorded`, after: onClose },
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Send a signal"
      description="The step that waits for it goes on. A signal that comes early is kept until a step asks for it."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            busy={act.busy}
            disabled={!name || Boolean(payload.error)}
            onClick={() => act.run()}
          >
            Send
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 pb-2">
        <Field
          label="Name"
          help={
            waited.length ? `Waited for: ${waited.join(", ")}` : "As the waiting step calls it."
          }
        >
          <Input className="mono" value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field
          label="Payload"
          help="JSON; what the step's output shows. Empty for null."
          error={payload.error}
        >
          <TextArea
            className="mono text-12"
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <Refused error={act.error} />
      </div>
    </Dialog>
  );
}
