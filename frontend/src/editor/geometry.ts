/**
 * How large things are and where their ports lie. A node inside a container stands at a place
 * relative to the section it is in; the size of a container follows from what it holds.
 */
import type { Position, Size } from "@/collab/types";

export const GRID = 16;
export const NODE: Size = { width: 208, height: 64 };
export const NOTE: Size = { width: 224, height: 128 };
export const HEADER = 40;
export const SECTION_HEADER = 24;
export const PADDING = 16;
/** From one column of a layout to the next, and from one row to the next. */
export const STEP: Size = { width: 288, height: 96 };
const EMPTY: Size = { width: 320, height: 96 };
const PORT = 24;

export interface Standing {
  id: string;
  type: string;
  position?: Position | undefined;
  parent: string;
  section: string;
  ports: readonly string[];
  sections: readonly string[]; // of a container; empty for all else
}

export interface Lane {
  section: string;
  y: number;
  height: number;
}

export interface Box extends Position, Size {
  lanes: Lane[];
}

/** The size of a card with so many ports. */
export function cardSize(ports: number): Size {
  const height = Math.max(NODE.height, GRID * Math.ceil((ports * PORT + 16) / GRID));
  return { width: NODE.width, height };
}

/** How far down the right edge a port lies. */
export function portY(index: number, count: number, height: number): number {
  return (height * (index + 1)) / (count + 1);
}

interface Face extends Size {
  kind: string;
  ports: readonly string[];
  sections: readonly string[];
  compensate: string;
}

/** How far down the left edge a node is entered, and how far down the right one a port of it lies. */
export const entryY = (face: Face) => (face.sections.length ? 20 : face.height / 2);

export const exitY = (face: Face, index: number) =>
  face.sections.length ? 20 + index * 24 : portY(index, face.ports.length, face.height);

/** A point that edges begin or end at, as the canvas takes it: said, so that nothing is measured. */
export interface Handle extends Position, Size {
  id: string;
  type: "source" | "target";
  position: "left" | "right" | "top" | "bottom";
}

const DOT = 10;

/** Where the edges of a node begin and end; `isUndo` if another one names it as what undoes it. */
export function handlesOf(face: Face, isUndo: boolean): Handle[] {
  const { width, height } = face;
  const at = (
    type: Handle["type"],
    position: Handle["position"],
    id: string,
    x: number,
    y: number,
  ) => ({ id, type, position, x: x - DOT / 2, y: y - DOT / 2, width: DOT, height: DOT });
  const handles = face.ports.map((port, index) =>
    at("source", "right", port, width, exitY(face, index)),
  );
  if (face.kind !== "trigger") handles.push(at("target", "left", "in", 0, entryY(face)));
  if (face.compensate) handles.push(at("source", "bottom", "undo", width / 2, height));
  if (isUndo) handles.push(at("target", "top", "undo-in", width / 2, 0));
  return handles;
}

/** Where everything stands within its parent, and how large it is. */
export function arrange(items: readonly Standing[]): Map<string, Box> {
  const known = new Set(items.map((item) => item.id));
  const inside = new Map<string, Standing[]>();
  for (const item of items) {
    const parent = known.has(item.parent) ? item.parent : "";
    const there = inside.get(parent);
    if (there) there.push(item);
    else inside.set(parent, [item]);
  }
  const boxes = new Map<string, Box>();
  const visit = (parent: string, depth: number) => {
    for (const item of inside.get(parent) ?? []) {
      if (boxes.has(item.id)) continue;
      const at = item.position ?? { x: 0, y: 0 };
      boxes.set(item.id, { ...at, ...cardSize(item.ports.length), lanes: [] });
      if (item.sections.length && depth < 64) {
        visit(item.id, depth + 1);
        boxes.set(item.id, { ...at, ...pane(item, inside.get(item.id) ?? [], boxes) });
      }
    }
  };
  visit("", 0);
  for (const item of items) {
    if (!boxes.has(item.id)) {
      boxes.set(item.id, { x: 0, y: 0, ...cardSize(item.ports.length), lanes: [] });
    }
  }
  return boxes;
}

function pane(
  item: Standing,
  children: readonly Standing[],
  boxes: Map<string, Box>,
): Size & { lanes: Lane[] } {
  const hasLanes = item.sections.length > 1;
  let width = EMPTY.width;
  let y = HEADER;
  const lanes: Lane[] = [];
  for (const section of item.sections) {
    const top = y + (hasLanes ? SECTION_HEADER : 0);
    let height = hasLanes ? NODE.height + PADDING : EMPTY.height;
    for (const child of children) {
      if (sectionOf(item, child.section) !== section) continue;
      const box = boxes.get(child.id);
      if (!box) continue;
      const x = Math.max(box.x, PADDING);
      const inner = Math.max(box.y, PADDING);
      boxes.set(child.id, { ...box, x, y: top + inner });
      width = Math.max(width, x + box.width + PADDING);
      height = Math.max(height, inner + box.height + PADDING);
    }
    lanes.push({ section, y: top, height });
    y = top + height;
  }
  const up = (value: number) => GRID * Math.ceil(value / GRID);
  return { width: up(width), height: up(y), lanes };
}

/** The section a child is drawn in: its own, or the first if the container has no such. */
export function sectionOf(container: { sections: readonly string[] }, section: string): string {
  return container.sections.includes(section) ? section : (container.sections[0] ?? "body");
}

export function snap(value: number): number {
  return GRID * Math.round(value / GRID);
}

/** Places for nodes that have none: columns by how far they are from a beginning. */
export function spread(
  items: readonly {
    id: string;
    parent: string;
    section: string;
    position?: Position | undefined;
  }[],
  edges: readonly { source: string; target: string }[],
): Map<string, Position> {
  const missing = items.filter((item) => !item.position);
  const found = new Map<string, Position>();
  if (!missing.length) return found;
  const depth = new Map<string, number>();
  const into = new Map<string, string[]>();
  for (const { source, target } of edges) {
    const there = into.get(target);
    if (there) there.push(source);
    else into.set(target, [source]);
  }
  const walk = (id: string, seen: Set<string>): number => {
    const known = depth.get(id);
    if (known !== undefined) return known;
    if (seen.has(id)) return 0;
    seen.add(id);
    let most = 0;
    for (const source of into.get(id) ?? []) most = Math.max(most, walk(source, seen) + 1);
    depth.set(id, most);
    return most;
  };
  const rows = new Map<string, number>();
  const bottoms = new Map<string, number>();
  for (const item of items) {
    if (!item.position) continue;
    const home = `${item.parent}/${item.section}`;
    bottoms.set(home, Math.max(bottoms.get(home) ?? 0, item.position.y + STEP.height));
  }
  for (const item of missing) {
    const home = `${item.parent}/${item.section}`;
    const column = Math.min(walk(item.id, new Set()), 200);
    const place = `${home}/${column}`;
    const row = rows.get(place) ?? 0;
    rows.set(place, row + 1);
    const inset = item.parent ? PADDING : 0;
    found.set(item.id, {
      x: inset + column * STEP.width,
      y: inset + (bottoms.get(home) ?? 0) + row * STEP.height,
    });
  }
  return found;
}
