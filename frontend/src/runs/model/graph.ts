/** The graph of a version as it is drawn under a run: cards, containers, edges, all at their place. */
import type { Box } from "@/editor/geometry";
import { place } from "./tidy";

export interface GraphNode {
  id: string;
  type: string;
  title: string;
  /** Its most telling value. */
  hint: string;
  parent: string;
  ports: readonly string[];
  container: boolean;
  trigger: boolean;
  disabled: boolean;
  box: Box;
}

export interface GraphEdge {
  id: string;
  source: string;
  port: string;
  target: string;
}

export interface Graph {
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
  titles: ReadonlyMap<string, string>;
}

interface Written {
  id: string;
  type: string;
  name?: string;
  config?: Record<string, unknown>;
  position?: { x: number; y: number };
  parent?: string;
  section?: string;
  disabled?: boolean;
  compensate?: string;
}

interface Frozen {
  id: string;
  kind: string;
  ports?: string[];
  parent?: string;
  section?: string;
}

const TELLING = [
  "url",
  "task",
  "workflow",
  "name",
  "condition",
  "query",
  "items",
  "duration",
  "value",
];
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  try: ["body", "catch", "finally"],
};

function hintOf(node: Written): string {
  for (const field of TELLING) {
    const value = node.config?.[field];
    if (typeof value === "string" && value) return value;
  }
  return node.type;
}

/** Containers come before what they hold, as the canvas demands. */
export function graphOf(version: { definition: object; frozen: object }): Graph {
  const written = (version.definition as { nodes?: Written[] }).nodes ?? [];
  const frozen = new Map(
    ((version.frozen as { nodes?: Frozen[] }).nodes ?? []).map((node) => [node.id, node]),
  );
  const edges = (
    (version.frozen as { edges?: { source: string; port?: string; target: string }[] }).edges ?? []
  ).map(({ source, port = "out", target }) => ({
    id: `${source}:${port}:${target}`,
    source,
    port,
    target,
  }));
  const shaped = written.map((node) => {
    const known = frozen.get(node.id);
    const container = known?.kind === "container";
    return {
      id: node.id,
      type: node.type,
      position: node.position,
      compensate: node.compensate,
      parent: node.parent ?? "",
      section: node.section ?? "",
      ports: known?.ports ?? ["out"],
      sections: container ? (SECTIONS[node.type] ?? ["body"]) : [],
      container,
      trigger: known?.kind === "trigger",
    };
  });
  const boxes = place(shaped, edges);
  const nodes = shaped.flatMap((shape, index): GraphNode[] => {
    const node = written[index];
    const box = boxes.get(shape.id);
    if (!node || !box) return [];
    const title = node.name || node.id;
    const { id, type, parent, ports, container, trigger } = shape;
    return [
      {
        id,
        type,
        parent,
        ports,
        container,
        trigger,
        title,
        hint: hintOf(node),
        disabled: node.disabled === true,
        box,
      },
    ];
  });
  return {
    nodes: outermostFirst(nodes),
    edges,
    titles: new Map(nodes.map((node) => [node.id, node.title])),
  };
}

function outermostFirst(nodes: readonly GraphNode[]): GraphNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const depth = (node: GraphNode, guard = 0): number => {
    const parent = byId.get(node.parent);
    return parent && guard < 64 ? 1 + depth(parent, guard + 1) : 0;
  };
  return [...nodes].sort((a, b) => depth(a) - depth(b));
}

/** The node beside another one, for the arrow keys. */
export function neighbour(
  graph: Graph,
  id: string,
  way: "left" | "right" | "up" | "down",
): string | null {
  if (way === "right") return graph.edges.find((edge) => edge.source === id)?.target ?? null;
  if (way === "left") return graph.edges.find((edge) => edge.target === id)?.source ?? null;
  const here = graph.nodes.find((node) => node.id === id);
  if (!here) return null;
  const sign = way === "down" ? 1 : -1;
  const found = graph.nodes
    .filter((node) => node.parent === here.parent && sign * (node.box.y - here.box.y) > 0)
    .sort((a, b) => distance(here, a) - distance(here, b));
  return found[0]?.id ?? null;
}

function distance(a: GraphNode, b: GraphNode): number {
  return Math.abs(a.box.x - b.box.x) + Math.abs(a.box.y - b.box.y);
}
