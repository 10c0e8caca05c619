/** A container: a pane that holds its children, with a lane for each of its sections. */
import { memo } from "react";
import type { NodeView } from "@/collab/projection";
import { cx } from "@/lib/classes";
import { HEADER, SECTION_HEADER } from "../geometry";
import { categoryOf, NodeIcon } from "../icons";
import { useMarks, useStudio, useUi, useView } from "../studio";
import { Dots, Others, Ports } from "./card";

export const Pane = memo(function Pane({ id }: { id: string }) {
  const view = useView(id);
  if (!view) return null;
  return (
    <>
      <Frame view={view} />
      <Ports view={view} />
    </>
  );
});

function Frame({ view }: { view: NodeView }) {
  const studio = useStudio();
  const { id } = view;
  const isChosen = useUi((ui) => ui.selection.includes(id));
  const isFocused = useUi((ui) => ui.focused === id);
  const dropping = useUi((ui) => (ui.dropping?.parent === id ? ui.dropping.section : ""));
  const problems = useMarks((marks) => marks.byNode[id]);
  const isPinned = useMarks((marks) => id in marks.pins);
  const seen = useMarks((marks) => marks.steps[id]);
  const category = categoryOf(view.category);
  return (
    <div
      className={cx(
        "relative size-full overflow-hidden rounded-panel border bg-bg1/60",
        isChosen ? "border-accent shadow-[0_0_0_1px_var(--accent)]" : "border-line2",
        view.disabled && "border-dashed opacity-60",
      )}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: as a card */}
      <div
        role="button"
        tabIndex={isFocused ? 0 : -1}
        data-card={id}
        aria-pressed={isChosen}
        onFocus={() => studio.ui.setState({ focused: id })}
        className="relative flex items-center gap-2 border-b border-line bg-bg1 pl-3 pr-2 outline-offset-[-3px]"
        style={{ height: HEADER }}
      >
        <span aria-hidden className={cx("absolute inset-y-0 left-0 w-[3px]", category.bar)} />
        <span className={category.text}>
          <NodeIcon name={view.icon} />
        </span>
        <span className="shrink-0 font-semibold">{view.title}</span>
        <span className="mono min-w-0 flex-1 truncate text-12 text-fg2">{view.detail}</span>
        <span className="sr-only">
          {["container", problems?.errors && `${problems.errors} problems`]
            .filter(Boolean)
            .join(", ")}
        </span>
        <Dots problems={problems} isPinned={isPinned} seen={seen} />
      </div>
      {view.lanes.map((lane) => (
        <div
          key={lane.section}
          aria-hidden
          className={cx(
            "absolute inset-x-0",
            dropping === lane.section &&
              "bg-accent/10 outline-1 outline-accent outline-dashed -outline-offset-4",
          )}
          style={{ top: lane.y, height: lane.height }}
        >
          {view.lanes.length > 1 && (
            <span
              className="absolute inset-x-0 flex items-center border-b border-line px-3 text-12 text-fg3"
              style={{ top: -SECTION_HEADER, height: SECTION_HEADER }}
            >
              {lane.section}
            </span>
          )}
        </div>
      ))}
      <Others id={id} />
    </div>
  );
}
