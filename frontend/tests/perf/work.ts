/**
 * What a page's main thread does, in processor time: scripts, style, layout and paint, as Chromium
 * itself counts them for each task. Time in which the thread waits for a core is no work.
 */
import { type Browser, expect, type Page, test } from "@playwright/test";

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  tdur?: number;
}

/** A task of the thread; milliseconds on the trace's own clock. */
interface Task {
  end: number;
  work: number;
}

const CATEGORIES = ["toplevel", "blink.user_timing"];
const FRAME = "frame";

/** The tasks of the thread that set this mark, and when it did. */
async function traced(page: Page, mark: string, act: () => Promise<void>) {
  const browser = page.context().browser() as Browser;
  await browser.startTracing(page, { categories: CATEGORIES });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[];
  };
  const marks = traceEvents.filter((event) => event.name === mark && event.ph !== "E");
  const [first] = marks;
  if (!first) throw new Error(`The page has not set the mark ${mark}.`);
  const tasks: Task[] = [];
  let end = 0;
  const all = traceEvents.filter(
    (event) => event.pid === first.pid && event.tid === first.tid && event.name.endsWith("RunTask"),
  );
  for (const { ts, dur = 0, tdur = 0 } of all.sort((one, other) => one.ts - other.ts)) {
    if (ts < end) continue; // within the one before
    end = ts + dur;
    tasks.push({ end: end / 1_000, work: tdur / 1_000 });
  }
  expect(tasks.some((task) => task.work > 0)).toBe(true);
  return { tasks, marks: marks.map((one) => one.ts / 1_000).sort((one, other) => one - other) };
}

/** The work of each frame while `move` is called in so many of them, one after the other. */
export async function workOfFrames(page: Page, count: number, move: string): Promise<number[]> {
  const { tasks, marks } = await traced(page, FRAME, () =>
    page.evaluate(
      async ([total, name, mark]) => {
        const moves = window as unknown as Record<string, (frame: number) => void>;
        for (let frame = 0; frame <= total; frame += 1) {
          await new Promise<void>((done) =>
            requestAnimationFrame(() => {
              performance.mark(mark);
              moves[name]?.(frame);
              // Behind the paint of this frame.
              const { port1, port2 } = new MessageChannel();
              port1.onmessage = () => done();
              port2.postMessage(0);
            }),
          );
        }
      },
      [count, move, FRAME] as const,
    ),
  );
  const work = new Array<number>(marks.length - 1).fill(0);
  let at = 0;
  for (const task of tasks) {
    // The task that holds a frame's mark lays it out and paints it.
    while (at + 1 < marks.length && (marks[at + 1] ?? 0) < task.end) at += 1;
    if (at < work.length && (marks[at] ?? 0) < task.end) work[at] = (work[at] ?? 0) + task.work;
  }
  return work;
}

/** The work of the thread that sets `until`, from its beginning on. */
export async function workUntil(
  page: Page,
  until: string,
  act: () => Promise<void>,
): Promise<number> {
  const { tasks, marks } = await traced(page, until, act);
  const last = marks.at(-1) ?? 0;
  return tasks.reduce((sum, { end, work }) => (end <= last + 1 ? sum + work : sum), 0);
}

/** The value that this share of the others does not pass. */
export function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Put a figure into the table that the suite ends with; none without a budget is judged. */
export function figure(what: string, value: number, unit: string, budget?: number): void {
  const description = JSON.stringify({ what, value, unit, budget });
  test.info().annotations.push({ type: "figure", description });
}
