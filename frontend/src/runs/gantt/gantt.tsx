// biome-ignore-all lint/a11y/useSemanticElements: rows lie where they are seen, which those of a table cannot; the grid has the focus
/** The time line: a row for each step, bars for what it did when, folded where that is much. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronsDownUp, ChevronsUpDown, Maximize2, ZoomIn, ZoomOut } from "lucide-react";
import {
  type KeyboardEvent,
  useCallback,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { IconButton } from "@/ui/button";
import { keyOf, type Row, rowsOf } from "../model/rows";
import { pan, ticks, toTime, toX, type Window, whole, zoom } from "../model/scale";
import { PaneHead } from "../panes";
import { useSession, useView } from "../use-run";
import { Axis } from "./axis";
import { GanttRow, NAMES, ROW } from "./row";
import { useWidth } from "./width";

const TICK_MS = 250;

/** The time, again and again while something goes on. */
function useClock(live: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [live]);
  return now;
}

export function Gantt({ titles }: { titles: ReadonlyMap<string, string> }) {
  const session = useSession();
  const root = session.root;
  const structure = useView((view) => view.structure);
  const unfolded = useView((view) => view.unfolded);
  const selected = useView((view) => view.selected);
  const live = useView(() => root.live);
  useView((view) => view.revision);
  const now = useClock(live);
  const shownRows = useDeferredValue(structure);
  const rows = useMemo(() => {
    void shownRows;
    return rowsOf(root, unfolded, {
      picture: (runId) => session.picture(runId),
      title: (runId, node) => (runId === root.runId ? titles.get(node) : undefined) ?? node,
    });
  }, [root, session, unfolded, titles, shownRows]);

  const from = root.startedAt ?? now;
  const to = root.endedAt ?? Math.max(now, from + 1);
  const bounds = useMemo(() => whole(from, to), [from, to]);
  const [chosen, choose] = useState<Window | null>(null);
  const window = chosen ?? bounds;

  const scroller = useRef<HTMLDivElement>(null);
  const [axis, width] = useWidth();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });

  const selectedKey = selected && keyOf(selected.runId, selected.path);
  const index = useMemo(
    () => (selectedKey ? rows.findIndex((row) => row.key === selectedKey) : -1),
    [rows, selectedKey],
  );
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (index < 0 || shown.current === selectedKey) return;
    shown.current = selectedKey;
    virtual.scrollToIndex(index, { align: "auto" });
  }, [index, selectedKey, virtual]);

  const turn = useCallback(
    (factor: number, x: number | null) => {
      const at = x === null ? (window.from + window.to) / 2 : toTime(window, width, x);
      const next = zoom(window, bounds, factor, at);
      choose(next.to - next.from >= bounds.to - bounds.from ? null : next);
    },
    [window, bounds, width],
  );
  useWheel(scroller, (event, x) => {
    if (event.ctrlKey || event.metaKey) turn(Math.exp(event.deltaY / 300), x);
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const by = ((event.deltaX || event.deltaY) / width) * (window.to - window.from);
      if (chosen) choose(pan(chosen, bounds, by));
    } else return false;
    return true;
  });

  const go = (row: Row | undefined) => row && session.select(row);
  const press = (event: KeyboardEvent) => {
    const row = rows[index];
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(rows[Math.min(rows.length - 1, index + 1)]),
      ArrowUp: () => go(rows[Math.max(0, index - 1)]),
      Home: () => go(rows[0]),
      End: () => go(rows.at(-1)),
      PageDown: () => go(rows[Math.min(rows.length - 1, index + 20)]),
      PageUp: () => go(rows[Math.max(0, index - 20)]),
      ArrowRight: () => row?.foldable && session.fold(row, true),
      ArrowLeft: () =>
        row && (row.unfolded ? session.fold(row, false) : go(outer(rows, index) ?? row)),
      Escape: () => session.select(null),
      "+": () => turn(0.6, null),
      "-": () => turn(1 / 0.6, null),
      "0": () => choose(null),
    };
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };

  const marks = useMemo(() => ticks(window, width, from), [window, width, from]);
  return (
    <section aria-label="Time line" className="flex h-full min-h-0 flex-col bg-bg1">
      <PaneHead title="Time line">
        <IconButton
          small
          icon={ChevronsUpDown}
          label="Unfold everything"
          onClick={() => session.foldAll(true)}
        />
        <IconButton
          small
          icon={ChevronsDownUp}
          label="Fold everything"
          onClick={() => session.foldAll(false)}
        />
        <IconButton small icon={ZoomOut} label="Zoom out" onClick={() => turn(1 / 0.6, null)} />
        <IconButton small icon={ZoomIn} label="Zoom in" onClick={() => turn(0.6, null)} />
        <IconButton small icon={Maximize2} label="Show all of it" onClick={() => choose(null)} />
      </PaneHead>
      <Axis
        refer={axis}
        marks={marks}
        window={window}
        width={width}
        now={live ? now : null}
        onZoom={turn}
        onChoose={choose}
        onPan={(by) => chosen && choose(pan(chosen, bounds, by))}
      />
      {/* The lines lie behind what scrolls: as tall as thousands of rows they would be painted anew. */}
      <div className="relative min-h-0 flex-1">
        <div
          aria-hidden
          className="pointer-events-none absolute inset-y-0 right-0 overflow-hidden"
          style={{ left: NAMES }}
        >
          {marks.map((mark) => (
            <div
              key={mark.at}
              className="absolute inset-y-0 w-px bg-line opacity-60"
              style={{ left: toX(window, width, mark.at) }}
            />
          ))}
          {live && (
            <div
              data-testid="now-line"
              className="absolute inset-y-0 w-px bg-accent"
              style={{ left: toX(window, width, now) }}
            />
          )}
        </div>
        <div
          ref={scroller}
          role="treegrid"
          tabIndex={0}
          aria-label="Steps on the time line"
          aria-rowcount={rows.length}
          aria-colcount={2}
          aria-activedescendant={index >= 0 ? `row-${index}` : undefined}
          onKeyDown={press}
          data-testid="gantt"
          className="absolute inset-0 overflow-y-auto overflow-x-hidden outline-offset-[-2px]"
        >
          <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index];
              return (
                row && (
                  <GanttRow
                    key={row.key}
                    row={row}
                    index={item.index}
                    top={item.start}
                    from={window.from}
                    to={window.to}
                    width={width}
                    now={session.picture(row.runId)?.live ? now : to}
                    selected={row.key === selectedKey}
                    attempt={row.key === selectedKey ? (selected?.attempt ?? null) : null}
                  />
                )
              );
            })}
          </div>
        </div>
      </div>
    </section>
  );
}

/** The row that the one at `index` stands in. */
function outer(rows: readonly Row[], index: number): Row | null {
  const level = rows[index]?.level ?? 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    const row = rows[at];
    if (row && row.level < level) return row;
  }
  return null;
}

/** The wheel, with the right to keep the page from scrolling; `x` is counted from the names. */
function useWheel(
  refer: React.RefObject<HTMLDivElement | null>,
  act: (event: WheelEvent, x: number) => boolean,
): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const element = refer.current;
    if (!element) return;
    const listen = (event: WheelEvent) => {
      const x = event.clientX - element.getBoundingClientRect().left - NAMES;
      if (latest.current(event, Math.max(0, x))) event.preventDefault();
    };
    element.addEventListener("wheel", listen, { passive: false });
    return () => element.removeEventListener("wheel", listen);
  }, [refer]);
}
