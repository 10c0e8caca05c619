import { describe, expect, it } from "vitest";
import { graphOf, neighbour } from "./graph";

const VERSION = {
  definition: {
    nodes: [
      { id: "book", type: "task", parent: "each", config: { task: "book-parcel" } },
      { id: "start", type: "manual", name: "By hand" },
      { id: "each", type: "for_each" },
      { id: "done", type: "output" },
    ],
  },
  frozen: {
    nodes: [
      { id: "start", kind: "trigger", ports: ["out"] },
      { id: "each", kind: "container", ports: ["out"] },
      { id: "book", kind: "task", ports: ["out", "error"], parent: "each" },
      { id: "done", kind: "inline", ports: [] },
    ],
    edges: [
      { source: "start", port: "out", target: "each" },
      { source: "each", port: "out", target: "done" },
    ],
  },
};

describe("the graph of a version", () => {
  it("has what people wrote and what runs, containers before what they hold", () => {
    const graph = graphOf(VERSION);
    const ids = graph.nodes.map((node) => node.id);
    expect(ids.indexOf("each")).toBeLessThan(ids.indexOf("book"));
    expect(graph.titles.get("start")).toBe("By hand");
    const book = graph.nodes.find((node) => node.id === "book");
    expect(book).toMatchObject({ hint: "book-parcel", parent: "each", ports: ["out", "error"] });
    expect(graph.nodes.find((node) => node.id === "each")?.container).toBe(true);
  });

  it("places what has no place, nothing upon another", () => {
    const { nodes } = graphOf(VERSION);
    const top = nodes.filter((node) => !node.parent).sort((a, b) => a.box.x - b.box.x);
    expect(top.map((node) => node.id)).toEqual(["start", "each", "done"]);
    for (const [index, node] of top.slice(1).entries()) {
      const before = top[index];
      expect(node.box.x).toBeGreaterThanOrEqual((before?.box.x ?? 0) + (before?.box.width ?? 0));
    }
  });

  it("is walked along its edges", () => {
    const graph = graphOf(VERSION);
    expect(neighbour(graph, "start", "right")).toBe("each");
    expect(neighbour(graph, "done", "left")).toBe("each");
    expect(neighbour(graph, "start", "left")).toBeNull();
  });
});
