/**
 * The rows of the time line: steps, what stands in them if it is unfolded, and runs that steps
 * started. A flat list, so that only what is seen has to be drawn.
 */
import { isContainer } from "./bars";
import { iterationOf, nodeOf } from "./paths";
import type { RunPicture } from "./picture";
import type { Inside, Step } from "./steps";

/** A step of a run. Paths hold no space, so the key says both. */
export interface Place {
  runId: string;
  path: string;
}

export function keyOf(runId: string, path: string): string {
  return `${runId} ${path}`;
}

export interface Row {
  key: string;
  runId: string;
  path: string;
  /** How far it is moved in. */
  level: number;
  /** What it is called. */
  label: string;
  iteration: boolean;
  foldable: boolean;
  unfolded: boolean;
  inside: Inside | null;
  childRun: string | null;
}

export interface Unfolded {
  has(key: string): boolean;
}

export interface Known {
  /** The runs at hand, by id. */
  picture: (runId: string) => RunPicture | undefined;
  /** What people call a node. */
  title: (runId: string, node: string) => string;
}

/** Every row that is to be seen, in order. */
export function rowsOf(root: RunPicture, unfolded: Unfolded, known: Known): Row[] {
  const rows: Row[] = [];
  addInside(rows, root, "", 0, unfolded, known);
  return rows;
}

function addInside(
  rows: Row[],
  picture: RunPicture,
  around: string,
  level: number,
  unfolded: Unfolded,
  known: Known,
): void {
  for (const path of picture.children(around)) {
    const step = picture.step(path);
    if (step) addRow(rows, picture, step, level, unfolded, known);
  }
}

function addRow(
  rows: Row[],
  picture: RunPicture,
  step: Step,
  level: number,
  unfolded: Unfolded,
  known: Known,
): void {
  const { path, inside, childRun } = step;
  const key = keyOf(picture.runId, path);
  const iteration = iterationOf(path);
  const foldable = isFoldable(picture, step);
  const open = foldable && unfolded.has(key);
  rows.push({
    key,
    runId: picture.runId,
    path,
    level,
    label: iteration === null ? known.title(picture.runId, nodeOf(path)) : `#${iteration}`,
    iteration: iteration !== null,
    foldable,
    unfolded: open,
    inside,
    childRun,
  });
  if (!open) return;
  addInside(rows, picture, path, level + 1, unfolded, known);
  const child = childRun ? known.picture(childRun) : undefined;
  if (child) addInside(rows, child, "", level + 1, unfolded, known);
}

export function isFoldable(picture: RunPicture, step: Step): boolean {
  if (step.childRun) return true;
  return (
    picture.children(step.path).length > 0 || (isContainer(step) && (step.inside?.total ?? 0) > 0)
  );
}

/** Of so many iterations none is hidden by folding. */
export const SMALL_LOOP = 8;

/** What is unfolded at first: everything that is small, and the way to what failed. */
export function firstUnfolded(picture: RunPicture, failed: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const step of picture.steps()) {
    if (!isContainer(step)) continue;
    const size = Math.max(picture.children(step.path).length, step.inside?.total ?? 0);
    if (step.nodeType !== "iteration" && size <= SMALL_LOOP)
      found.add(keyOf(picture.runId, step.path));
  }
  for (const path of failed) found.add(keyOf(picture.runId, path));
  return found;
}

/** Every container and iteration of a run. */
export function allUnfolded(picture: RunPicture): Set<string> {
  const found = new Set<string>();
  for (const step of picture.steps()) {
    if (picture.children(step.path).length) found.add(keyOf(picture.runId, step.path));
  }
  return found;
}
