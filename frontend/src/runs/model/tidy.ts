/**
 * Places for nodes that nobody has placed: columns from left to right by how far they are from a
 * beginning, each as wide as its widest node, so that nothing lies upon another.
 */
import { arrange, type Box, PADDING, type Standing, snap } from "@/editor/geometry";

interface Link {
  source: string;
  target: string;
}

export interface Placeable extends Omit<Standing, "position"> {
  position?: { x: number; y: number } | undefined;
  /** The node that undoes this one. */
  compensate?: string | undefined;
}

const BETWEEN_COLUMNS = 80;
const BETWEEN_ROWS = 32;

/** Where everything stands and how large it is; positions that are written are kept. */
export function place(nodes: readonly Placeable[], links: readonly Link[]): Map<string, Box> {
  const found = new Map(nodes.map((node) => [node.id, { ...node }]));
  const homes = grouped(found.values(), (node) => `${node.parent} ${node.section}`);
  const depth = (id: string): number => {
    const parent = found.get(id)?.parent;
    return parent && found.has(parent) && parent !== id ? 1 + depth(parent) : 0;
  };
  const inner = [...homes.values()].sort((a, b) => depth(b[0]?.id ?? "") - depth(a[0]?.id ?? ""));
  for (const members of inner) {
    if (members.every((node) => node.position)) continue;
    const boxes = arrange([...found.values()]);
    for (const [id, position] of columns(members, links, boxes)) {
      const node = found.get(id);
      if (node) node.position = position;
    }
  }
  return arrange([...found.values()]);
}

function columns(
  members: readonly Placeable[],
  links: readonly Link[],
  boxes: ReadonlyMap<string, Box>,
): Map<string, { x: number; y: number }> {
  const here = new Map(members.map((node) => [node.id, node]));
  const within = links.filter((link) => here.has(link.source) && here.has(link.target));
  const ranks = rank(members, within);
  const byColumn = grouped(members, (node) => ranks.get(node.id) ?? 0);
  const placed = new Map<string, { x: number; y: number }>();
  const middle = (id: string) => (placed.get(id)?.y ?? 0) + (boxes.get(id)?.height ?? 0) / 2;
  let x = 0;
  for (const column of [...byColumn.keys()].sort((a, b) => a - b)) {
    const nodes = byColumn.get(column) ?? [];
    const pull = new Map(
      nodes.map((node) => {
        const before = within.filter((link) => link.target === node.id).map((link) => link.source);
        const sum = before.reduce((total, id) => total + middle(id), 0);
        return [node.id, before.length ? sum / before.length : 0];
      }),
    );
    const ordered = [...nodes].sort((a, b) => (pull.get(a.id) ?? 0) - (pull.get(b.id) ?? 0));
    const heights = ordered.map((node) => boxes.get(node.id)?.height ?? 0);
    let y = -(heights.reduce((sum, height) => sum + height + BETWEEN_ROWS, -BETWEEN_ROWS) / 2);
    for (const [index, node] of ordered.entries()) {
      placed.set(node.id, { x, y });
      y += (heights[index] ?? 0) + BETWEEN_ROWS;
    }
    x += Math.max(...nodes.map((node) => boxes.get(node.id)?.width ?? 0)) + BETWEEN_COLUMNS;
  }
  const top = Math.min(...[...placed.values()].map((one) => one.y));
  const inset = members[0]?.parent ? PADDING : 0;
  return new Map(
    [...placed].map(([id, at]) => [id, { x: snap(at.x) + inset, y: snap(at.y - top) + inset }]),
  );
}

/** The longest way to each; who undoes a step stands in its column. */
function rank(members: readonly Placeable[], links: readonly Link[]): Map<string, number> {
  const into = grouped(links, (link) => link.target);
  const found = new Map<string, number>();
  const walk = (id: string, seen: ReadonlySet<string>): number => {
    const known = found.get(id);
    if (known !== undefined) return known;
    if (seen.has(id)) return 0;
    const around = new Set(seen).add(id);
    const before = (into.get(id) ?? []).map((link) => walk(link.source, around) + 1);
    const value = Math.max(0, ...before);
    found.set(id, value);
    return value;
  };
  for (const node of members) walk(node.id, new Set());
  for (const node of members) {
    if (node.compensate && found.has(node.compensate)) {
      found.set(node.compensate, found.get(node.id) ?? 0);
    }
  }
  return found;
}

function grouped<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const found = new Map<K, T[]>();
  for (const item of items) {
    const there = found.get(keyOf(item));
    if (there) there.push(item);
    else found.set(keyOf(item), [item]);
  }
  return found;
}
