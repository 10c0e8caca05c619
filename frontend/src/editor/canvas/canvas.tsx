/** The canvas: what is drawn, dragged, joined and dropped. */
import {
  Background,
  BackgroundVariant,
  type Connection,
  type EdgeTypes,
  type FinalConnectionState,
  getViewportForBounds,
  MiniMap,
  type NodeTypes,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
} from "@xyflow/react";
import {
  type DragEvent,
  type KeyboardEvent,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useStore } from "zustand";
import type { Position, Size } from "@/collab/types";
import { addNode, connect, containerAt, joined, neighbour, nudge } from "../actions";
import { GRID, NODE } from "../geometry";
import { whyNot } from "../rules";
import { choose, useStudio, useUi } from "../studio";
import { Board } from "./board";
import { Card } from "./card";
import { Cursors } from "./cursors";
import { DRAGGED_TYPE } from "./dragging";
import { useGivenSizes } from "./given";
import { Note } from "./note";
import { Pane } from "./pane";
import { UndoWire, Wire } from "./wire";

const NODE_TYPES: NodeTypes = { card: Card, pane: Pane, note: Note };
const EDGE_TYPES: EdgeTypes = { wire: Wire, undo: UndoWire };
const SNAP: [number, number] = [GRID, GRID];
const MULTI = ["Shift", "Meta", "Control"];
const MAP_WHILE_DRAGGING = 300;
const MIN_ZOOM = 0.1;
const FIT = { padding: 0.15, maxZoom: 1 };

export function Canvas() {
  const studio = useStudio();
  const board = useMemo(() => new Board(studio), [studio]);
  const [size, setSize] = useState<Size | null>(null);
  const measure = useCallback((frame: HTMLDivElement | null) => {
    if (frame) setSize({ width: frame.clientWidth, height: frame.clientHeight });
  }, []);
  // The size is known first, so that the first picture is where it stays.
  if (!size) return <div ref={measure} className="size-full" />;
  const { nodes, edges } = board.state.getState();
  return (
    <ReactFlowProvider
      initialNodes={nodes}
      initialEdges={edges}
      initialWidth={size.width}
      initialHeight={size.height}
    >
      <Flow board={board} size={size} />
    </ReactFlowProvider>
  );
}

function Flow({ board, size }: { board: Board; size: Size }) {
  const studio = useStudio();
  const flow = useReactFlow();
  useGivenSizes();
  useEffect(() => board.follow(), [board]);
  const nodes = useStore(board.state, (state) => state.nodes);
  const edges = useStore(board.state, (state) => state.edges);
  // All of it in sight, as `fit` shows it; an empty canvas waits for what comes first.
  const [first] = useState(
    () =>
      nodes.length > 0 &&
      getViewportForBounds(
        flow.getNodesBounds(nodes),
        size.width,
        size.height,
        MIN_ZOOM,
        FIT.maxZoom,
        FIT.padding,
      ),
  );
  const hasMap = useUi(
    (ui) =>
      ui.hasMap &&
      // The drawer leaves so little height that the map would lie on the steps.
      ui.panel !== "run" &&
      ui.panel !== "problems" &&
      !(ui.isDragging && nodes.length > MAP_WHILE_DRAGGING),
  );
  const frame = useRef<HTMLDivElement>(null);
  const pointer = useRef<Position | null>(null);

  useEffect(() => {
    const { canvas } = studio;
    canvas.current = {
      toCanvas: (point) => flow.screenToFlowPosition(point),
      centre: () => {
        const box = frame.current?.getBoundingClientRect();
        return flow.screenToFlowPosition({
          x: (box?.left ?? 0) + (box?.width ?? 0) / 2,
          y: (box?.top ?? 0) + (box?.height ?? 0) / 2,
        });
      },
      reveal: (ids) => {
        const id = ids[0];
        if (!isInView(frame.current, ids)) {
          void flow.fitView({
            nodes: ids.map((one) => ({ id: one })),
            maxZoom: 1,
            duration: 120,
            padding: 0.4,
          });
        }
        if (id) requestAnimationFrame(() => focusCard(frame.current, id));
      },
      fit: () => void flow.fitView({ ...FIT, duration: 120 }),
      zoomBy: (factor) => void flow.zoomTo(flow.getZoom() * factor, { duration: 120 }),
      pointer: () => pointer.current,
    };
    return () => {
      canvas.current = null;
    };
  }, [flow, studio]);

  const chosen = useUi((ui) => (ui.selection.length === 1 ? ui.selection[0] : undefined));
  useEffect(() => {
    // The panel that opens beside may cover what was chosen.
    if (!chosen) return;
    const frameId = requestAnimationFrame(() => {
      const card = cardBox(frame.current, chosen);
      const view = frame.current?.getBoundingClientRect();
      if (!card || !view || card.left < view.left || card.right <= view.right - 16) return;
      const by = Math.min(card.right - view.right + 32, card.left - view.left - 16);
      const { x, y, zoom } = flow.getViewport();
      if (by > 0) void flow.setViewport({ x: x - by, y, zoom }, { duration: 120 });
    });
    return () => cancelAnimationFrame(frameId);
  }, [chosen, flow]);

  const isValid = useCallback(
    (wire: { source: string; target: string; sourceHandle?: string | null }) =>
      !whyNot(
        { source: wire.source, source_port: wire.sourceHandle ?? "out", target: wire.target },
        joined(studio),
      ),
    [studio],
  );
  const onConnect = useCallback(
    ({ source, sourceHandle, target }: Connection) => {
      connect(studio, { source, source_port: sourceHandle ?? "out", target });
    },
    [studio],
  );
  const onConnectEnd = useCallback(
    (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
      if (state.isValid || !state.fromNode || state.fromHandle?.type !== "source") return;
      const source = state.fromNode.id;
      const port = state.fromHandle.id ?? "out";
      const point = "clientX" in event ? { x: event.clientX, y: event.clientY } : null;
      if (!point) return;
      if (state.toNode) {
        connect(studio, { source, source_port: port, target: state.toNode.id }); // tells why not
        return;
      }
      const card = document.elementFromPoint(point.x, point.y)?.closest("[data-card]");
      const target = card?.getAttribute("data-card");
      if (target && target !== source) {
        connect(studio, { source, source_port: port, target });
        return;
      }
      const at = flow.screenToFlowPosition(point);
      studio.ui.setState({
        chooser: {
          place: { at: { x: at.x, y: at.y - NODE.height / 2 }, from: { source, port } },
          x: point.x,
          y: point.y,
        },
      });
    },
    [flow, studio],
  );

  const onDrop = (event: DragEvent) => {
    const type = studio.catalogue.get(event.dataTransfer.getData(DRAGGED_TYPE));
    if (!type) return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const wire = document
      .elementFromPoint(event.clientX, event.clientY)
      ?.closest(".react-flow__edge")
      ?.getAttribute("data-id");
    const on = wire
      ? [...studio.draft.projection.edges()].find((edge) => edge.id === wire)
      : undefined;
    const corner = { x: at.x - NODE.width / 2, y: at.y - NODE.height / 2 };
    const home =
      type.sections.length || type.kind !== "trigger"
        ? containerAt(studio, at)
        : { parent: "", section: "" };
    addNode(studio, type, on ? { at: corner, on } : { at: corner, ...home });
  };

  const onPointerMove = (event: { clientX: number; clientY: number }) => {
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    pointer.current = at;
    studio.draft.presence.sayOften({ cursor: { x: Math.round(at.x), y: Math.round(at.y) } });
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys bubble up from the cards
    <div
      ref={frame}
      className="relative size-full"
      onKeyDown={(event) => onKey(event, studio, frame.current)}
      onPointerMove={onPointerMove}
      onPointerLeave={() => {
        pointer.current = null;
        studio.draft.presence.sayOften({ cursor: null });
      }}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(DRAGGED_TYPE)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
      }}
      onDrop={onDrop}
    >
      <ReactFlow
        className="editor"
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={board.onNodesChange}
        onEdgesChange={board.onEdgesChange}
        onNodeDragStart={board.onDragStart}
        onNodeDrag={board.onDrag}
        onNodeDragStop={board.onDragStop}
        onConnect={onConnect}
        onConnectEnd={onConnectEnd}
        isValidConnection={isValid}
        onPaneClick={() => studio.ui.setState({ chooser: null })}
        nodesDraggable={studio.mayEdit}
        nodesConnectable={studio.mayEdit}
        nodesFocusable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode="Shift"
        multiSelectionKeyCode={MULTI}
        selectionMode={SelectionMode.Partial}
        snapToGrid
        snapGrid={SNAP}
        connectionRadius={32}
        minZoom={MIN_ZOOM}
        maxZoom={2}
        zoomOnDoubleClick={false}
        {...(first ? { defaultViewport: first } : { fitView: true, fitViewOptions: FIT })}
        attributionPosition="bottom-left"
      >
        <Background variant={BackgroundVariant.Dots} gap={GRID} size={1} />
        {hasMap && nodes.length > 0 && (
          <MiniMap
            pannable
            zoomable
            ariaLabel="Map of the canvas"
            position="bottom-right"
            nodeBorderRadius={4}
          />
        )}
        <Cursors />
      </ReactFlow>
    </div>
  );
}

function cardBox(frame: HTMLElement | null, id: string): DOMRect | undefined {
  return frame?.querySelector(`[data-card="${CSS.escape(id)}"]`)?.getBoundingClientRect();
}

function isInView(frame: HTMLElement | null, ids: readonly string[]): boolean {
  const view = frame?.getBoundingClientRect();
  return ids.every((id) => {
    const box = cardBox(frame, id);
    return (
      view &&
      box &&
      box.left >= view.left &&
      box.top >= view.top &&
      box.right <= view.right &&
      box.bottom <= view.bottom
    );
  });
}

export function focusCard(frame: ParentNode | null, id: string): void {
  frame
    ?.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`)
    ?.focus({ preventScroll: true });
}

/** Into the first control of the panel, which may be an editor in a shadow root of its own. */
function focusFirstField(): void {
  const first = document.querySelector<HTMLElement>(
    "[data-properties] [role=tabpanel] :is(input, textarea, select, [data-editor], [role=switch])",
  );
  const field = first?.shadowRoot?.querySelector<HTMLElement>(".cm-content") ?? first;
  field?.focus();
}

const WAYS: Record<string, ["left" | "right" | "up" | "down", number, number]> = {
  ArrowLeft: ["left", -1, 0],
  ArrowRight: ["right", 1, 0],
  ArrowUp: ["up", 0, -1],
  ArrowDown: ["down", 0, 1],
};

/** Keys on a card: arrows go to the next, with Alt they move it; Enter opens it, Space adds it. */
function onKey(
  event: KeyboardEvent,
  studio: ReturnType<typeof useStudio>,
  frame: HTMLElement | null,
): void {
  const id = (event.target as HTMLElement).getAttribute("data-card");
  if (!id) return;
  const way = WAYS[event.key];
  if (way) {
    event.preventDefault();
    event.stopPropagation();
    if (event.altKey) {
      if (!studio.ui.getState().selection.includes(id)) choose(studio, [id]);
      const by = event.shiftKey ? 5 : 1;
      nudge(studio, way[1] * by, way[2] * by);
      requestAnimationFrame(() => focusCard(frame, id));
      return;
    }
    const next = neighbour(studio, id, way[0]);
    if (!next) return;
    studio.ui.setState({ focused: next });
    if (event.shiftKey) choose(studio, [...studio.ui.getState().selection, next]);
    else choose(studio, [next]);
    studio.canvas.current?.reveal([next]);
  } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    choose(studio, [id]);
    requestAnimationFrame(focusFirstField);
  } else if (event.key === " ") {
    event.preventDefault();
    const { selection } = studio.ui.getState();
    choose(
      studio,
      selection.includes(id) ? selection.filter((one) => one !== id) : [...selection, id],
    );
  }
}
