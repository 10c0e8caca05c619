/**
 * Everything this browser does to a draft: each call is one transaction and, unless it is part
 * of typing, one step to undo.
 */
import * as Y from "yjs";
import {
  fieldValue,
  isList,
  LOCAL,
  plain,
  type Row,
  readDefinition,
  readNode,
  roots,
  rowsOf,
  type YValue,
} from "./document";
import {
  type FieldShape,
  makeField,
  makeNode,
  makeNote,
  makeRow,
  makeRowValue,
  makeText,
  rowId,
  type Shape,
  textOrPlain,
} from "./making";
import { isExhausted, orderAt } from "./order";
import { same } from "./same";
import {
  type Definition,
  type DraftEdge,
  type DraftNode,
  type DraftNote,
  edgeId,
  type Json,
  type Position,
  type Size,
} from "./types";

export type ShapeOf = (type: string) => Shape;

/** Where something stands: its own fields are the node's, `config` and `retry` are nested. */
export type Place = "node" | "config" | "retry";

export class Edits {
  private readonly at: ReturnType<typeof roots>;
  readonly doc: Y.Doc;
  readonly undo: Y.UndoManager;
  private readonly shapeOf: ShapeOf;

  constructor(doc: Y.Doc, undo: Y.UndoManager, shapeOf: ShapeOf) {
    this.doc = doc;
    this.undo = undo;
    this.shapeOf = shapeOf;
    this.at = roots(doc);
  }

  /** One command: one transaction, one step to undo, apart from what came before and after. */
  command<T>(act: () => T): T {
    this.undo.stopCapturing();
    const result = this.doc.transact(act, LOCAL);
    this.undo.stopCapturing();
    return result;
  }

  /** Part of something that goes on, such as typing: joined with what came just before. */
  typing<T>(act: () => T): T {
    return this.doc.transact(act, LOCAL);
  }

  node(id: string): YValue | null {
    const map = this.at.nodes.get(id);
    return map instanceof Y.Map ? map : null;
  }

  private last(map: YValue): number {
    let most = 0;
    map.forEach((value) => {
      const order =
        value instanceof Y.Map ? value.get("order") : (value as { order?: unknown })?.order;
      if (typeof order === "number" && Number.isFinite(order)) most = Math.max(most, order);
    });
    return most;
  }

  /** Put nodes, edges and notes into the draft; their ids must be free. */
  add(
    nodes: readonly DraftNode[],
    edges: readonly DraftEdge[] = [],
    notes: readonly DraftNote[] = [],
  ): void {
    this.command(() => this.put(nodes, edges, notes));
  }

  private put(
    nodes: readonly DraftNode[],
    edges: readonly DraftEdge[],
    notes: readonly DraftNote[],
  ): void {
    let order = this.last(this.at.nodes);
    for (const node of nodes) {
      order += 1;
      this.at.nodes.set(node.id, makeNode(node, this.shapeOf(node.type), order));
    }
    order = this.last(this.at.edges);
    for (const edge of edges) {
      order += 1;
      this.setEdge(edge, order);
    }
    order = this.last(this.at.notes);
    for (const note of notes) {
      order += 1;
      this.at.notes.set(note.id, makeNote(note, order));
    }
  }

  private setEdge(
    { source, source_port, target }: DraftEdge,
    order = this.last(this.at.edges) + 1,
  ): void {
    const id = edgeId(source, source_port, target);
    if (!this.at.edges.has(id)) this.at.edges.set(id, { source, source_port, target, order });
  }

  connect(edge: DraftEdge): void {
    this.command(() => this.setEdge(edge));
  }

  /** Put a node on an edge: what was one wire is two. */
  insert(
    node: DraftNode,
    on: DraftEdge,
    port: string,
    moved: ReadonlyMap<string, Position> = new Map(),
  ): void {
    this.command(() => {
      this.put([node], [], []);
      this.at.edges.delete(edgeId(on.source, on.source_port, on.target));
      this.setEdge({ source: on.source, source_port: on.source_port, target: node.id });
      this.setEdge({ source: node.id, source_port: port, target: on.target });
      this.place(moved);
    });
  }

  /** Put a node behind another and join them. */
  append(node: DraftNode, edge: DraftEdge): void {
    this.add([node], [edge]);
  }

  /** Move an end of an edge. */
  reconnect(old: DraftEdge, edge: DraftEdge): void {
    this.command(() => {
      this.at.edges.delete(edgeId(old.source, old.source_port, old.target));
      this.setEdge(edge);
    });
  }

  /** Everything with these ids: nodes with what stands in them, their edges, edges, notes. */
  remove(ids: Iterable<string>): void {
    const gone = new Set(ids);
    const { nodes, edges, notes } = this.at;
    let before = -1;
    while (before !== gone.size) {
      before = gone.size;
      nodes.forEach((map, id) => {
        if (map instanceof Y.Map && gone.has(String(map.get("parent") ?? ""))) gone.add(id);
      });
    }
    this.command(() => {
      for (const id of gone) {
        nodes.delete(id);
        notes.delete(id);
      }
      edges.forEach((value, id) => {
        const edge = value as DraftEdge;
        if (gone.has(id) || gone.has(edge?.source) || gone.has(edge?.target)) edges.delete(id);
      });
      nodes.forEach((map) => {
        if (map instanceof Y.Map && gone.has(String(map.get("compensate") ?? "")))
          map.delete("compensate");
      });
    });
  }

  /** Where nodes and notes stand now; once, at the end of a drag or of a layout. */
  move(
    positions: ReadonlyMap<string, Position>,
    into?: ReadonlyMap<string, { parent: string; section: string }>,
  ): void {
    this.command(() => {
      this.place(positions);
      for (const [id, { parent, section }] of into ?? []) {
        const map = this.node(id);
        if (!map) continue;
        const crossed =
          String(map.get("parent") ?? "") !== parent ||
          String(map.get("section") ?? "body") !== (section || "body");
        this.setOrDrop(map, "parent", parent || undefined);
        this.setOrDrop(map, "section", section && section !== "body" ? section : undefined);
        if (crossed) this.cutWalls(id);
      }
    });
  }

  /** Edges do not cross the wall of a container: those of a node that came from elsewhere go. */
  private cutWalls(id: string): void {
    const home = (node: string) => {
      const map = this.node(node);
      return `${map?.get("parent") ?? ""}/${map?.get("section") ?? "body"}`;
    };
    this.at.edges.forEach((value, edge) => {
      const { source, target } = value as DraftEdge;
      if ((source === id || target === id) && home(source) !== home(target))
        this.at.edges.delete(edge);
    });
  }

  private place(positions: ReadonlyMap<string, Position>): void {
    for (const [id, { x, y }] of positions) {
      const map = this.at.nodes.get(id) ?? this.at.notes.get(id);
      if (map instanceof Y.Map) map.set("position", { x: Math.round(x), y: Math.round(y) });
    }
  }

  private setOrDrop(map: YValue, name: string, value: unknown): void {
    if (value === undefined) map.delete(name);
    else map.set(name, value);
  }

  private placeOf(id: string, place: Place): YValue | null {
    const node = this.node(id);
    if (!node || place === "node") return node;
    const nested = node.get(place);
    if (nested instanceof Y.Map) return nested;
    const made: YValue = new Y.Map();
    node.set(place, made);
    return made;
  }

  /** One plain field; undefined takes it away. */
  set(ids: string | readonly string[], place: Place, field: string, value: Json | undefined): void {
    this.command(() => {
      for (const id of typeof ids === "string" ? [ids] : ids) {
        const map = this.placeOf(id, place);
        if (map) this.setOrDrop(map, field, value);
      }
    });
  }

  /** The text of a field that is edited letter by letter; made if it is something else yet. */
  text(id: string, place: Place, field: string, initial = ""): Y.Text | null {
    const map = this.placeOf(id, place);
    const there = map?.get(field);
    if (!map || there instanceof Y.Text) return there instanceof Y.Text ? there : null;
    return this.command(() => {
      const text = makeText(initial || (typeof there === "string" ? there : ""));
      map.set(field, text);
      return text;
    });
  }

  /** Say a config field in the form of its schema, empty or with a value. */
  reshape(id: string, field: string, shape: FieldShape, value?: Json): void {
    this.command(() => {
      const map = this.placeOf(id, "config");
      const made = makeField(value, shape);
      if (map) this.setOrDrop(map, field, made);
    });
  }

  /** The list in a config field; made if there is none yet. */
  private list(id: string, field: string, form: "list" | "map"): YValue | null {
    const map = this.placeOf(id, "config");
    if (!map) return null;
    const there = map.get(field);
    if (isList(there)) return there;
    const made = makeField(undefined, form) as YValue;
    map.set(field, made);
    return made;
  }

  addRow(
    id: string,
    field: string,
    form: "list" | "map",
    value: Json,
    key?: string,
    index?: number,
  ): string {
    return this.command(() => {
      const list = this.list(id, field, form);
      const rows = list?.get("rows");
      const name = rowId();
      if (!list || !(rows instanceof Y.Map)) return name;
      const there = rowsOf(list);
      rows.set(name, makeRow(value, form, this.room(there, index ?? there.length), key));
      return name;
    });
  }

  private room(rows: readonly Row[], index: number): number {
    let orders = rows.map((row) => row.order);
    if (isExhausted(orders, index)) {
      for (const [place, row] of rows.entries()) row.map.set("order", place + 1);
      orders = rows.map((_, place) => place + 1);
    }
    return orderAt(orders, index);
  }

  private row(id: string, field: string, row: string): YValue | null {
    const list = this.placeOf(id, "config")?.get(field);
    const rows = list instanceof Y.Map ? list.get("rows") : null;
    const map = rows instanceof Y.Map ? rows.get(row) : null;
    return map instanceof Y.Map ? map : null;
  }

  moveRow(id: string, field: string, row: string, to: number): void {
    this.command(() => {
      const list = this.placeOf(id, "config")?.get(field);
      if (!isList(list)) return;
      const rest = rowsOf(list).filter((one) => one.id !== row);
      this.row(id, field, row)?.set("order", this.room(rest, to));
    });
  }

  removeRow(id: string, field: string, row: string): void {
    this.command(() => {
      const list = this.placeOf(id, "config")?.get(field);
      const rows = list instanceof Y.Map ? list.get("rows") : null;
      if (rows instanceof Y.Map) rows.delete(row);
    });
  }

  setRow(id: string, field: string, row: string, what: "key" | "value", value: Json): void {
    this.command(() =>
      this.row(id, field, row)?.set(what, what === "key" ? value : makeRowValue(value, "map")),
    );
  }

  /** A field of the object in a row; undefined takes it away. */
  setInRow(id: string, field: string, row: string, name: string, value: Json | undefined): void {
    this.command(() => {
      const map = this.row(id, field, row);
      if (!map) return;
      let inner = map.get("value");
      if (!(inner instanceof Y.Map)) {
        inner = makeRowValue({ [name]: value ?? null }, "list");
        map.set("value", inner);
      }
      this.setOrDrop(inner as YValue, name, value === undefined ? undefined : textOrPlain(value));
    });
  }

  /** The text in a row, or in a field of its object. */
  rowText(id: string, field: string, row: string, name?: string): Y.Text | null {
    const map = this.row(id, field, row);
    const holder = name === undefined ? map : map?.get("value");
    if (!(holder instanceof Y.Map)) return null;
    const key = name ?? "value";
    const there = holder.get(key);
    if (there instanceof Y.Text) return there;
    const read = plain(there);
    const initial =
      read === undefined || read === null
        ? ""
        : typeof read === "string"
          ? read
          : JSON.stringify(read);
    return this.command(() => {
      const text = makeText(initial);
      holder.set(key, text);
      return text;
    });
  }

  noteText(id: string): Y.Text | null {
    const text = (this.at.notes.get(id) as YValue | undefined)?.get("text");
    return text instanceof Y.Text ? text : null;
  }

  setNote(id: string, what: { position?: Position; size?: Size; color?: string }): void {
    this.command(() => {
      const map = this.at.notes.get(id);
      if (!(map instanceof Y.Map)) return;
      for (const [name, value] of Object.entries(what)) map.set(name, value);
    });
  }

  setMeta(name: "name" | "description" | "input" | "output", value: Json | undefined): void {
    this.command(() => this.setOrDrop(this.at.meta, name, value));
  }

  setVariable(name: string, value: Json | undefined): void {
    this.command(() =>
      this.setOrDrop(this.at.vars, name, value === undefined ? undefined : textOrPlain(value)),
    );
  }

  setSetting(name: string, value: Json | undefined): void {
    this.command(() => this.setOrDrop(this.at.settings, name, value));
  }

  /** Make the draft equal to a definition, changing only what differs; one step to undo. */
  become(wanted: Definition): void {
    const { definition: present } = readDefinition(this.doc);
    this.command(() => {
      const { nodes, edges, notes } = this.at;
      const target = new Map(wanted.nodes.map((node) => [node.id, node]));
      const there = new Map(present.nodes.map((node) => [node.id, node]));
      for (const id of [...nodes.keys()])
        if (target.get(id)?.type !== there.get(id)?.type) nodes.delete(id);
      let order = this.last(nodes);
      for (const node of wanted.nodes) {
        if (nodes.has(node.id)) this.becomeNode(node);
        else {
          order += 1;
          nodes.set(node.id, makeNode(node, this.shapeOf(node.type), order));
        }
      }
      const wires = wanted.edges.map((edge) => ({
        ...edge,
        source_port: edge.source_port ?? "out",
      }));
      const kept = new Set(wires.map((edge) => edgeId(edge.source, edge.source_port, edge.target)));
      for (const id of [...edges.keys()]) if (!kept.has(id)) edges.delete(id);
      for (const edge of wires) this.setEdge(edge);
      const texts = new Map((wanted.notes ?? []).map((note) => [note.id, note]));
      const old = new Map((present.notes ?? []).map((note) => [note.id, note]));
      for (const id of [...notes.keys()]) if (!texts.has(id)) notes.delete(id);
      let last = this.last(notes);
      for (const note of texts.values()) {
        last += 1;
        if (!same(old.get(note.id), note)) notes.set(note.id, makeNote(note, last));
      }
      for (const name of ["name", "description", "input", "output"] as const) {
        if (!same(present[name], wanted[name])) this.setOrDrop(this.at.meta, name, wanted[name]);
      }
      this.becomeMap(this.at.vars, present.vars ?? {}, wanted.vars ?? {});
      this.becomeSettings(present.settings ?? {}, wanted.settings ?? {});
    });
  }

  private becomeMap(
    map: YValue,
    present: Record<string, Json>,
    wanted: Record<string, Json>,
  ): void {
    for (const name of new Set([...Object.keys(present), ...Object.keys(wanted)])) {
      const value = wanted[name];
      if (!same(present[name], value))
        this.setOrDrop(map, name, value === undefined ? undefined : textOrPlain(value));
    }
  }

  private becomeSettings(present: Record<string, Json>, wanted: Record<string, Json>): void {
    for (const name of new Set([...Object.keys(present), ...Object.keys(wanted)])) {
      if (same(present[name], wanted[name])) continue;
      const nested = this.at.settings.get(name);
      if (nested instanceof Y.Map) {
        this.becomeMap(
          nested,
          (present[name] ?? {}) as Record<string, Json>,
          (wanted[name] ?? {}) as Record<string, Json>,
        );
      } else this.setOrDrop(this.at.settings, name, wanted[name]);
    }
  }

  private becomeNode(wanted: DraftNode): void {
    const map = this.node(wanted.id);
    if (!map) return;
    const present = readNode(wanted.id, map);
    const fields = new Set([...Object.keys(present), ...Object.keys(wanted)]);
    for (const name of fields) {
      if (name === "id" || name === "config" || name === "retry") continue;
      const value = wanted[name as keyof DraftNode];
      if (!same(present[name as keyof DraftNode] as Json, value as Json))
        this.setOrDrop(map, name, value);
    }
    const retry = this.placeOf(wanted.id, "retry");
    if (retry) this.becomeMap(retry, present.retry ?? {}, wanted.retry ?? {});
    const config = this.placeOf(wanted.id, "config");
    const shape = this.shapeOf(wanted.type);
    for (const name of new Set([
      ...Object.keys(present.config ?? {}),
      ...Object.keys(wanted.config ?? {}),
    ])) {
      const value = wanted.config?.[name];
      if (config && !same(fieldValue(config.get(name)), value)) {
        this.setOrDrop(config, name, makeField(value, shape[name]));
      }
    }
  }
}
