/** The inbox: what waits for a decision, at the left; what it is about and the ways to decide, at the right. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowLeft, Inbox, MousePointerClick } from "lucide-react";
import { useEffect, useMemo } from "react";
import { api, asError, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useCommands } from "@/app/commands";
import { useTitle } from "@/app/page";
import { BarWhere } from "@/app/slots";
import { cx } from "@/lib/classes";
import { useWorkflowNames } from "@/parts/workflow-names";
import { Button } from "@/ui/button";
import { Chip, type Tone } from "@/ui/chip";
import { More } from "@/ui/more";
import { Empty, Failed, Loading } from "@/ui/states";
import { TabPanel, Tabs } from "@/ui/tabs";
import { Time } from "@/ui/time";
import { One } from "./one";

type Item = Schemas["Summary"];

const VIEWS = {
  mine: { label: "For you", query: { mine: true, status: "open" } },
  open: { label: "Open", query: { status: "open" } },
  over: { label: "Over", query: { status: "over" } },
} as const;
type View = keyof typeof VIEWS;

export function Approvals() {
  const search = useSearch({ from: "/inside/approvals" });
  const navigate = useNavigate();
  useTitle("Approvals");
  const view: View = search.status && search.status in VIEWS ? (search.status as View) : "mine";
  const counts = useQuery({
    queryKey: keys.approvals({ counts: true }),
    queryFn: () => got(api.GET("/api/v1/approvals/counts")),
  });
  const list = useInfiniteQuery({
    queryKey: keys.approvals({ view }),
    queryFn: ({ pageParam }) =>
      got(
        api.GET("/api/v1/approvals", {
          params: { query: { ...VIEWS[view].query, limit: 50, cursor: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: 60_000,
  });
  const items = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const pick = (id: string | undefined, next: View = view) =>
    void navigate({ to: "/approvals", search: { id, status: next === "mine" ? undefined : next } });
  const chosen = search.id ?? items[0]?.id;
  useMoves(items, chosen, pick);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <BarWhere>
        <span className="truncate">Approvals</span>
      </BarWhere>
      <header className="flex min-h-14 shrink-0 items-center px-6 pt-3">
        <h1 className="text-20">Approvals</h1>
      </header>
      <Tabs
        label="Which approvals"
        className="mt-3 flex-1 px-6"
        tabs={(Object.keys(VIEWS) as View[]).map((id) => ({
          id,
          label: VIEWS[id].label,
          count:
            id === "over"
              ? (counts.data?.decided ?? 0) +
                (counts.data?.expired ?? 0) +
                (counts.data?.withdrawn ?? 0)
              : (counts.data?.[id] ?? 0),
        }))}
        value={view}
        onChange={(id) => pick(undefined, id as View)}
      >
        <TabPanel id={view} className="min-h-0">
          {list.isPending ? (
            <Loading what="Loading approvals" />
          ) : list.isError ? (
            <Failed error={asError(list.error)} retry={() => void list.refetch()} />
          ) : items.length || search.id ? (
            <div className="grid h-full grid-cols-1 md:grid-cols-[380px_1fr]">
              {/* What scrolls must be reached by keys. */}
              <ul
                tabIndex={0}
                aria-label="Approvals"
                className={cx(
                  "overflow-y-auto border-r border-line pb-6 outline-offset-[-2px]",
                  search.id && "max-md:hidden",
                )}
              >
                {items.map((item) => (
                  <Row
                    key={item.id}
                    of={item}
                    chosen={item.id === chosen}
                    onPick={() => pick(item.id)}
                  />
                ))}
                <li>
                  <More of={list} />
                </li>
              </ul>
              {chosen ? (
                // A phone has room for one of both: what was chosen, or the list.
                <div className={cx("flex min-h-0 min-w-0 flex-col", !search.id && "max-md:hidden")}>
                  <Button
                    small
                    icon={ArrowLeft}
                    className="mt-3 self-start md:hidden"
                    onClick={() => pick(undefined)}
                  >
                    All approvals
                  </Button>
                  <One key={chosen} id={chosen} />
                </div>
              ) : (
                <Empty icon={MousePointerClick} title="Nothing is chosen" />
              )}
            </div>
          ) : (
            <Empty icon={Inbox} title={view === "mine" ? "Nothing waits for you" : "There is none"}>
              {view === "mine"
                ? "Workflows that ask people stop here until somebody has decided. You are told as soon as one asks you."
                : "What people were asked and what they decided stands here."}
            </Empty>
          )}
        </TabPanel>
      </Tabs>
    </div>
  );
}

function useMoves(
  items: readonly Item[],
  chosen: string | undefined,
  pick: (id: string) => void,
): void {
  const commands = useMemo(() => {
    const move = (by: number) => {
      const at = items.findIndex((item) => item.id === chosen);
      const next = items[Math.max(0, Math.min(items.length - 1, at + by))];
      if (next) pick(next.id);
    };
    return [
      {
        id: "approval.next",
        title: "Next approval",
        group: "Approvals",
        keys: "j",
        run: () => move(1),
      },
      {
        id: "approval.before",
        title: "The one before",
        group: "Approvals",
        keys: "k",
        run: () => move(-1),
      },
    ];
  }, [items, chosen, pick]);
  useCommands(commands);
  useEffect(() => {
    document
      .querySelector("[data-approval][aria-current=true]")
      ?.scrollIntoView({ block: "nearest" });
  });
}

export const STATUS_TONES: Record<string, Tone> = {
  open: "wait",
  decided: "ok",
  expired: "err",
  withdrawn: "skip",
};

function Row({ of, chosen, onPick }: { of: Item; chosen: boolean; onPick: () => void }) {
  const nameOf = useWorkflowNames();
  const soon =
    of.status === "open" && of.due_at !== null && Date.parse(of.due_at) - Date.now() < 3_600_000;
  return (
    <li>
      <button
        type="button"
        data-approval
        aria-current={chosen}
        onClick={onPick}
        className={cx(
          "flex w-full flex-col gap-1 border-b border-line py-2 pr-4 text-left outline-offset-[-2px] hover:bg-bg2",
          chosen ? "bg-bg2 pl-3 shadow-[inset_2px_0_0_var(--accent)]" : "pl-3",
        )}
      >
        <span className="flex w-full items-baseline gap-2">
          <span className="min-w-0 flex-1 truncate font-medium">{of.title}</span>
          <span className="text-12 text-fg3">
            <Time at={of.asked_at} />
          </span>
        </span>
        <span className="flex w-full items-center gap-2 text-12 text-fg2">
          <span className="min-w-0 flex-1 truncate">{nameOf(of.workflow_id)}</span>
          {of.status === "open" ? (
            of.due_at && (
              <span className={soon ? "text-warn" : "text-fg3"}>
                due <Time at={of.due_at} />
              </span>
            )
          ) : (
            <Chip tone={STATUS_TONES[of.status] ?? "plain"}>
              {of.decision?.option ?? of.status}
            </Chip>
          )}
        </span>
      </button>
    </li>
  );
}
