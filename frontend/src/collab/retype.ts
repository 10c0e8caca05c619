/** A text that others write in as well, changed to what stands in a field: only where the two differ. */
import type * as Y from "yjs";
import type { Edits } from "./edits";

/** The one stretch in which two texts differ. */
export function difference(
  before: string,
  after: string,
): { from: number; remove: number; insert: string } {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from += 1;
  let tail = 0;
  const most = Math.min(before.length, after.length) - from;
  while (tail < most && before[before.length - 1 - tail] === after[after.length - 1 - tail])
    tail += 1;
  return {
    from,
    remove: before.length - from - tail,
    insert: after.slice(from, after.length - tail),
  };
}

/** Make the shared text say `next`; part of typing. */
export function retype(edits: Edits, shared: Y.Text | null, next: string): void {
  if (!shared) return;
  const { from, remove, insert } = difference(shared.toString(), next);
  edits.typing(() => {
    if (remove) shared.delete(from, remove);
    if (insert) shared.insert(from, insert);
  });
}
