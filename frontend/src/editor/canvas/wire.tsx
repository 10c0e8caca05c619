/** Edges: what leads where, with the name of the branch; and what undoes what. */
import { BaseEdge, type EdgeProps, getSmoothStepPath } from "@xyflow/react";
import { Plus } from "lucide-react";
import { type MouseEvent, memo } from "react";
import { cx } from "@/lib/classes";
import { NODE } from "../geometry";
import { useCompany, useMarks, useStudio, useUi } from "../studio";
import { InLayer } from "./layer";

export const Wire = memo(function Wire(props: EdgeProps) {
  const { id, source, target, sourceHandleId, sourceX, sourceY, targetX, targetY } = props;
  const studio = useStudio();
  const isChosen = useUi((ui) => ui.selection.includes(id));
  const others = useCompany(
    (company) => company.peers.find((peer) => peer.selection.includes(id))?.colour ?? "",
  );
  const isFlowing = useMarks((marks) => {
    const [from, to] = [marks.steps[source]?.status, marks.steps[target]?.status];
    return from === "succeeded" && (to === "running" || to === "retrying");
  });
  const [path, x, y] = getSmoothStepPath({
    sourceX,
    sourceY,
    sourcePosition: props.sourcePosition,
    targetX,
    targetY,
    targetPosition: props.targetPosition,
    borderRadius: 8,
    offset: 24,
  });
  const port = sourceHandleId && sourceHandleId !== "out" ? sourceHandleId : "";
  const insert = (event: MouseEvent) => {
    event.stopPropagation();
    const on = { source, source_port: sourceHandleId ?? "out", target };
    studio.ui.setState({
      chooser: {
        place: { at: { x: x - NODE.width / 2, y: y - NODE.height / 2 }, on },
        x: event.clientX,
        y: event.clientY,
      },
    });
  };
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={20}
        className={cx(
          "wire",
          isChosen && "wire-chosen",
          isFlowing && "wire-flowing",
          port === "error" && "wire-error",
        )}
        {...(others && !isChosen ? { style: { stroke: `var(--${others})` } } : {})}
      />
      {(port || (isChosen && studio.mayEdit)) && (
        <InLayer name="labels">
          <div
            className="nodrag nopan pointer-events-auto absolute flex items-center gap-1"
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          >
            {port && (
              <span
                className={cx(
                  "pointer-events-none rounded-control border border-line bg-bg1 px-1.5 text-12 leading-5",
                  port === "error" ? "text-err" : "text-fg2",
                )}
              >
                {port}
              </span>
            )}
            {isChosen && studio.mayEdit && (
              <button
                type="button"
                tabIndex={-1}
                aria-label="Insert a step here"
                onClick={insert}
                className="flex size-6 items-center justify-center rounded-full border border-accent bg-bg2 text-accent hover:bg-bg3"
              >
                <Plus size={14} strokeWidth={1.75} aria-hidden />
              </button>
            )}
          </div>
        </InLayer>
      )}
    </>
  );
});

export const UndoWire = memo(function UndoWire(props: EdgeProps) {
  const [path] = getSmoothStepPath({ ...props, borderRadius: 8 });
  return <BaseEdge id={props.id} path={path} className="wire wire-undo" interactionWidth={0} />;
});
