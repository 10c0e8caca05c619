/** Numbers that order what several people put somewhere: between two there is always another. */

/** A number between two; without the one the beginning is meant, without the other the end. */
export function between(before: number | undefined, after: number | undefined): number {
  const low = finite(before);
  const high = finite(after);
  if (low === undefined && high === undefined) return 1;
  if (low === undefined) return (high as number) - 1;
  if (high === undefined) return low + 1;
  return (low + high) / 2;
}

/** The number of something put at `index` among things with these numbers. */
export function orderAt(orders: readonly number[], index: number): number {
  return between(orders[index - 1], orders[index]);
}

/** Whether there is no room left between two, so that all around must be numbered anew. */
export function isExhausted(orders: readonly number[], index: number): boolean {
  const low = finite(orders[index - 1]);
  const high = finite(orders[index]);
  if (low === undefined || high === undefined) return false;
  const middle = (low + high) / 2;
  return middle <= low || middle >= high;
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
