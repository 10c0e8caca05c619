/** Schedules: when they fire next, what became of the last time, and all one can do about it. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { CalendarClock, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, match, onceKey, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { useCommands } from "@/app/commands";
import { Page } from "@/app/page";
import { useWorkflowNames } from "@/parts/workflow-names";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { ConfirmAct } from "@/ui/dialog";
import { type MenuItem, RowMenu } from "@/ui/menu";
import { More } from "@/ui/more";
import { Empty, Failed, Loading } from "@/ui/states";
import { Switch } from "@/ui/switch";
import { actions, type Column, RowName, Table } from "@/ui/table";
import { Time } from "@/ui/time";
import { ScheduleForm } from "./form";
import { ScheduleSheet } from "./sheet";
import { when } from "./words";

export type Item = Schemas["ScheduleInList"];
type Asked = { kind: "new" } | { kind: "change" | "delete"; of: Item } | null;
export const SCHEDULES = keys.schedules().slice(0, 1);

export function Schedules() {
  const { id: chosen } = useSearch({ from: "/inside/schedules" });
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked>(null);
  const mayWrite = useMay("workflows:write");
  const list = useInfiniteQuery({
    queryKey: keys.schedules(),
    queryFn: ({ pageParam }) =>
      got(api.GET("/api/v1/schedules", { params: { query: { limit: 100, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: 15_000,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const show = (id: string | undefined) => void navigate({ to: "/schedules", search: { id } });
  const columns = useColumns(show, setAsked);
  useCommands(
    useMemo(
      () =>
        mayWrite
          ? [
              {
                id: "schedule.new",
                title: "New schedule",
                group: "Schedules",
                keys: "n",
                words: "cron",
                run: () => setAsked({ kind: "new" }),
              },
            ]
          : [],
      [mayWrite],
    ),
  );
  const add = mayWrite && (
    <Button kind="primary" icon={Plus} onClick={() => setAsked({ kind: "new" })}>
      New schedule
    </Button>
  );
  return (
    <Page title="Schedules" actions={add}>
      {list.isPending ? (
        <Loading what="Loading schedules" />
      ) : list.isError ? (
        <Failed error={asError(list.error)} retry={() => void list.refetch()} />
      ) : items.length ? (
        <>
          <Table
            label="Schedules"
            id={(item) => item.id}
            rows={items}
            columns={columns}
            selected={chosen ?? null}
          />
          <More of={list} />
        </>
      ) : (
        <Empty icon={CalendarClock} title="No schedules yet" action={add}>
          A schedule starts a workflow at times you write down. A workflow may also carry its own,
          as a trigger.
        </Empty>
      )}
      {asked?.kind === "new" && <ScheduleForm onClose={() => setAsked(null)} />}
      {asked?.kind === "change" && <ScheduleForm id={asked.of.id} onClose={() => setAsked(null)} />}
      {asked?.kind === "delete" && <Delete of={asked.of} onClose={() => setAsked(null)} />}
      {chosen && <ScheduleSheet id={chosen} onClose={() => show(undefined)} />}
    </Page>
  );
}

function useColumns(
  show: (id: string) => void,
  ask: (asked: Asked) => void,
): readonly Column<Item>[] {
  const nameOf = useWorkflowNames();
  const mayStart = useMay("runs:start");
  return [
    {
      id: "name",
      head: "Name",
      cell: (item) => <RowName onClick={() => show(item.id)}>{item.name}</RowName>,
    },
    {
      id: "workflow",
      head: "Workflow",
      width: "220px",
      cell: (item) => (
        <Link
          to="/workflows/$id"
          params={{ id: item.workflow_id }}
          className="text-fg2 hover:text-accent"
        >
          {nameOf(item.workflow_id)}
        </Link>
      ),
    },
    {
      id: "when",
      head: "When",
      width: "240px",
      cell: (item) => (
        <span title={item.cron ?? undefined}>
          {when(item)} {item.cron && <span className="text-fg3">{item.timezone}</span>}
        </span>
      ),
    },
    {
      id: "from",
      head: "Kept",
      width: "136px",
      cell: (item) =>
        item.from_node ? <Chip>in the workflow</Chip> : <span className="text-fg2">here</span>,
    },
    {
      id: "next",
      head: "Next",
      width: "104px",
      right: true,
      cell: (item) =>
        item.paused ? <span className="text-warn">paused</span> : <Time at={item.next_at} />,
    },
    {
      id: "on",
      head: "On",
      width: "64px",
      right: true,
      cell: (item) => <OnOff of={item} disabled={!mayStart} />,
    },
    actions((item) => <ScheduleMenu of={item} show={show} ask={ask} />),
  ];
}

function OnOff({ of, disabled }: { of: Item; disabled: boolean }) {
  const params = { path: { schedule_id: of.id } };
  const turn = useAct(
    (on: boolean) =>
      on
        ? got(api.POST("/api/v1/schedules/{schedule_id}/resume", { params, body: { note: "" } }))
        : got(api.POST("/api/v1/schedules/{schedule_id}/pause", { params, body: { note: "" } })),
    { again: [SCHEDULES], aloud: true },
  );
  return (
    <span className="inline-flex align-middle">
      <Switch
        label={`${of.name} is on`}
        checked={!of.paused}
        disabled={disabled || turn.busy}
        onChange={turn.run}
      />
    </span>
  );
}

function ScheduleMenu({
  of,
  show,
  ask,
}: {
  of: Item;
  show: (id: string) => void;
  ask: (asked: Asked) => void;
}) {
  const navigate = useNavigate();
  const mayStart = useMay("runs:start");
  const mayWrite = useMay("workflows:write");
  const trigger = useAct(
    () =>
      got(
        api.POST("/api/v1/schedules/{schedule_id}/trigger", {
          params: { path: { schedule_id: of.id }, header: { "Idempotency-Key": onceKey() } },
          body: { overlap: "allow" },
        }),
      ),
    {
      aloud: true,
      again: [SCHEDULES],
      said: "A run begins now.",
      after: (taken) => {
        if (taken.run_id) void navigate({ to: "/runs/$id", params: { id: taken.run_id } });
      },
    },
  );
  const items: MenuItem[] = [{ label: "Times and history", onSelect: () => show(of.id) }];
  if (mayStart) items.push({ label: "Run now", onSelect: () => trigger.run() });
  if (mayWrite && !of.from_node) {
    items.push({ label: "Change", onSelect: () => ask({ kind: "change", of }) }, "line", {
      label: "Delete",
      danger: true,
      onSelect: () => ask({ kind: "delete", of }),
    });
  }
  return <RowMenu of={of.name} items={items} />;
}

function Delete({ of, onClose }: { of: Item; onClose: () => void }) {
  const remove = useAct(
    () =>
      got(
        api.DELETE("/api/v1/schedules/{schedule_id}", {
          params: { path: { schedule_id: of.id }, header: { "If-Match": match(of) } },
        }),
      ),
    { again: [SCHEDULES], after: onClose, said: `${of.name} is deleted.` },
  );
  return (
    <ConfirmAct title={`Delete ${of.name}`} verb="Delete" act={remove} onClose={onClose}>
      It starts no run any more; those under way go on.
    </ConfirmAct>
  );
}
