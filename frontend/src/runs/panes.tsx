/** Panes side by side, or one above the other, whose shares are dragged or moved by keys and kept. */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import { cx } from "@/lib/classes";

const LEAST = 0.15;
const STEP = 0.02;

function kept(name: string, first: number): number {
  const found = Number(localStorage.getItem(`weir.pane.${name}`));
  return found >= LEAST && found <= 1 - LEAST ? found : first;
}

export function Panes({
  name,
  label,
  across,
  first,
  children,
}: {
  /** Under which the share is kept. */
  name: string;
  label: string;
  /** Side by side; else one above the other. */
  across: boolean;
  /** The share of the first pane before anybody moved it. */
  first: number;
  children: [ReactNode, ReactNode];
}) {
  const [share, setShare] = useState(() => kept(name, first));
  const box = useRef<HTMLDivElement>(null);
  const move = (next: number) => {
    const held = Math.min(1 - LEAST, Math.max(LEAST, next));
    setShare(held);
    localStorage.setItem(`weir.pane.${name}`, String(held));
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || !box.current) return;
    const { left, top, width, height } = box.current.getBoundingClientRect();
    move(across ? (event.clientX - left) / width : (event.clientY - top) / height);
  };
  const press = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -STEP, ArrowUp: -STEP, ArrowRight: STEP, ArrowDown: STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(share + by);
  };
  const parts = `minmax(0, ${share}fr) 5px minmax(0, ${1 - share}fr)`;
  return (
    <div
      ref={box}
      className="grid h-full min-h-0 min-w-0"
      style={across ? { gridTemplateColumns: parts } : { gridTemplateRows: parts }}
    >
      <div className="min-h-0 min-w-0">{children[0]}</div>
      {/* biome-ignore lint/a11y/useSemanticElements: an hr takes no focus and no pointer */}
      <div
        role="separator"
        tabIndex={0}
        aria-label={label}
        aria-orientation={across ? "vertical" : "horizontal"}
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={LEAST * 100}
        aria-valuemax={100 - LEAST * 100}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={press}
        onDoubleClick={() => move(first)}
        className={cx(
          "bg-line bg-clip-content transition-colors hover:bg-accent focus-visible:outline-offset-0",
          across ? "cursor-col-resize px-0.5" : "cursor-row-resize py-0.5",
        )}
      />
      <div className="min-h-0 min-w-0">{children[1]}</div>
    </div>
  );
}

/** The head of a pane: what it shows, and what can be done with it. */
export function PaneHead({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex h-8 shrink-0 items-center gap-1 border-b border-line px-3">
      <h2 className="text-12 font-medium text-fg3">{title}</h2>
      <div className="flex-1" />
      {children}
    </div>
  );
}
