/** Doing the work of one letter again, or giving it up. */
import { useNavigate } from "@tanstack/react-router";
import { useAct } from "@/api/act";
import { api, got } from "@/api/client";
import { FormDialog } from "@/parts/form-dialog";
import { Field, Input, TextArea } from "@/ui/field";
import { Select } from "@/ui/select";
import type { Letter } from "./dead-letters";

const AGAIN = [["dead-letters"], ["runs"]];

export function VersionField() {
  return (
    <Field label="Version" help="The one it failed in, or what is published now.">
      <Select
        name="version"
        options={[
          { value: "original", label: "That it failed in" },
          { value: "current", label: "The current one" },
        ]}
      />
    </Field>
  );
}

export function ReasonField({ required = false }: { required?: boolean }) {
  return (
    <Field label={required ? "Reason" : "Reason (optional)"} help="Stands in the audit.">
      {required ? (
        <TextArea name="reason" required maxLength={2000} />
      ) : (
        <Input name="reason" maxLength={2000} />
      )}
    </Field>
  );
}

export function Retry({ of, onClose }: { of: Letter; onClose: () => void }) {
  const navigate = useNavigate();
  const retry = useAct(
    ({ version = "original", reason = "" }: Record<string, string>) =>
      got(
        api.POST("/api/v1/dead-letters/{letter_id}/retry", {
          params: { path: { letter_id: of.id } },
          body: { version, reason },
        }),
      ),
    {
      again: AGAIN,
      said: (made) => (made.new_run_id ? "A new run does it again." : "The run goes on."),
      after: (made) => {
        onClose();
        const id = made.new_run_id ?? of.run_id;
        if (id) void navigate({ to: "/runs/$id", params: { id } });
      },
    },
  );
  return (
    <FormDialog
      title={`Retry ${of.step ?? of.workflow_name}`}
      description={
        of.reason === "event"
          ? "The event is given to the workflow once more."
          : "What ended well before it is not done again."
      }
      verb="Retry"
      act={retry}
      onClose={onClose}
    >
      <VersionField />
      <ReasonField />
    </FormDialog>
  );
}

export function Discard({ of, onClose }: { of: Letter; onClose: () => void }) {
  const discard = useAct(
    ({ reason = "" }: Record<string, string>) =>
      got(
        api.POST("/api/v1/dead-letters/{letter_id}/discard", {
          params: { path: { letter_id: of.id } },
          body: { reason: reason.trim() },
        }),
      ),
    { again: AGAIN, after: onClose, said: "It is discarded." },
  );
  return (
    <FormDialog
      title={`Discard ${of.step ?? of.workflow_name}`}
      description="Nobody does it any more; the letter stays readable."
      verb="Discard"
      act={discard}
      onClose={onClose}
    >
      <ReasonField required />
    </FormDialog>
  );
}
