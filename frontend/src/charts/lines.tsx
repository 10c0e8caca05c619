/** Lines over time, each named at its end instead of in a legend; all charts of a page share a cursor. */
import { useCallback, useMemo } from "react";
import type uPlot from "uplot";
import { exact } from "@/lib/format";
import { axes, Plot, token } from "./plot";

export interface Line {
  name: string;
  /** Of a token: ok, err, accent… */
  color: string;
  values: readonly (number | null)[];
  /** Drawn as an area on top of those before it. */
  area?: boolean;
  dashed?: boolean;
}

export function Lines({
  label,
  times,
  lines,
  height = 180,
  format,
  group = "weir",
}: {
  label: string;
  /** In ms. */
  times: readonly number[];
  lines: readonly Line[];
  height?: number;
  format: (value: number) => string;
  group?: string;
}) {
  const looks = lines
    .map(({ name, color, area, dashed }) =>
      [name, color, area ? "1" : "", dashed ? "1" : ""].join("|"),
    )
    .join("~");
  const options = useCallback(
    () => ({
      cursor: {
        sync: { key: group },
        drag: { x: false, y: false },
        points: { size: 6 },
        y: false,
      },
      legend: { show: false },
      padding: [12, 84, 0, 0] as uPlot.Padding,
      scales: {
        y: {
          range: (_: uPlot, __: number, most: number) =>
            [0, most > 0 ? most * 1.1 : 1] as uPlot.Range.MinMax,
        },
      },
      axes: axes(format),
      series: [
        {},
        ...looks.split("~").map((look) => {
          const [name = "", color = "fg", area, dashed] = look.split("|");
          return {
            label: name,
            stroke: token(color),
            width: 1.5,
            points: { show: isSparse, size: 5, fill: token(color) },
            spanGaps: true,
            ...(area ? { fill: `${token(color)}29` } : {}),
            ...(dashed ? { dash: [4, 4] } : {}),
          };
        }),
      ],
      hooks: { draw: [drawNames], setCursor: [] },
      plugins: [readout(format)],
    }),
    [looks, format, group],
  );
  const data = useMemo(
    () =>
      [
        times.map((time) => time / 1000),
        ...lines.map((line) => [...line.values]),
      ] as uPlot.AlignedData,
    [times, lines],
  );
  const rows = times.map((time, at) => ({
    head: exact(time),
    cells: lines.map((line) => {
      const value = line.values[at];
      return value === null || value === undefined ? "–" : format(value);
    }),
  }));
  return (
    <Plot
      label={label}
      data={data}
      height={height}
      options={options}
      columns={["Time", ...lines.map((line) => line.name)]}
      rows={rows}
    />
  );
}

const SPARSE = 24;

/** Whether a line has so few values that its points must be seen. */
function isSparse(plot: uPlot, at: number): boolean {
  let known = 0;
  for (const value of plot.data[at] ?? []) if (value !== null && value !== undefined) known += 1;
  return known <= SPARSE;
}

/** Each line's name where it ends, pushed apart where they would lie on each other. */
function drawNames(plot: uPlot): void {
  const ratio = devicePixelRatio;
  const { ctx, bbox } = plot;
  const ends: { name: string; color: string; y: number }[] = [];
  for (let at = 1; at < plot.series.length; at += 1) {
    const series = plot.series[at];
    const values = plot.data[at] ?? [];
    let last: number | null = null;
    for (const value of values) if (value !== null && value !== undefined) last = value;
    if (!series || last === null || typeof series.label !== "string") continue;
    ends.push({
      name: series.label,
      color: String((series as { _stroke?: string })._stroke ?? token("fg2")),
      y: plot.valToPos(last, "y", true),
    });
  }
  ends.sort((one, other) => one.y - other.y);
  const apart = 14 * ratio;
  for (let at = 1; at < ends.length; at += 1) {
    const [above, below] = [ends[at - 1], ends[at]];
    if (above && below && below.y - above.y < apart) below.y = above.y + apart;
  }
  const lowest = ends.at(-1);
  const over = lowest ? lowest.y - (bbox.top + bbox.height) : 0;
  ctx.save();
  ctx.font = `${12 * ratio}px "Inter Variable", sans-serif`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  for (const end of ends) {
    ctx.fillStyle = end.color;
    ctx.fillText(end.name, bbox.left + bbox.width + 8 * ratio, end.y - Math.max(0, over));
  }
  ctx.restore();
}

/** The values under the cursor, in a small box that follows it. */
function readout(format: (value: number) => string): uPlot.Plugin {
  let box: HTMLDivElement;
  return {
    hooks: {
      init: (plot) => {
        box = document.createElement("div");
        box.className =
          "pointer-events-none absolute top-1 z-10 hidden whitespace-pre rounded-control bg-bg3 px-2 py-1 text-12 text-fg shadow-float tabular";
        plot.over.append(box);
        plot.over.addEventListener("mouseleave", () => box.classList.add("hidden"));
      },
      setCursor: (plot) => {
        const at = plot.cursor.idx;
        // Only where the pointer is: the others share the line, not the box.
        if (at === null || at === undefined || !plot.over.matches(":hover")) {
          box.classList.add("hidden");
          return;
        }
        const time = plot.data[0][at];
        const lines = plot.series.slice(1).map((series, place) => {
          const value = plot.data[place + 1]?.[at];
          return `${String(series.label)}  ${value === null || value === undefined ? "–" : format(value)}`;
        });
        box.textContent = [time === undefined ? "" : exact(time * 1000), ...lines].join("\n");
        box.classList.remove("hidden");
        const left = plot.cursor.left ?? 0;
        const right = left > plot.over.clientWidth / 2;
        box.style.left = right ? "" : `${left + 12}px`;
        box.style.right = right ? `${plot.over.clientWidth - left + 12}px` : "";
      },
    },
  };
}
