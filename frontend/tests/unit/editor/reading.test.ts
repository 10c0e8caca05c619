/** What is offered while an expression is written. */
import { describe, expect, it } from "vitest";
import { askedAt, type Known, offers, openedAt } from "@/expr/reading";

const SCOPE: Record<string, Known> = {
  input: {
    value: { repo: "weir", tags: [{ name: "a" }], "x-id": 1 },
    schema: { properties: { stars: { type: "integer" } } },
  },
  steps: {
    parts: {
      parse: {
        schema: { type: "object", properties: { total: { type: "number" } } },
        info: "Parse",
      },
    },
  },
};
const CALLS = [
  { name: "sha256", signature: "sha256(x)", group: "", help: "", form: "function" as const },
  { name: "lower", signature: "text.lower()", group: "", help: "", form: "function" as const },
  { name: "+", signature: "a + b", group: "", help: "", form: "operator" as const },
];
const offered = (text: string) => {
  const asked = askedAt(text, text.length);
  return asked ? offers(asked, SCOPE, CALLS).map((one) => one.apply ?? one.label) : null;
};

describe("offers", () => {
  it.each([
    ["{{ ", ["input", "steps", "sha256("]],
    ["{{ in", ["input"]],
    ["{{ input.", ["repo", "tags", "['x-id']", "stars", "lower("]],
    ["{{ input.re", ["repo"]],
    ["{{ steps.", ["parse", "lower("]],
    ["{{ steps.parse.t", ["total"]],
    ["{{ input.tags[0].", ["name", "lower("]],
    ["{{ input.repo == steps.pa", ["parse"]],
    ["{{ a }} {{ inp", ["input"]],
    ["{{ '}}' + inp", ["input"]],
    ["text inp", null],
    ["{{ a }} inp", null],
    ["{{ 'inp", null],
    ["{{ 1.", null],
    ["{{ nobody.x", []],
  ])("%s", (text, expected) => {
    expect(offered(text)).toEqual(expected);
  });

  it("knows where an expression begins", () => {
    expect(openedAt("a {{ b }} c {{ d", 16)).toBe(14);
  });
});
