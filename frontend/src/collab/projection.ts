/**
 * The document as what the canvas draws, kept up to date by what changed. The graph holds where
 * things stand and how they are joined, the views what a card says; each object is replaced only
 * when it itself changed, so that a change draws one card anew.
 */
import * as Y from "yjs";
import { createStore, type StoreApi } from "zustand/vanilla";
import {
  arrange,
  type Box,
  type Handle,
  handlesOf,
  type Lane,
  NOTE,
  type Standing,
  spread,
} from "@/editor/geometry";
import { detailOf } from "@/nodes/detail";
import { labelOf, type NodeType, portsOf } from "@/nodes/schema";
import {
  isGrounded,
  plain,
  readEdge,
  readNode,
  roots,
  type StoredEdge,
  type YValue,
} from "./document";
import { type DraftNode, edgeId, type Position, type Size } from "./types";

export interface GraphNode extends Size {
  id: string;
  type: "card" | "pane" | "note";
  position: Position;
  parentId?: string;
  zIndex: number;
  handles: readonly Handle[];
  data: Record<string, never>;
  [more: string]: unknown;
}

export interface GraphEdge {
  id: string;
  type: "wire" | "undo";
  source: string;
  sourceHandle: string;
  target: string;
  targetHandle: string;
  selectable: boolean;
  zIndex: number;
  [more: string]: unknown;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** The ports that an edge leaves, by `portKey`. */
  taken: ReadonlySet<string>;
}

export const portKey = (node: string, port: string) => `${node}:${port}`;

export interface NodeView {
  id: string;
  type: string;
  title: string;
  detail: string;
  kind: NodeType["kind"] | "unknown";
  category: string;
  icon: string;
  ports: string[];
  sections: string[];
  lanes: Lane[];
  parent: string;
  section: string;
  disabled: boolean;
  compensate: string;
  width: number;
  height: number;
}

export interface NoteView extends Size {
  id: string;
  text: string;
  color: string;
}

export interface Views {
  nodes: Record<string, NodeView>;
  notes: Record<string, NoteView>;
  name: string;
}

export type Catalogue = ReadonlyMap<string, NodeType>;

const EMPTY_DATA: Record<string, never> = {};

export class Projection {
  readonly graph: StoreApi<Graph> = createStore(() => ({
    nodes: [],
    edges: [],
    taken: new Set<string>(),
  }));
  readonly views: StoreApi<Views> = createStore(() => ({ nodes: {}, notes: {}, name: "" }));
  private readonly doc: Y.Doc;
  private readonly at: ReturnType<typeof roots>;
  private catalogue: Catalogue;
  private readonly drafts = new Map<string, DraftNode>();
  private readonly wires = new Map<string, StoredEdge>();
  private readonly stale = new Set<string>();
  private readonly staleNotes = new Set<string>();
  private isStale = false;
  /** Where nodes are shown that have no place yet; the first move of any writes them down. */
  unplaced: ReadonlyMap<string, Position> = new Map();

  constructor(doc: Y.Doc, catalogue: Catalogue) {
    this.doc = doc;
    this.catalogue = catalogue;
    this.at = roots(doc);
    this.at.nodes.observeDeep(this.seeNodes);
    this.at.notes.observeDeep(this.seeNotes);
    this.at.edges.observeDeep(this.seeEdges);
    this.at.meta.observeDeep(this.seeMeta);
    doc.on("afterAllTransactions", this.refresh);
    this.rebuild(catalogue);
  }

  close(): void {
    this.at.nodes.unobserveDeep(this.seeNodes);
    this.at.notes.unobserveDeep(this.seeNotes);
    this.at.edges.unobserveDeep(this.seeEdges);
    this.at.meta.unobserveDeep(this.seeMeta);
    this.doc.off("afterAllTransactions", this.refresh);
  }

  /** The draft's node as the definition has it. */
  draft(id: string): DraftNode | undefined {
    return this.drafts.get(id);
  }

  allDrafts(): IterableIterator<DraftNode> {
    return this.drafts.values();
  }

  edges(): IterableIterator<StoredEdge> {
    return this.wires.values();
  }

  /** Read everything again, as with another catalogue. */
  rebuild(catalogue: Catalogue): void {
    this.catalogue = catalogue;
    this.drafts.clear();
    this.wires.clear();
    for (const id of this.at.nodes.keys()) this.stale.add(id);
    for (const id of Object.keys(this.views.getState().nodes)) this.stale.add(id);
    for (const id of this.at.notes.keys()) this.staleNotes.add(id);
    this.at.edges.forEach((value, id) => {
      const edge = readEdge(id, value);
      if (edge) this.wires.set(id, edge);
    });
    this.isStale = true;
    this.seeMeta();
    this.refresh();
  }

  private readonly seeNodes = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
    mark(events, this.stale);
    this.isStale = true;
  };

  private readonly seeNotes = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
    mark(events, this.staleNotes);
    this.isStale = true;
  };

  private readonly seeEdges = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
    const changed = new Set<string>();
    mark(events, changed);
    for (const id of changed) {
      const edge = this.at.edges.has(id) ? readEdge(id, this.at.edges.get(id)) : null;
      if (edge) this.wires.set(id, edge);
      else this.wires.delete(id);
    }
    this.isStale = true;
  };

  private readonly seeMeta = () => {
    const name = plain(this.at.meta.get("name"));
    const text = typeof name === "string" ? name : "";
    if (text !== this.views.getState().name) this.views.setState({ name: text });
  };

  private readonly refresh = () => {
    if (!this.isStale) return;
    this.isStale = false;
    for (const id of this.stale) {
      const map = this.at.nodes.get(id);
      if (map instanceof Y.Map) this.drafts.set(id, readNode(id, map));
      else this.drafts.delete(id);
    }
    const boxes = this.arrange();
    this.refreshViews(boxes);
    this.refreshGraph(boxes);
    this.stale.clear();
    this.staleNotes.clear();
  };

  private home(draft: DraftNode): { parent: string; section: string } {
    const parent = draft.parent ?? "";
    const isThere =
      this.drafts.has(parent) && isGrounded(draft.id, (id) => this.drafts.get(id)?.parent);
    return isThere ? { parent, section: draft.section ?? "body" } : { parent: "", section: "" };
  }

  private arrange(): Map<string, Box> {
    const items: Standing[] = [];
    for (const draft of this.drafts.values()) {
      const type = this.catalogue.get(draft.type);
      items.push({
        id: draft.id,
        type: draft.type,
        position: draft.position,
        ...this.home(draft),
        ports: portsOf(type, draft.config, draft.on_error),
        sections: type?.kind === "container" ? type.sections : [],
      });
    }
    this.unplaced = spread(items, [...this.wires.values()]);
    for (const item of items) item.position ??= this.unplaced.get(item.id);
    return arrange(items);
  }

  private refreshViews(boxes: Map<string, Box>): void {
    const before = this.views.getState();
    let nodes = before.nodes;
    const ids = new Set([...this.stale, ...boxes.keys()]);
    for (const id of ids) {
      const draft = this.drafts.get(id);
      const box = boxes.get(id);
      const old = nodes[id];
      if (!draft || !box) {
        if (old) {
          if (nodes === before.nodes) nodes = { ...nodes };
          delete nodes[id];
        }
        continue;
      }
      const isSized =
        old?.width === box.width && old.height === box.height && sameLanes(old.lanes, box.lanes);
      if (old && isSized && !this.stale.has(id)) continue;
      const view = this.viewOf(draft, box);
      if (old && sameView(old, view)) continue;
      if (nodes === before.nodes) nodes = { ...nodes };
      nodes[id] = view;
    }
    let notes = before.notes;
    for (const id of this.staleNotes) {
      const map = this.at.notes.get(id);
      if (notes === before.notes) notes = { ...notes };
      if (map instanceof Y.Map) notes[id] = noteView(id, map);
      else delete notes[id];
    }
    if (nodes !== before.nodes || notes !== before.notes) this.views.setState({ nodes, notes });
  }

  private viewOf(draft: DraftNode, box: Box): NodeView {
    const type = this.catalogue.get(draft.type);
    return {
      id: draft.id,
      type: draft.type,
      title: draft.name || type?.title || labelOf(draft.type),
      detail: detailOf(draft, type),
      kind: type?.kind ?? "unknown",
      category: type?.category ?? "unknown",
      icon: type?.icon ?? "circle-help",
      ports: portsOf(type, draft.config, draft.on_error),
      sections: type?.kind === "container" ? type.sections : [],
      lanes: box.lanes,
      ...this.home(draft),
      disabled: draft.disabled === true,
      compensate: draft.compensate ?? "",
      width: box.width,
      height: box.height,
    };
  }

  private refreshGraph(boxes: Map<string, Box>): void {
    const before = this.graph.getState();
    const old = new Map(before.nodes.map((node) => [node.id, node]));
    const nodes: GraphNode[] = [];
    const views = this.views.getState().nodes;
    const undone = new Set(Object.values(views).map((view) => view.compensate));
    // A parent stands before what it holds.
    const depth = (id: string): number => {
      let found = 0;
      for (let at = this.drafts.get(id); at; at = this.drafts.get(this.home(at).parent)) found += 1;
      return found;
    };
    const deep = [...boxes.keys()]
      .map((id) => [id, depth(id)] as const)
      .sort((one, other) => one[1] - other[1]);
    for (const [id, level] of deep) {
      const box = boxes.get(id) as Box;
      const draft = this.drafts.get(id) as DraftNode;
      const { parent } = this.home(draft);
      const isPane = this.catalogue.get(draft.type)?.kind === "container";
      nodes.push(
        kept(old.get(id), {
          id,
          type: isPane ? "pane" : "card",
          position: { x: box.x, y: box.y },
          ...(parent ? { parentId: parent } : {}),
          width: box.width,
          height: box.height,
          zIndex: level * 2,
          handles: handlesOf(views[id] as NodeView, undone.has(id)),
          data: EMPTY_DATA,
        }),
      );
    }
    this.at.notes.forEach((map, id) => {
      if (!(map instanceof Y.Map)) return;
      const position = (plain(map.get("position")) as Position | undefined) ?? { x: 0, y: 0 };
      const size = (plain(map.get("size")) as Size | undefined) ?? NOTE;
      nodes.unshift(
        kept(old.get(id), {
          id,
          type: "note",
          position,
          ...size,
          zIndex: -1,
          handles: [],
          data: EMPTY_DATA,
        }),
      );
    });
    const edges = this.graphEdges(before.edges, boxes);
    const isSame =
      edges === before.edges &&
      nodes.length === before.nodes.length &&
      nodes.every((node, index) => node === before.nodes[index]);
    if (isSame) return;
    const taken =
      edges === before.edges
        ? before.taken
        : new Set(edges.map((edge) => portKey(edge.source, edge.sourceHandle)));
    this.graph.setState({ nodes, edges, taken });
  }

  private graphEdges(before: GraphEdge[], boxes: Map<string, Box>): GraphEdge[] {
    const old = new Map(before.map((edge) => [edge.id, edge]));
    const edges: GraphEdge[] = [];
    const depths = new Map(this.graph.getState().nodes.map((node) => [node.id, node.zIndex]));
    for (const wire of this.wires.values()) {
      if (!boxes.has(wire.source) || !boxes.has(wire.target)) continue;
      edges.push(
        old.get(wire.id) ?? {
          id: wire.id,
          type: "wire",
          source: wire.source,
          sourceHandle: wire.source_port,
          target: wire.target,
          targetHandle: "in",
          selectable: true,
          zIndex: (depths.get(wire.source) ?? 0) + 1,
        },
      );
    }
    for (const draft of this.drafts.values()) {
      if (!draft.compensate || !boxes.has(draft.compensate)) continue;
      const id = `undo~${edgeId(draft.id, "undo", draft.compensate)}`;
      edges.push(
        old.get(id) ?? {
          id,
          type: "undo",
          source: draft.id,
          sourceHandle: "undo",
          target: draft.compensate,
          targetHandle: "undo-in",
          selectable: false,
          zIndex: 0,
        },
      );
    }
    const isSame =
      edges.length === before.length && edges.every((edge, index) => edge === before[index]);
    return isSame ? before : edges;
  }
}

/** Which entries of a root changed. */
function mark(events: readonly Y.YEvent<Y.AbstractType<unknown>>[], into: Set<string>): void {
  for (const event of events) {
    const first = event.path[0];
    if (first !== undefined) into.add(String(first));
    else for (const id of (event as Y.YMapEvent<unknown>).keysChanged) into.add(id);
  }
}

function kept(old: GraphNode | undefined, made: GraphNode): GraphNode {
  const isSame =
    old !== undefined &&
    old.type === made.type &&
    old.position.x === made.position.x &&
    old.position.y === made.position.y &&
    old.width === made.width &&
    old.height === made.height &&
    old.parentId === made.parentId &&
    old.zIndex === made.zIndex &&
    sameHandles(old.handles, made.handles);
  return isSame ? old : made;
}

function noteView(id: string, map: YValue): NoteView {
  const size = (plain(map.get("size")) as Size | undefined) ?? NOTE;
  const text = plain(map.get("text"));
  const color = plain(map.get("color"));
  return {
    id,
    text: typeof text === "string" ? text : "",
    color: typeof color === "string" ? color : "plain",
    width: size.width,
    height: size.height,
  };
}

const sameHandles = (one: readonly Handle[], other: readonly Handle[]) =>
  one.length === other.length &&
  one.every((handle, index) => handle.id === other[index]?.id && handle.y === other[index]?.y);

const sameList = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((item, index) => item === other[index]);

const sameLanes = (one: readonly Lane[], other: readonly Lane[]) =>
  one.length === other.length &&
  one.every((lane, index) => lane.y === other[index]?.y && lane.height === other[index]?.height);

function sameView(one: NodeView, other: NodeView): boolean {
  for (const name of Object.keys(one) as (keyof NodeView)[]) {
    const was = one[name];
    const is = other[name];
    if (was === is) continue;
    if (name === "lanes") {
      if (!sameLanes(one.lanes, other.lanes)) return false;
    } else if (!Array.isArray(was) || !sameList(was as string[], is as string[])) return false;
  }
  return true;
}
