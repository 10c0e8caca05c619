/**
 * How plain values become types of the document. Every nested type of a node is made with the
 * node, since of two people who made the same one at once, one would lose theirs.
 */
import * as Y from "yjs";
import type { YValue } from "./document";
import type { DraftNode, DraftNote, Json, JsonObject } from "./types";

/** What a field of a config is kept as: `text` is edited letter by letter, rows one by one. */
export type FieldShape = "text" | "list" | "map" | "plain";
export type Shape = Readonly<Record<string, FieldShape>>;

const PLAIN_TEXT = /^[A-Za-z0-9_.+:-]{0,64}$/;
const MOST_ROWS = 500;

export function makeText(value: string): Y.Text {
  return value ? new Y.Text(value) : new Y.Text();
}

/** A text as such if it may be edited by two at once, else plain. */
export function textOrPlain(value: Json): unknown {
  return typeof value === "string" && !PLAIN_TEXT.test(value) ? makeText(value) : value;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands in a row. */
export function makeRowValue(value: Json, form: "list" | "map"): unknown {
  if (form === "list" && isObject(value) && Object.keys(value).length) {
    const map = new Y.Map();
    for (const [name, inner] of Object.entries(value)) map.set(name, textOrPlain(inner));
    return map;
  }
  return typeof value === "string" ? makeText(value) : value;
}

export function makeRow(value: Json, form: "list" | "map", order: number, key?: string): YValue {
  const row: YValue = new Y.Map();
  row.set("order", order);
  if (key !== undefined) row.set("key", key);
  row.set("value", makeRowValue(value, form));
  return row;
}

let counted = 0;
/** A short unique name for a row. */
export function rowId(): string {
  counted += 1;
  return `r${Date.now().toString(36)}${counted.toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`;
}

export function makeList(form: "list" | "map", value?: Json): YValue {
  const list: YValue = new Y.Map();
  const rows: YValue = new Y.Map();
  list.set("form", form);
  list.set("rows", rows);
  const entries: [string | undefined, Json][] = Array.isArray(value)
    ? value.map((one) => [undefined, one])
    : isObject(value)
      ? Object.entries(value)
      : [];
  for (const [index, [key, one]] of entries.entries()) {
    rows.set(`r${index + 1}`, makeRow(one, form, index + 1, key));
  }
  return list;
}

/** A field of a config, by what its schema says it is; without a schema by the value alone. */
export function makeField(value: Json | undefined, shape: FieldShape | undefined): unknown {
  if (value === undefined) {
    if (shape === "text") return new Y.Text();
    return shape === "list" || shape === "map" ? makeList(shape) : undefined;
  }
  if (typeof value === "string") return shape === "text" ? makeText(value) : textOrPlain(value);
  if (shape === "plain") return value;
  const form = Array.isArray(value) ? "list" : isObject(value) ? "map" : null;
  if (!form || (shape === "text" && form !== null)) return value;
  const size = Array.isArray(value) ? value.length : Object.keys(value as JsonObject).length;
  return size >= 1 && size <= MOST_ROWS ? makeList(form, value) : value;
}

const NESTED = new Set(["id", "config", "retry"]);

/** A node with all its nested types. */
export function makeNode(node: DraftNode, shape: Shape, order: number): YValue {
  const map: YValue = new Y.Map();
  for (const [name, value] of Object.entries(node)) {
    if (!NESTED.has(name) && value !== undefined) map.set(name, value);
  }
  map.set("order", order);
  const retry: YValue = new Y.Map();
  for (const [name, value] of Object.entries(node.retry ?? {})) {
    retry.set(name, name === "retry_if" && typeof value === "string" ? makeText(value) : value);
  }
  if (node.retry?.retry_if === undefined) retry.set("retry_if", new Y.Text());
  if (node.description === undefined) map.set("description", new Y.Text());
  map.set("retry", retry);
  const config: YValue = new Y.Map();
  const given = node.config ?? {};
  for (const name of new Set([...Object.keys(shape), ...Object.keys(given)])) {
    const made = makeField(given[name], shape[name]);
    if (made !== undefined) config.set(name, made);
  }
  map.set("config", config);
  return map;
}

export function makeNote(note: DraftNote, order: number): YValue {
  const map: YValue = new Y.Map();
  for (const [name, value] of Object.entries(note)) {
    if (name !== "id" && name !== "text" && value !== undefined) map.set(name, value);
  }
  map.set("text", makeText(note.text));
  map.set("order", order);
  return map;
}
