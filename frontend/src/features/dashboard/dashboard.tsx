/** How the installation does: four figures, three pictures over one time, what is slow or fails. */
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Gauge } from "lucide-react";
import { lazy, Suspense, useMemo } from "react";
import { api, asError, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { Page } from "@/app/page";
import { Spark } from "@/charts/spark";
import { count, duration, middle, rate, roughly, short } from "@/lib/format";
import { Select } from "@/ui/select";
import { Empty, Failed, Loading } from "@/ui/states";
import { type Column, Table } from "@/ui/table";
import { Time } from "@/ui/time";
import { budgetLeft, change, OBJECTIVE, perMinute, success } from "./figures";

// The figures stand before the pictures are loaded.
const Lines = lazy(() => import("@/charts/lines").then((module) => ({ default: module.Lines })));

type Window = "1h" | "6h" | "24h" | "7d" | "30d";
type Runs = Schemas["RunFigures"];

const WINDOWS: { value: Window; label: string }[] = [
  { value: "1h", label: "Last hour" },
  { value: "6h", label: "Last 6 hours" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
  { value: "30d", label: "Last 30 days" },
];
const AGAIN_MS = 15_000;

export function Dashboard() {
  const asked = useSearch({ from: "/inside/dashboard" }).window;
  const window = WINDOWS.find((each) => each.value === asked)?.value ?? "24h";
  const navigate = useNavigate();
  const runs = useQuery({
    queryKey: keys.analytics("runs", { window }),
    queryFn: () => got(api.GET("/api/v1/analytics/runs", { params: { query: { window } } })),
    refetchInterval: AGAIN_MS,
    placeholderData: (before) => before,
  });
  const month = useQuery({
    queryKey: keys.analytics("runs", { window: "30d" }),
    queryFn: () => got(api.GET("/api/v1/analytics/runs", { params: { query: { window: "30d" } } })),
    refetchInterval: AGAIN_MS * 4,
  });
  return (
    <Page
      title="Dashboard"
      actions={
        <Select
          aria-label="How far back"
          className="!w-40"
          value={window}
          onChange={(value) => void navigate({ to: "/dashboard", search: { window: value } })}
          options={WINDOWS}
        />
      }
    >
      {runs.isPending ? (
        <Loading what="Counting" rows={8} />
      ) : runs.isError ? (
        <Failed error={asError(runs.error)} retry={() => void runs.refetch()} />
      ) : (
        <div className="flex flex-col gap-8">
          <Figures runs={runs.data} month={month.data} />
          {runs.data.total.started ? (
            <Pictures runs={runs.data} />
          ) : (
            <Empty icon={Gauge} title="No run started in this time">
              Figures are drawn here as soon as one does.
            </Empty>
          )}
          <div className="grid grid-cols-1 gap-8 xl:grid-cols-[2fr_1fr]">
            <Workflows window={window} />
            <Queues />
          </div>
        </div>
      )}
    </Page>
  );
}

function Figures({ runs, month }: { runs: Runs; month: Runs | undefined }) {
  const queues = useQueues();
  const depth = queues.data?.items.reduce((sum, each) => sum + each.queued, 0);
  const { total, before, buckets, bucket_ms } = runs;
  const span = bucket_ms * buckets.length;
  const part = success(total);
  const left = month && budgetLeft(month.total);
  return (
    <dl className="grid grid-cols-2 gap-4 xl:grid-cols-4">
      <Figure
        name="Success rate"
        value={part === null ? "–" : `${(part * 100).toFixed(part > 0.999 && part < 1 ? 2 : 1)} %`}
        tone={part !== null && part < OBJECTIVE ? "text-err" : ""}
        note={
          left === undefined || left === null
            ? "no run has ended in 30 days"
            : left >= 0
              ? `${(left * 100).toFixed(0)} % of the 30-day budget left`
              : `30-day budget overdrawn ${rate(-left)} times`
        }
        spark={
          <Spark
            label="Failed runs over time"
            color="err"
            values={buckets.map((each) => each.failed)}
          />
        }
      />
      <Figure
        name="Runs a minute"
        value={rate(perMinute(total.started, span))}
        note={change(total.started, before.started, "runs")}
        spark={
          <Spark
            label="Started runs over time"
            color="accent"
            values={buckets.map((each) => each.started)}
          />
        }
      />
      <Figure
        name="Duration, 95th percentile"
        value={duration(total.p95_ms)}
        note={change(total.p95_ms, before.p95_ms)}
        spark={
          <Spark
            label="Duration over time"
            color="wait"
            values={buckets.map((each) => each.p95_ms)}
          />
        }
      />
      <Figure
        name="Queue depth"
        value={depth === undefined ? "–" : count(depth)}
        note={goingOn(runs.open)}
      />
    </dl>
  );
}

function goingOn(open: Runs["open"]): string {
  const told = Object.entries(open).map(([status, number]) => `${count(number)} ${status}`);
  return told.length ? told.join(", ") : "nothing goes on";
}

function Figure({
  name,
  value,
  note,
  tone = "",
  spark,
}: {
  name: string;
  value: string;
  note: string;
  tone?: string;
  spark?: React.ReactNode;
}) {
  return (
    <div className="flex min-h-28 flex-col justify-between rounded-panel border border-line bg-bg1 p-4">
      <dt className="text-fg2">{name}</dt>
      <dd className="flex items-end justify-between gap-2">
        <span className={`tabular text-28 font-semibold ${tone}`}>{value}</span>
        {spark}
      </dd>
      <dd className="truncate text-12 text-fg3" title={note}>
        {note}
      </dd>
    </div>
  );
}

function Picture({ children }: { children: React.ReactNode }) {
  return (
    <div className="h-45">
      <Suspense>{children}</Suspense>
    </div>
  );
}

function Pictures({ runs }: { runs: Runs }) {
  const { buckets } = runs;
  const times = useMemo(() => buckets.map((each) => Date.parse(each.at)), [buckets]);
  const throughput = useMemo(
    () => [
      { name: "succeeded", color: "ok", area: true, values: buckets.map((each) => each.succeeded) },
      { name: "failed", color: "err", values: buckets.map((each) => each.failed) },
      {
        name: "cancelled",
        color: "skip",
        dashed: true,
        values: buckets.map((each) => each.cancelled),
      },
    ],
    [buckets],
  );
  const latency = useMemo(
    () => [
      { name: "p50", color: "ok", values: buckets.map((each) => each.p50_ms) },
      { name: "p95", color: "warn", values: buckets.map((each) => each.p95_ms) },
      { name: "p99", color: "err", values: buckets.map((each) => each.p99_ms) },
    ],
    [buckets],
  );
  return (
    <div className="grid grid-cols-1 gap-8 xl:grid-cols-2">
      <section>
        <h2 className="mb-2 text-14">Runs by how they ended</h2>
        <Picture>
          <Lines label="Runs by how they ended" times={times} lines={throughput} format={short} />
        </Picture>
      </section>
      <section>
        <h2 className="mb-2 text-14">Duration of runs</h2>
        <Picture>
          <Lines label="Duration of runs" times={times} lines={latency} format={roughly} />
        </Picture>
      </section>
    </div>
  );
}

type Work = Schemas["WorkflowFigures"];

const WORK: readonly Column<Work>[] = [
  {
    id: "name",
    head: "Workflow",
    cell: (each) => (
      <Link
        to="/workflows/$id"
        params={{ id: each.workflow_id }}
        className="font-medium hover:text-accent"
      >
        {each.workflow_name || middle(each.workflow_id)}
      </Link>
    ),
  },
  { id: "runs", head: "Runs", right: true, width: "72px", cell: (each) => count(each.started) },
  {
    id: "failed",
    head: "Failed",
    right: true,
    width: "72px",
    cell: (each) =>
      each.failed ? (
        <Link
          to="/runs"
          search={{ workflow_id: each.workflow_id, status: "failed" }}
          className="text-err hover:underline"
        >
          {count(each.failed)}
        </Link>
      ) : (
        <span className="text-fg3">0</span>
      ),
  },
  {
    id: "success",
    head: "Success",
    right: true,
    width: "88px",
    cell: (each) => {
      const part = success(each);
      return part === null ? "–" : `${(part * 100).toFixed(1)} %`;
    },
  },
  {
    id: "p50",
    head: "p50",
    right: true,
    width: "88px",
    cell: (each) => <span className="mono text-12">{duration(each.p50_ms)}</span>,
  },
  {
    id: "p95",
    head: "p95",
    right: true,
    width: "88px",
    cell: (each) => <span className="mono text-12">{duration(each.p95_ms)}</span>,
  },
];

function Workflows({ window }: { window: Window }) {
  const { data, isPending, isError, error, refetch } = useQuery({
    queryKey: keys.analytics("workflows", { window }),
    queryFn: () => got(api.GET("/api/v1/analytics/workflows", { params: { query: { window } } })),
    refetchInterval: AGAIN_MS,
    placeholderData: (before) => before,
  });
  const rows = useMemo(
    () =>
      [...(data?.items ?? [])].sort(
        (one, other) => other.failed - one.failed || (other.p95_ms ?? 0) - (one.p95_ms ?? 0),
      ),
    [data],
  );
  return (
    <section className="min-w-0">
      <h2 className="mb-2 text-14">Workflows, those that fail or are slow first</h2>
      {isPending ? (
        <Loading rows={4} />
      ) : isError ? (
        <Failed error={asError(error)} retry={() => void refetch()} />
      ) : rows.length ? (
        <Table
          label="Workflows, those that fail or are slow first"
          columns={WORK}
          rows={rows.slice(0, 20)}
          id={(each) => each.workflow_id}
        />
      ) : (
        <p className="py-2 text-fg3">None has run in this time.</p>
      )}
    </section>
  );
}

type Queue = Schemas["Queue"];

const QUEUE: readonly Column<Queue>[] = [
  {
    id: "queue",
    head: "Queue",
    cell: (each) => <span className="mono text-12">{each.queue}</span>,
  },
  { id: "queued", head: "Waiting", right: true, width: "80px", cell: (each) => count(each.queued) },
  {
    id: "oldest",
    head: "Oldest",
    right: true,
    width: "88px",
    cell: (each) => <Time at={each.oldest_at} />,
  },
  {
    id: "workers",
    head: "Ready workers",
    right: true,
    width: "112px",
    cell: (each) =>
      each.workers === 0 && each.queued ? (
        <span className="text-err">none</span>
      ) : (
        (each.workers ?? <span className="text-fg3">unknown</span>)
      ),
  },
];

function useQueues() {
  return useQuery({
    queryKey: keys.analytics("queues"),
    queryFn: () => got(api.GET("/api/v1/analytics/queues")),
    refetchInterval: AGAIN_MS,
  });
}

function Queues() {
  const { data, isPending, isError, error, refetch } = useQueues();
  return (
    <section className="min-w-0">
      <h2 className="mb-2 text-14">Workers by queue</h2>
      {isPending ? (
        <Loading rows={2} />
      ) : isError ? (
        <Failed error={asError(error)} retry={() => void refetch()} />
      ) : (
        <Table
          label="Workers by queue"
          columns={QUEUE}
          rows={data.items}
          id={(each) => each.queue}
        />
      )}
    </section>
  );
}
