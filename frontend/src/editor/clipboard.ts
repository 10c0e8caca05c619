/**
 * Copied nodes as JSON that any text editor takes and this one reads back. A credential is never
 * copied, only where one belongs: what is read as one says which, not what it holds, and anything
 * written into a secret field by hand stays behind.
 */
import type {
  Definition,
  DraftEdge,
  DraftNode,
  DraftNote,
  Json,
  JsonObject,
  Position,
} from "@/collab/types";
import { freshId, noteId } from "./ids";

export const FORMAT = "weir/fragment/v1";

export interface Fragment {
  format: typeof FORMAT;
  nodes: DraftNode[];
  edges: DraftEdge[];
  notes: DraftNote[];
}

const CREDENTIAL = /^\s*\{\{\s*credentials\.[a-z][a-z0-9_]{0,62}(\.[A-Za-z_]\w*)*\s*\}\}\s*$/;

/** What is copied of these: nodes with what stands in them, the edges between them. */
export function copied(
  definition: Definition,
  ids: ReadonlySet<string>,
  secretFields: (type: string) => readonly string[],
): Fragment {
  const chosen = new Set(ids);
  let before = -1;
  while (before !== chosen.size) {
    before = chosen.size;
    for (const node of definition.nodes)
      if (node.parent && chosen.has(node.parent)) chosen.add(node.id);
  }
  const nodes = definition.nodes
    .filter((node) => chosen.has(node.id))
    .map((node) => {
      const copy: DraftNode = { ...node };
      if (copy.parent && !chosen.has(copy.parent)) {
        delete copy.parent;
        delete copy.section;
      }
      if (copy.compensate && !chosen.has(copy.compensate)) delete copy.compensate;
      if (copy.config) copy.config = withoutSecrets(copy.config, secretFields(copy.type));
      return copy;
    });
  const edges = definition.edges
    .filter((edge) => chosen.has(edge.source) && chosen.has(edge.target))
    .map((edge) => ({
      source: edge.source,
      source_port: edge.source_port ?? "out",
      target: edge.target,
    }));
  const notes = (definition.notes ?? []).filter((note) => ids.has(note.id));
  return { format: FORMAT, nodes, edges, notes };
}

function withoutSecrets(config: JsonObject, secret: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(config).filter(
      ([name, value]) =>
        !secret.includes(name) || (typeof value === "string" && CREDENTIAL.test(value)),
    ),
  );
}

/** What was copied, if a text holds it: a fragment, or nodes of a whole definition. */
export function readFragment(text: string): Fragment | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const { nodes, edges, notes } = value as Record<string, unknown>;
  if (!Array.isArray(nodes)) return null;
  const read = {
    format: FORMAT as typeof FORMAT,
    nodes: nodes.filter(isNode),
    edges: (Array.isArray(edges) ? edges : []).filter(isEdge).map((edge) => ({
      source: edge.source,
      source_port: edge.source_port ?? "out",
      target: edge.target,
    })),
    notes: (Array.isArray(notes) ? notes : []).filter(isNote),
  };
  return read.nodes.length || read.notes.length ? read : null;
}

const isNode = (one: unknown): one is DraftNode =>
  typeof one === "object" &&
  one !== null &&
  typeof (one as DraftNode).id === "string" &&
  typeof (one as DraftNode).type === "string";
const isEdge = (one: unknown): one is DraftEdge =>
  typeof one === "object" &&
  one !== null &&
  typeof (one as DraftEdge).source === "string" &&
  typeof (one as DraftEdge).target === "string";
const isNote = (one: unknown): one is DraftNote =>
  typeof one === "object" && one !== null && typeof (one as DraftNote).text === "string";

/** Where it is pasted. */
export interface Target {
  taken: { has: (id: string) => boolean };
  /** The upper left corner of what is pasted; without it, a little beside where it was. */
  at?: Position;
  parent?: string;
  section?: string;
}

const ASIDE = 32;

/** The fragment with fresh ids at its new place; what reads its own nodes reads the new ones. */
export function pasted(fragment: Fragment, target: Target): Fragment {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const isTaken = { has: (id: string) => taken.has(id) || target.taken.has(id) };
  for (const node of fragment.nodes) {
    const base = node.id.replace(/_\d+$/, "");
    const id = freshId(isTaken.has(node.id) ? base : node.id, isTaken);
    taken.add(id);
    names.set(node.id, id);
  }
  const roots = fragment.nodes.filter((node) => !node.parent || !names.has(node.parent));
  const corner = cornerOf([...roots, ...fragment.notes]);
  const shift = target.at
    ? { x: target.at.x - corner.x, y: target.at.y - corner.y }
    : { x: ASIDE, y: ASIDE };
  const moved = (position: Position | undefined): Position => ({
    x: Math.round((position?.x ?? corner.x) + shift.x),
    y: Math.round((position?.y ?? corner.y) + shift.y),
  });
  const nodes = fragment.nodes.map((node) => {
    const copy: DraftNode = { ...node, id: names.get(node.id) as string };
    if (node.config) copy.config = renamed(node.config, names) as JsonObject;
    const inner = node.parent ? names.get(node.parent) : undefined;
    if (inner) copy.parent = inner;
    else {
      copy.position = moved(node.position);
      delete copy.parent;
      delete copy.section;
      if (target.parent) {
        copy.parent = target.parent;
        if (target.section && target.section !== "body") copy.section = target.section;
      }
    }
    const undo = node.compensate ? names.get(node.compensate) : undefined;
    if (undo) copy.compensate = undo;
    else delete copy.compensate;
    return copy;
  });
  const edges = fragment.edges.flatMap((edge) => {
    const source = names.get(edge.source);
    const end = names.get(edge.target);
    return source && end ? [{ source, source_port: edge.source_port, target: end }] : [];
  });
  const notes = fragment.notes.map((note) => ({
    ...note,
    id: noteId(),
    position: moved(note.position),
  }));
  return { format: FORMAT, nodes, edges, notes };
}

function cornerOf(items: readonly { position?: Position }[]): Position {
  const positions = items.flatMap((item) => (item.position ? [item.position] : []));
  if (!positions.length) return { x: 0, y: 0 };
  return {
    x: Math.min(...positions.map((one) => one.x)),
    y: Math.min(...positions.map((one) => one.y)),
  };
}

const READS = /(\$\{|\bsteps\.)([a-z][a-z0-9_]*)/g;

/** Expressions that read a copied step read its copy. */
function renamed(value: Json, names: ReadonlyMap<string, string>): Json {
  if (typeof value === "string") {
    if (!value.includes("{{") && !value.includes("${")) return value;
    return value.replace(READS, (whole, lead: string, id: string) => {
      const name = names.get(id);
      return name ? `${lead}${name}` : whole;
    });
  }
  if (Array.isArray(value)) return value.map((one) => renamed(one, names));
  if (value && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, renamed(one, names)]),
    );
  }
  return value;
}
