/** Cards and containers of the graph under a run: what a node is, and how it stands. */
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { cx } from "@/lib/classes";
import { count, middle } from "@/lib/format";
import { StateIcon, stateLook, TONES } from "@/ui/chip";
import type { GraphNode } from "../model/graph";
import { standing } from "../model/standing";
import { usePicture, useSession } from "../use-run";

export type CardNode = Node<{ node: GraphNode; graphOf: string }, "card" | "pane">;

/** Where a port leaves a card: spread over its right edge. */
function ports(node: GraphNode) {
  return node.ports.map((port, index) => (
    <Handle
      key={port}
      id={port}
      type="source"
      position={Position.Right}
      isConnectable={false}
      style={{ top: `${(100 * (index + 1)) / (node.ports.length + 1)}%` }}
    />
  ));
}

const RINGS: Record<string, string> = {
  accent: "outline-accent",
  ok: "outline-ok",
  warn: "outline-warn",
  err: "outline-err",
  wait: "outline-wait",
  skip: "outline-line2",
  plain: "outline-line2",
};

interface Look {
  status: string | null;
  text: string;
  label: string;
}

function State({ status, text }: Look) {
  if (!status) return null;
  return (
    <span
      className={cx(
        "absolute -bottom-2 right-2 inline-flex h-5 items-center gap-1 rounded-full border border-line bg-bg1 px-1 text-12",
        TONES[stateLook(status).tone],
      )}
    >
      <StateIcon state={status} size={14} />
      <span className={text ? "mono pr-1" : "sr-only"}>{text || stateLook(status).word}</span>
    </span>
  );
}

function useLook(node: GraphNode, runId: string): Look {
  const tally = usePicture(runId, (picture) => picture?.tally(node.id));
  const { status, text, words } = standing(tally);
  return { status, text, label: `${node.title}, ${node.type}: ${words}` };
}

function Card({ data, selected }: NodeProps<CardNode>) {
  const { node, graphOf } = data;
  const look = useLook(node, graphOf);
  const { status, label } = look;
  const tone = status ? stateLook(status).tone : "plain";
  return (
    <div
      role="img"
      aria-label={label}
      data-node={node.id}
      data-status={status ?? "idle"}
      className={cx(
        "relative flex h-full flex-col justify-center rounded-panel bg-bg1 px-3 outline",
        selected
          ? "outline-2 outline-accent"
          : cx("outline-1", status ? RINGS[tone] : "outline-line"),
        status === "skipped" && "outline-dashed",
        (node.disabled || status === null) && "opacity-70",
      )}
    >
      {!node.trigger && <Handle type="target" position={Position.Left} isConnectable={false} />}
      <span className="truncate font-semibold">{node.title}</span>
      <span className="mono truncate text-12 text-fg2" title={node.hint}>
        {middle(node.hint, 26)}
      </span>
      <State {...look} />
      {ports(node)}
    </div>
  );
}

function Pane({ data, selected }: NodeProps<CardNode>) {
  const { node, graphOf } = data;
  const look = useLook(node, graphOf);
  const { status, label } = look;
  const tone = status ? stateLook(status).tone : "plain";
  return (
    <div
      role="img"
      aria-label={label}
      data-node={node.id}
      data-status={status ?? "idle"}
      className={cx(
        "relative h-full rounded-panel bg-bg1/60 outline",
        selected
          ? "outline-2 outline-accent"
          : cx("outline-1", status ? RINGS[tone] : "outline-line"),
      )}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <div className="flex h-10 items-center gap-2 border-b border-line px-3">
        <span className="truncate font-semibold">{node.title}</span>
        <span className="mono truncate text-12 text-fg3">{node.type}</span>
        <span className="flex-1" />
        <Inside node={node} runId={graphOf} />
      </div>
      {node.box.lanes.length > 1 &&
        node.box.lanes.map((lane) => (
          <div
            key={lane.section}
            className="absolute inset-x-0 border-t border-line px-3 text-12 text-fg3 first-of-type:border-t-0"
            style={{ top: lane.y - 24, height: lane.height + 24 }}
          >
            {lane.section}
          </div>
        ))}
      <State {...look} />
      {ports(node)}
    </div>
  );
}

/** How far a loop is: of the selected place of it, or of the first. */
function Inside({ node, runId }: { node: GraphNode; runId: string }) {
  const session = useSession();
  const inside = usePicture(runId, (picture) => {
    const selected = session.view.getState().selected;
    const path = picture && session.placeOf(runId, node.id, selected);
    return (path && picture.step(path)?.inside) || null;
  });
  if (!inside?.total) return null;
  return (
    <span className="mono text-12 text-fg2" title="iterations, or steps, that have ended">
      {count(inside.done)}/{count(inside.total)}
      {inside.failed > 0 && <span className="text-err"> {count(inside.failed)} failed</span>}
    </span>
  );
}

export const CARDS = { card: memo(Card), pane: memo(Pane) };
