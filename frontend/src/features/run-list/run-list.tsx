/** The list of runs: filters as chips, time against duration above, newest first, as they go on. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ListTree } from "lucide-react";
import { lazy, Suspense, useCallback, useMemo } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, onceKey, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { Page } from "@/app/page";
import { RUN_TABS } from "@/app/places";
import { duration, middle, readable } from "@/lib/format";
import { Chip, StateChip, stateLook } from "@/ui/chip";
import { type MenuItem, RowMenu } from "@/ui/menu";
import { More } from "@/ui/more";
import { Empty, Failed, Loading } from "@/ui/states";
import { actions, type Column, Table } from "@/ui/table";
import { Time, useNow } from "@/ui/time";
import { FilterBar } from "./filter-bar";
import { asked, type Filters, isNarrowed } from "./filters";

const Scatter = lazy(() =>
  import("@/charts/scatter").then((module) => ({ default: module.Scatter })),
);

type Item = Schemas["RunInList"];

const LIVE_MS = 3_000;
const TONE_TOKENS: Record<string, string> = {
  plain: "fg2",
  accent: "accent",
  ok: "ok",
  warn: "warn",
  err: "err",
  wait: "wait",
  skip: "skip",
};

export function RunList() {
  const filters: Filters = useSearch({ from: "/inside/runs" });
  const navigate = useNavigate();
  const set = (next: Filters) => void navigate({ to: "/runs", search: next, replace: true });
  const query = asked(filters);
  const list = useInfiniteQuery({
    queryKey: keys.runs(query),
    queryFn: ({ pageParam }) =>
      got(
        api.GET("/api/v1/runs", {
          params: { query: { ...query, limit: 100, cursor: pageParam } as { limit: number } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // What goes on changes; pages further down are history.
    refetchInterval: (held) => ((held.state.data?.pages.length ?? 1) === 1 ? LIVE_MS : false),
    placeholderData: (before) => before,
  });
  const items = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const open = useCallback(
    (id: string) => void navigate({ to: "/runs/$id", params: { id } }),
    [navigate],
  );
  const columns = useColumns();
  return (
    <Page title="Runs" tabs={RUN_TABS} filters={<FilterBar filters={filters} set={set} />}>
      {list.isPending ? (
        <Loading what="Loading runs" rows={10} />
      ) : list.isError ? (
        <Failed error={asError(list.error)} retry={() => void list.refetch()} />
      ) : items.length ? (
        <>
          <Points items={items} onPick={open} />
          <Table label="Runs" id={(item) => item.id} rows={items} columns={columns} />
          <More of={list} />
        </>
      ) : (
        <Empty icon={ListTree} title={isNarrowed(filters) ? "No run is like that" : "No runs yet"}>
          {isNarrowed(filters)
            ? "Take a filter away, or look at a longer time."
            : "Every start of a workflow is a run and stands here, with all that became of it."}
        </Empty>
      )}
    </Page>
  );
}

function Points({ items, onPick }: { items: readonly Item[]; onPick: (id: string) => void }) {
  const points = useMemo(
    () =>
      items.flatMap((item) =>
        item.duration_ms === null
          ? []
          : [
              {
                id: item.id,
                name: item.workflow_name || item.workflow_id,
                at: Date.parse(item.started_at),
                took: item.duration_ms,
                color: TONE_TOKENS[stateLook(item.status).tone] ?? "fg2",
                state: item.status,
              },
            ],
      ),
    [items],
  );
  if (points.length < 2) return null;
  return (
    <div className="mb-3 h-[132px]">
      <Suspense>
        <Scatter label="Runs by start and duration" points={points} onPick={onPick} />
      </Suspense>
    </div>
  );
}

function useColumns(): readonly Column<Item>[] {
  const now = useNow();
  const may = useMay("runs:start");
  return useMemo(
    () => [
      {
        id: "run",
        head: "Run",
        width: "184px",
        cell: (item) => (
          <Link
            to="/runs/$id"
            params={{ id: item.id }}
            className="mono text-12 text-fg hover:text-accent"
            title={item.id}
          >
            {middle(item.id, 20)}
          </Link>
        ),
      },
      {
        id: "state",
        head: "State",
        width: "132px",
        cell: (item) => <StateChip state={item.status} />,
      },
      {
        id: "workflow",
        head: "Workflow",
        cell: (item) => (
          <span className="flex min-w-0 items-baseline gap-2">
            <Link
              to="/workflows/$id"
              params={{ id: item.workflow_id }}
              className="shrink-0 font-medium text-fg hover:text-accent"
            >
              {item.workflow_name || middle(item.workflow_id)}
            </Link>
            <Told item={item} />
          </span>
        ),
      },
      {
        id: "trigger",
        head: "Started by",
        width: "96px",
        cell: (item) => <Chip title={item.trigger.node}>{item.trigger.kind}</Chip>,
      },
      {
        id: "started",
        head: "Started",
        width: "96px",
        right: true,
        cell: (item) => (
          <span className="text-fg2">
            <Time at={item.started_at} />
          </span>
        ),
      },
      {
        id: "took",
        head: "Took",
        width: "88px",
        right: true,
        cell: (item) => (
          <span className="mono text-12">
            {item.duration_ms === null ? (
              <span className="text-accent">
                {duration(Math.max(0, now - Date.parse(item.started_at)))}
              </span>
            ) : (
              duration(item.duration_ms)
            )}
          </span>
        ),
      },
      actions((item) => (may ? <RunMenu item={item} /> : null)),
    ],
    [now, may],
  );
}

/** Why it failed, or what it waits for, in one line. */
function Told({ item }: { item: Item }) {
  const error = item.error as { code?: string; message?: string } | null;
  if (error) {
    return (
      <span className="truncate text-fg3" title={error.message}>
        <span className="mono text-12 text-err">{error.code}</span> {error.message}
      </span>
    );
  }
  const [wait] = item.waits_for;
  return wait ? <span className="truncate text-fg3">{readable(wait.text)}</span> : null;
}

const ENDED = new Set(["succeeded", "failed", "cancelled"]);

function RunMenu({ item }: { item: Item }) {
  const navigate = useNavigate();
  const params = { path: { run_id: item.id } };
  const again = [["runs"]];
  const cancel = useAct(
    () => got(api.POST("/api/v1/runs/{run_id}/cancel", { params, body: { reason: "" } })),
    { again, aloud: true, said: "The wish to cancel is recorded." },
  );
  const retry = useAct(
    () =>
      got(
        api.POST("/api/v1/runs/{run_id}/retry", {
          params: { ...params, header: { "Idempotency-Key": onceKey() } },
          body: {},
        }),
      ),
    {
      again,
      aloud: true,
      said: "A new run goes on from what failed.",
      after: (made) => void navigate({ to: "/runs/$id", params: { id: made.run_id ?? item.id } }),
    },
  );
  const items: MenuItem[] = [
    {
      label: "Runs of this workflow",
      onSelect: () => void navigate({ to: "/runs", search: { workflow_id: item.workflow_id } }),
    },
    "line",
  ];
  if (!ENDED.has(item.status))
    items.push({ label: "Cancel", danger: true, onSelect: () => cancel.run() });
  else if (item.status !== "succeeded")
    items.push({ label: "Retry from what failed", onSelect: () => retry.run() });
  else items.pop();
  return <RowMenu of={item.id} items={items} />;
}

/** The name of a workflow that a filter names. */
export function useWorkflowName(id: string | undefined): string {
  const { data } = useQuery({
    queryKey: keys.workflow(id ?? ""),
    queryFn: () =>
      got(
        api.GET("/api/v1/workflows/{workflow_id}", { params: { path: { workflow_id: id ?? "" } } }),
      ),
    enabled: Boolean(id),
    staleTime: 60_000,
  });
  return data?.name ?? middle(id ?? "");
}
