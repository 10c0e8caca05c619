// biome-ignore-all lint/a11y/useSemanticElements: rows lie where they are seen, which those of a table cannot; the grid has the focus
// biome-ignore-all lint/a11y/useFocusableInteractive: rows lie where they are seen, which those of a table cannot; the grid has the focus
/** One row of the time line. It is drawn anew when its step, its place or the window is another. */
import { ChevronDown, ChevronRight } from "lucide-react";
import { memo } from "react";
import { cx } from "@/lib/classes";
import { count, duration, exact } from "@/lib/format";
import { StateIcon, stateLook } from "@/ui/chip";
import { lasted, type Segment, segmentsOf } from "../model/bars";
import type { Row } from "../model/rows";
import { toX } from "../model/scale";
import { type Step, shownStatus } from "../model/steps";
import { useSession, useStep } from "../use-run";

export const ROW = 24;
export const NAMES = 256;
const INDENT = 14;
const ROOM_FOR_TEXT = 64;

interface RowProps {
  row: Row;
  index: number;
  top: number;
  from: number;
  to: number;
  width: number;
  now: number;
  selected: boolean;
  attempt: number | null;
}

export const GanttRow = memo(function GanttRow(props: RowProps) {
  const { row, index, top, selected } = props;
  const session = useSession();
  const step = useStep(row.runId, row.path);
  if (!step) return null;
  const status = shownStatus(step);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it takes the keys
    <div
      role="row"
      id={`row-${index}`}
      tabIndex={-1}
      aria-rowindex={index + 1}
      aria-level={row.level + 1}
      aria-selected={selected}
      aria-expanded={row.foldable ? row.unfolded : undefined}
      data-path={row.path}
      data-status={status}
      onClick={() => session.select(row)}
      className={cx("absolute inset-x-0 flex cursor-pointer", selected ? "bg-bg3" : "hover:bg-bg2")}
      style={{ height: ROW, transform: `translateY(${top}px)` }}
    >
      <div
        role="gridcell"
        className="flex shrink-0 items-center gap-1.5 pr-2"
        style={{ width: NAMES, paddingLeft: 8 + Math.min(row.level, 8) * INDENT }}
      >
        <Fold row={row} />
        <StateIcon state={status} size={14} />
        <span className={cx("min-w-0 flex-1 truncate", row.iteration && "mono text-12 text-fg2")}>
          {row.label}
          <span className="sr-only">, {stateLook(status).word}</span>
        </span>
        <Counts step={step} />
      </div>
      <div role="gridcell" className="relative min-w-0 flex-1 overflow-hidden">
        <Bars step={step} {...props} />
      </div>
    </div>
  );
});

function Fold({ row }: { row: Row }) {
  const session = useSession();
  if (!row.foldable) return <span className="w-4 shrink-0" />;
  const Icon = row.unfolded ? ChevronDown : ChevronRight;
  return (
    // The row says whether it is unfolded, and takes the arrow keys.
    <button
      type="button"
      tabIndex={-1}
      aria-label={`${row.unfolded ? "Fold" : "Unfold"} ${row.label}`}
      className="inline-flex size-4 shrink-0 items-center justify-center rounded-control text-fg3 hover:text-fg"
      onClick={(event) => {
        event.stopPropagation();
        session.fold(row, !row.unfolded);
      }}
    >
      <Icon size={14} strokeWidth={1.5} aria-hidden />
    </button>
  );
}

function Counts({ step }: { step: Step }) {
  const attempts = step.attempts.length;
  if (step.inside && step.nodeType !== "iteration") {
    const { total, done, failed } = step.inside;
    return (
      <span className="mono shrink-0 text-12 text-fg3">
        {failed > 0 && <span className="text-err">{count(failed)} failed </span>}
        {done < total ? `${count(done)}/${count(total)}` : count(total)}
      </span>
    );
  }
  if (attempts < 2) return null;
  return (
    <span className="mono shrink-0 text-12 text-warn" title={`${attempts} attempts`}>
      ×{attempts}
    </span>
  );
}

function Bars({ step, row, from, to, width, now, attempt }: RowProps & { step: Step }) {
  const session = useSession();
  const window = { from, to };
  const segments = segmentsOf(step, now);
  const last = segments.at(-1);
  const side = labelSide(
    toX(window, width, segments[0]?.from ?? from),
    toX(window, width, last?.to ?? from),
    width,
  );
  const took = lasted(step, now);
  return (
    <>
      {segments.map((segment) => {
        const left = Math.max(-4, toX(window, width, segment.from));
        const right = Math.min(width + 4, toX(window, width, segment.to));
        if (right < 0 || left > width) return null;
        const chosen = attempt !== null && segment.attempt === attempt;
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: a pointer's way to one attempt; the tab Attempts is that of the keys
          // biome-ignore lint/a11y/useKeyWithClickEvents: as above
          <div
            key={`${segment.kind} ${segment.from} ${segment.attempt}`}
            className={cx("bar", `bar-${segment.kind}`, `tone-${stateLook(segment.status).tone}`)}
            data-status={segment.status}
            data-kind={segment.kind}
            data-selected={chosen || undefined}
            style={{ left, width: Math.max(2, right - left) }}
            title={tellSegment(segment)}
            onClick={(event) => {
              if (!segment.attempt) return;
              event.stopPropagation();
              session.select(row, segment.attempt);
            }}
          >
            {segment.note && right - left > ROOM_FOR_TEXT && (
              <span className="block truncate px-1 text-12 leading-2.5 text-fg2">
                {segment.note}
              </span>
            )}
          </div>
        );
      })}
      {took !== null && side && (
        <span
          className="mono pointer-events-none absolute inset-y-0 flex items-center whitespace-nowrap px-1.5 text-12 text-fg3"
          style={side}
        >
          {duration(took)}
        </span>
      )}
    </>
  );
}

/** How long it took stands behind the bars, or before them where there is no room. */
function labelSide(start: number, end: number, width: number) {
  if (end >= 0 && end < width - ROOM_FOR_TEXT) return { left: end };
  if (start > ROOM_FOR_TEXT && start < width) return { right: width - start };
  return null;
}

function tellSegment(segment: Segment): string {
  const what = {
    queue: "in the queue",
    work: segment.attempt
      ? `attempt ${segment.attempt}, ${stateLook(segment.status).word}`
      : stateLook(segment.status).word,
    wait: segment.note ? `waits for ${segment.note}` : "waits",
    span: stateLook(segment.status).word,
  }[segment.kind];
  return `${what}: ${duration(segment.to - segment.from)}${segment.open ? " so far" : ""}, from ${exact(segment.from)}`;
}
