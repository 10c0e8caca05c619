/** Asks once more who it is, before something that weighs: the password, or a code. */
import { useId } from "react";
import type { Act } from "@/api/act";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { Refused } from "@/ui/states";

export interface Proof {
  password: string;
  code: string;
}

export function AskProof<R>({
  title,
  verb,
  act,
  onClose,
  danger = false,
}: {
  title: string;
  verb: string;
  act: Act<Proof, R>;
  onClose: () => void;
  danger?: boolean;
}) {
  const form = useId();
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={title}
      size="small"
      description="Show once more that it is you: one of both is enough."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind={danger ? "danger" : "primary"} type="submit" form={form} busy={act.busy}>
            {verb}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4 pb-2"
        onSubmit={sent(({ password = "", code = "" }) => act.run({ password, code: code.trim() }))}
      >
        <Field label="Password">
          <Input name="password" type="password" autoComplete="current-password" />
        </Field>
        <Field label="Or a code of your authenticator">
          <Input name="code" inputMode="numeric" autoComplete="one-time-code" className="mono" />
        </Field>
        <Refused error={act.error} />
      </form>
    </Dialog>
  );
}
