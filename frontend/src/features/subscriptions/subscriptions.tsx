/** Subscriptions to the bus: what event triggers listen to, how far they have come, what waits. */
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { RadioTower } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { Page } from "@/app/page";
import { WEBHOOK_TABS } from "@/app/places";
import { count } from "@/lib/format";
import { Listed } from "@/parts/listed";
import { useWorkflowNames } from "@/parts/workflow-names";
import { Chip } from "@/ui/chip";
import { RowMenu } from "@/ui/menu";
import { Switch } from "@/ui/switch";
import { actions, type Column, RowName } from "@/ui/table";
import { Time } from "@/ui/time";
import { Replay } from "./replay";
import { SubscriptionSheet } from "./sheet";

export type Subscription = Schemas["Subscription"];
export const SUBSCRIPTIONS = keys.subscriptions().slice(0, 1);
const LIVE_MS = 3_000;

export function Subscriptions() {
  const { id: chosen } = useSearch({ from: "/inside/webhooks/subscriptions" });
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Subscription | null>(null);
  const show = (id: string | undefined) =>
    void navigate({ to: "/webhooks/subscriptions", search: { id } });
  return (
    <Page title="Event subscriptions" tabs={WEBHOOK_TABS}>
      <Listed
        label="Event subscriptions"
        queryKey={keys.subscriptions()}
        read={(cursor) =>
          got(api.GET("/api/v1/subscriptions", { params: { query: { limit: 100, cursor } } }))
        }
        columns={useColumns(show, setAsked)}
        id={(item) => item.id}
        selected={chosen ?? null}
        liveMs={LIVE_MS}
        icon={RadioTower}
        empty="No workflow listens to events yet"
        emptyAction={
          <Link to="/workflows" className="font-medium text-accent hover:underline">
            Go to the workflows
          </Link>
        }
      >
        A workflow with an event trigger subscribes to a subject of the bus when it is published,{" "}
        and keeps its place there over all versions.
      </Listed>
      {asked && <Replay of={asked} onClose={() => setAsked(null)} />}
      {chosen && <SubscriptionSheet id={chosen} onClose={() => show(undefined)} />}
    </Page>
  );
}

function useColumns(
  show: (id: string) => void,
  replay: (of: Subscription) => void,
): readonly Column<Subscription>[] {
  const nameOf = useWorkflowNames();
  const mayStart = useMay("runs:start");
  const number = (id: "waiting" | "started" | "dropped" | "refused", head: string) => ({
    id,
    head,
    width: "96px",
    right: true,
    cell: (item: Subscription) =>
      item[id] ? count(item[id]) : <span className="text-fg3">0</span>,
  });
  return [
    {
      id: "subject",
      head: "Subject",
      cell: (item) => (
        <RowName onClick={() => show(item.id)}>
          <span className="mono text-12">{item.subject}</span>
        </RowName>
      ),
    },
    {
      id: "workflow",
      head: "Workflow",
      width: "280px",
      cell: (item) => (
        <span className="flex items-baseline gap-2">
          <Link
            to="/workflows/$id"
            params={{ id: item.workflow_id }}
            className="text-fg2 hover:text-accent"
          >
            {nameOf(item.workflow_id)}
          </Link>
          <span className="mono text-12 text-fg3">{item.node}</span>
          {!item.active && <Chip tone="skip">not in the current version</Chip>}
        </span>
      ),
    },
    {
      ...number("waiting", "Waiting"),
      cell: (item) => (
        <span className={item.waiting ? "text-warn" : "text-fg3"}>{count(item.waiting)}</span>
      ),
    },
    number("started", "Started"),
    number("dropped", "Left out"),
    number("refused", "Refused"),
    {
      id: "last",
      head: "Last event",
      width: "104px",
      right: true,
      cell: (item) => <Time at={item.last_event_at} />,
    },
    {
      id: "on",
      head: "On",
      width: "64px",
      right: true,
      cell: (item) => <OnOff of={item} disabled={!mayStart} />,
    },
    actions((item: Subscription) => (
      <RowMenu
        of={item.subject}
        items={[
          { label: "How far it has come", onSelect: () => show(item.id) },
          ...(mayStart ? [{ label: "Replay events", onSelect: () => replay(item) }] : []),
        ]}
      />
    )),
  ];
}

export function OnOff({ of, disabled }: { of: Subscription; disabled: boolean }) {
  const params = { path: { subscription_id: of.id } };
  const turn = useAct(
    (on: boolean) =>
      on
        ? got(api.POST("/api/v1/subscriptions/{subscription_id}/resume", { params }))
        : got(
            api.POST("/api/v1/subscriptions/{subscription_id}/pause", {
              params,
              body: { reason: "" },
            }),
          ),
    { again: [SUBSCRIPTIONS], aloud: true },
  );
  return (
    <span className="inline-flex align-middle">
      <Switch
        label={`${of.subject} is on`}
        checked={of.enabled}
        disabled={disabled || turn.busy}
        onChange={turn.run}
      />
    </span>
  );
}
