/** A sample sent the way of every delivery. */
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { useAct } from "@/api/act";
import { api, got, onceKey } from "@/api/client";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Dialog } from "@/ui/dialog";
import { Field, TextArea } from "@/ui/field";
import { Refused } from "@/ui/states";
import { VERDICTS } from "./verdicts";
import type { Hook } from "./webhooks";

export function SendTest({ of, onClose }: { of: Hook; onClose: () => void }) {
  const form = useId();
  const test = useAct(
    ({ body = "", headers = "" }: Record<string, string>) =>
      got(
        api.POST("/api/v1/webhooks/{webhook_id}/test", {
          params: { path: { webhook_id: of.id }, header: { "Idempotency-Key": onceKey() } },
          body: {
            body: body.trim() ? JSON.parse(body) : null,
            headers: Object.fromEntries(
              headers
                .split("\n")
                .map((line) => line.split(/:\s*/, 2))
                .filter(([name, value]) => name && value)
                .map(([name, value]) => [String(name).trim(), String(value).trim()]),
            ),
          },
        }),
      ),
    { again: [["webhooks"]] },
  );
  const came = test.done;
  const error = came?.error as { message?: string } | null | undefined;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Send a test"
      description="Signed for you, and marked as a test in its run."
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button kind="primary" type="submit" form={form} busy={test.busy}>
            Send
          </Button>
        </>
      }
    >
      <form id={form} className="flex flex-col gap-4 pb-2" onSubmit={sent(test.run)}>
        <Field label="Body (JSON)">
          <TextArea
            name="body"
            className="mono min-h-40 text-12"
            spellCheck={false}
            defaultValue={'{\n  "hello": "there"\n}'}
          />
        </Field>
        <Field label="Headers" help="One a line, like X-GitHub-Event: push">
          <TextArea name="headers" className="mono min-h-12 text-12" spellCheck={false} />
        </Field>
        <Refused error={test.error} />
        {came && (
          <p role="status" className="flex flex-wrap items-center gap-2">
            <Chip tone={VERDICTS[came.verdict] ?? "plain"}>{came.verdict}</Chip>
            {came.run_id && (
              <Link
                to="/runs/$id"
                params={{ id: came.run_id }}
                className="font-medium text-accent hover:underline"
              >
                Look at its run
              </Link>
            )}
            <span className="text-fg2">{came.dropped ?? error?.message}</span>
          </p>
        )}
      </form>
    </Dialog>
  );
}
