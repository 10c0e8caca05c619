/** One subscription: where it stands on the bus, what came of the events, the runs they began. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { api, asError, got } from "@/api/client";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { count, exact } from "@/lib/format";
import { useWorkflowNames } from "@/parts/workflow-names";
import { Button } from "@/ui/button";
import { Chip, StateChip } from "@/ui/chip";
import { Sheet } from "@/ui/dialog";
import { Facts } from "@/ui/section";
import { Failed, Loading } from "@/ui/states";
import { Time } from "@/ui/time";
import { Replay } from "./replay";
import type { Subscription } from "./subscriptions";

const LIVE_MS = 3_000;

export function SubscriptionSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, isPending, isError, error, refetch } = useQuery({
    queryKey: keys.subscriptions({ id }),
    queryFn: () =>
      got(
        api.GET("/api/v1/subscriptions/{subscription_id}", {
          params: { path: { subscription_id: id } },
        }),
      ),
    refetchInterval: LIVE_MS,
  });
  return (
    <Sheet open onOpenChange={onClose} title={data?.subject ?? "Subscription"}>
      {isPending ? (
        <Loading what="Loading the subscription" />
      ) : isError ? (
        <Failed error={asError(error)} retry={() => void refetch()} />
      ) : (
        <Content of={data} />
      )}
    </Sheet>
  );
}

function Content({ of }: { of: Subscription }) {
  const nameOf = useWorkflowNames();
  const mayStart = useMay("runs:start");
  const [asked, setAsked] = useState(false);
  return (
    <div className="flex flex-col gap-6">
      {mayStart ? (
        <Button icon={RotateCcw} className="self-start" onClick={() => setAsked(true)}>
          Replay events
        </Button>
      ) : (
        <p className="text-fg2">Operators and editors pause it and replay events.</p>
      )}
      <Facts
        facts={[
          [
            "State",
            <Chip key="state" tone={!of.active ? "skip" : of.enabled ? "ok" : "warn"}>
              {!of.active ? "not in the current version" : of.enabled ? "listening" : "paused"}
            </Chip>,
          ],
          ...(of.reason ? [["Why", of.reason] as const] : []),
          [
            "Workflow",
            <Link
              key="workflow"
              to="/workflows/$id"
              params={{ id: of.workflow_id }}
              search={{ node: of.node }}
              className="text-accent hover:underline"
            >
              {nameOf(of.workflow_id)}
            </Link>,
          ],
          ["Waiting", count(of.waiting)],
          [
            "Dealt with up to",
            <code key="at" className="mono text-12">
              {of.position}
            </code>,
          ],
          ["Last event", of.last_event_at ? exact(of.last_event_at) : "none yet"],
        ]}
      />
      <section>
        <h3 className="pb-2 text-14">
          What came of the events{of.generation > 1 && " since it began again"}
        </h3>
        <Facts
          facts={[
            ["Matched", count(of.events)],
            ["Started a run", count(of.started)],
            ["Left out by the filter", count(of.dropped)],
            [
              "Could start none",
              of.refused ? (
                <Link
                  key="refused"
                  to="/runs/dead-letters"
                  search={{ reason: "event", workflow_id: of.workflow_id }}
                  className="text-accent hover:underline"
                >
                  {count(of.refused)}, as dead letters
                </Link>
              ) : (
                "0"
              ),
            ],
          ]}
        />
      </section>
      <Begun workflow={of.workflow_id} />
      {asked && <Replay of={of} onClose={() => setAsked(false)} />}
    </div>
  );
}

/** The last runs that events began. */
function Begun({ workflow }: { workflow: string }) {
  const query = { workflow_id: workflow, trigger: "event" } as const;
  const { data, isPending, isError, error, refetch } = useQuery({
    queryKey: keys.runs({ ...query, limit: 10 }),
    queryFn: () => got(api.GET("/api/v1/runs", { params: { query: { ...query, limit: 10 } } })),
    refetchInterval: LIVE_MS,
  });
  return (
    <section>
      <header className="flex items-baseline gap-2 pb-2">
        <h3 className="flex-1 text-14">Runs that events began</h3>
        <Link to="/runs" search={query} className="text-accent hover:underline">
          All
        </Link>
      </header>
      {isPending ? (
        <Loading rows={3} what="Loading runs" />
      ) : isError ? (
        <Failed error={asError(error)} retry={() => void refetch()} />
      ) : data.items.length ? (
        <ul>
          {data.items.map((run) => (
            <li key={run.id} className="flex h-9 items-center gap-3 border-b border-line">
              <span className="w-28 shrink-0">
                <StateChip state={run.status} />
              </span>
              <Link
                to="/runs/$id"
                params={{ id: run.id }}
                className="mono min-w-0 flex-1 truncate text-12 hover:text-accent"
              >
                {run.id}
              </Link>
              <span className="text-fg2">
                <Time at={run.started_at} />
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-fg3">None yet.</p>
      )}
    </section>
  );
}
