/** What publishing would change, asked before it is done, and what it made. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useStore } from "zustand";
import { type ApiError, asError, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { Loading, Refused } from "@/ui/states";
import { tell } from "@/ui/toast";
import { type Diff, type Published, publish } from "./api";
import { counts, lines } from "./diff";
import { DiffCounts, DiffList } from "./diff-list";
import { usePeople } from "./people";
import { useStudio } from "./studio";

export function PublishSheet({
  head,
  diff,
  isComparing,
  isSaved,
  close,
  onBusy,
  onDone,
}: {
  head: Schemas["Workflow"] | undefined;
  diff: Diff | undefined;
  isComparing: boolean;
  isSaved: boolean;
  close: () => void;
  onBusy: (busy: boolean) => void;
  onDone: (how: "done" | "partial" | "failed") => void;
}) {
  const studio = useStudio();
  const cache = useQueryClient();
  const views = useStore(studio.draft.projection.views, (views) => views.nodes);
  const nameOf = usePeople();
  const [note, setNote] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [made, setMade] = useState<Published | null>(null);
  const found = diff ? lines(diff, (id) => views[id]?.title ?? id, nameOf) : [];
  const triggers = Object.values(views).filter((view) => view.kind === "trigger" && !view.disabled);
  const authors = [...new Set(found.map((line) => line.by).filter(Boolean))];
  const go = async () => {
    setBusy(true);
    onBusy(true);
    setError(null);
    try {
      const answer = await publish(
        studio.workflow,
        note.trim(),
        head?.current_version ?? "",
        studio.draft.stateVector(),
      );
      await cache.invalidateQueries({ queryKey: keys.workflow(studio.workflow) });
      const unserved = answer.webhooks.filter(
        (hook) => hook.probe && hook.probe.state !== "served",
      );
      onDone(unserved.length ? "partial" : "done");
      const secrets = answer.webhooks.filter((hook) => hook.secret);
      if (secrets.length || unserved.length || answer.dropped?.length) setMade(answer);
      else {
        tell(`Version ${answer.number} runs now.`);
        close();
      }
    } catch (thrown) {
      const refused = asError(thrown);
      if (refused.code === "VERSION_MOVED")
        await cache.invalidateQueries({ queryKey: keys.workflow(studio.workflow) });
      setError(refused);
      onDone("failed");
    } finally {
      setBusy(false);
      onBusy(false);
    }
  };
  if (made) {
    return (
      <Dialog
        open
        onOpenChange={close}
        title={`Version ${made.number} runs now`}
        footer={
          <Button kind="primary" onClick={close}>
            Done
          </Button>
        }
      >
        <div className="flex flex-col gap-3 pb-3">
          {made.webhooks
            .filter((hook) => hook.secret)
            .map((hook) => (
              <div key={hook.id} className="flex flex-col gap-1">
                <p>
                  The webhook of <b>{views[hook.node]?.title ?? hook.node}</b> signs with this
                  secret. It is shown this once.
                </p>
                <p className="mono flex items-center gap-2 break-all rounded-control border border-line bg-bg0 p-2 text-12">
                  <span className="flex-1">{hook.secret}</span>
                  <CopyButton text={hook.secret ?? ""} what="the secret" />
                </p>
                <p className="mono flex items-center gap-2 break-all text-12 text-fg2">
                  <span className="flex-1">{`${location.origin}${hook.path}`}</span>
                  <CopyButton text={`${location.origin}${hook.path}`} what="the address" />
                </p>
              </div>
            ))}
          {made.webhooks
            .filter((hook) => hook.probe && hook.probe.state !== "served")
            .map((hook) => (
              <p key={hook.node} className="text-warn">
                The webhook of {views[hook.node]?.title ?? hook.node} takes no deliveries yet:{" "}
                {hook.probe?.message ?? "nobody answered at its address"}.
              </p>
            ))}
          {(made.dropped?.length ?? 0) > 0 && (
            <p className="text-warn">
              {made.dropped?.length} left-over connections of deleted steps were left out.
            </p>
          )}
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onOpenChange={close}
      title={head?.current_version ? "Publish the changes" : "Publish the first version"}
      description="A version never changes. Runs that have begun go on with theirs."
      footer={
        <>
          <Button onClick={close}>Not yet</Button>
          <Button kind="primary" busy={isBusy} disabled={!isSaved} onClick={() => void go()}>
            Publish
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 pb-3">
        {head?.current_version && (
          <section aria-label="Changes" className="flex flex-col gap-2">
            <div className="flex items-center justify-between">
              <h3 className="text-13">Against version {head.current_number}</h3>
              {diff && <DiffCounts of={counts(diff)} />}
            </div>
            {isComparing ? (
              <Loading rows={3} />
            ) : (
              <div className="max-h-60 overflow-y-auto border-t border-line">
                <DiffList lines={found} />
              </div>
            )}
            {authors.length > 0 && (
              <p className="text-12 text-fg2">Drawn by {authors.join(", ")}.</p>
            )}
          </section>
        )}
        <section aria-label="Triggers" className="flex flex-col gap-1">
          <h3 className="text-13">Begins by</h3>
          <p className="text-fg2">
            {triggers.length
              ? triggers.map((view) => view.title).join(", ")
              : "No trigger: runs are started by the API, the command line and other workflows."}
          </p>
        </section>
        <Field label="What is new" help="Shown in the list of versions.">
          <Input
            value={note}
            maxLength={2000}
            onChange={(event) => setNote(event.target.value)}
            onKeyDown={(event) => event.key === "Enter" && isSaved && void go()}
          />
        </Field>
        {!isSaved && (
          <p className="text-warn">Something is not saved yet; publishing waits for it.</p>
        )}
        <Refused error={error} />
      </div>
    </Dialog>
  );
}
