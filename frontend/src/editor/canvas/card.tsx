/** A node as a card: what it is, what is wrong with it, what became of it. */
import { Handle, Position } from "@xyflow/react";
import { Pin, Plus } from "lucide-react";
import { type MouseEvent, memo } from "react";
import { useStore } from "zustand";
import { type NodeView, portKey } from "@/collab/projection";
import { cx } from "@/lib/classes";
import { StateIcon } from "@/ui/chip";
import { behind } from "../actions";
import { entryY, exitY } from "../geometry";
import { categoryOf, NodeIcon } from "../icons";
import { type StepSeen, useCompany, useMarks, useStudio, useUi, useView } from "../studio";

const RINGS: Record<string, string> = {
  running: "ring-accent",
  retrying: "ring-warn",
  waiting: "ring-wait",
  succeeded: "ring-ok",
  failed: "ring-err",
  caught: "ring-warn",
};

export const Card = memo(function Card({ id }: { id: string }) {
  const view = useView(id);
  if (!view) return null;
  return (
    <>
      <Face view={view} />
      <Ports view={view} />
    </>
  );
});

function Face({ view }: { view: NodeView }) {
  const studio = useStudio();
  const { id } = view;
  const isChosen = useUi((ui) => ui.selection.includes(id));
  const isFocused = useUi((ui) => ui.focused === id);
  const problems = useMarks((marks) => marks.byNode[id]);
  const isPinned = useMarks((marks) => id in marks.pins);
  const seen = useMarks((marks) => marks.steps[id]);
  const category = categoryOf(view.category);
  const words = [
    categoryOf(view.category).label,
    view.disabled && "switched off",
    problems?.errors && `${problems.errors} problems`,
    isPinned && "pinned data",
    seen?.status,
  ].filter(Boolean);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button cannot hold what a card shows
    <div
      role="button"
      tabIndex={isFocused ? 0 : -1}
      data-card={id}
      aria-pressed={isChosen}
      onFocus={() => studio.ui.setState({ focused: id })}
      className={cx(
        "relative flex size-full items-center gap-2 overflow-hidden rounded-panel border bg-bg1 pl-3 pr-2 outline-offset-2",
        isChosen ? "border-accent shadow-[0_0_0_1px_var(--accent)]" : "border-line2",
        view.disabled && "border-dashed opacity-60",
        seen && !isChosen && RINGS[seen.status] && `ring-2 ${RINGS[seen.status]}`,
      )}
    >
      <span aria-hidden className={cx("absolute inset-y-0 left-0 w-[3px]", category.bar)} />
      <span className={category.text}>
        <NodeIcon name={view.icon} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate font-semibold leading-5">{view.title}</span>
        <span className="mono block truncate text-12 leading-4 text-fg2" title={view.detail}>
          {view.detail}
        </span>
      </span>
      <span className="sr-only">{words.join(", ")}</span>
      <Dots problems={problems} isPinned={isPinned} seen={seen} />
      <Others id={id} />
    </div>
  );
}

export function Dots({
  problems,
  isPinned,
  seen,
}: {
  problems: { errors: number; warnings: number } | undefined;
  isPinned: boolean;
  seen: StepSeen | undefined;
}) {
  return (
    <>
      {problems && problems.errors + problems.warnings > 0 && (
        <span
          data-problems={problems.errors}
          className={cx(
            "absolute right-1.5 top-1.5 size-2 rounded-full",
            problems.errors ? "bg-err" : "bg-warn",
          )}
        />
      )}
      {isPinned && (
        <span
          data-pinned
          className="absolute bottom-1 right-7 text-wait"
          title="Pinned data stands in for this step in trials"
        >
          <Pin size={14} strokeWidth={1.75} aria-hidden />
        </span>
      )}
      {seen?.status && (
        <span
          data-state={seen.status}
          data-stale={seen.isStale || undefined}
          className={cx("absolute bottom-1 right-1.5", seen.isStale && "opacity-40")}
          title={seen.isStale ? `${seen.status}, before the last change` : seen.status}
        >
          <StateIcon state={seen.status} size={14} />
        </span>
      )}
    </>
  );
}

/** Who else has chosen this, as a thin outline in their colour. */
export function Others({ id }: { id: string }) {
  const colour = useCompany(
    (company) => company.peers.find((peer) => peer.selection.includes(id))?.colour ?? "",
  );
  if (!colour) return null;
  return (
    <span
      aria-hidden
      data-others={id}
      className="pointer-events-none absolute inset-0 rounded-panel border-2"
      style={{ borderColor: `var(--${colour})` }}
    />
  );
}

const PORT =
  "!size-2.5 !min-h-0 !min-w-0 !rounded-full !border !border-line2 !bg-bg1 hover:!border-accent hover:!bg-accent after:absolute after:-inset-[7px] after:content-['']";

export function Ports({ view }: { view: NodeView }) {
  const { ports } = view;
  const hasLabels = ports.length > 1 || (ports[0] !== undefined && ports[0] !== "out");
  return (
    <>
      {view.kind !== "trigger" && (
        <Handle
          id="in"
          type="target"
          position={Position.Left}
          className={PORT}
          style={{ top: entryY(view) }}
        />
      )}
      {ports.map((port, index) => (
        <PortOut
          key={port}
          view={view}
          port={port}
          y={exitY(view, index)}
          label={hasLabels ? port : ""}
        />
      ))}
    </>
  );
}

function PortOut({
  view,
  port,
  y,
  label,
}: {
  view: NodeView;
  port: string;
  y: number;
  label: string;
}) {
  const studio = useStudio();
  const isFree = useStore(
    studio.draft.projection.graph,
    (graph) => !graph.taken.has(portKey(view.id, port)),
  );
  const isChosen = useUi(
    (ui) => ui.selection.length === 1 && ui.selection[0] === view.id && !ui.isDragging,
  );
  const add = (event: MouseEvent) => {
    event.stopPropagation();
    const at = behind(studio, view.id, port);
    studio.ui.setState({
      chooser: {
        place: { at, from: { source: view.id, port } },
        x: event.clientX,
        y: event.clientY,
      },
    });
  };
  return (
    <>
      <Handle
        id={port}
        type="source"
        position={Position.Right}
        className={cx(PORT, port === "error" && "!border-err")}
        style={{ top: y }}
        data-port={port}
      />
      {label && isFree && (
        <span
          aria-hidden
          className={cx(
            "pointer-events-none absolute left-full ml-2.5 -translate-y-1/2 whitespace-nowrap text-12",
            port === "error" ? "text-err" : "text-fg3",
          )}
          style={{ top: y }}
        >
          {label}
        </span>
      )}
      {isFree && isChosen && studio.mayEdit && (
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Add a step behind ${view.title}${label ? `, ${label}` : ""}`}
          onClick={add}
          className={cx(
            "nodrag nopan absolute left-full flex size-6 -translate-y-1/2 items-center justify-center rounded-full border border-line2 bg-bg2 text-fg2 hover:border-accent hover:text-accent",
            label ? "ml-14" : "ml-4",
          )}
          style={{ top: y }}
        >
          <Plus size={14} strokeWidth={1.75} aria-hidden />
        </button>
      )}
    </>
  );
}
