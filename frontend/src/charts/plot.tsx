/**
 * uPlot in React: the instance lives outside of React's state, colours come from the theme's
 * tokens, the size from the place it stands in. Readers get `label` and a table of the same numbers.
 */
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "@/ui/theme";

export interface Row {
  head: string;
  cells: readonly string[];
}

/** A token's colour as the canvas needs it. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export type MakeOptions = () => Omit<uPlot.Options, "width" | "height">;

export function Plot({
  label,
  data,
  height,
  options,
  columns,
  rows,
}: {
  label: string;
  data: uPlot.AlignedData;
  height: number;
  /** Must be stable: a new function draws the plot anew. */
  options: MakeOptions;
  columns: readonly string[];
  rows: readonly Row[];
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const held = useRef(data);
  held.current = data;
  const shown = useTheme((state) => state.shown);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(
      { ...options(), width: element.clientWidth || 300, height },
      held.current,
      element,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => {
      if (element.clientWidth && element.clientWidth !== made.width) {
        made.setSize({ width: element.clientWidth, height });
      }
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [options, height, shown]);

  useEffect(() => plot.current?.setData(data), [data]);

  return (
    <figure aria-label={label} className="relative min-w-0">
      <div ref={place} aria-hidden style={{ height }} className="overflow-hidden" />
      <table className="sr-only">
        <caption>{label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.head}>
              <th scope="row">{row.head}</th>
              {row.cells.map((cell, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
                <td key={place}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

const FONT = '12px "Inter Variable", sans-serif';

/** Axes as all plots have them: quiet, numbers in the theme's colour, time along the bottom. */
export function axes(format: (value: number) => string, timed = true): uPlot.Axis[] {
  const stroke = token("fg3");
  const grid = { stroke: token("line"), width: 1 };
  return [
    {
      stroke,
      font: FONT,
      grid: { show: false },
      ticks: { show: false },
      size: 28,
      space: 80,
      ...(timed ? { values: timeTicks } : {}),
    },
    {
      stroke,
      font: FONT,
      grid,
      ticks: { show: false },
      size: 56,
      filter: (_plot, splits) => splits,
      values: (_plot, values) => values.map((value) => (value === null ? "" : format(value))),
    },
  ];
}

const DAY_S = 86_400;
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const SECONDS = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

function timeTicks(_plot: uPlot, values: number[]): string[] {
  const step = values.length > 1 ? (values[1] ?? 0) - (values[0] ?? 0) : 60;
  const format = step >= DAY_S ? DATE : step < 60 ? SECONDS : CLOCK;
  return values.map((value) => format.format(value * 1000));
}
