/**
 * Which nodes may be joined, and why not. The server judges the whole draft; this answers while
 * the hand is still moving.
 */

export interface Joinable {
  id: string;
  title: string;
  kind: string;
  ports: readonly string[];
  parent: string;
  section: string;
}

export interface Wire {
  source: string;
  source_port: string;
  target: string;
}

export interface Joined {
  node: (id: string) => Joinable | undefined;
  wires: () => Iterable<Wire>;
  /** Ids of nodes that undo another one. */
  isUndo: (id: string) => boolean;
}

/** Why this wire cannot be; empty if it can. `without` is a wire that would go. */
export function whyNot(wire: Wire, graph: Joined, without?: Wire): string {
  const source = graph.node(wire.source);
  const target = graph.node(wire.target);
  if (!source || !target) return "One of the two is not there any more.";
  if (source === target) return "A step cannot lead to itself: use a loop to repeat it.";
  if (target.kind === "trigger")
    return `${target.title} is a trigger: runs begin there, nothing leads to it.`;
  if (!source.ports.includes(wire.source_port))
    return `${source.title} has no port ${wire.source_port}.`;
  if (graph.isUndo(source.id)) return `${source.title} undoes another step and has no connections.`;
  if (graph.isUndo(target.id)) return `${target.title} undoes another step and has no connections.`;
  if (source.parent !== target.parent) return "Connections do not cross the wall of a container.";
  if (source.parent && source.section !== target.section)
    return "Connections do not lead from one section to another.";
  for (const other of graph.wires()) {
    const isOld = without && sameWire(other, without);
    if (!isOld && sameWire(other, wire)) return "These two are connected already.";
  }
  if (leadsTo(wire.target, wire.source, graph, without)) {
    return "That would lead in a circle: use a loop to repeat steps.";
  }
  return "";
}

const sameWire = (one: Wire, other: Wire) =>
  one.source === other.source &&
  one.source_port === other.source_port &&
  one.target === other.target;

function leadsTo(from: string, to: string, graph: Joined, without?: Wire): boolean {
  const next = new Map<string, string[]>();
  for (const wire of graph.wires()) {
    if (without && sameWire(wire, without)) continue;
    const there = next.get(wire.source);
    if (there) there.push(wire.target);
    else next.set(wire.source, [wire.target]);
  }
  const seen = new Set<string>();
  const stack = [from];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    stack.push(...(next.get(id) ?? []));
  }
  return false;
}
