// @vitest-environment jsdom
/** What the editor decides without drawing: publishing, differences, files, places, problems, runs. */
import type { ElkNode } from "elkjs/lib/elk-api";
import { describe, expect, it } from "vitest";
import { byNode } from "@/editor/checking";
import { counts, lines } from "@/editor/diff";
import { arrange, cardSize, spread } from "@/editor/geometry";
import { layOut, sectionGraph } from "@/editor/layout";
import { lackedStep } from "@/editor/preview";
import { differs, type PublishFacts, publishState } from "@/editor/publishing";
import { nodeOf, seenSteps, triggerAmong } from "@/editor/trial";
import { found } from "@/editor/types-list";
import { toYaml } from "@/editor/yaml";
import { CATALOGUE } from "../collab/types";

const FACTS: PublishFacts = {
  nodes: 2,
  problems: 0,
  isChecked: true,
  current: "ver_1",
  differs: true,
  isSaved: true,
  isPublishing: false,
  last: "none",
};

describe("the publish button", () => {
  it.each([
    ["changed", {}],
    ["first", { current: null }],
    ["nothing", { nodes: 0 }],
    ["invalid", { problems: 1 }],
    ["up-to-date", { differs: false }],
    ["up-to-date", { differs: false, isSaved: false, last: "done" }],
    ["partial", { differs: false, last: "partial" }],
    ["changed", { last: "partial" }],
    ["unsaved", { isSaved: false }],
    ["publishing", { isPublishing: true, problems: 3 }],
    ["failed", { last: "failed" }],
  ] as [string, Partial<PublishFacts>][])("%s", (state, facts) => {
    expect(publishState({ ...FACTS, ...facts })).toBe(state);
  });
});

describe("differences", () => {
  const diff = {
    from: "a",
    to: "b",
    added: [{ kind: "edge" as const, id: "a:true:b" }],
    removed: [{ kind: "node" as const, id: "gone", by: { id: "usr_1", at: "" } }],
    changed: [
      {
        kind: "node" as const,
        id: "a",
        fields: [{ path: "/config/url", before: "x", after: { y: 1 } }],
      },
    ],
    moved: [{ kind: "node" as const, id: "b" }],
    settings: [{ path: "/vars/limit", before: 1 }],
  };

  it("are listed steps first, what was only moved last", () => {
    const read = lines(
      diff,
      (id) => id.toUpperCase(),
      () => "Ada",
    );
    expect(read.map((line) => `${line.mark} ${line.title} ${line.by}`)).toEqual([
      "removed GONE Ada",
      "changed A ",
      "added A (true) → B ",
      "changed Vars: limit ",
      "moved B ",
    ]);
    expect(read[1]?.fields).toEqual([{ path: "/config/url", before: "x", after: '{"y":1}' }]);
    expect(counts(diff)).toEqual({ added: 1, removed: 1, changed: 2, moved: 1 });
  });

  it("of places, notes and names alone are none that run", () => {
    const none = { ...diff, added: [], removed: [], changed: [], settings: [] };
    expect(differs(diff)).toBe(true);
    expect(differs(none)).toBe(false);
    expect(
      differs({ ...none, added: [{ kind: "note", id: "n" }], settings: [{ path: "/name" }] }),
    ).toBe(false);
  });
});

describe("YAML", () => {
  it("is written so that it reads as what it was", () => {
    const text = toYaml({
      name: "A name",
      on: "no",
      list: [1, "two", { a: [], b: {} }, [true]],
      text: "one\ntwo",
      odd: "{{ x }}: #",
      empty: "",
      nothing: null,
    });
    expect(text).toBe(
      [
        "name: A name",
        '"on": "no"',
        "list:",
        "  - 1",
        "  - two",
        "  - a: []",
        "    b: {}",
        "  - - true",
        "text: |-",
        "  one",
        "  two",
        'odd: "{{ x }}: #"',
        'empty: ""',
        "nothing: null",
        "",
      ].join("\n"),
    );
  });
});

describe("places", () => {
  const item = (id: string, more: object = {}) => ({
    id,
    type: "set",
    parent: "",
    section: "",
    ports: ["out"],
    sections: [],
    position: undefined,
    ...more,
  });

  it("a card grows with its ports", () => {
    expect(cardSize(1).height).toBe(64);
    expect(cardSize(5).height).toBeGreaterThan(120);
  });

  it("nodes without one stand in columns by the flow, and none on another", () => {
    const items = ["a", "b", "c"].map((id) => item(id));
    const places = spread(items, [
      { source: "a", target: "b" },
      { source: "a", target: "c" },
      { source: "c", target: "a" },
    ]);
    expect(new Set([...places.values()].map((at) => `${at.x}/${at.y}`)).size).toBe(3);
  });

  it("a child never hides under the head of its container", () => {
    const boxes = arrange([
      item("pane", { sections: ["body"], position: { x: 0, y: 0 } }),
      item("inner", { parent: "pane", section: "body", position: { x: -50, y: -50 } }),
    ]);
    expect(boxes.get("inner")?.y).toBeGreaterThanOrEqual(40);
    expect(boxes.get("inner")?.x).toBeGreaterThan(0);
  });

  it("a layout goes from the innermost out, with ports in their order", async () => {
    const size = { width: 208, height: 64 };
    const items = [
      { id: "pane", ...size, ports: ["out"], parent: "", section: "body", sections: ["body"] },
      {
        id: "inner",
        ...size,
        ports: ["true", "false"],
        parent: "pane",
        section: "body",
        sections: [],
      },
    ];
    const asked: ElkNode[] = [];
    const places = await layOut(
      items,
      [],
      async (graph) => {
        asked.push(graph);
        return {
          ...graph,
          children: (graph.children ?? []).map((child) => ({ ...child, x: 7, y: 9 })),
        };
      },
      () => ({ width: 320, height: 160 }),
    );
    expect(asked.map((graph) => graph.children?.[0]?.id)).toEqual(["inner", "pane"]);
    expect(asked[1]?.children?.[0]?.width).toBe(320);
    expect(places.get("inner")).toEqual({ x: 16, y: 32 });
    expect(
      sectionGraph([items[1] as never], [], new Map()).children?.[0]?.ports?.map((port) => port.id),
    ).toEqual(["inner:in", "inner:out:true", "inner:out:false"]);
  });
});

describe("runs and problems", () => {
  it("a step path names its node", () => {
    expect(["notify", "each[3]/notify", "a/b[0]"].map(nodeOf)).toEqual(["notify", "notify", "b"]);
  });

  it("of many rounds the worst state is seen, with the last output", () => {
    const seen = seenSteps([
      { step: "each", status: "running", output: null },
      { step: "each[0]/a", status: "failed", error: { code: "X" } },
      { step: "each[1]/a", status: "succeeded", output: 2 },
      { step: "each[0]", status: "succeeded", output: 1 },
    ]);
    expect(seen.each?.status).toBe("running");
    expect(seen.a).toEqual({ status: "failed", output: 2, error: { code: "X" } });
  });

  it("problems are counted by their nodes", () => {
    const problem = (node: string | null) => ({
      code: "X",
      path: "",
      node,
      message: "",
      advice: "",
    });
    expect(byNode([problem("a"), problem("a"), problem(null)], [problem("a")])).toEqual({
      a: { errors: 2, warnings: 1 },
    });
  });

  it("what was never seen is asked for, what is wrong is not", () => {
    expect(lackedStep("EXPRESSION_UNRESOLVED", "steps.a.b", ["a"], { steps: {} })).toContain(
      "Run a first",
    );
    expect(lackedStep("EXPRESSION_UNRESOLVED", "steps.z.b", ["a"], { steps: {} })).toBe("");
    expect(lackedStep("EXPRESSION_UNRESOLVED", "input.b", [], {})).toContain("sample input");
    expect(lackedStep("EXPRESSION_TYPE", "input.b", [], {})).toBe("");
  });
});

describe("the palette", () => {
  it("finds by title, type and category, the best first", () => {
    const types = [...CATALOGUE.values()];
    expect(found(types, "http")[0]?.type).toBe("http_request");
    expect(found(types, "trigger").map((type) => type.type)).toEqual(["manual"]);
    expect(found(types, "nonsense")).toEqual([]);
    expect(found(types, "")).toHaveLength(types.length);
  });
});

describe("the trigger a run starts from", () => {
  const trigger = (type: string) => ({ id: type, type, kind: "trigger" });
  const [hook, timer, manual] = [trigger("webhook"), trigger("schedule"), trigger("manual")];
  const step = { id: "s", type: "set", kind: "action" };
  it("is left to Weir where there is no choice", () => {
    expect(triggerAmong([step, hook])).toBeUndefined();
    expect(triggerAmong([step])).toBeUndefined();
    expect(triggerAmong([hook, manual])).toBeUndefined();
    expect(triggerAmong([{ ...hook, disabled: true }, timer])).toBeUndefined();
  });
  it("is the first one where nobody can tell", () => {
    expect(triggerAmong([step, hook, timer])).toBe("webhook");
    expect(triggerAmong([hook, manual, { id: "again", kind: "trigger", type: "manual" }])).toBe(
      "manual",
    );
  });
});
