/**
 * Step paths: `notify`, `guard/risky`, `each[3]/notify`; an iteration is `each[3]`.
 *
 * The parent of a step in a loop is its iteration, that of an iteration its loop.
 */

/** The path it stands in; empty at the top. */
export function parentOf(path: string): string {
  if (path.endsWith("]")) return path.slice(0, path.lastIndexOf("["));
  const cut = path.lastIndexOf("/");
  return cut < 0 ? "" : path.slice(0, cut);
}

/** The node of a step; of an iteration its loop. */
export function nodeOf(path: string): string {
  const last = path.slice(path.lastIndexOf("/") + 1);
  const cut = last.indexOf("[");
  return cut < 0 ? last : last.slice(0, cut);
}

/** The number of an iteration; null for a step. */
export function iterationOf(path: string): number | null {
  if (!path.endsWith("]")) return null;
  return Number(path.slice(path.lastIndexOf("[") + 1, -1));
}

/** What stands around a step, the outermost first: `each`, `each[3]` of `each[3]/notify`. */
export function ancestorsOf(path: string): string[] {
  const found: string[] = [];
  for (let at = parentOf(path); at; at = parentOf(at)) found.unshift(at);
  return found;
}

/** Whether a path is this one or stands in it. */
export function isWithin(path: string, container: string): boolean {
  if (!path.startsWith(container)) return false;
  const next = path[container.length];
  return next === undefined || next === "/" || next === "[";
}
