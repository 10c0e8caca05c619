/** Copying, joining and naming, without a canvas. */
import { describe, expect, it } from "vitest";
import type { Definition } from "@/collab/types";
import { copied, pasted, readFragment } from "@/editor/clipboard";
import { freshId, slug } from "@/editor/ids";
import { type Joinable, type Wire, whyNot } from "@/editor/rules";
import { brief } from "@/nodes/detail";
import { fieldsOf, portsOf, shapeOf } from "@/nodes/schema";
import { CATALOGUE } from "../collab/types";

const DEFINITION: Definition = {
  name: "x",
  nodes: [
    { id: "each", type: "for_each", position: { x: 100, y: 100 } },
    {
      id: "inner",
      type: "set",
      parent: "each",
      position: { x: 16, y: 16 },
      config: { values: { a: "{{ item }}" } },
    },
    {
      id: "call",
      type: "http_request",
      position: { x: 500, y: 100 },
      config: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of ours
        url: "https://x/{{ steps.each[0] }}?${each.x}",
        auth: "s3cret-by-hand",
        body: { steps: "steps.each" },
      },
    },
    { id: "far", type: "set", config: { values: { v: "{{ steps.call.body }}" } } },
  ],
  edges: [
    { source: "each", target: "call" },
    { source: "call", target: "far" },
  ],
};
const secrets = (type: string) => CATALOGUE.get(type)?.secret_fields ?? [];
const copy = () => copied(DEFINITION, new Set(["each", "call"]), secrets);

describe("copy", () => {
  it("takes what stands inside, and edges between what is copied alone", () => {
    expect(copy().nodes.map((node) => node.id)).toEqual(["each", "inner", "call"]);
    expect(copy().edges).toEqual([{ source: "each", source_port: "out", target: "call" }]);
  });

  it("is JSON without secrets that reads back", () => {
    const text = JSON.stringify(copy());
    expect(text).not.toContain("s3cret");
    expect(readFragment(text)).toEqual(copy());
  });

  it("names of credentials stay, which hold nothing", () => {
    const definition = {
      ...DEFINITION,
      nodes: [{ id: "call", type: "http_request", config: { auth: "{{ credentials.chat }}" } }],
    };
    expect(copied(definition, new Set(["call"]), secrets).nodes[0]?.config).toEqual({
      auth: "{{ credentials.chat }}",
    });
  });

  it.each(["", "hello", "[]", "{}", '{"nodes": 3}', '{"nodes": [{"id": 1}]}', "null"])(
    "%s is no fragment",
    (text) => {
      expect(readFragment(text)).toBeNull();
    },
  );
});

describe("paste", () => {
  const there = new Set(["each", "inner", "call", "far"]);

  it("gives fresh ids, keeps edges, and reads its own steps", () => {
    const made = pasted(copy(), { taken: there, at: { x: 0, y: 0 } });
    expect(made.nodes.map((node) => [node.id, node.parent])).toEqual([
      ["each_2", undefined],
      ["inner_2", "each_2"],
      ["call_2", undefined],
    ]);
    expect(made.edges).toEqual([{ source: "each_2", source_port: "out", target: "call_2" }]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of ours
    expect(made.nodes[2]?.config?.url).toBe("https://x/{{ steps.each_2[0] }}?${each_2.x}");
    expect(made.nodes[2]?.config?.body).toEqual({ steps: "steps.each" });
  });

  it("stands where it was pasted, as it stood", () => {
    const made = pasted(copy(), { taken: there, at: { x: 10, y: 20 } });
    expect(made.nodes.map((node) => node.position)).toEqual([
      { x: 10, y: 20 },
      { x: 16, y: 16 },
      { x: 410, y: 20 },
    ]);
  });

  it("into a workflow where nothing is taken keeps the names", () => {
    expect(pasted(copy(), { taken: new Set() }).nodes.map((node) => node.id)).toEqual([
      "each",
      "inner",
      "call",
    ]);
  });
});

describe("ids", () => {
  it.each([
    ["Send to Slack", "send_to_slack"],
    ["  Ärger & Co. ", "arger_co"],
    ["123", "step"],
    ["__proto__", "proto"],
  ])("%s is %s", (text, id) => expect(slug(text)).toBe(id));

  it("are never taken nor reserved", () => {
    expect(freshId("if", new Set())).toBe("if_2");
    expect(freshId("Set", new Set(["set", "set_2"]))).toBe("set_3");
  });
});

describe("joining", () => {
  const node = (id: string, more: Partial<Joinable> = {}): Joinable => ({
    id,
    title: id,
    kind: "inline",
    ports: ["out"],
    parent: "",
    section: "",
    ...more,
  });
  const nodes = new Map(
    [
      node("start", { kind: "trigger" }),
      node("a"),
      node("b"),
      node("c", { ports: ["true", "false"] }),
      node("inner", { parent: "each", section: "body" }),
      node("rescue", { parent: "each", section: "catch" }),
      node("undo"),
    ].map((one) => [one.id, one]),
  );
  const wires: Wire[] = [
    { source: "start", source_port: "out", target: "a" },
    { source: "a", source_port: "out", target: "b" },
  ];
  const graph = {
    node: (id: string) => nodes.get(id),
    wires: () => wires,
    isUndo: (id: string) => id === "undo",
  };
  const why = (source: string, source_port: string, target: string) =>
    whyNot({ source, source_port, target }, graph);

  it.each([
    ["a", "out", "c", ""],
    ["c", "true", "start", "trigger"],
    ["a", "out", "a", "itself"],
    ["b", "out", "a", "circle"],
    ["a", "out", "b", "already"],
    ["c", "out", "a", "no port"],
    ["a", "out", "inner", "wall"],
    ["inner", "out", "rescue", "section"],
    ["a", "out", "undo", "undoes"],
    ["undo", "out", "a", "undoes"],
    ["a", "out", "gone", "not there"],
  ])("%s %s to %s: %s", (source, port, target, reason) => {
    const said = why(source, port, target);
    if (reason) expect(said).toContain(reason);
    else expect(said).toBe("");
  });
});

describe("node types", () => {
  it("say how their fields are kept", () => {
    expect(shapeOf(CATALOGUE.get("http_request"))).toEqual({
      method: "plain",
      url: "text",
      body: "text",
      auth: "plain",
      expect: "list",
    });
    expect(fieldsOf(CATALOGUE.get("if") as never)[0]).toMatchObject({
      control: "expression",
      required: true,
    });
  });

  it("have the ports their config and error policy give", () => {
    const cases = { cases: [{ name: "a" }, { name: "b" }, { name: "a" }, 3, null] };
    expect(portsOf(CATALOGUE.get("switch"), cases as never)).toEqual(["a", "b", "default"]);
    expect(portsOf(CATALOGUE.get("set"), undefined, "route")).toEqual(["out", "error"]);
  });

  it("tell the essence of a config", () => {
    expect([
      brief("{{ a.b }}"),
      brief("{{ a }} {{ b }}"),
      brief([1]),
      brief({ a: 1, b: 2 }),
      brief(null),
    ]).toEqual(["a.b", "{{ a }} {{ b }}", "1 item", "a, b", ""]);
  });
});
