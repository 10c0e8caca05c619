/** Webhooks: their addresses, secrets and deliveries. What they mean is written in their workflows. */
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Webhook as WebhookIcon } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got, match, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { Page } from "@/app/page";
import { WEBHOOK_TABS } from "@/app/places";
import { Listed } from "@/parts/listed";
import { useWorkflowNames } from "@/parts/workflow-names";
import { Chip } from "@/ui/chip";
import { CopyButton } from "@/ui/copy";
import { type MenuItem, RowMenu } from "@/ui/menu";
import { Switch } from "@/ui/switch";
import { actions, type Column } from "@/ui/table";
import { Time } from "@/ui/time";
import { Deliveries } from "./deliveries";
import { RotateSecret } from "./rotate";
import { SendTest } from "./send-test";

export type Hook = Schemas["Webhook"];
type Asked = { kind: "rotate" | "test"; of: Hook } | null;
const WEBHOOKS = keys.webhooks().slice(0, 1);

const SCHEMES: Record<string, string> = {
  none: "not signed",
  standard: "Standard Webhooks",
  github: "GitHub",
  hmac: "HMAC",
};

export function Webhooks() {
  const { id: chosen } = useSearch({ from: "/inside/webhooks" });
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked>(null);
  const show = (id: string | undefined) => void navigate({ to: "/webhooks", search: { id } });
  const columns = useColumns(show, setAsked);
  return (
    <Page title="Webhooks" tabs={WEBHOOK_TABS}>
      <Listed
        label="Webhooks"
        queryKey={keys.webhooks()}
        read={(cursor) =>
          got(api.GET("/api/v1/webhooks", { params: { query: { limit: 100, cursor } } }))
        }
        columns={columns}
        id={(item) => item.id}
        selected={chosen ?? null}
        icon={WebhookIcon}
        empty="No webhooks yet"
        emptyAction={
          <Link to="/workflows" className="font-medium text-accent hover:underline">
            Go to the workflows
          </Link>
        }
      >
        A workflow with a webhook trigger gets an address when it is published, and keeps it over
        all versions.
      </Listed>
      {asked?.kind === "rotate" && <RotateSecret of={asked.of} onClose={() => setAsked(null)} />}
      {asked?.kind === "test" && <SendTest of={asked.of} onClose={() => setAsked(null)} />}
      {chosen && <Deliveries id={chosen} onClose={() => show(undefined)} />}
    </Page>
  );
}

function useColumns(
  show: (id: string) => void,
  ask: (asked: Asked) => void,
): readonly Column<Hook>[] {
  const nameOf = useWorkflowNames();
  const mayWrite = useMay("workflows:write");
  const mayStart = useMay("runs:start");
  return [
    {
      id: "workflow",
      head: "Workflow",
      cell: (item) => (
        <span className="flex items-baseline gap-2">
          <Link
            to="/workflows/$id"
            params={{ id: item.workflow_id }}
            className="font-medium hover:text-accent"
          >
            {nameOf(item.workflow_id)}
          </Link>
          <span className="mono text-12 text-fg3">{item.node}</span>
        </span>
      ),
    },
    {
      id: "address",
      head: "Address",
      width: "360px",
      cell: (item) => (
        <span className="flex items-center gap-1">
          <span className="mono truncate text-12 text-fg2">{item.path}</span>
          <CopyButton text={`${location.origin}${item.path}`} what="the address" />
        </span>
      ),
    },
    {
      id: "scheme",
      head: "Signed",
      width: "160px",
      cell: (item) => (
        <Chip tone={item.scheme === "none" ? "warn" : "plain"}>
          {SCHEMES[item.scheme] ?? item.scheme}
        </Chip>
      ),
    },
    {
      id: "created",
      head: "Made",
      width: "104px",
      right: true,
      cell: (item) => (
        <span className="text-fg2">
          <Time at={item.created_at} />
        </span>
      ),
    },
    {
      id: "on",
      head: "On",
      width: "64px",
      right: true,
      cell: (item) => <OnOff of={item} disabled={!mayWrite} />,
    },
    actions((item) => {
      const items: MenuItem[] = [{ label: "Deliveries", onSelect: () => show(item.id) }];
      if (mayStart)
        items.push({ label: "Send a test", onSelect: () => ask({ kind: "test", of: item }) });
      if (mayWrite && item.scheme !== "none") {
        items.push({
          label: "New signing secret",
          onSelect: () => ask({ kind: "rotate", of: item }),
        });
      }
      return <RowMenu of={`${nameOf(item.workflow_id)} ${item.node}`} items={items} />;
    }),
  ];
}

function OnOff({ of, disabled }: { of: Hook; disabled: boolean }) {
  const turn = useAct(
    (enabled: boolean) =>
      got(
        api.PUT("/api/v1/webhooks/{webhook_id}", {
          params: { path: { webhook_id: of.id }, header: { "If-Match": match(of) } },
          body: { enabled },
        }),
      ),
    { again: [WEBHOOKS], aloud: true },
  );
  return (
    <span className="inline-flex align-middle">
      <Switch
        label={`${of.path} is on`}
        checked={of.enabled}
        disabled={disabled || turn.busy}
        onChange={turn.run}
      />
    </span>
  );
}
