/** The one action of the editor: make what is drawn the version that runs. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { api, got } from "@/api/client";
import { keys } from "@/api/queries";
import { useMe } from "@/api/session";
import { late } from "@/app/late";
import { savedState } from "@/collab/connection";
import { Button } from "@/ui/button";
import { tell } from "@/ui/toast";
import { Tooltip } from "@/ui/tooltip";
import { readDiff } from "./api";
import { differs, PUBLISH_WORDS, publishState } from "./publishing";
import { useMarks, useStudio, useUi } from "./studio";

const PublishSheet = late(async () => (await import("./panels")).PublishSheet);

/** The draft against the version that runs, read again when the draft was written. */
export function useDiff(from: string, to: string, isOn: boolean) {
  const studio = useStudio();
  return useQuery({
    queryKey: [...keys.workflow(studio.workflow), "diff", from, to],
    queryFn: () => readDiff(studio.workflow, from, to),
    enabled: isOn && from !== "",
    staleTime: 0,
  });
}

export function useHead() {
  const studio = useStudio();
  return useQuery({
    queryKey: [...keys.workflow(studio.workflow), "head"],
    queryFn: () =>
      got(
        api.GET("/api/v1/workflows/{workflow_id}", {
          params: { path: { workflow_id: studio.workflow } },
        }),
      ),
    staleTime: 0,
  });
}

/** What the server tells of draft and versions makes what was read of them old. */
export function useNotices(): void {
  const studio = useStudio();
  const cache = useQueryClient();
  const me = useMe()?.id;
  useEffect(
    () =>
      studio.draft.onNotice((notice) => {
        if (notice.kind === "draft" || notice.kind === "published") {
          void cache.invalidateQueries({ queryKey: keys.workflow(studio.workflow) });
        }
        // Whoever published was answered.
        if (notice.kind === "published" && notice.number && notice.by !== me)
          tell(`Version ${notice.number} was published.`);
      }),
    [studio, cache, me],
  );
}

export function PublishButton() {
  const studio = useStudio();
  const head = useHead().data;
  const nodes = useStore(studio.draft.projection.graph, (graph) => graph.nodes.length);
  const problems = useMarks((marks) => marks.problems.length);
  const isChecked = useMarks((marks) => marks.isChecked);
  const saved = useStore(studio.draft.connection, savedState);
  const isOpen = useUi((ui) => ui.isPublishing);
  const [last, setLast] = useState<"none" | "done" | "partial" | "failed">("none");
  const [isBusy, setBusy] = useState(false);
  const current = head?.current_version ?? null;
  const diff = useDiff(current ?? "", "draft", Boolean(current) && saved === "saved");
  const state = publishState({
    nodes,
    problems,
    isChecked,
    current,
    differs: current ? (diff.data ? differs(diff.data) : undefined) : true,
    isSaved: saved === "saved",
    isPublishing: isBusy,
    last,
  });
  const words = PUBLISH_WORDS[state];
  const open = () => {
    if (state === "invalid") studio.ui.setState({ panel: "problems" });
    else studio.ui.setState({ isPublishing: true });
  };
  return (
    <>
      <Tooltip text={words.hint}>
        <span>
          <Button
            kind={state === "up-to-date" || state === "nothing" ? "plain" : "primary"}
            disabled={!words.isOpen}
            busy={state === "publishing"}
            data-publish={state}
            onClick={open}
          >
            {words.label}
          </Button>
        </span>
      </Tooltip>
      {isOpen && (
        <PublishSheet
          head={head}
          diff={diff.data}
          isComparing={Boolean(current) && diff.isPending}
          isSaved={saved === "saved"}
          close={() => studio.ui.setState({ isPublishing: false })}
          onBusy={setBusy}
          onDone={setLast}
        />
      )}
    </>
  );
}
