/**
 * Tidying up by ELK in a worker: nodes get new places, in their containers and sections; notes
 * stay where they are. The worker is loaded when it is first asked for.
 */
import type { ELK, ElkNode } from "elkjs/lib/elk-api";
import type { Position } from "@/collab/types";
import { GRID, PADDING, snap } from "./geometry";
import type { Studio } from "./studio";

let made: Promise<ELK> | null = null;

async function engine(): Promise<ELK> {
  made ??= (async () => {
    const [{ default: Elk }, { default: url }] = await Promise.all([
      import("elkjs/lib/elk-api"),
      import("elkjs/lib/elk-worker.min.js?url"),
    ]);
    return new Elk({ workerUrl: url, workerFactory: (address) => new Worker(address as string) });
  })();
  return made;
}

export interface Item {
  id: string;
  width: number;
  height: number;
  ports: readonly string[];
  parent: string;
  section: string;
  sections: readonly string[];
}

export interface Wire {
  source: string;
  source_port: string;
  target: string;
}

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.spacing.nodeNode": "32",
  "elk.layered.spacing.nodeNodeBetweenLayers": "80",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.nodePlacement.favorStraightEdges": "true",
  "elk.padding": "[top=0,left=0,bottom=0,right=0]",
};

/** The graph of one section of one container, as ELK takes it. */
export function sectionGraph(
  items: readonly Item[],
  wires: readonly Wire[],
  sizes: ReadonlyMap<string, { width: number; height: number }>,
): ElkNode {
  const known = new Set(items.map((item) => item.id));
  return {
    id: "root",
    layoutOptions: OPTIONS,
    children: items.map((item) => {
      const size = sizes.get(item.id) ?? item;
      return {
        id: item.id,
        width: size.width,
        height: size.height,
        layoutOptions: { "elk.portConstraints": "FIXED_ORDER" },
        ports: [
          {
            id: `${item.id}:in`,
            width: 1,
            height: 1,
            layoutOptions: { "elk.port.side": "WEST", "elk.port.index": "0" },
          },
          // Indices run clockwise: on the eastern side from the top down.
          ...item.ports.map((port, index) => ({
            id: `${item.id}:out:${port}`,
            width: 1,
            height: 1,
            layoutOptions: { "elk.port.side": "EAST", "elk.port.index": String(index) },
          })),
        ],
      };
    }),
    edges: wires
      .filter((wire) => known.has(wire.source) && known.has(wire.target))
      .filter((wire) =>
        items.find((item) => item.id === wire.source)?.ports.includes(wire.source_port),
      )
      .map((wire, index) => ({
        id: `e${index}`,
        sources: [`${wire.source}:out:${wire.source_port}`],
        targets: [`${wire.target}:in`],
      })),
  };
}

/** New places for everything, section by section from the innermost out. */
export async function layOut(
  items: readonly Item[],
  wires: readonly Wire[],
  run: (graph: ElkNode) => Promise<ElkNode>,
  paneSize: (
    id: string,
    places: ReadonlyMap<string, Position>,
  ) => { width: number; height: number },
): Promise<Map<string, Position>> {
  const places = new Map<string, Position>();
  const sizes = new Map<string, { width: number; height: number }>();
  const visit = async (parent: string, section: string | null) => {
    const here = items.filter(
      (item) => item.parent === parent && (section === null || item.section === section),
    );
    for (const item of here) {
      if (!item.sections.length) continue;
      for (const inner of item.sections) await visit(item.id, inner);
      sizes.set(item.id, paneSize(item.id, places));
    }
    if (!here.length) return;
    const done = await run(sectionGraph(here, wires, sizes));
    const inset = parent ? PADDING : 0;
    for (const child of done.children ?? []) {
      places.set(child.id, { x: snap(child.x ?? 0) + inset, y: snap(child.y ?? 0) + inset });
    }
  };
  await visit("", null);
  return places;
}

/** Tidy up the canvas: one step to undo. */
export async function tidyUp(studio: Studio): Promise<void> {
  if (!studio.mayEdit) return;
  const { projection, edits } = studio.draft;
  const { arrange } = await import("./geometry");
  const views = Object.values(projection.views.getState().nodes);
  const items = views.map((view) => ({
    ...view,
    section: view.sections.length || view.parent ? view.section || "body" : "body",
  }));
  const paneSize = (id: string, places: ReadonlyMap<string, Position>) => {
    const boxes = arrange(
      views.map((view) => ({
        ...view,
        position: places.get(view.id) ?? projection.draft(view.id)?.position,
      })),
    );
    return boxes.get(id) ?? { width: 208, height: 64 };
  };
  const elk = await engine();
  const places = await layOut(
    items,
    [...projection.edges()],
    (graph) => elk.layout(graph),
    paneSize,
  );
  const corner = topLeft(
    views.filter((view) => !view.parent).map((view) => projection.draft(view.id)?.position),
  );
  const shifted = new Map<string, Position>();
  for (const [id, at] of places) {
    const isTop = !projection.views.getState().nodes[id]?.parent;
    shifted.set(id, isTop ? { x: at.x + corner.x, y: at.y + corner.y } : at);
  }
  edits.move(shifted);
  requestAnimationFrame(() => studio.canvas.current?.fit());
}

function topLeft(positions: readonly (Position | undefined)[]): Position {
  const there = positions.filter((one): one is Position => one !== undefined);
  if (!there.length) return { x: 0, y: 0 };
  const round = (value: number) => GRID * Math.round(value / GRID);
  return {
    x: round(Math.min(...there.map((one) => one.x))),
    y: round(Math.min(...there.map((one) => one.y))),
  };
}
