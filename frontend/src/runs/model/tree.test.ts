import { describe, expect, it } from "vitest";
import { at, childrenOf, describe as describeValue } from "./tree";

describe("a tree of JSON", () => {
  it("says what a value is without showing all of it", () => {
    expect(describeValue("k", { a: 1, b: 2, c: 3, d: 4, e: 5 })).toMatchObject({
      kind: "object",
      size: 5,
      preview: "{a, b, c, d, …}",
    });
    const long = describeValue("k", "x".repeat(10_000));
    expect(long).toMatchObject({ kind: "string", size: 10_000, cut: true });
    expect(long.preview.length).toBeLessThan(400);
    expect(describeValue("k", null).kind).toBe("null");
  });

  it("cuts long lists into pieces of pieces, and every item is in one", () => {
    const list = Array.from({ length: 123_456 }, (_, n) => n);
    const walk = (first: number, count: number): number => {
      const found = childrenOf(list, first, count);
      expect(found.length).toBeLessThanOrEqual(100);
      return found.reduce(
        (sum, node) => sum + (node.kind === "range" ? walk(node.first, node.size) : 1),
        0,
      );
    };
    expect(walk(0, list.length)).toBe(list.length);
    expect(childrenOf(list, 123_400, 56).at(-1)).toMatchObject({ key: 123_455, preview: "123455" });
  });

  it("finds what a path leads to", () => {
    expect(at({ a: [{ b: 1 }] }, ["a", 0, "b"])).toBe(1);
    expect(at({ a: null }, ["a", "b"])).toBeUndefined();
  });
});
