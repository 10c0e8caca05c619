/** Both versions in one picture: what was added, removed, changed and moved, each in its own way. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { versionQuery } from "@/api/version";
import type { Definition } from "@/collab/types";
import { portsOf } from "@/nodes/schema";
import type { Diff } from "./api";
import { arrange, spread } from "./geometry";
import { definitionOf } from "./scope";
import { useStudio } from "./studio";

function useDefinition(version: string): Definition | undefined {
  const studio = useStudio();
  const { data } = useQuery({
    ...versionQuery(studio.workflow, version),
    enabled: version !== "draft",
  });
  return version === "draft"
    ? definitionOf(studio)
    : (data?.definition as unknown as Definition | undefined);
}

const FILLS = {
  added: "var(--ok)",
  removed: "var(--err)",
  changed: "var(--warn)",
  moved: "var(--fg3)",
  same: "var(--line2)",
};
type Mark = keyof typeof FILLS;

export function DiffPicture({
  from,
  to,
  diff,
  hasMoves,
}: {
  from: string;
  to: string;
  diff: Diff;
  hasMoves: boolean;
}) {
  const studio = useStudio();
  const before = useDefinition(from);
  const after = useDefinition(to);
  const drawn = useMemo(() => {
    if (!before || !after) return null;
    const marks = new Map<string, Mark>();
    const put = (mark: Mark, list: Diff["added"]) => {
      for (const one of list) if (one.kind === "node") marks.set(one.id, mark);
    };
    if (hasMoves) put("moved", diff.moved);
    put("changed", diff.changed);
    put("added", diff.added);
    put("removed", diff.removed);
    const gone = before.nodes.filter((node) => marks.get(node.id) === "removed");
    const nodes = [...after.nodes, ...gone];
    const known = new Set(nodes.map((node) => node.id));
    const edges = [
      ...after.edges.map((edge) => ({ ...edge, isGone: false })),
      ...before.edges
        .filter((edge) =>
          diff.removed.some(
            (one) =>
              one.kind === "edge" &&
              one.id === `${edge.source}:${edge.source_port ?? "out"}:${edge.target}`,
          ),
        )
        .map((edge) => ({ ...edge, isGone: true })),
    ].filter((edge) => known.has(edge.source) && known.has(edge.target));
    const items = nodes.map((node) => {
      const type = studio.catalogue.get(node.type);
      return {
        id: node.id,
        type: node.type,
        position: node.position,
        parent: node.parent ?? "",
        section: node.section ?? "body",
        ports: portsOf(type, node.config, node.on_error),
        sections: type?.kind === "container" ? type.sections : [],
      };
    });
    const missing = spread(items, edges);
    for (const item of items) item.position ??= missing.get(item.id);
    const boxes = arrange(items);
    const parents = new Map(items.map((item) => [item.id, item.parent]));
    const place = (id: string) => {
      let x = 0;
      let y = 0;
      for (let at = id, depth = 0; at && depth < 64; at = parents.get(at) ?? "", depth += 1) {
        x += boxes.get(at)?.x ?? 0;
        y += boxes.get(at)?.y ?? 0;
      }
      return { x, y, width: boxes.get(id)?.width ?? 0, height: boxes.get(id)?.height ?? 0 };
    };
    const cards = nodes.map((node) => ({
      node,
      mark: marks.get(node.id) ?? ("same" as Mark),
      ...place(node.id),
    }));
    const addedEdges = new Set(
      diff.added.filter((one) => one.kind === "edge").map((one) => one.id),
    );
    const wires = edges.map((edge) => {
      const source = place(edge.source);
      const target = place(edge.target);
      const id = `${edge.source}:${edge.source_port ?? "out"}:${edge.target}`;
      const mark: Mark = edge.isGone ? "removed" : addedEdges.has(id) ? "added" : "same";
      return {
        id: `${mark}${id}`,
        mark,
        x1: source.x + source.width,
        y1: source.y + source.height / 2,
        x2: target.x,
        y2: target.y + target.height / 2,
      };
    });
    return { cards, wires };
  }, [before, after, diff, hasMoves, studio]);
  if (!drawn?.cards.length) return <div className="h-60 rounded-panel border border-line bg-bg0" />;
  const left = Math.min(...drawn.cards.map((card) => card.x)) - 24;
  const top = Math.min(...drawn.cards.map((card) => card.y)) - 24;
  const right = Math.max(...drawn.cards.map((card) => card.x + card.width)) + 24;
  const bottom = Math.max(...drawn.cards.map((card) => card.y + card.height)) + 24;
  return (
    <svg
      role="img"
      aria-label="Both versions in one picture; the list below says the same"
      viewBox={`${left} ${top} ${right - left} ${bottom - top}`}
      className="h-60 w-full rounded-panel border border-line bg-bg0"
      preserveAspectRatio="xMidYMid meet"
    >
      {drawn.wires.map((wire) => (
        <path
          key={wire.id}
          d={`M${wire.x1} ${wire.y1}C${(wire.x1 + wire.x2) / 2} ${wire.y1} ${(wire.x1 + wire.x2) / 2} ${wire.y2} ${wire.x2} ${wire.y2}`}
          fill="none"
          stroke={FILLS[wire.mark]}
          strokeWidth={wire.mark === "same" ? 1.5 : 3}
          strokeDasharray={wire.mark === "removed" ? "6 6" : undefined}
        />
      ))}
      {drawn.cards.map((card) => (
        <g key={`${card.mark}${card.node.id}`} opacity={card.mark === "removed" ? 0.7 : 1}>
          <rect
            x={card.x}
            y={card.y}
            width={card.width}
            height={card.height}
            rx={8}
            fill="var(--bg1)"
            fillOpacity={card.height > 120 ? 0.4 : 1}
            stroke={FILLS[card.mark]}
            strokeWidth={card.mark === "same" ? 1 : 4}
            strokeDasharray={card.mark === "removed" ? "8 6" : undefined}
          />
          <text
            x={card.x + 12}
            y={card.y + Math.min(38, card.height / 2 + 6)}
            fontSize={18}
            fontWeight={600}
            fill="var(--fg)"
          >
            {(card.node.name ?? card.node.id).slice(0, 20)}
          </text>
        </g>
      ))}
    </svg>
  );
}
