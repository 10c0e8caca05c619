/** The head of a run: how it stands, what it is, and what can be done with it. */
import { Link } from "@tanstack/react-router";
import { Ban, GitFork, Pause, Play, Radio, RotateCcw } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useAct } from "@/api/act";
import { api, got, onceKey } from "@/api/client";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { type Command, useCommands } from "@/app/commands";
import { duration, middle } from "@/lib/format";
import { Button } from "@/ui/button";
import { Chip, StateChip } from "@/ui/chip";
import { type MenuItem, RowMenu } from "@/ui/menu";
import { Time } from "@/ui/time";
import { type Again, AgainDialog } from "./act/again";
import { SignalDialog } from "./act/signal";
import { StopDialog } from "./act/stop";
import { milliseconds, runHasEnded } from "./model/steps";
import { type Run, useSelected, useSession, useView, type Version } from "./use-run";

type Doing = Again | { kind: "signal" } | { kind: "cancel" } | { kind: "pause" };

export function RunHeader({ run, version }: { run: Run; version: Version | undefined }) {
  const session = useSession();
  const live = useView(() => session.root.status);
  const ready = useView((view) => view.ready);
  const status = ready && !runHasEnded(run.status) && runHasEnded(live) ? live : run.status;
  const socket = useView((view) => view.socket);
  return (
    <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-6 py-2">
      <h1 className="flex min-w-0 items-center gap-3 text-16">
        <span data-testid="run-status" data-status={status} className="text-14">
          <StateChip state={status} />
        </span>
        <Link
          to="/workflows/$id"
          params={{ id: run.workflow_id }}
          className="truncate hover:text-accent"
        >
          {run.workflow_name || run.workflow_id}
        </Link>
      </h1>
      <span className="flex flex-wrap items-center gap-x-4 gap-y-1 text-12 text-fg2">
        <Chip mono title={run.version}>
          {version ? `v${version.number}` : "version"} {middle(run.version.replace("ver_", ""), 9)}
        </Chip>
        {version && !version.current && (
          <Link
            to="/workflows/$id"
            params={{ id: run.workflow_id }}
            className="text-warn hover:underline"
          >
            not the current version
          </Link>
        )}
        <span>
          started <Time at={run.started_at} />
        </span>
        <span>
          {run.ended_at ? "took" : "for"} <Lasted run={run} />
        </span>
        <span>{[run.trigger.kind, run.trigger.node].filter(Boolean).join(" · ")}</span>
        {run.origin && (
          <Link
            to="/runs/$id"
            params={{ id: run.origin.run_id }}
            search={{ step: run.origin.step }}
            className="text-accent hover:underline"
          >
            goes on from {middle(run.origin.run_id, 14)}
          </Link>
        )}
        {run.parent && (
          <Link
            to="/runs/$id"
            params={{ id: run.parent.run_id }}
            search={{ step: run.parent.step }}
            className="text-accent hover:underline"
          >
            step of {middle(run.parent.run_id, 14)}
          </Link>
        )}
        {(socket === "waiting" || socket === "connecting") && !runHasEnded(status) && (
          <span role="status" className="text-warn">
            Reconnecting; nothing is lost
          </span>
        )}
      </span>
      <span className="flex-1" />
      <Actions run={{ ...run, status }} />
    </header>
  );
}

function Lasted({ run }: { run: Run }) {
  const from = milliseconds(run.started_at) ?? 0;
  const to = milliseconds(run.ended_at);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (to !== null) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [to]);
  return <span className="mono">{duration((to ?? now) - from)}</span>;
}

function Actions({ run }: { run: Run }) {
  const may = useMay("runs:start");
  const selected = useSelected();
  const [doing, act] = useState<Doing | null>(null);
  const ended = runHasEnded(run.status);
  const awaited = !ended && run.waits_for.some((wait) => wait.signal);
  const retryable = run.status === "failed" || run.status === "cancelled";
  const step =
    selected && selected.runId === run.id && !selected.path.endsWith("]") ? selected.path : null;
  const resume = useAct(
    () =>
      got(
        api.POST("/api/v1/runs/{run_id}/resume", {
          params: { path: { run_id: run.id }, header: { "Idempotency-Key": onceKey() } },
          body: {},
        }),
      ),
    { again: [keys.run(run.id)], said: "Resuming is recorded", aloud: true },
  );
  const commands = useMemo((): Command[] => {
    if (!may) return [];
    const group = "This run";
    return [
      ...(retryable
        ? [
            {
              id: "run.retry",
              title: "Retry from what failed",
              group,
              keys: "r",
              run: () => act({ kind: "retry" }),
            },
          ]
        : []),
      ...(step
        ? [
            {
              id: "run.fork",
              title: `Start again from ${step}`,
              group,
              keys: "f",
              run: () => act({ kind: "fork", step }),
            },
          ]
        : []),
      ...(ended
        ? []
        : [
            {
              id: "run.signal",
              title: "Send a signal",
              group,
              keys: "s",
              run: () => act({ kind: "signal" }),
            },
            {
              id: "run.cancel",
              title: "Cancel the run",
              group,
              run: () => act({ kind: "cancel" }),
            },
          ]),
    ];
  }, [may, retryable, ended, step]);
  useCommands(commands);
  if (!may) return null;
  const more: MenuItem[] = [
    { label: "Send a signal", icon: Radio, onSelect: () => act({ kind: "signal" }) },
    { label: "Cancel the run", icon: Ban, danger: true, onSelect: () => act({ kind: "cancel" }) },
  ];
  const close = () => act(null);
  return (
    <div className="flex items-center gap-2">
      {step && (
        <Button icon={GitFork} onClick={() => act({ kind: "fork", step })}>
          Start again from here
        </Button>
      )}
      {retryable && (
        <Button kind="primary" icon={RotateCcw} onClick={() => act({ kind: "retry" })}>
          Retry
        </Button>
      )}
      {awaited && (
        <Button kind="primary" icon={Radio} onClick={() => act({ kind: "signal" })}>
          Send the signal
        </Button>
      )}
      {!ended && run.status === "paused" && (
        <Button kind="primary" icon={Play} busy={resume.busy} onClick={() => resume.run()}>
          Resume
        </Button>
      )}
      {!ended && run.status !== "paused" && (
        <Button icon={Pause} onClick={() => act({ kind: "pause" })}>
          Pause
        </Button>
      )}
      {!ended && <RowMenu of="this run" items={more} />}
      {(doing?.kind === "retry" || doing?.kind === "fork") && (
        <AgainDialog run={run} again={doing} onClose={close} />
      )}
      {doing?.kind === "signal" && <SignalDialog run={run} onClose={close} />}
      {(doing?.kind === "cancel" || doing?.kind === "pause") && (
        <StopDialog run={run} what={doing.kind} onClose={close} />
      )}
    </div>
  );
}
