/** A new signing secret, shown once; the old one counts for a while beside it. */
import { useId } from "react";
import { useAct } from "@/api/act";
import { api, got } from "@/api/client";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { Select } from "@/ui/select";
import { Refused } from "@/ui/states";
import type { Hook } from "./webhooks";

export function RotateSecret({ of, onClose }: { of: Hook; onClose: () => void }) {
  const form = useId();
  const rotate = useAct(
    ({ overlap = "24h", secret }: Record<string, string>) =>
      got(
        api.POST("/api/v1/webhooks/{webhook_id}/rotate", {
          params: { path: { webhook_id: of.id } },
          body: { overlap, secret: secret || null },
        }),
      ),
    { again: [["webhooks"]] },
  );
  const made = rotate.done?.secret;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New signing secret"
      size="small"
      description={
        made ? "Copy it now: it is shown this once." : "Whoever sends here signs with it."
      }
      footer={
        rotate.done ? (
          <Button kind="primary" onClick={onClose}>
            I have it
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="primary" type="submit" form={form} busy={rotate.busy}>
              Make it
            </Button>
          </>
        )
      }
    >
      {rotate.done ? (
        <div className="mb-2 flex items-center gap-2 rounded-panel border border-line bg-bg0 p-3">
          <code className="mono min-w-0 flex-1 break-all">{made ?? "as the sender has it"}</code>
          {made && <CopyButton text={made} what="the secret" />}
        </div>
      ) : (
        <form id={form} className="flex flex-col gap-4 pb-2" onSubmit={sent(rotate.run)}>
          <Field label="The old one counts for">
            <Select
              name="overlap"
              defaultValue="24h"
              options={[
                { value: "0s", label: "No longer" },
                { value: "1h", label: "One hour" },
                { value: "24h", label: "A day" },
                { value: "7d", label: "A week" },
              ]}
            />
          </Field>
          <Field label="Secret (optional)" help="Where the sender makes its own; else one is made.">
            <Input
              name="secret"
              type="password"
              autoComplete="new-password"
              minLength={8}
              maxLength={500}
              className="mono"
            />
          </Field>
          <Refused error={rotate.error} />
        </form>
      )}
    </Dialog>
  );
}
