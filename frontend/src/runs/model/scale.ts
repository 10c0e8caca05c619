/** Time on a line: where a moment stands, what a pixel means, where the marks are. */

export interface Window {
  from: number;
  to: number;
}

const LEAST_MS = 2;
const ROOM = 1.02;

/** The whole of something, with a little air behind it. */
export function whole(from: number, to: number): Window {
  return { from, to: Math.max(from + LEAST_MS, from + (to - from) * ROOM) };
}

export function toX(window: Window, width: number, at: number): number {
  return ((at - window.from) / (window.to - window.from)) * width;
}

export function toTime(window: Window, width: number, x: number): number {
  return window.from + (x / width) * (window.to - window.from);
}

/** Nearer (factor < 1) or farther, the moment at `x` staying where it is; never beyond `bounds`. */
export function zoom(window: Window, bounds: Window, factor: number, at: number): Window {
  const span = Math.max(LEAST_MS, (window.to - window.from) * factor);
  if (span >= bounds.to - bounds.from) return bounds;
  const share = (at - window.from) / (window.to - window.from);
  return within({ from: at - span * share, to: at + span * (1 - share) }, bounds);
}

/** Moved by so many milliseconds, as far as `bounds` let it. */
export function pan(window: Window, bounds: Window, by: number): Window {
  return within({ from: window.from + by, to: window.to + by }, bounds);
}

function within(window: Window, bounds: Window): Window {
  const span = window.to - window.from;
  if (span >= bounds.to - bounds.from) return bounds;
  const from = Math.min(Math.max(window.from, bounds.from), bounds.to - span);
  return { from, to: from + span };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200].map((n) => n * DAY),
];

export interface Tick {
  at: number;
  label: string;
}

/** Marks at round distances from `origin`, at least `apart` pixels from each other. */
export function ticks(window: Window, width: number, origin: number, apart = 90): Tick[] {
  const perPixel = (window.to - window.from) / Math.max(1, width);
  const step = STEPS.find((one) => one >= perPixel * apart) ?? 500 * DAY;
  const first = Math.ceil((window.from - origin) / step);
  const last = Math.floor((window.to - origin) / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const since = (first + index) * step;
    return { at: origin + since, label: offset(since, step) };
  });
}

function offset(ms: number, step: number): string {
  if (ms === 0) return "0";
  if (ms < SECOND) return `${ms} ms`;
  if (ms < MINUTE) return `${Number((ms / SECOND).toFixed(3))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m${rest(ms % MINUTE, SECOND, step, "s")}`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h${rest(ms % HOUR, MINUTE, step, "m")}`;
  return `${Math.floor(ms / DAY)}d${rest(ms % DAY, HOUR, step, "h")}`;
}

function rest(ms: number, unit: number, step: number, name: string): string {
  return ms === 0 && step >= unit ? "" : ` ${Number((ms / unit).toFixed(3))}${name}`;
}
