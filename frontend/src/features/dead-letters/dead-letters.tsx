/** Dead letters: work that nobody does any more unless somebody acts. */
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { MailX, RotateCw, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { api, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { Page } from "@/app/page";
import { RUN_TABS } from "@/app/places";
import { Listed, SearchBox } from "@/parts/listed";
import { useWorkflows } from "@/parts/workflow-names";
import { Button } from "@/ui/button";
import { Chip, FilterChip } from "@/ui/chip";
import { RowMenu } from "@/ui/menu";
import { Select } from "@/ui/select";
import { actions, type Column, RowName } from "@/ui/table";
import { Time } from "@/ui/time";
import { AllOfThem } from "./all-of-them";
import { Discard, Retry } from "./deal";
import { LetterSheet } from "./sheet";
import { REASONS, STATUSES } from "./words";

export type Letter = Schemas["DeadLetter"];
export type Filters = Partial<
  Record<"status" | "reason" | "code" | "workflow_id" | "run_id", string | undefined>
>;
type Asked =
  | { kind: "retry" | "discard"; of: Letter }
  | { kind: "retry all" | "discard all" }
  | null;

const LIVE_MS = 5_000;
const PAUSE_MS = 250;

export function DeadLetters() {
  const { id: chosen, ...filters } = useSearch({ from: "/inside/runs/dead-letters" });
  const navigate = useNavigate();
  const may = useMay("runs:start");
  const [asked, setAsked] = useState<Asked>(null);
  const close = () => setAsked(null);
  const show = (id: string | undefined) =>
    void navigate({ to: "/runs/dead-letters", search: { ...filters, id } });
  const isOpen = !filters.status || filters.status === "open";
  const isNarrowed = Object.values(filters).some(Boolean);
  const columns = columnsOf(show, setAsked, may, filters.status?.includes(",") ?? false);
  return (
    <Page
      title="Dead letters"
      tabs={RUN_TABS}
      actions={
        may &&
        isOpen && (
          <>
            <Button icon={RotateCw} onClick={() => setAsked({ kind: "retry all" })}>
              Retry all
            </Button>
            <Button icon={Trash2} onClick={() => setAsked({ kind: "discard all" })}>
              Discard all
            </Button>
          </>
        )
      }
      filters={<FilterBar filters={filters} />}
    >
      <Listed
        label="Dead letters"
        queryKey={keys.letters(filters)}
        read={(cursor) =>
          got(
            api.GET("/api/v1/dead-letters", {
              params: { query: { ...filters, limit: 50, cursor } },
            }),
          )
        }
        columns={columns}
        id={(item) => item.id}
        selected={chosen ?? null}
        liveMs={LIVE_MS}
        icon={MailX}
        empty={
          isOpen
            ? `Nothing waits for somebody${isNarrowed ? " with these filters" : ""}`
            : "No dead letter is like that"
        }
      >
        {isNarrowed
          ? "Take a filter away, or look for another code."
          : "What failed for good, and that no run goes on with by itself, stands here until somebody retries or discards it."}
      </Listed>
      {chosen && <LetterSheet id={chosen} onClose={() => show(undefined)} />}
      {asked?.kind === "retry" && <Retry of={asked.of} onClose={close} />}
      {asked?.kind === "discard" && <Discard of={asked.of} onClose={close} />}
      {asked?.kind === "retry all" && <AllOfThem verb="retry" filters={filters} onClose={close} />}
      {asked?.kind === "discard all" && (
        <AllOfThem verb="discard" filters={filters} onClose={close} />
      )}
    </Page>
  );
}

function FilterBar({ filters }: { filters: Filters }) {
  const navigate = useNavigate();
  const workflows = useWorkflows();
  const [code, setCode] = useState(filters.code ?? "");
  const set = (next: Filters) =>
    void navigate({ to: "/runs/dead-letters", search: { ...filters, ...next }, replace: true });
  // biome-ignore lint/correctness/useExhaustiveDependencies: typing alone is waited for
  useEffect(() => {
    if (code === (filters.code ?? "")) return;
    const timer = setTimeout(() => set({ code: code.trim() || undefined }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [code]);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchBox label="Find by code of the error" value={code} onChange={setCode} />
      <Select
        aria-label="State"
        className="!w-44"
        value={filters.status ?? "open"}
        onChange={(status) => set({ status: status === "open" ? undefined : status })}
        options={[
          ...Object.entries(STATUSES).map(([value, { label }]) => ({ value, label })),
          { value: Object.keys(STATUSES).join(","), label: "Any state" },
        ]}
      />
      <Select
        aria-label="Reason"
        className="!w-60"
        value={filters.reason ?? ""}
        onChange={(reason) => set({ reason: reason || undefined })}
        options={[
          { value: "", label: "Any reason" },
          ...Object.entries(REASONS).map(([value, label]) => ({ value, label })),
        ]}
      />
      <Select
        aria-label="Workflow"
        className="!w-60"
        value={filters.workflow_id ?? ""}
        onChange={(id) => set({ workflow_id: id || undefined })}
        options={[
          { value: "", label: "Any workflow" },
          ...workflows.map((each) => ({ value: each.id, label: each.name })),
        ]}
      />
      {filters.run_id && (
        <FilterChip name="Run" value={filters.run_id} onRemove={() => set({ run_id: undefined })} />
      )}
    </div>
  );
}

function columnsOf(
  show: (id: string) => void,
  ask: (asked: Asked) => void,
  may: boolean,
  withState: boolean,
): readonly Column<Letter>[] {
  return [
    {
      id: "what",
      head: "What was to be done",
      width: "320px",
      cell: (item) => (
        <span className="flex min-w-0 items-baseline gap-2">
          <RowName onClick={() => show(item.id)}>{item.workflow_name || item.workflow_id}</RowName>
          {item.step && <span className="mono truncate text-12 text-fg3">{item.step}</span>}
        </span>
      ),
    },
    { id: "why", head: "What went wrong", cell: (item) => <Why of={item} /> },
    {
      id: "reason",
      head: "Because",
      width: "224px",
      cell: (item) => <span className="text-fg2">{REASONS[item.reason] ?? item.reason}</span>,
    },
    ...(withState
      ? [
          {
            id: "state",
            head: "State",
            width: "136px",
            cell: (item: Letter) => <LetterState of={item} />,
          },
        ]
      : []),
    { id: "attempts", head: "Attempts", width: "88px", right: true, cell: (item) => item.attempts },
    {
      id: "last",
      head: "Last failed",
      width: "104px",
      right: true,
      cell: (item) => (
        <span className="text-fg2">
          <Time at={item.last_at} />
        </span>
      ),
    },
    actions((item: Letter) => (
      <RowMenu
        of={`${item.workflow_name} ${item.step ?? ""}`.trim()}
        items={[
          { label: "Look at it", onSelect: () => show(item.id) },
          ...(may && item.status === "open"
            ? ([
                "line",
                {
                  label: "Retry",
                  disabled: item.reason === "unreadable",
                  onSelect: () => ask({ kind: "retry", of: item }),
                },
                {
                  label: "Discard",
                  danger: true,
                  onSelect: () => ask({ kind: "discard", of: item }),
                },
              ] as const)
            : []),
        ]}
      />
    )),
  ];
}

export function LetterState({ of }: { of: Letter }) {
  const look = STATUSES[of.status];
  return <Chip tone={look?.tone ?? "plain"}>{look?.label ?? of.status}</Chip>;
}

function Why({ of }: { of: Letter }) {
  const error = errorOf(of);
  return (
    <span className="text-fg3" title={error.message}>
      {error.code && (
        <Link
          to="/errors/$code"
          params={{ code: error.code }}
          className="mono text-12 text-err hover:underline"
        >
          {error.code}
        </Link>
      )}{" "}
      {error.message}
    </span>
  );
}

export function errorOf(of: Letter): { code: string; message: string } {
  const { code, message } = (of.error ?? {}) as { code?: string; message?: string };
  return { code: code ?? "", message: message ?? "" };
}
