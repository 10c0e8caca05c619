/** Left of the canvas: what can be put there, and what is there as a list. */
import { ListTree, PanelLeftClose, PanelLeftOpen, Shapes, StickyNote } from "lucide-react";
import { useMemo } from "react";
import { useStore } from "zustand";
import type { NodeView } from "@/collab/projection";
import { cx } from "@/lib/classes";
import { IconButton } from "@/ui/button";
import { addNode, addNote, nextPlace } from "./actions";
import { categoryOf, NodeIcon } from "./icons";
import { choose, useMarks, useStudio, useUi } from "./studio";
import { TypesList } from "./types-list";

export function Sidebar() {
  const studio = useStudio();
  const isOpen = useUi((ui) => ui.isPaletteOpen);
  const side = useUi((ui) => (studio.mayEdit ? ui.side : "outline"));
  const types = useMemo(() => [...studio.catalogue.values()], [studio]);
  if (!isOpen) {
    return (
      <div className="flex w-10 shrink-0 flex-col items-center gap-1 border-r border-line bg-bg1 pt-2">
        <IconButton
          icon={PanelLeftOpen}
          label="Show the palette"
          keys="["
          side="right"
          onClick={() => studio.ui.setState({ isPaletteOpen: true })}
        />
      </div>
    );
  }
  return (
    <aside
      aria-label="Palette and outline"
      className="flex w-65 shrink-0 flex-col border-r border-line bg-bg1"
    >
      <div className="flex h-10 shrink-0 items-center gap-1 border-b border-line px-2">
        {studio.mayEdit && (
          <Side isOn={side === "palette"} onClick={() => studio.ui.setState({ side: "palette" })}>
            <Shapes size={16} strokeWidth={1.5} aria-hidden />
            Steps
          </Side>
        )}
        <Side isOn={side === "outline"} onClick={() => studio.ui.setState({ side: "outline" })}>
          <ListTree size={16} strokeWidth={1.5} aria-hidden />
          Outline
        </Side>
        <span className="flex-1" />
        {studio.mayEdit && (
          <IconButton
            small
            icon={StickyNote}
            label="Add a note"
            keys="n"
            onClick={() => addNote(studio)}
          />
        )}
        <IconButton
          small
          icon={PanelLeftClose}
          label="Hide the palette"
          keys="["
          onClick={() => studio.ui.setState({ isPaletteOpen: false })}
        />
      </div>
      {side === "palette" ? (
        <TypesList
          className="flex-1"
          types={types}
          label="Search steps to add"
          isDraggable
          onTake={(type) => {
            const id = addNode(studio, type, nextPlace(studio, type));
            if (id) studio.canvas.current?.reveal([id]);
          }}
        />
      ) : (
        <Outline />
      )}
    </aside>
  );
}

function Side({
  isOn,
  onClick,
  children,
}: {
  isOn: boolean;
  onClick: () => void;
  children: React.ReactNode;
}) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onClick}
      className={cx(
        "flex h-7 items-center gap-1.5 rounded-control px-2",
        isOn ? "bg-bg3 font-medium text-fg" : "text-fg2 hover:bg-bg2 hover:text-fg",
      )}
    >
      {children}
    </button>
  );
}

interface Line {
  view: NodeView;
  depth: number;
}

/** Nodes in the order of the flow, what stands in a container below it. */
export function outline(
  nodes: Record<string, NodeView>,
  wires: Iterable<{ source: string; target: string }>,
): Line[] {
  const order = new Map<string, number>();
  const into = new Map<string, string[]>();
  for (const { source, target } of wires) into.set(target, [...(into.get(target) ?? []), source]);
  const depthOf = (id: string, seen: Set<string>): number => {
    const known = order.get(id);
    if (known !== undefined) return known;
    if (seen.has(id)) return 0;
    seen.add(id);
    const depth = Math.max(-1, ...(into.get(id) ?? []).map((one) => depthOf(one, seen))) + 1;
    order.set(id, depth);
    return depth;
  };
  const lines: Line[] = [];
  const visit = (parent: string, depth: number) => {
    const children = Object.values(nodes).filter((view) => view.parent === parent);
    const rank = (view: NodeView) => depthOf(view.id, new Set());
    const lane = (view: NodeView) => ["body", "catch", "finally"].indexOf(view.section);
    children.sort(
      (one, other) =>
        lane(one) - lane(other) || rank(one) - rank(other) || one.id.localeCompare(other.id),
    );
    for (const view of children) {
      lines.push({ view, depth });
      if (view.sections.length) visit(view.id, depth + 1);
    }
  };
  visit("", 0);
  return lines;
}

function Outline() {
  const studio = useStudio();
  const nodes = useStore(studio.draft.projection.views, (views) => views.nodes);
  const edges = useStore(studio.draft.projection.graph, (graph) => graph.edges);
  const selection = useUi((ui) => ui.selection);
  const byNode = useMarks((marks) => marks.byNode);
  const lines = useMemo(() => outline(nodes, edges), [nodes, edges]);
  const go = (id: string) => {
    choose(studio, [id]);
    studio.canvas.current?.reveal([id]);
  };
  return (
    <nav aria-label="Outline" className="min-h-0 flex-1 overflow-y-auto p-1">
      {lines.map(({ view, depth }) => (
        <button
          key={view.id}
          type="button"
          aria-current={selection.includes(view.id) || undefined}
          onClick={() => go(view.id)}
          className={cx(
            "flex h-8 w-full items-center gap-2 rounded-control pr-2 text-left hover:bg-bg2 focus-visible:outline-offset-[-2px]",
            selection.includes(view.id) && "bg-bg3",
            view.disabled && "opacity-60",
          )}
          style={{ paddingLeft: 8 + depth * 16 }}
        >
          <span className={categoryOf(view.category).text}>
            <NodeIcon name={view.icon} />
          </span>
          <span className="min-w-0 flex-1 truncate">{view.title}</span>
          {(byNode[view.id]?.errors ?? 0) > 0 && (
            <span className="tabular text-12 text-err" title="Problems">
              {byNode[view.id]?.errors}
            </span>
          )}
        </button>
      ))}
      {!lines.length && <p className="p-2 text-fg3">Nothing is drawn yet.</p>}
    </nav>
  );
}
