/** The graph of the run's own version, with how every node of it stands now. */
import "@xyflow/react/dist/base.css";
import {
  Background,
  BackgroundVariant,
  type Edge,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from "@xyflow/react";
import { Maximize2, Minus, Plus } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import { IconButton } from "@/ui/button";
import type { Graph, GraphNode } from "../model/graph";
import { neighbour } from "../model/graph";
import { nodeOf } from "../model/paths";
import { standing } from "../model/standing";
import { PaneHead } from "../panes";
import { useSession, useView } from "../use-run";
import { CARDS, type CardNode } from "./cards";

/** Smaller cards than at this zoom cannot be read. */
const READABLE = 0.55;
const FIT = { padding: 0.08, maxZoom: 1, duration: 0 };

/** The version as the canvas takes it. Sizes are given, so that nothing has to be measured. */
function cardsOf(graph: Graph, runId: string): CardNode[] {
  return graph.nodes.map((node) => ({
    id: node.id,
    type: node.container ? "pane" : "card",
    position: { x: node.box.x, y: node.box.y },
    width: node.box.width,
    height: node.box.height,
    data: { node, graphOf: runId },
    draggable: false,
    connectable: false,
    focusable: false,
    ...(node.parent ? { parentId: node.parent } : {}),
  }));
}

type Flow = "idle" | "taken" | "flowing";

/** Whether a run went along an edge, and whether it does now. */
function flowOf(source: string | null, target: string | null): Flow {
  if (!source || !target || target === "skipped") return "idle";
  return target === "running" || target === "queued" || target === "retrying" ? "flowing" : "taken";
}

interface Shown {
  graph: Graph;
  runId: string;
  title: string;
  /** The node that is to be in sight at first: the one that failed. */
  focus: string | null;
}

function Canvas({ graph, runId, title, focus }: Shown) {
  const session = useSession();
  const flow = useReactFlow();
  const selected = useView((view) => view.selected);
  const revision = useView((view) => view.revision);
  const chosen = selected && selected.runId === runId ? nodeOf(selected.path) : null;
  const cards = useMemo(() => cardsOf(graph, runId), [graph, runId]);
  const nodes = useMemo(
    () => cards.map((card) => (card.id === chosen ? { ...card, selected: true } : card)),
    [cards, chosen],
  );
  const before = useRef(new Map<string, Edge>());
  const edges = useMemo(() => {
    void revision;
    const picture = session.picture(runId);
    const state = (id: string) => standing(picture?.tally(id)).status;
    const made = new Map<string, Edge>();
    for (const { id, source, port, target } of graph.edges) {
      const className = flowOf(state(source), state(target));
      const known = before.current.get(id);
      const label = port === "out" ? {} : { label: port };
      const same = known?.className === className;
      made.set(
        id,
        same
          ? known
          : {
              id,
              source,
              target,
              sourceHandle: port,
              type: "smoothstep",
              className,
              focusable: false,
              ...label,
            },
      );
    }
    before.current = made;
    return [...made.values()];
  }, [graph, runId, session, revision]);

  /** All of it, where that can be read; else the place that counts, at a size that can. */
  const begin = () => {
    const box = document.querySelector(".run-graph")?.getBoundingClientRect();
    if (!box) return;
    const { x, y, width, height } = flow.getNodesBounds(flow.getNodes());
    const zoom = Math.min(1, (box.width - 32) / width, (box.height - 32) / height);
    if (zoom >= READABLE) {
      void flow.fitView(FIT);
      return;
    }
    const wanted = focus && flow.getInternalNode(focus);
    const left = wanted ? wanted.internals.positionAbsolute.x * READABLE : 0;
    const right = Math.max(0, left - box.width * 0.6);
    const centre = y + height / 2;
    void flow.setViewport({
      x: 16 - x * READABLE - right,
      y: box.height / 2 - centre * READABLE,
      zoom: READABLE,
    });
  };
  const select = (id: string | null) => {
    const path = id && session.placeOf(runId, id, selected);
    session.select(path ? { runId, path } : null);
  };
  const press = (event: KeyboardEvent) => {
    const way = {
      ArrowRight: "right",
      ArrowLeft: "left",
      ArrowUp: "up",
      ArrowDown: "down",
    } as const;
    const to = way[event.key as keyof typeof way];
    if (event.key === "Escape") select(null);
    if (!to) return;
    event.preventDefault();
    const first = graph.nodes.find((node) => node.trigger) ?? graph.nodes[0];
    const next = chosen ? neighbour(graph, chosen, to) : first?.id;
    if (next) select(next);
  };
  // A node that was selected elsewhere is brought into sight.
  useEffect(() => {
    const node = chosen ? flow.getInternalNode(chosen) : null;
    if (!node) return;
    const { x, y } = node.internals.positionAbsolute;
    const { x: left, y: top, zoom } = flow.getViewport();
    const box = document.querySelector(".run-graph")?.getBoundingClientRect();
    const [px, py] = [x * zoom + left, y * zoom + top];
    const out = box && (px < 0 || py < 0 || px > box.width - 60 || py > box.height - 40);
    if (out) void flow.setCenter(x + 104, y + 32, { zoom, duration: 0 });
  }, [chosen, flow]);

  return (
    <section aria-label={title} className="flex h-full min-h-0 flex-col">
      <PaneHead title={title} />
      <div
        tabIndex={0}
        role="application"
        aria-label="Graph of the run's version. Arrow keys go from node to node."
        onKeyDown={press}
        className="run-graph min-h-0 flex-1 bg-bg0 outline-offset-[-2px]"
        data-testid="graph"
      >
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={CARDS}
          onNodeClick={(_, node) => select(node.id)}
          onPaneClick={() => select(null)}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          onInit={() => begin()}
          minZoom={0.05}
          maxZoom={2}
        >
          <Background variant={BackgroundVariant.Dots} gap={16} size={1} color="var(--line)" />
          <Panel position="bottom-left" className="m-2! flex gap-1 rounded-control bg-bg1">
            <IconButton small icon={Minus} label="Zoom out" onClick={() => void flow.zoomOut()} />
            <IconButton small icon={Plus} label="Zoom in" onClick={() => void flow.zoomIn()} />
            <IconButton
              small
              icon={Maximize2}
              label="Show all of it"
              onClick={() => void flow.fitView(FIT)}
            />
          </Panel>
        </ReactFlow>
      </div>
    </section>
  );
}

export function RunGraph(props: Shown) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

export type { GraphNode };
