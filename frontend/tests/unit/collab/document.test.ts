/** The document reads as the platform reads it, and what is done to it comes out as meant. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { readDefinition } from "@/collab/document";
import { localDraft } from "@/collab/session";
import type { Definition } from "@/collab/types";
import { shapeOf } from "@/nodes/schema";
import { CATALOGUE } from "./types";

const golden = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../../tests/golden/drafts/${name}.json`, import.meta.url), "utf8"),
  );
const shapes = (type: string) => shapeOf(CATALOGUE.get(type));
const open = () => localDraft(CATALOGUE, shapes);

describe("golden documents", () => {
  it.each(["whole", "left-over"])("%s reads as its definition", (name) => {
    const { update, definition, dropped } = golden(name);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Uint8Array.from(Buffer.from(update, "base64")));
    const read = readDefinition(doc);
    const plainEdges = definition.edges.map((edge: object) => ({ source_port: "out", ...edge }));
    expect(read.definition).toEqual({ ...definition, edges: plainEdges });
    const sorted = (list: { code: string; id: string }[]) =>
      list.map((one) => `${one.code} ${one.id}`).sort();
    expect(sorted(read.dropped)).toEqual(sorted(dropped));
  });
});

const DEFINITION: Definition = {
  schema: "weir/v1",
  name: "Example",
  vars: { channel: "#ops" },
  settings: { timeout: "1h", labels: { team: "ops" } },
  nodes: [
    { id: "start", type: "manual", position: { x: 0, y: 0 } },
    {
      id: "call",
      type: "http_request",
      position: { x: 288, y: 0 },
      config: {
        url: "https://example.org/{{ input.id }}",
        body: { a: [1, 2] },
        expect: [200, 201],
      },
      retry: { max_attempts: 2, retry_if: "{{ error.code == 'X' }}" },
      on_error: "route",
    },
    {
      id: "given",
      type: "set",
      position: { x: 576, y: 0 },
      config: { values: { a: 1, b: "{{ steps.call.body }}" } },
    },
  ],
  edges: [
    { source: "start", source_port: "out", target: "call" },
    { source: "call", source_port: "out", target: "given" },
  ],
  notes: [{ id: "n1", text: "Careful", position: { x: 1, y: 2 } }],
};

describe("edits", () => {
  it("a document becomes a definition and reads as it", () => {
    const draft = open();
    draft.edits.become(DEFINITION);
    const { schema: _, ...rest } = DEFINITION;
    expect(readDefinition(draft.doc).definition).toEqual(rest);
  });

  it("becoming what it is changes nothing", () => {
    const draft = open();
    draft.edits.become(DEFINITION);
    const before = Y.encodeStateVector(draft.doc);
    draft.edits.become(DEFINITION);
    expect(Y.encodeStateVector(draft.doc)).toEqual(before);
  });

  it("becoming another is one step back", () => {
    const draft = open();
    draft.edits.become(DEFINITION);
    const before = readDefinition(draft.doc).definition;
    draft.edits.become({
      ...DEFINITION,
      name: "Other",
      nodes: DEFINITION.nodes.slice(0, 1),
      edges: [],
    });
    expect(readDefinition(draft.doc).definition.nodes).toHaveLength(1);
    draft.undo.undo();
    expect(readDefinition(draft.doc).definition).toEqual(before);
  });

  it("a node brings every nested type of its schema", () => {
    const draft = open();
    draft.edits.add([{ id: "call", type: "http_request" }]);
    const config = draft.edits.node("call")?.get("config") as Y.Map<unknown>;
    expect(config.get("url")).toBeInstanceOf(Y.Text);
    expect(config.get("expect")).toBeInstanceOf(Y.Map);
    expect(draft.edits.node("call")?.get("retry")).toBeInstanceOf(Y.Map);
    expect(readDefinition(draft.doc).definition.nodes[0]).toEqual({
      id: "call",
      type: "http_request",
    });
  });

  it("deleting a node deletes what stands in it and every edge", () => {
    const draft = open();
    draft.edits.add(
      [
        { id: "each", type: "for_each" },
        { id: "inner", type: "set", parent: "each" },
        { id: "after", type: "set" },
      ],
      [{ source: "each", source_port: "out", target: "after" }],
    );
    draft.edits.remove(["each"]);
    const { definition, dropped } = readDefinition(draft.doc);
    expect(definition.nodes.map((node) => node.id)).toEqual(["after"]);
    expect([definition.edges, dropped]).toEqual([[], []]);
  });

  it("a node put on an edge stands between its ends", () => {
    const draft = open();
    draft.edits.become(DEFINITION);
    draft.edits.insert(
      { id: "mid", type: "set" },
      { source: "start", source_port: "out", target: "call" },
      "out",
    );
    expect(
      readDefinition(draft.doc).definition.edges.map((edge) => `${edge.source}>${edge.target}`),
    ).toEqual(["call>given", "start>mid", "mid>call"]);
    draft.undo.undo();
    expect(readDefinition(draft.doc).definition.edges).toHaveLength(2);
  });

  it("moving into a container cuts the edges that would cross its wall", () => {
    const draft = open();
    draft.edits.become(DEFINITION);
    draft.edits.add([{ id: "each", type: "for_each" }]);
    draft.edits.move(
      new Map([["call", { x: 16, y: 16 }]]),
      new Map([["call", { parent: "each", section: "body" }]]),
    );
    const { definition } = readDefinition(draft.doc);
    expect(definition.edges).toEqual([]);
    expect(definition.nodes.find((node) => node.id === "call")?.parent).toBe("each");
  });

  it("rows keep the order people give them", () => {
    const draft = open();
    draft.edits.add([{ id: "given", type: "set" }]);
    const first = draft.edits.addRow("given", "values", "map", "1", "a");
    draft.edits.addRow("given", "values", "map", "2", "b");
    draft.edits.addRow("given", "values", "map", "0", "z", 0);
    draft.edits.moveRow("given", "values", first, 2);
    const values = readDefinition(draft.doc).definition.nodes[0]?.config?.values as object;
    expect(Object.keys(values)).toEqual(["z", "b", "a"]);
  });
});

describe("two people", () => {
  const pair = () => {
    const one = open();
    const other = open();
    one.edits.become(DEFINITION);
    const exchange = () => {
      Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(one.doc), "remote");
      Y.applyUpdate(one.doc, Y.encodeStateAsUpdate(other.doc), "remote");
    };
    exchange();
    return { one, other, exchange };
  };

  it("change different fields of one node, and both count", () => {
    const { one, other, exchange } = pair();
    one.edits.set("call", "config", "method", "POST");
    other.edits.set("call", "node", "timeout", "5s");
    exchange();
    const call = readDefinition(one.doc).definition.nodes.find((node) => node.id === "call");
    expect([call?.config?.method, call?.timeout]).toEqual(["POST", "5s"]);
  });

  it("undo their own edits and nobody else's", () => {
    const { one, other, exchange } = pair();
    one.edits.move(new Map([["start", { x: 100, y: 0 }]]));
    exchange();
    other.edits.move(new Map([["call", { x: 300, y: 0 }]]));
    exchange();
    one.undo.undo();
    exchange();
    const nodes = readDefinition(other.doc).definition.nodes;
    expect(nodes.find((node) => node.id === "start")?.position).toEqual({ x: 0, y: 0 });
    expect(nodes.find((node) => node.id === "call")?.position).toEqual({ x: 300, y: 0 });
  });

  it("draw the same edge, and it is one", () => {
    const { one, other, exchange } = pair();
    const edge = { source: "start", source_port: "out", target: "given" };
    one.edits.connect(edge);
    other.edits.connect(edge);
    exchange();
    const edges = readDefinition(one.doc).definition.edges;
    expect(edges.filter((each) => each.target === "given" && each.source === "start")).toHaveLength(
      1,
    );
  });

  it("type into one text, and both insertions stay", () => {
    const { one, other, exchange } = pair();
    one.edits.text("call", "config", "url")?.insert(0, "A");
    other.edits.text("call", "config", "url")?.insert(0, "B");
    exchange();
    const read = (draft: typeof one) => readDefinition(draft.doc).definition.nodes[1]?.config?.url;
    expect(read(one)).toBe(read(other));
    expect([...String(read(one)).slice(0, 2)].sort()).toEqual(["A", "B"]);
  });

  it("delete and edit the same node: it is gone for both, with its edges", () => {
    const { one, other, exchange } = pair();
    one.edits.remove(["call"]);
    other.edits.connect({ source: "call", source_port: "error", target: "given" });
    exchange();
    expect(readDefinition(one.doc).definition).toEqual(readDefinition(other.doc).definition);
    expect(readDefinition(one.doc).definition.nodes.map((node) => node.id)).toEqual([
      "start",
      "given",
    ]);
    expect(other.projection.graph.getState().edges.map((edge) => edge.id)).toEqual([]);
  });

  it("doing anything, apart and together, come to the same draft", { timeout: 60_000 }, () => {
    let seed = 7;
    const random = (most: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % most;
    };
    const { one, other, exchange } = pair();
    for (let step = 0; step < 400; step += 1) {
      const draft = random(2) ? one : other;
      const ids = [...draft.projection.allDrafts()].map((node) => node.id);
      const id = ids[random(ids.length)] ?? "start";
      const to = ids[random(ids.length)] ?? "start";
      const acts = [
        () => draft.edits.add([{ id: `n${step}`, type: "set", position: { x: step, y: 0 } }]),
        () => draft.edits.connect({ source: id, source_port: "out", target: to }),
        () => draft.edits.move(new Map([[id, { x: random(999), y: random(999) }]])),
        () => draft.edits.set(id, "node", "name", `N${step}`),
        () => draft.edits.addRow(id, "values", "map", step, `k${random(5)}`),
        () => (ids.length > 5 ? draft.edits.remove([id]) : undefined),
        () => draft.undo.undo(),
        () => draft.undo.redo(),
      ];
      acts[random(acts.length)]?.();
      if (random(20) === 0) exchange();
    }
    exchange();
    exchange();
    expect(readDefinition(one.doc).definition).toEqual(readDefinition(other.doc).definition);
    expect(one.projection.views.getState().nodes).toEqual(other.projection.views.getState().nodes);
  });
});

describe("the projection", () => {
  it("replaces only what changed", () => {
    const draft = open();
    draft.edits.become(DEFINITION);
    const before = draft.projection.views.getState().nodes;
    const graph = draft.projection.graph.getState();
    draft.edits.set("call", "config", "method", "POST");
    const after = draft.projection.views.getState().nodes;
    expect(after.start).toBe(before.start);
    expect(after.call?.detail).toBe("POST https://example.org/{{ input.id }}");
    expect(draft.projection.graph.getState()).toBe(graph);
    draft.edits.move(new Map([["start", { x: 16, y: 16 }]]));
    const moved = draft.projection.graph.getState();
    expect(moved.nodes.find((node) => node.id === "start")?.position).toEqual({ x: 16, y: 16 });
    expect(moved.nodes.find((node) => node.id === "call")).toBe(
      graph.nodes.find((node) => node.id === "call"),
    );
    expect(draft.projection.views.getState().nodes).toBe(after);
  });

  it("puts children into a pane that grows with them", () => {
    const draft = open();
    draft.edits.add([
      { id: "risky", type: "try", position: { x: 0, y: 0 } },
      { id: "inner", type: "set", parent: "risky", position: { x: 400, y: 16 } },
      { id: "rescue", type: "set", parent: "risky", section: "catch", position: { x: 16, y: 16 } },
    ]);
    const { nodes } = draft.projection.graph.getState();
    const of = (id: string) => nodes.find((node) => node.id === id);
    expect(of("inner")?.parentId).toBe("risky");
    expect(of("risky")?.width).toBeGreaterThan(400 + 208);
    expect(of("rescue")?.position.y).toBeGreaterThan((of("inner")?.position.y ?? 0) + 64);
    expect(nodes.findIndex((node) => node.id === "risky")).toBeLessThan(
      nodes.findIndex((node) => node.id === "inner"),
    );
  });

  it("says where the edges of a node begin and end, with what it changes to", () => {
    const draft = open();
    draft.edits.add(
      [
        { id: "start", type: "manual", position: { x: 0, y: 0 } },
        { id: "risky", type: "set", position: { x: 288, y: 0 } },
        { id: "back", type: "set", position: { x: 288, y: 96 } },
      ],
      [{ source: "start", source_port: "out", target: "risky" }],
    );
    const graph = () => draft.projection.graph.getState();
    const handles = (id: string) =>
      graph()
        .nodes.find((node) => node.id === id)
        ?.handles.map(({ id: name, position, y }) => [name, position, y]);
    expect(handles("start")).toEqual([["out", "right", 27]]);
    expect(handles("risky")).toEqual([
      ["out", "right", 27],
      ["in", "left", 27],
    ]);
    expect(graph().taken).toEqual(new Set(["start:out"]));
    draft.edits.set("risky", "node", "compensate", "back");
    expect(handles("risky")).toContainEqual(["undo", "bottom", 59]);
    expect(handles("back")).toContainEqual(["undo-in", "top", -5]);
    draft.edits.set("risky", "node", "on_error", "route");
    expect(handles("risky")).toContainEqual(["error", "right", 37.666666666666664]);
  });

  it("stands up to parents in a circle", () => {
    const draft = open();
    draft.edits.add([
      { id: "a", type: "for_each", parent: "b" },
      { id: "b", type: "for_each", parent: "a" },
    ]);
    expect(draft.projection.graph.getState().nodes.map((node) => node.parentId)).toEqual([
      undefined,
      undefined,
    ]);
  });
});
