/**
 * JSON as a tree of which only what is unfolded is made: a list of a million items costs a row
 * for each hundred of them. The same code runs in a worker, where large values stay.
 */

export type Key = string | number;
export type Kind = "object" | "array" | "string" | "number" | "boolean" | "null" | "range";

export interface TreeNode {
  key: Key;
  kind: Kind;
  /** The value, or what it begins with. */
  preview: string;
  /** How many are in it; of text its length. */
  size: number;
  /** The text is longer than its preview. */
  cut: boolean;
  /** Of a range: where it begins. */
  first: number;
}

const CHUNK = 100;
const PREVIEW = 300;

/** What a path of keys leads to. */
export function at(root: unknown, path: readonly Key[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<Key, unknown>)[key];
  }
  return value;
}

export function describe(key: Key, value: unknown): TreeNode {
  const node = { key, preview: "", size: 0, cut: false, first: 0 };
  if (value === null || value === undefined) return { ...node, kind: "null", preview: "null" };
  if (Array.isArray(value)) {
    return { ...node, kind: "array", size: value.length, preview: `[${value.length}]` };
  }
  if (typeof value === "object") {
    const keys = Object.keys(value);
    const first = keys.slice(0, 4).join(", ");
    const preview = `{${first}${keys.length > 4 ? ", …" : ""}}`;
    return { ...node, kind: "object", size: keys.length, preview: preview.slice(0, PREVIEW) };
  }
  if (typeof value === "string") {
    const cut = value.length > PREVIEW;
    const shown = JSON.stringify(cut ? value.slice(0, PREVIEW) : value);
    return {
      ...node,
      kind: "string",
      size: value.length,
      preview: cut ? `${shown.slice(0, -1)}…` : shown,
      cut,
    };
  }
  const kind = typeof value === "boolean" ? "boolean" : "number";
  return { ...node, kind, preview: String(value) };
}

/** What stands in a value, or in a part of a long one (from `first`, up to `count`). */
export function childrenOf(
  value: unknown,
  first = 0,
  count = Number.POSITIVE_INFINITY,
): TreeNode[] {
  if (typeof value !== "object" || value === null) return [];
  const keys: readonly Key[] | null = Array.isArray(value) ? null : Object.keys(value);
  const size = keys ? keys.length : (value as unknown[]).length;
  const end = Math.min(size, first + count);
  const length = end - first;
  if (length > CHUNK) return ranges(first, end);
  return Array.from({ length }, (_, index) => {
    const key = keys ? (keys[first + index] as Key) : first + index;
    return describe(key, (value as Record<Key, unknown>)[key]);
  });
}

/** Pieces of a hundred, or of as many hundreds as make no more than a hundred pieces. */
function ranges(first: number, end: number): TreeNode[] {
  let size = CHUNK;
  while ((end - first) / size > CHUNK) size *= CHUNK;
  const found: TreeNode[] = [];
  for (let from = first; from < end; from += size) {
    const to = Math.min(end, from + size);
    found.push({
      key: `${from} … ${to - 1}`,
      kind: "range",
      preview: "",
      size: to - from,
      cut: false,
      first: from,
    });
  }
  return found;
}
