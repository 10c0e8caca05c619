/**
 * The document of a draft (docs/reference/draft-document.md): its roots, and its reading as a
 * definition, by the same rules as the platform's own.
 */
import * as Y from "yjs";
import {
  type Definition,
  type DraftNode,
  type DraftNote,
  type Dropped,
  edgeId,
  type Json,
  type JsonObject,
} from "./types";

export type YValue = Y.Map<unknown>;

/** What this browser does itself: only these changes are its own to undo. */
export const LOCAL = "local";

export const ROOTS = ["meta", "nodes", "edges", "notes", "vars", "settings"] as const;
export type Root = (typeof ROOTS)[number];

export function roots(doc: Y.Doc): Record<Root, YValue> {
  return {
    meta: doc.getMap("meta"),
    nodes: doc.getMap("nodes"),
    edges: doc.getMap("edges"),
    notes: doc.getMap("notes"),
    vars: doc.getMap("vars"),
    settings: doc.getMap("settings"),
  };
}

/** A text or plain value; undefined for what is not there. */
export function plain(value: unknown): Json | undefined {
  if (value instanceof Y.Text) return value.toString();
  if (value instanceof Y.AbstractType) return value.toJSON() as Json;
  return value as Json | undefined;
}

/** The same, but an empty text is nothing. */
function said(value: unknown): Json | undefined {
  if (value instanceof Y.Text && value.length === 0) return undefined;
  return plain(value);
}

const SAFE = (name: string) => name !== "__proto__";

/** The entries that are there, as an object. */
function object(
  map: YValue,
  read: (value: unknown) => Json | undefined = said,
  names: readonly string[] = [...map.keys()].sort(),
): JsonObject {
  const found: JsonObject = {};
  for (const name of names) {
    const value = read(map.get(name));
    if (value !== undefined && SAFE(name)) found[name] = value;
  }
  return found;
}

export interface Row {
  id: string;
  order: number;
  key: string;
  map: YValue;
}

export function isList(value: unknown): value is YValue {
  return value instanceof Y.Map && value.get("rows") instanceof Y.Map;
}

/** The rows of a list in their order. */
export function rowsOf(list: YValue): Row[] {
  const rows = list.get("rows");
  if (!(rows instanceof Y.Map)) return [];
  const found: Row[] = [];
  rows.forEach((map, id) => {
    if (map instanceof Y.Map) {
      const key = plain(map.get("key"));
      found.push({ id, order: orderOf(map), key: typeof key === "string" ? key : "", map });
    }
  });
  return found.sort(byOrder);
}

function orderOf(map: YValue): number {
  const order = map.get("order");
  return typeof order === "number" ? order : Number.POSITIVE_INFINITY;
}

function byOrder(one: { order: number; id: string }, other: { order: number; id: string }): number {
  if (one.order !== other.order) return one.order < other.order ? -1 : 1;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

function rowValue(row: Row): Json | undefined {
  const value = row.map.get("value");
  return value instanceof Y.Map ? object(value) : plain(value);
}

/** A field of a config; undefined where it says nothing. */
export function fieldValue(value: unknown): Json | undefined {
  if (!isList(value)) return value instanceof Y.Map ? object(value) : said(value);
  const rows = rowsOf(value);
  if (!rows.length) return undefined;
  if (value.get("form") !== "map") return rows.map((row) => rowValue(row) ?? null);
  const found: JsonObject = {};
  for (const row of rows) {
    if (SAFE(row.key)) found[row.key] = rowValue(row) ?? null;
  }
  return found;
}

const READ_APART = new Set(["config", "retry", "order"]);

/** A node as the definition has it. */
export function readNode(id: string, map: YValue): DraftNode {
  const found: Record<string, Json> = { id };
  map.forEach((value, name) => {
    const read = READ_APART.has(name) || !SAFE(name) ? undefined : said(value);
    if (read !== undefined) found[name] = read;
  });
  const retry = map.get("retry");
  const config = map.get("config");
  if (retry instanceof Y.Map) setIfAny(found, "retry", object(retry));
  if (config instanceof Y.Map) setIfAny(found, "config", object(config, fieldValue));
  return found as unknown as DraftNode;
}

function setIfAny(into: Record<string, Json>, name: string, value: JsonObject): void {
  if (Object.keys(value).length) into[name] = value;
}

export function readNote(id: string, map: YValue): DraftNote {
  const found: Record<string, Json> = { id, text: "" };
  map.forEach((value, name) => {
    const read = name === "order" || !SAFE(name) ? undefined : plain(value);
    if (read !== undefined) found[name] = read;
  });
  return found as unknown as DraftNote;
}

export interface StoredEdge {
  id: string;
  source: string;
  source_port: string;
  target: string;
  order: number;
}

/** An edge as it is stored; null for what is none. */
export function readEdge(id: string, value: unknown): StoredEdge | null {
  const edge = (value instanceof Y.Map ? value.toJSON() : value) as Partial<StoredEdge> | null;
  if (!edge || typeof edge.source !== "string" || typeof edge.target !== "string") return null;
  return {
    id,
    source: edge.source,
    source_port: typeof edge.source_port === "string" ? edge.source_port : "out",
    target: edge.target,
    order: typeof edge.order === "number" ? edge.order : Number.POSITIVE_INFINITY,
  };
}

function ordered(map: YValue): [string, YValue][] {
  const found: { id: string; order: number; map: YValue }[] = [];
  map.forEach((value, id) => {
    if (value instanceof Y.Map && SAFE(id)) found.push({ id, order: orderOf(value), map: value });
  });
  return found.sort(byOrder).map((one) => [one.id, one.map]);
}

/** Whether going up from a node by its parents ends; `parentOf` gives "" for none. */
export function isGrounded(id: string, parentOf: (id: string) => string | undefined): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = id; at; at = parentOf(at)) {
    if (seen.has(at)) return false;
    seen.add(at);
  }
  return true;
}

/** What of `meta` is the definition's; schema_version is the document's own. */
const OF_DEFINITION = ["schema", "name", "description", "input", "output"];

/** The definition that a document stands for, and what was left out of it. */
export function readDefinition(doc: Y.Doc): { definition: Definition; dropped: Dropped[] } {
  const { meta, nodes, edges, notes, vars, settings } = roots(doc);
  const dropped: Dropped[] = [];
  const found = ordered(nodes).map(([id, map]) => readNode(id, map));
  const byId = new Map(found.map((node) => [node.id, node]));
  const parents = new Map(found.map((node) => [node.id, node.parent]));
  for (const node of found) {
    if (node.parent && !(byId.has(node.parent) && isGrounded(node.id, (id) => parents.get(id)))) {
      delete node.parent;
      delete node.section;
      dropped.push({ code: "LIFTED_NODE", id: node.id });
    }
    if (node.compensate && !byId.has(node.compensate)) {
      delete node.compensate;
      dropped.push({ code: "DANGLING_COMPENSATE", id: node.id });
    }
  }
  const wires: StoredEdge[] = [];
  edges.forEach((value, id) => {
    const edge = readEdge(id, value);
    if (edge && byId.has(edge.source) && byId.has(edge.target)) wires.push(edge);
    else dropped.push({ code: "DANGLING_EDGE", id });
  });
  wires.sort(byOrder);
  const drawn = new Set<string>();
  const once = wires.filter(({ source, source_port, target }) => {
    const name = edgeId(source, source_port, target);
    return !drawn.has(name) && drawn.add(name);
  });
  const definition: Definition = {
    name: "",
    ...(object(meta, said, OF_DEFINITION) as Partial<Definition>),
    nodes: found,
    edges: once.map(({ source, source_port, target }) => ({ source, source_port, target })),
  };
  const kept = {
    vars: object(vars, plain),
    settings: readSettings(settings),
  };
  if (Object.keys(kept.vars).length) definition.vars = kept.vars;
  if (Object.keys(kept.settings).length) definition.settings = kept.settings;
  const texts = ordered(notes).map(([id, map]) => readNote(id, map));
  if (texts.length) definition.notes = texts;
  return { definition, dropped };
}

function readSettings(settings: YValue): JsonObject {
  const found: JsonObject = {};
  for (const name of [...settings.keys()].sort()) {
    const value = settings.get(name);
    if (value instanceof Y.Map) setIfAny(found, name, object(value));
    else {
      const read = said(value);
      if (read !== undefined) found[name] = read;
    }
  }
  return found;
}
