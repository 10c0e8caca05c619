/**
 * A run as it is drawn: its steps, what stands inside what, how often each node is in which state.
 *
 * It is filled from a timeline and goes on by the frames of a socket. A frame that the timeline
 * told already, or that comes twice, changes nothing; so a socket may resume wherever it wants.
 */
import type { Schemas } from "@/api/client";
import type { Frame } from "@/api/socket";
import { CHANGES, cancelled, runStatus } from "./changes";
import { iterationOf, nodeOf, parentOf } from "./paths";
import {
  type Failure,
  failure,
  fromBar,
  hasEnded,
  type Inside,
  milliseconds,
  newStep,
  runHasEnded,
  type Step,
  sequenceOf,
  shownStatus,
} from "./steps";

/** How a node stands, over all iterations. Never changed in place. */
export type Tally = Readonly<Record<string, number>>;

const NONE: readonly string[] = [];

export class RunPicture {
  readonly runId: string;
  status = "queued";
  startedAt: number | null = null;
  endedAt: number | null = null;
  error: Failure | null = null;
  /** The mark of the last frame: what a socket is to resume behind. */
  mark = "0";
  /** Grows when steps were added: rows have to be made anew. */
  structure = 0;
  /** Grows with every change. */
  revision = 0;
  /** Of a run so long that not all of it was read. */
  partial = false;
  private readonly all = new Map<string, Step>();
  private readonly inside = new Map<string, string[]>();
  private readonly tallies = new Map<string, Tally>();
  private readonly unsorted = new Set<string>();
  /** Up to which message a timeline told of a step: frames up to there say nothing new. */
  private readonly told = new Map<string, number>();
  /** By node: the step reached first, and one that failed. */
  private readonly firsts = new Map<string, string>();
  private readonly failures = new Map<string, string>();
  private places = 0;

  constructor(runId: string) {
    this.runId = runId;
  }

  get size(): number {
    return this.all.size;
  }

  get live(): boolean {
    return !runHasEnded(this.status);
  }

  step(path: string): Step | undefined {
    return this.all.get(path);
  }

  steps(): IterableIterator<Step> {
    return this.all.values();
  }

  tally(node: string): Tally | undefined {
    return this.tallies.get(node);
  }

  /** The step that stands for a node: one that failed, or the first. */
  firstOf(node: string): string | null {
    return this.failures.get(node) ?? this.firsts.get(node) ?? null;
  }

  /** What stands directly in a container or an iteration, in order; "" for the top. */
  children(path: string): readonly string[] {
    const found = this.inside.get(path);
    if (!found) return NONE;
    if (this.unsorted.delete(path)) found.sort((a, b) => this.compare(a, b));
    return found;
  }

  /**
   * The pages of a timeline, read one after the other. Steps that are known better stay as they
   * are; frames behind the first page's mark go on from there.
   */
  load(pages: readonly Schemas["Timeline"][]): void {
    const first = pages[0];
    if (!first) return;
    if (this.mark === "0" || Number(first.seq) >= Number(this.mark)) {
      this.status = first.status;
      this.startedAt = milliseconds(first.started_at);
      this.endedAt = milliseconds(first.ended_at);
      this.mark = first.seq;
    }
    for (const bar of pages.flatMap((page) => page.items)) {
      const known = this.all.get(bar.step);
      const seq = sequenceOf(bar.seq);
      if (known && known.seq > seq) continue;
      const step = fromBar(bar, known?.place ?? this.places++);
      this.told.set(step.path, seq);
      this.put(known?.childRun ? { ...step, childRun: known.childRun } : step);
    }
    this.revision += 1;
  }

  /** Whether the frame told something new. */
  apply(frame: Frame): boolean {
    if (!frame.seq || Number(frame.seq) <= Number(this.mark)) return false;
    this.mark = frame.seq;
    this.revision += 1;
    const at = Date.parse(frame.at ?? "");
    if (frame.step) this.change(frame.step, frame, at);
    const status = runStatus(frame);
    if (status) this.become(status, frame, at);
    return true;
  }

  /** Which queued steps a worker has, as the broker said a moment ago. */
  atWork(paths: ReadonlySet<string>): void {
    for (const step of this.all.values()) {
      const now = paths.has(step.path) && step.status === "queued";
      if (step.atWork === now) continue;
      this.put({ ...step, atWork: now });
      this.revision += 1;
    }
  }

  /** The runs that steps started, as the list of runs names them. */
  started(runs: Iterable<readonly [path: string, runId: string]>): void {
    for (const [path, runId] of runs) {
      const step = this.all.get(path);
      if (!step || step.childRun) continue;
      this.put({ ...step, childRun: runId });
      this.structure += 1;
      this.revision += 1;
    }
  }

  private become(status: string, frame: Frame, at: number): void {
    this.status = status;
    if (status === "failed" || frame.type === "run:compensating") {
      this.error = failure(frame.data?.error);
    }
    if (!runHasEnded(status)) return;
    this.endedAt = at;
    this.halt("", at, sequenceOf(frame.seq ?? 0));
  }

  private change(path: string, frame: Frame, at: number): void {
    const seq = sequenceOf(frame.seq ?? 0);
    const data = frame.data ?? {};
    if ((this.told.get(path) ?? -1) >= seq) return;
    const known = this.all.get(path);
    if (frame.type === "step:iteration_completed") {
      this.completeIteration(path, data, at, seq);
      return;
    }
    if (frame.type === "step:section_entered") {
      this.halt(path, at, seq);
      return;
    }
    const make = CHANGES[frame.type];
    if (!make) return;
    const before = known ?? this.begin(path, at, seq);
    const next: Step = { ...before, ...make(before, data, at), seq };
    this.put(next);
    this.count(before, next, !known);
    if (hasEnded(next) && !hasEnded(before)) this.halt(path, at, seq);
  }

  /** A step that was not there yet, with the iteration it stands in. */
  private begin(path: string, at: number, seq: number): Step {
    const around = parentOf(path);
    if (iterationOf(around) !== null && !this.all.has(around)) {
      const iteration = newStep(around, this.places++);
      this.put({ ...iteration, status: "running", scheduledAt: at, startedAt: at, seq });
    }
    return newStep(path, this.places++);
  }

  private completeIteration(loop: string, data: Record<string, unknown>, at: number, seq: number) {
    const path = `${loop}[${Number(data.index)}]`;
    const before = this.all.get(path) ?? newStep(path, this.places++);
    if (hasEnded(before)) return;
    const error = failure(data.error);
    const startedAt = before.startedAt ?? at;
    const status = error ? "failed" : "succeeded";
    this.put({ ...before, status, error, startedAt, scheduledAt: startedAt, endedAt: at, seq });
    this.halt(path, at, seq);
    const container = this.all.get(loop);
    if (!container) return;
    const had = container.inside ?? { total: 0, done: 0, failed: 0 };
    const done = had.done + 1;
    this.put({
      ...container,
      seq,
      inside: { total: Math.max(had.total, done), done, failed: had.failed + (error ? 1 : 0) },
    });
  }

  /** What its container knows of it. */
  private count(before: Step, after: Step, fresh: boolean): void {
    const container = this.all.get(parentOf(after.path));
    if (!container || (this.told.get(container.path) ?? -1) >= after.seq) return;
    const had: Inside = container.inside ?? { total: 0, done: 0, failed: 0 };
    const change = (was: boolean, is: boolean) => Number(is) - Number(was);
    const inside = {
      total: had.total + Number(fresh),
      done: had.done + change(!fresh && hasEnded(before), hasEnded(after)),
      failed: had.failed + change(!fresh && before.status === "failed", after.status === "failed"),
    };
    const same = (["total", "done", "failed"] as const).every((key) => inside[key] === had[key]);
    if (!same || !container.inside) this.put({ ...container, inside });
  }

  /** What is open in a container that is over ends with it. */
  private halt(path: string, at: number, seq: number): void {
    for (const child of [...this.children(path)]) {
      const step = this.all.get(child);
      if (!step || hasEnded(step)) continue;
      const next: Step = { ...step, ...cancelled(step, at), seq };
      this.put(next);
      if (iterationOf(child) === null) this.count(step, next, false);
      this.halt(child, at, seq);
    }
  }

  private put(step: Step): void {
    const before = this.all.get(step.path);
    this.all.set(step.path, step);
    if (!before) {
      const around = parentOf(step.path);
      const siblings = this.inside.get(around);
      if (siblings) {
        siblings.push(step.path);
        this.unsorted.add(around);
      } else {
        this.inside.set(around, [step.path]);
      }
      this.structure += 1;
    } else if (before.childRun !== step.childRun) {
      this.structure += 1;
    }
    if (iterationOf(step.path) === null) this.retally(before, step);
  }

  private retally(before: Step | undefined, step: Step): void {
    const was = before && shownStatus(before);
    const is = shownStatus(step);
    if (was === is) return;
    const node = nodeOf(step.path);
    if (!before) this.firsts.set(node, this.firsts.get(node) ?? step.path);
    if (is === "failed") this.failures.set(node, step.path);
    else if (was === "failed" && this.failures.get(node) === step.path) this.failures.delete(node);
    const tally = { ...this.tallies.get(node) };
    if (was) {
      const left = (tally[was] ?? 1) - 1;
      if (left) tally[was] = left;
      else delete tally[was];
    }
    tally[is] = (tally[is] ?? 0) + 1;
    this.tallies.set(node, tally);
  }

  private compare(a: string, b: string): number {
    const first = iterationOf(a);
    const second = iterationOf(b);
    if (first !== null && second !== null) return first - second;
    return (this.all.get(a)?.place ?? 0) - (this.all.get(b)?.place ?? 0);
  }
}
