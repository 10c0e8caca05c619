/** Points of time against duration, on a logarithmic scale: what is slow or failed stands out. */
import { useCallback, useMemo } from "react";
import type uPlot from "uplot";
import { duration, exact, roughly } from "@/lib/format";
import { axes, Plot, token } from "./plot";

export interface Point {
  id: string;
  name: string;
  /** In ms. */
  at: number;
  took: number;
  /** A token's name. */
  color: string;
  state: string;
}

export function Scatter({
  label,
  points,
  height = 132,
  onPick,
}: {
  label: string;
  points: readonly Point[];
  height?: number;
  onPick: (id: string) => void;
}) {
  const sorted = useMemo(() => [...points].sort((one, other) => one.at - other.at), [points]);
  const options = useCallback(
    () => ({
      cursor: { drag: { x: false, y: false }, points: { show: false }, x: false, y: false },
      legend: { show: false },
      padding: [8, 8, 0, 0] as uPlot.Padding,
      scales: {
        x: { range: (_: uPlot, least: number, most: number) => spanned(least, most) },
        y: {
          distr: 3 as const,
          range: (_: uPlot, least: number | null, most: number | null) =>
            [
              10 ** Math.floor(Math.log10(Math.max(1, least ?? 1))),
              10 ** Math.ceil(Math.log10(Math.max(10, (most ?? 10) + 1))),
            ] as uPlot.Range.MinMax,
        },
      },
      axes: axes(roughly).map((axis, at) => (at ? { ...axis, splits: decades } : axis)),
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: {
        draw: [(plot: uPlot) => drawPoints(plot, sorted)],
        ready: [(plot: uPlot) => listen(plot, sorted, onPick)],
      },
    }),
    [sorted, onPick],
  );
  const data = useMemo(
    () =>
      [
        sorted.map((point) => point.at / 1000),
        sorted.map((point) => Math.max(1, point.took)),
      ] as uPlot.AlignedData,
    [sorted],
  );
  return (
    <Plot
      label={label}
      data={data}
      height={height}
      options={options}
      columns={["Run", "Started", "Took", "State"]}
      rows={sorted.map((point) => ({
        head: `${point.name} ${point.id}`,
        cells: [exact(point.at), duration(point.took), point.state],
      }))}
    />
  );
}

/** Powers of ten: what a logarithmic scale is read by. */
function decades(_: uPlot, __: number, least: number, most: number): number[] {
  const first = Math.ceil(Math.log10(least));
  const last = Math.floor(Math.log10(most));
  return Array.from({ length: last - first + 1 }, (___, at) => 10 ** (first + at));
}

const LEAST_S = 60;

/** Never so short a span that its ticks are all alike, and a little room at both ends. */
function spanned(least: number, most: number): uPlot.Range.MinMax {
  const room = Math.max((most - least) * 0.02, (LEAST_S - (most - least)) / 2, 0.5);
  return [least - room, most + room];
}

function drawPoints(plot: uPlot, points: readonly Point[]): void {
  const { ctx } = plot;
  const radius = 3 * devicePixelRatio;
  const colors = new Map<string, string>();
  ctx.save();
  for (const point of points) {
    let color = colors.get(point.color);
    if (!color) {
      color = token(point.color);
      colors.set(point.color, color);
    }
    ctx.fillStyle = color;
    ctx.globalAlpha = 0.85;
    ctx.beginPath();
    ctx.arc(
      plot.valToPos(point.at / 1000, "x", true),
      plot.valToPos(Math.max(1, point.took), "y", true),
      radius,
      0,
      2 * Math.PI,
    );
    ctx.fill();
  }
  ctx.restore();
}

const NEAR = 10;

function listen(plot: uPlot, points: readonly Point[], onPick: (id: string) => void): void {
  const box = document.createElement("div");
  box.className =
    "pointer-events-none absolute z-10 hidden whitespace-pre rounded-control bg-bg3 px-2 py-1 text-12 text-fg shadow-float tabular";
  plot.over.append(box);
  const nearest = (event: MouseEvent): Point | null => {
    const { left, top } = plot.over.getBoundingClientRect();
    let found: Point | null = null;
    let least = NEAR ** 2;
    for (const point of points) {
      const x = plot.valToPos(point.at / 1000, "x") - (event.clientX - left);
      const y = plot.valToPos(Math.max(1, point.took), "y") - (event.clientY - top);
      if (x * x + y * y < least) {
        least = x * x + y * y;
        found = point;
      }
    }
    return found;
  };
  plot.over.addEventListener("mousemove", (event) => {
    const point = nearest(event);
    box.classList.toggle("hidden", !point);
    plot.over.style.cursor = point ? "pointer" : "";
    if (!point) return;
    box.textContent = `${point.name}\n${point.state} · ${duration(point.took)}\n${exact(point.at)}`;
    const x = plot.valToPos(point.at / 1000, "x");
    const right = x > plot.over.clientWidth / 2;
    box.style.left = right ? "" : `${x + 10}px`;
    box.style.right = right ? `${plot.over.clientWidth - x + 10}px` : "";
    box.style.top = "4px";
  });
  plot.over.addEventListener("mouseleave", () => box.classList.add("hidden"));
  plot.over.addEventListener("click", (event) => {
    const point = nearest(event);
    if (point) onPick(point.id);
  });
}
