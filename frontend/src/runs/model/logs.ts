/** Lines of a run's steps: the newest of them, each once, and those that a filter wants. */
import type { Frame } from "@/api/socket";
import { Ring } from "@/lib/ring";
import { isWithin } from "./paths";

export interface Line {
  /** What a live tail takes as `after`; decimal, growing. */
  id: string;
  at: string;
  step: string;
  attempt: number;
  level: string;
  message: string;
  fields: unknown;
  trace: string;
}

export const LEVELS = ["debug", "info", "warning", "error"] as const;
export const KEPT = 20_000;

export interface LineFilter {
  levels: ReadonlySet<string>;
  /** A step, with everything in it. */
  step: string;
  text: string;
}

export class LineBuffer {
  private readonly ring: Ring<Line>;
  /** The `id` of the last line. */
  last = "0";
  revision = 0;

  constructor(most = KEPT) {
    this.ring = new Ring(most);
  }

  get length(): number {
    return this.ring.length;
  }

  /** Lines that came and had to go again. */
  get dropped(): number {
    return this.ring.dropped;
  }

  /** Adds what is new; a line that is here already comes after a resumption, and is left out. */
  add(lines: readonly Line[]): void {
    let last = BigInt(this.last);
    for (const line of lines) {
      const id = BigInt(line.id);
      if (id <= last) continue;
      last = id;
      this.ring.push(line);
    }
    this.last = String(last);
    this.revision += 1;
  }

  clear(): void {
    this.ring.clear();
    this.last = "0";
    this.revision += 1;
  }

  matching(filter: LineFilter): Line[] {
    const wanted = filter.text.toLowerCase();
    return this.ring
      .toArray()
      .filter(
        (line) =>
          (!filter.levels.size || filter.levels.has(line.level)) &&
          (!filter.step || isWithin(line.step, filter.step)) &&
          (!wanted ||
            line.message.toLowerCase().includes(wanted) ||
            line.step.includes(wanted) ||
            (line.fields !== null && JSON.stringify(line.fields).toLowerCase().includes(wanted))),
      );
  }
}

/** The line of a `step:log` frame; null of any other. */
export function lineOf(frame: Frame): Line | null {
  if (frame.type !== "step:log" || !frame.seq) return null;
  const data = frame.data ?? {};
  return {
    id: frame.seq,
    at: frame.at ?? "",
    step: frame.step ?? "",
    attempt: Number(data.attempt ?? 0),
    level: String(data.level ?? "info"),
    message: String(data.message ?? ""),
    fields: data.fields ?? null,
    trace: String(data.trace_parent ?? ""),
  };
}
