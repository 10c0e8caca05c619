/** Node types as the catalogue tells them, enough of them for the tests. */
import type { NodeType, Schema } from "@/nodes/schema";

export function nodeType(
  type: string,
  more: Partial<NodeType> & { properties?: Record<string, Schema>; required?: string[] } = {},
): NodeType {
  const { properties = {}, required = [], ...rest } = more;
  return {
    type,
    version: 1,
    kind: "inline",
    title: type.charAt(0).toUpperCase() + type.slice(1),
    help: "",
    category: "control",
    icon: "circle",
    ports: ["out"],
    sections: [],
    output_schema: null,
    config_schema: { type: "object", properties, required },
    secret_fields: [],
    retry: { max_attempts: 3, initial_ms: 1000, factor: 2, max_ms: 60000, jitter: 0.2 },
    timeout_ms: 60000,
    queue: "default",
    effect: "none",
    ...rest,
  };
}

export const CATALOGUE = new Map(
  [
    nodeType("manual", { kind: "trigger", category: "trigger" }),
    nodeType("if", {
      ports: ["true", "false"],
      properties: {
        condition: { type: "boolean", "x-ui": { widget: "expression", yields: "boolean" } },
      },
      required: ["condition"],
    }),
    nodeType("switch", {
      ports: ["default"],
      properties: { cases: { type: "array", items: { anyOf: [{}, {}] } } },
    }),
    nodeType("set", { properties: { values: { type: "object", additionalProperties: true } } }),
    nodeType("http_request", {
      kind: "task",
      secret_fields: ["auth"],
      properties: {
        method: { type: "string", enum: ["GET", "POST"], default: "GET" },
        url: { type: "string", format: "uri" },
        body: { default: null },
        auth: { anyOf: [{ type: "string" }, { type: "null" }] },
        expect: { type: "array", items: { type: "integer" } },
      },
      required: ["url"],
    }),
    nodeType("for_each", {
      kind: "container",
      sections: ["body"],
      properties: { items: { type: "array", items: {} } },
    }),
    nodeType("try", { kind: "container", sections: ["body", "catch", "finally"] }),
  ].map((type) => [type.type, type]),
);
