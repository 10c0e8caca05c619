/** What can be done to the draft from here, whichever key, button or menu asks for it. */
import type { NodeView } from "@/collab/projection";
import type { DraftEdge, DraftNode, Position } from "@/collab/types";
import type { NodeType } from "@/nodes/schema";
import { tell } from "@/ui/toast";
import { GRID, HEADER, NODE, PADDING, SECTION_HEADER, STEP, sectionOf, snap } from "./geometry";
import { freshId, noteId } from "./ids";
import { type Joined, type Wire, whyNot } from "./rules";
import { choose, type Place, type Studio } from "./studio";

/** The graph as the rules of joining see it. */
export function joined(studio: Studio): Joined {
  const { nodes } = studio.draft.projection.views.getState();
  const undone = new Set(Object.values(nodes).map((node) => node.compensate));
  undone.delete("");
  return {
    node: (id) => nodes[id],
    wires: () => studio.draft.projection.edges(),
    isUndo: (id) => undone.has(id),
  };
}

export const views = (studio: Studio) => studio.draft.projection.views.getState().nodes;

export const taken = (studio: Studio) => ({
  has: (id: string) => id in views(studio),
});

/** The place of a card on the canvas, whatever it stands in. */
export function absolute(studio: Studio, id: string): Position {
  const nodes = new Map(
    studio.draft.projection.graph.getState().nodes.map((node) => [node.id, node]),
  );
  let x = 0;
  let y = 0;
  for (
    let node = nodes.get(id);
    node;
    node = node.parentId ? nodes.get(node.parentId) : undefined
  ) {
    x += node.position.x;
    y += node.position.y;
  }
  return { x, y };
}

/** A place on the canvas as a node inside a section of a container says it. */
export function within(studio: Studio, at: Position, parent: string, section: string): Position {
  if (!parent) return at;
  const corner = absolute(studio, parent);
  const view = views(studio)[parent];
  const lane = view?.lanes.find((one) => one.section === sectionOf(view, section));
  return {
    x: Math.max(PADDING, at.x - corner.x),
    y: Math.max(PADDING, at.y - corner.y - (lane?.y ?? HEADER)),
  };
}

/** The innermost container under a place of the canvas, without these and what stands in them. */
export function containerAt(
  studio: Studio,
  at: Position,
  without: ReadonlySet<string> = new Set(),
): { parent: string; section: string } {
  const nodes = views(studio);
  const isInside = (view: NodeView): boolean =>
    without.has(view.id) ||
    (view.parent !== "" &&
      nodes[view.parent] !== undefined &&
      isInside(nodes[view.parent] as NodeView));
  let found: { view: NodeView; corner: Position; area: number } | null = null;
  for (const view of Object.values(nodes)) {
    if (!view.sections.length || isInside(view)) continue;
    const corner = absolute(studio, view.id);
    const isIn =
      at.x >= corner.x &&
      at.y >= corner.y &&
      at.x <= corner.x + view.width &&
      at.y <= corner.y + view.height;
    const area = view.width * view.height;
    if (isIn && (!found || area < found.area)) found = { view, corner, area };
  }
  if (!found) return { parent: "", section: "" };
  const y = at.y - found.corner.y;
  const lane =
    found.view.lanes.findLast((one) => y >= one.y - SECTION_HEADER) ?? found.view.lanes[0];
  return { parent: found.view.id, section: lane?.section ?? "body" };
}

export const isTopOnly = (type: NodeType) => type.kind === "trigger" || type.type === "output";

/** Put a new node of this type somewhere; its id, or "" with the reason told. */
export function addNode(studio: Studio, type: NodeType, place: Place): string {
  if (!studio.mayEdit) return "";
  const { edits } = studio.draft;
  let { parent = "", section = "" } = place;
  const anchor = place.on?.source ?? place.from?.source;
  const beside = anchor ? views(studio)[anchor] : undefined;
  if (beside) ({ parent, section } = beside);
  if (parent && isTopOnly(type)) {
    if (beside) {
      tell(`${type.title} cannot stand inside a container.`);
      return "";
    }
    parent = "";
    section = "";
  }
  const at = within(studio, place.at, parent, section);
  const node: DraftNode = {
    id: freshId(type.type, taken(studio)),
    type: type.type,
    type_version: type.version,
    name: uniqueTitle(studio, type.title),
    position: { x: snap(at.x), y: snap(at.y) },
    ...(parent ? { parent } : {}),
    ...(parent && section && section !== "body" ? { section } : {}),
  };
  if (place.on) {
    if (type.kind === "trigger") {
      tell("A trigger begins a run: nothing can lead to it.");
      return "";
    }
    const port = type.kind === "inline" && type.ports.length ? (type.ports[0] as string) : "out";
    edits.insert(node, place.on, port, pushed(studio, place.on, at));
  } else if (place.from) {
    edits.append(node, {
      source: place.from.source,
      source_port: place.from.port,
      target: node.id,
    });
  } else edits.add([node]);
  choose(studio, [node.id]);
  studio.ui.setState({ focused: node.id, tab: "parameters" });
  return node.id;
}

function uniqueTitle(studio: Studio, title: string): string {
  const there = new Set(Object.values(views(studio)).map((view) => view.title));
  if (!there.has(title)) return title;
  for (let number = 2; ; number += 1)
    if (!there.has(`${title} ${number}`)) return `${title} ${number}`;
}

/** Make room: what stands behind an edge moves on by a column, if it is too near. */
function pushed(studio: Studio, on: DraftEdge, at: Position): Map<string, Position> {
  const moved = new Map<string, Position>();
  const { projection } = studio.draft;
  const target = projection.draft(on.target)?.position;
  if (!target || target.x - at.x >= STEP.width) return moved;
  const by = at.x + STEP.width - target.x;
  const next = [on.target];
  const wires = [...projection.edges()];
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    const position = projection.draft(id)?.position;
    if (!position || moved.has(id)) continue;
    moved.set(id, { x: position.x + by, y: position.y });
    for (const wire of wires) if (wire.source === id) next.push(wire.target);
  }
  return moved;
}

/** Where a node added by key or click goes: behind what is chosen, else in the middle. */
export function nextPlace(studio: Studio, type?: NodeType): Place {
  const { selection } = studio.ui.getState();
  const nodes = views(studio);
  const chosen = selection.length === 1 ? nodes[selection[0] as string] : undefined;
  const undone = joined(studio).isUndo(chosen?.id ?? "");
  if (chosen?.ports.length && type?.kind !== "trigger" && !undone) {
    const used = new Set(
      [...studio.draft.projection.edges()]
        .filter((wire) => wire.source === chosen.id)
        .map((wire) => wire.source_port),
    );
    const port = chosen.ports.find((one) => !used.has(one)) ?? (chosen.ports[0] as string);
    return { at: behind(studio, chosen.id, port), from: { source: chosen.id, port } };
  }
  const centre = studio.canvas.current?.centre() ?? { x: 0, y: 0 };
  return {
    at: free(studio, { x: snap(centre.x - NODE.width / 2), y: snap(centre.y - NODE.height / 2) }),
  };
}

/** A free place a column behind a node, at the height of its port. */
export function behind(studio: Studio, id: string, port: string): Position {
  const view = views(studio)[id];
  const corner = absolute(studio, id);
  const index = Math.max(0, view?.ports.indexOf(port) ?? 0);
  const many = view?.ports.length ?? 1;
  const shift = many > 1 ? (index - (many - 1) / 2) * STEP.height : 0;
  return free(studio, {
    x: snap(corner.x + (view?.width ?? NODE.width) + STEP.width - NODE.width),
    y: snap(corner.y + shift),
  });
}

/** The place, or the next one below that no card covers. */
function free(studio: Studio, at: Position): Position {
  const boxes = studio.draft.projection.graph
    .getState()
    .nodes.filter((node) => node.type === "card")
    .map((node) => absolute(studio, node.id));
  let { y } = at;
  while (
    boxes.some((box) => Math.abs(box.x - at.x) < NODE.width && Math.abs(box.y - y) < NODE.height)
  )
    y += STEP.height;
  return { x: at.x, y };
}

/** Join two nodes, or tell why that cannot be; whether it was done. */
export function connect(studio: Studio, wire: Wire, old?: DraftEdge): boolean {
  if (!studio.mayEdit) return false;
  const why = whyNot(wire, joined(studio), old);
  if (why) {
    tell(why);
    return false;
  }
  if (old) studio.draft.edits.reconnect(old, wire);
  else studio.draft.edits.connect(wire);
  return true;
}

export function removeChosen(studio: Studio): void {
  const { selection, focused } = studio.ui.getState();
  const ids = selection.length ? selection : focused ? [focused] : [];
  if (!studio.mayEdit || !ids.length) return;
  studio.draft.edits.remove(ids);
  choose(studio, []);
  studio.ui.setState({ focused: "" });
}

export function toggleDisabled(studio: Studio): void {
  const ids = studio.ui.getState().selection.filter((id) => id in views(studio));
  if (!studio.mayEdit || !ids.length) return;
  const isOn = ids.some((id) => !views(studio)[id]?.disabled);
  studio.draft.edits.set(ids, "node", "disabled", isOn ? true : undefined);
}

export function addNote(studio: Studio, at?: Position): void {
  if (!studio.mayEdit) return;
  const centre = at ?? studio.canvas.current?.centre() ?? { x: 0, y: 0 };
  const id = noteId();
  studio.draft.edits.add(
    [],
    [],
    [
      {
        id,
        text: "",
        position: { x: snap(centre.x), y: snap(centre.y) },
        size: { width: 224, height: 128 },
        color: "plain",
      },
    ],
  );
  choose(studio, [id]);
}

/** Move what is chosen by steps of the grid. */
export function nudge(studio: Studio, dx: number, dy: number): void {
  const { selection, focused } = studio.ui.getState();
  const ids = selection.length ? selection : focused ? [focused] : [];
  if (!studio.mayEdit || !ids.length) return;
  const { projection } = studio.draft;
  const moved = new Map(projection.unplaced);
  const notes = new Map(projection.graph.getState().nodes.map((node) => [node.id, node.position]));
  for (const id of ids) {
    const at = projection.draft(id)?.position ?? projection.unplaced.get(id) ?? notes.get(id);
    if (at) moved.set(id, { x: at.x + dx * GRID, y: at.y + dy * GRID });
  }
  studio.draft.edits.move(moved);
}

export function selectAll(studio: Studio): void {
  choose(
    studio,
    studio.draft.projection.graph.getState().nodes.map((node) => node.id),
  );
}

export function undo(studio: Studio): void {
  if (studio.mayEdit) studio.draft.undo.undo();
}

export function redo(studio: Studio): void {
  if (studio.mayEdit) studio.draft.undo.redo();
}

/** The node that a key leads to from here: along the wires sideways, the nearest else. */
export function neighbour(
  studio: Studio,
  id: string,
  way: "left" | "right" | "up" | "down",
): string {
  const nodes = views(studio);
  const here = nodes[id];
  if (!here) return Object.keys(nodes)[0] ?? "";
  const wires = [...studio.draft.projection.edges()];
  if (way === "right" || way === "left") {
    const next = wires
      .filter((wire) => (way === "right" ? wire.source : wire.target) === id)
      .map((wire) => (way === "right" ? wire.target : wire.source))
      .filter((other) => other in nodes);
    if (next[0]) return next[0];
  }
  const from = absolute(studio, id);
  let best = "";
  let nearest = Number.POSITIVE_INFINITY;
  for (const other of Object.keys(nodes)) {
    if (other === id) continue;
    const at = absolute(studio, other);
    const dx = at.x - from.x;
    const dy = at.y - from.y;
    const ahead = way === "right" ? dx : way === "left" ? -dx : way === "down" ? dy : -dy;
    const aside = way === "right" || way === "left" ? Math.abs(dy) : Math.abs(dx);
    if (ahead <= 0) continue;
    const distance = ahead + 2 * aside;
    if (distance < nearest) {
      nearest = distance;
      best = other;
    }
  }
  return best;
}

/** Nodes that this one could lead to. */
export function reachable(studio: Studio, source: string, port: string): NodeView[] {
  const graph = joined(studio);
  return Object.values(views(studio)).filter(
    (view) => !whyNot({ source, source_port: port, target: view.id }, graph),
  );
}
