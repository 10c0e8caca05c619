/** Every version there was, what differs between two, and the way back to one. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { GitCompareArrows, History } from "lucide-react";
import { useMemo, useState } from "react";
import { useStore } from "zustand";
import { api, asError, got } from "@/api/client";
import { keys } from "@/api/queries";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Confirm, Sheet } from "@/ui/dialog";
import { CheckBox } from "@/ui/field";
import { RowMenu } from "@/ui/menu";
import { Empty, Failed, Loading } from "@/ui/states";
import { Time } from "@/ui/time";
import { tell, tellError } from "@/ui/toast";
import { restore, runAgain } from "./api";
import { counts, lines } from "./diff";
import { DiffCounts, DiffList } from "./diff-list";
import { DiffPicture } from "./diff-picture";
import { usePeople } from "./people";
import { useDiff, useHead } from "./publish-button";
import { choose, useStudio, useUi } from "./studio";

export function VersionsSheet() {
  const studio = useStudio();
  const isOpen = useUi((ui) => ui.panel === "versions");
  return (
    <Sheet
      open={isOpen}
      onOpenChange={(open) => studio.ui.setState({ panel: open ? "versions" : null })}
      title="Versions"
    >
      {isOpen && <Versions />}
    </Sheet>
  );
}

function Versions() {
  const studio = useStudio();
  const nameOf = usePeople();
  const head = useHead().data;
  const cache = useQueryClient();
  const [shown, setShown] = useState("draft");
  const [asked, setAsked] = useState<{ version: string; number: number } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const list = useQuery({
    queryKey: keys.versions(studio.workflow),
    queryFn: () =>
      got(
        api.GET("/api/v1/workflows/{workflow_id}/versions", {
          params: { path: { workflow_id: studio.workflow }, query: { limit: 100 } },
        }),
      ),
  });
  const back = async () => {
    if (!asked || !head) return;
    setBusy(true);
    try {
      const fresh = await got(
        api.GET("/api/v1/workflows/{workflow_id}", {
          params: { path: { workflow_id: studio.workflow } },
        }),
      );
      await restore(studio.workflow, asked.version, fresh.revision);
      await cache.invalidateQueries({ queryKey: keys.workflow(studio.workflow) });
      tell(`The draft is version ${asked.number} again. Publish it to let it run.`);
      setAsked(null);
    } catch (thrown) {
      tellError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  const again = async ({ version, number }: { version: string; number: number }) => {
    try {
      await runAgain(studio.workflow, version);
      await cache.invalidateQueries({ queryKey: keys.workflow(studio.workflow) });
      tell(`Version ${number} runs now. The draft stays as it is.`);
    } catch (thrown) {
      tellError(asError(thrown));
    }
  };
  if (list.isPending) return <Loading />;
  if (list.isError) return <Failed error={asError(list.error)} retry={() => void list.refetch()} />;
  const items = list.data.items;
  if (!items.length) {
    return (
      <Empty icon={History} title="Nothing is published yet">
        Each time you publish, what is drawn becomes a version that never changes. They stand here,
        to compare and to go back to.
      </Empty>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <ul className="flex flex-col">
        <Row isOn={shown === "draft"} onClick={() => setShown("draft")} title="Draft" />
        {items.map((one) => (
          <Row
            key={one.version}
            isOn={shown === one.version}
            onClick={() => setShown(one.version)}
            title={`Version ${one.number}`}
            isCurrent={one.current}
            note={one.note}
            by={nameOf(one.published_by)}
            at={one.published_at}
            {...(studio.mayEdit ? { onBack: () => setAsked(one) } : {})}
            {...(studio.mayEdit && !one.current ? { onAgain: () => void again(one) } : {})}
          />
        ))}
      </ul>
      <Compared to={shown} items={items} />
      <Confirm
        open={asked !== null}
        onOpenChange={(open) => !open && setAsked(null)}
        title={`Make the draft version ${asked?.number ?? ""} again`}
        verb="Go back"
        danger={false}
        busy={isBusy}
        onConfirm={() => void back()}
      >
        Everybody who has the draft open sees it change, as one edit that can be undone by another.
        What runs stays as it is until you publish.
      </Confirm>
    </div>
  );
}

function Row({
  isOn,
  onClick,
  title,
  isCurrent = false,
  note = "",
  by = "",
  at,
  onBack,
  onAgain,
}: {
  isOn: boolean;
  onClick: () => void;
  title: string;
  isCurrent?: boolean;
  note?: string;
  by?: string;
  at?: string;
  onBack?: () => void;
  onAgain?: () => void;
}) {
  return (
    <li className={`flex items-center gap-2 border-b border-line pr-2 ${isOn ? "bg-bg2" : ""}`}>
      <button
        type="button"
        aria-pressed={isOn}
        onClick={onClick}
        className="flex min-h-9 min-w-0 flex-1 items-center gap-2 px-2 py-1 text-left focus-visible:outline-offset-[-2px]"
      >
        <span className="shrink-0 font-medium">{title}</span>
        {isCurrent && (
          <span className="shrink-0">
            <Chip tone="ok">runs now</Chip>
          </span>
        )}
        <span className="min-w-0 flex-1 truncate text-fg2">{note}</span>
        <span className="truncate text-12 text-fg3">{by}</span>
        {at && (
          <span className="shrink-0 text-12 text-fg3">
            <Time at={at} />
          </span>
        )}
      </button>
      {onAgain && (
        <Button
          small
          kind="quiet"
          aria-label={`Run ${title.toLowerCase()} again`}
          onClick={onAgain}
        >
          Run again
        </Button>
      )}
      {onBack && (
        <RowMenu
          of={title}
          items={[{ label: `Make the draft ${title.toLowerCase()} again`, onSelect: onBack }]}
        />
      )}
    </li>
  );
}

interface Item {
  version: string;
  number: number;
  current: boolean;
}

function Compared({ to, items }: { to: string; items: readonly Item[] }) {
  const studio = useStudio();
  const views = useStore(studio.draft.projection.views, (state) => state.nodes);
  const nameOf = usePeople();
  const [hasMoves, setMoves] = useState(false);
  const from = useMemo(() => {
    if (to === "draft") return items.find((one) => one.current)?.version ?? items[0]?.version ?? "";
    const index = items.findIndex((one) => one.version === to);
    return items[index + 1]?.version ?? "";
  }, [to, items]);
  const diff = useDiff(from, to, from !== "");
  if (!from)
    return (
      <p className="text-fg2">
        This is the first version: there is nothing before it to compare with.
      </p>
    );
  if (diff.isPending) return <Loading rows={4} />;
  if (diff.isError) return <Failed error={asError(diff.error)} retry={() => void diff.refetch()} />;
  const found = lines(diff.data, (id) => views[id]?.title ?? id, nameOf).filter(
    (line) => hasMoves || line.mark !== "moved",
  );
  const number = (version: string) =>
    version === "draft"
      ? "draft"
      : `version ${items.find((one) => one.version === version)?.number ?? "?"}`;
  return (
    <section aria-label="Differences" className="flex flex-col gap-3">
      <div className="flex items-center gap-3">
        <GitCompareArrows size={16} strokeWidth={1.5} aria-hidden className="text-fg3" />
        <h3 className="flex-1 text-13">
          From {number(from)} to {number(to)}
        </h3>
        <DiffCounts of={counts(diff.data)} />
      </div>
      <DiffPicture from={from} to={to} diff={diff.data} hasMoves={hasMoves} />
      <CheckBox
        label="Show what was only moved"
        checked={hasMoves}
        onChange={(event) => setMoves(event.target.checked)}
      />
      {found.length ? (
        <DiffList
          lines={found}
          onGo={(id) => {
            if (!views[id]) return;
            choose(studio, [id]);
            studio.canvas.current?.reveal([id]);
          }}
        />
      ) : (
        <p className="text-fg2">Nothing that runs differs.</p>
      )}
    </section>
  );
}
