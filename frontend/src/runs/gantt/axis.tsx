/** The axis above the bars: marks, now, and what zooms: the wheel, or a stretch that is drawn. */
import {
  type PointerEvent,
  type RefCallback,
  useCallback,
  useEffect,
  useRef,
  useState,
} from "react";
import { type Tick, toTime, toX, type Window } from "../model/scale";
import { NAMES } from "./row";

const LEAST_PX = 6;
const CHAR_PX = 8;

export function Axis({
  refer,
  marks,
  window,
  width,
  now,
  onZoom,
  onChoose,
  onPan,
}: {
  refer: RefCallback<HTMLElement>;
  marks: readonly Tick[];
  window: Window;
  width: number;
  now: number | null;
  onZoom: (factor: number, x: number) => void;
  onChoose: (window: Window | null) => void;
  onPan: (by: number) => void;
}) {
  const [drawn, draw] = useState<{ from: number; to: number } | null>(null);
  const box = useRef<HTMLDivElement | null>(null);
  const both = useCallback(
    (element: HTMLDivElement | null) => {
      box.current = element;
      return refer(element);
    },
    [refer],
  );
  const acts = useRef({ onZoom, onPan });
  acts.current = { onZoom, onPan };
  const span = window.to - window.from;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const { left } = element.getBoundingClientRect();
      if (event.shiftKey) acts.current.onPan((event.deltaY / width) * span);
      else acts.current.onZoom(Math.exp(event.deltaY / 300), event.clientX - left);
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [width, span]);
  const x = (event: PointerEvent) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    return Math.min(width, Math.max(0, event.clientX - left));
  };
  const fits = ({ at, label }: Tick) => width - toX(window, width, at) > CHAR_PX * label.length;
  const done = () => {
    if (drawn && Math.abs(drawn.to - drawn.from) >= LEAST_PX) {
      const [from, to] = [Math.min(drawn.from, drawn.to), Math.max(drawn.from, drawn.to)];
      onChoose({ from: toTime(window, width, from), to: toTime(window, width, to) });
    }
    draw(null);
  };
  return (
    <div className="flex h-6 shrink-0 border-b border-line text-12 text-fg3">
      <div className="shrink-0" style={{ width: NAMES }} />
      <div
        ref={both}
        aria-hidden
        title="Draw over a stretch to zoom into it; double-click shows all"
        className="relative min-w-0 flex-1 cursor-crosshair select-none overflow-hidden"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          draw({ from: x(event), to: x(event) });
        }}
        onPointerMove={(event) => drawn && draw({ from: drawn.from, to: x(event) })}
        onPointerUp={done}
        onPointerCancel={() => draw(null)}
        onDoubleClick={() => onChoose(null)}
      >
        {marks.map((mark) => (
          <span
            key={mark.at}
            className="mono absolute top-0.5 whitespace-nowrap border-l border-line pl-1"
            style={{ left: toX(window, width, mark.at) }}
          >
            {fits(mark) && mark.label}
          </span>
        ))}
        {now !== null && (
          <span
            className="absolute inset-y-0 w-0.5 bg-accent"
            style={{ left: toX(window, width, now) }}
          />
        )}
        {drawn && (
          <span
            className="absolute inset-y-0 bg-accent opacity-30"
            style={{ left: Math.min(drawn.from, drawn.to), width: Math.abs(drawn.to - drawn.from) }}
          />
        )}
      </div>
    </div>
  );
}
