/**
 * What React Flow draws: the graph of the draft with what is chosen and dragged here, and what
 * others drag at this moment. Only what ends a drag is written into the draft.
 */
import {
  applyNodeChanges,
  type Edge,
  type Node,
  type NodeChange,
  type NodeHandle,
} from "@xyflow/react";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Graph, GraphNode } from "@/collab/projection";
import type { Position } from "@/collab/types";
import { absolute, containerAt, within } from "../actions";
import { choose, type Studio } from "../studio";

export interface BoardState {
  nodes: Node[];
  edges: Edge[];
}

const TOP_ONLY = new Set(["output"]);

export class Board {
  readonly state: StoreApi<BoardState> = createStore(() => ({ nodes: [], edges: [] }));
  private readonly studio: Studio;
  private dragged: ReadonlySet<string> = new Set();
  private readonly made = new Map<
    string,
    { from: GraphNode; isChosen: boolean; isMine: boolean; node: Node }
  >();

  constructor(studio: Studio) {
    this.studio = studio;
    this.draw(studio.draft.projection.graph.getState());
  }

  /** Follow the draft, what is chosen, and the others; the answer ends it. */
  follow(): () => void {
    const { projection, presence } = this.studio.draft;
    const stops = [
      projection.graph.subscribe(this.draw),
      this.studio.ui.subscribe((ui, before) => {
        if (ui.selection !== before.selection) this.draw(projection.graph.getState());
      }),
      presence.company.subscribe(this.followOthers),
    ];
    this.draw(projection.graph.getState());
    return () => {
      for (const stop of stops) stop();
    };
  }

  private readonly draw = (graph: Graph) => {
    const chosen = new Set(this.studio.ui.getState().selection);
    const here = new Map(this.state.getState().nodes.map((node) => [node.id, node]));
    const known = new Set<string>();
    const nodes = graph.nodes.map((from) => {
      known.add(from.id);
      const isChosen = chosen.has(from.id);
      const isMine = this.dragged.has(from.id);
      const old = this.made.get(from.id);
      if (old && old.from === from && old.isChosen === isChosen && old.isMine === isMine) {
        return here.get(from.id) ?? old.node;
      }
      const node: Node = {
        ...from,
        handles: from.handles as NodeHandle[],
        selected: isChosen,
        measured: { width: from.width, height: from.height },
        // While it is in this hand, this hand says where it is.
        ...(isMine
          ? { position: here.get(from.id)?.position ?? from.position, dragging: true }
          : {}),
      };
      this.made.set(from.id, { from, isChosen, isMine, node });
      return node;
    });
    for (const id of this.made.keys()) if (!known.has(id)) this.made.delete(id);
    const edges = graph.edges.map((edge) =>
      chosen.has(edge.id) ? { ...edge, selected: true } : edge,
    );
    this.state.setState({ nodes, edges });
  };

  /** Others' drags are seen as they go on; nothing of it is written here. */
  private readonly followOthers = () => {
    const { peers } = this.studio.draft.presence.company.getState();
    const moving = new Map(
      peers.flatMap((peer) => peer.drag ?? []).map((one) => [one.id, one.position]),
    );
    const { nodes } = this.state.getState();
    let isChanged = false;
    const next = nodes.map((node) => {
      if (this.dragged.has(node.id)) return node;
      const at = moving.get(node.id) ?? this.made.get(node.id)?.from.position;
      if (!at || (at.x === node.position.x && at.y === node.position.y)) return node;
      isChanged = true;
      return { ...node, position: at };
    });
    if (isChanged) this.state.setState({ nodes: next });
  };

  readonly onNodesChange = (changes: NodeChange[]) => {
    const moves = changes.filter(
      (change) => change.type === "position" || change.type === "dimensions",
    );
    if (moves.length)
      this.state.setState(({ nodes }) => ({ nodes: applyNodeChanges(moves, nodes) }));
    const picks = changes.filter((change) => change.type === "select");
    if (picks.length) this.pick(picks);
  };

  readonly onEdgesChange = (changes: { type: string; id?: string; selected?: boolean }[]) => {
    this.pick(changes.filter((change) => change.type === "select"));
  };

  private pick(changes: readonly { id?: string; selected?: boolean }[]): void {
    if (!changes.length) return;
    const chosen = new Set(this.studio.ui.getState().selection);
    for (const { id, selected } of changes) {
      if (!id) continue;
      if (selected) chosen.add(id);
      else chosen.delete(id);
    }
    choose(this.studio, [...chosen]);
  }

  readonly onDragStart = (_: unknown, __: Node, nodes: Node[]) => {
    this.dragged = new Set(nodes.map((node) => node.id));
    this.studio.ui.setState({ isDragging: true });
  };

  readonly onDrag = (_: unknown, node: Node, nodes: Node[]) => {
    this.studio.draft.presence.sayOften({
      drag: nodes.map((one) => ({ id: one.id, position: one.position })),
    });
    const home = this.homeOf(node);
    const dropping = home.parent ? home : null;
    const now = this.studio.ui.getState().dropping;
    if (now?.parent !== dropping?.parent || now?.section !== dropping?.section) {
      this.studio.ui.setState({ dropping });
    }
  };

  private place(node: Node): Position {
    const parent = node.parentId ? absolute(this.studio, node.parentId) : { x: 0, y: 0 };
    return { x: parent.x + node.position.x, y: parent.y + node.position.y };
  }

  private homeOf(node: Node): { parent: string; section: string } {
    const type = this.studio.draft.projection.draft(node.id)?.type ?? "";
    const kind = this.studio.catalogue.get(type)?.kind;
    if (!kind || kind === "trigger" || TOP_ONLY.has(type)) return { parent: "", section: "" };
    const at = this.place(node);
    const middle = {
      x: at.x + Math.min(node.width ?? 0, 208) / 2,
      y: at.y + Math.min(node.height ?? 0, 64) / 2,
    };
    return containerAt(this.studio, middle, this.dragged.size ? this.dragged : new Set([node.id]));
  }

  readonly onDragStop = (_: unknown, __: Node, nodes: Node[]) => {
    const { draft, ui, mayEdit } = this.studio;
    ui.setState({ isDragging: false, dropping: null });
    draft.presence.sayOften({ drag: null });
    draft.presence.flush();
    const before = new Map(draft.projection.graph.getState().nodes.map((node) => [node.id, node]));
    const isMoved = nodes.some((node) => {
      const old = before.get(node.id)?.position;
      return old && (old.x !== node.position.x || old.y !== node.position.y);
    });
    const homes = new Map<string, { parent: string; section: string }>();
    const positions = new Map<string, Position>(isMoved ? draft.projection.unplaced : []);
    const chosen = new Set(nodes.map((node) => node.id));
    for (const node of isMoved && mayEdit ? nodes : []) {
      const view = draft.projection.views.getState().nodes[node.id];
      if (!view) {
        positions.set(node.id, node.position);
        continue;
      }
      const isLed = chosen.has(view.parent); // it goes with its container
      const home = isLed ? { parent: view.parent, section: view.section } : this.homeOf(node);
      positions.set(node.id, within(this.studio, this.place(node), home.parent, home.section));
      if (home.parent !== view.parent || (home.section || "body") !== (view.section || "body"))
        homes.set(node.id, home);
    }
    this.dragged = new Set();
    if (positions.size) draft.edits.move(positions, homes);
    this.draw(draft.projection.graph.getState());
    this.followOthers();
  };
}
