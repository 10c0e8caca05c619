/** Beginning again somewhere on the bus: each event from there on starts a run anew. */
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got } from "@/api/client";
import { FormDialog } from "@/parts/form-dialog";
import { Field, Input } from "@/ui/field";
import { Select } from "@/ui/select";
import { SUBSCRIPTIONS, type Subscription } from "./subscriptions";

export function Replay({ of, onClose }: { of: Subscription; onClose: () => void }) {
  const [by, setBy] = useState("time");
  const replay = useAct(
    ({ time = "", sequence = "", reason = "" }: Record<string, string>) =>
      got(
        api.POST("/api/v1/subscriptions/{subscription_id}/replay", {
          params: { path: { subscription_id: of.id } },
          body:
            by === "time"
              ? { time: new Date(time).toISOString(), reason }
              : { sequence: Number(sequence), reason },
        }),
      ),
    {
      again: [SUBSCRIPTIONS],
      after: onClose,
      said: (now) => `It begins again; ${now.waiting} events lie before it.`,
    },
  );
  return (
    <FormDialog
      title={`Replay ${of.subject}`}
      description="Each event from there on starts a run anew, also where it started one before."
      verb="Replay"
      act={replay}
      onClose={onClose}
    >
      <Field label="From">
        <Select
          value={by}
          onChange={setBy}
          options={[
            { value: "time", label: "A time" },
            { value: "sequence", label: "A number on the bus" },
          ]}
        />
      </Field>
      {by === "time" ? (
        <Field label="The first event is not older">
          <Input key="time" name="time" type="datetime-local" step={1} required />
        </Field>
      ) : (
        <Field label="Number of the first event" help={`It stands at ${of.position}.`}>
          <Input key="sequence" name="sequence" type="number" min={1} required />
        </Field>
      )}
      <Field label="Reason (optional)" help="Stands here and in the audit.">
        <Input name="reason" maxLength={2000} />
      </Field>
    </FormDialog>
  );
}
