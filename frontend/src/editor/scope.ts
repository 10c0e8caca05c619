/** What the expressions of a node may read: the steps before it, their data, and what is around. */
import { plain, readDefinition, roots } from "@/collab/document";
import type { Json, JsonObject } from "@/collab/types";
import type { Known } from "@/expr/reading";
import type { Schema } from "@/nodes/schema";
import type { Studio } from "./studio";

/** Ids of the steps that come before this one, in its container and in what stands around that. */
export function upstream(studio: Studio, id: string): string[] {
  const { projection } = studio.draft;
  const nodes = projection.views.getState().nodes;
  const wires = [...projection.edges()];
  const found = new Set<string>();
  for (let at = id; at; at = nodes[at]?.parent ?? "") {
    const next = [at];
    for (let here = next.pop(); here !== undefined; here = next.pop()) {
      for (const wire of wires) {
        if (wire.target === here && !found.has(wire.source) && wire.source !== id) {
          found.add(wire.source);
          next.push(wire.source);
        }
      }
    }
  }
  return [...found].filter((one) => nodes[one] && nodes[one].kind !== "trigger");
}

/** What `trigger` is: what it saw when it fired last, and the run's input as its payload. */
export function triggerSeen(trigger: Json | undefined, input: Json | undefined): Json | undefined {
  if (trigger === undefined && input === undefined) return undefined;
  return { ...(trigger as Record<string, Json> | undefined), payload: input ?? null };
}

/** Data of a step: what is pinned, else what it gave last. */
export function dataOf(studio: Studio, id: string): Json | undefined {
  const { pins, steps } = studio.marks.getState();
  return id in pins ? pins[id] : steps[id]?.output;
}

const LOOPS = new Set(["for_each", "while"]);

/** What can be read in this node's fields. `isInside`: the field is read inside the container it is of. */
export function scopeOf(studio: Studio, id: string, isInside = false): Record<string, Known> {
  const { doc, projection } = studio.draft;
  const { input, trigger } = studio.marks.getState();
  const { meta, vars } = roots(doc);
  const nodes = projection.views.getState().nodes;
  const inputSchema = plain(meta.get("input")) as Schema | undefined;
  const steps: Record<string, Known> = {};
  for (const one of upstream(studio, id)) {
    const draft = projection.draft(one);
    const type = studio.catalogue.get(draft?.type ?? "");
    steps[one] = {
      value: dataOf(studio, one),
      schema: (draft?.output_schema as Schema | undefined) ?? type?.output_schema ?? null,
      info: nodes[one]?.title ?? one,
    };
  }
  const scope: Record<string, Known> = {
    input: {
      value: input,
      schema: typeof inputSchema === "object" ? inputSchema : null,
      info: "the run's input",
    },
    trigger: {
      value: triggerSeen(trigger, input),
      schema: {
        properties: {
          payload: {},
          headers: { type: "object" },
          query: { type: "object" },
          method: { type: "string" },
          event: { type: "string" },
          fired_at: { type: "string" },
        },
      },
      info: "what began the run",
    },
    steps: { parts: steps, info: "outputs of the steps before" },
    vars: {
      parts: Object.fromEntries(
        [...vars.keys()].map((name) => [name, { value: plain(vars.get(name)) }]),
      ),
      info: "variables",
    },
    run: {
      schema: {
        properties: {
          id: { type: "string" },
          started_at: { type: "string" },
          attempt: { type: "integer" },
          labels: { type: "object" },
        },
      },
      info: "the run itself",
    },
  };
  const around: string[] = isInside ? [id] : [];
  for (let at = nodes[id]?.parent ?? ""; at; at = nodes[at]?.parent ?? "") around.push(at);
  for (const one of around) {
    const type = nodes[one]?.type ?? "";
    if (LOOPS.has(type)) {
      if (type === "for_each" && !scope.item)
        scope.item = { value: firstItem(studio, one), info: "the item of this round" };
      scope.index ??= { schema: { type: "integer" }, info: "counts from 0" };
      scope.acc ??= { info: "what was handed on" };
    }
    if (type === "try") scope.error ??= { schema: ERROR, info: "what went wrong" };
  }
  return scope;
}

const ERROR: Schema = {
  properties: {
    code: { type: "string" },
    message: { type: "string" },
    step: { type: "string" },
    details: {},
  },
};

/** The error of `retry_if`. */
export const ERROR_SCOPE: Record<string, Known> = {
  error: { schema: ERROR, info: "what went wrong" },
};

function firstItem(studio: Studio, loop: string): Json | undefined {
  const items = studio.draft.projection.draft(loop)?.config?.items;
  if (Array.isArray(items)) return items[0];
  const path =
    typeof items === "string" ? /^\s*\{\{\s*([\w.]+)\s*\}\}\s*$/.exec(items)?.[1] : undefined;
  if (!path) return undefined;
  const [root, first, ...rest] = path.split(".");
  let value: Json | undefined =
    root === "steps" && first
      ? dataOf(studio, first)
      : root === "input"
        ? studio.marks.getState().input
        : undefined;
  for (const name of root === "input" && first ? [first, ...rest] : rest) {
    value = value && typeof value === "object" && !Array.isArray(value) ? value[name] : undefined;
  }
  return Array.isArray(value) ? value[0] : undefined;
}

/** The data an expression is evaluated over, and the steps among it that have none yet. */
export function dataScope(
  studio: Studio,
  id: string,
  isInside = false,
): { scope: JsonObject; missing: string[] } {
  const known = scopeOf(studio, id, isInside);
  const scope: JsonObject = {};
  const missing: string[] = [];
  for (const [name, one] of Object.entries(known)) {
    if (name === "steps") {
      const steps: JsonObject = {};
      for (const [step, part] of Object.entries(one.parts ?? {})) {
        if (part.value === undefined) missing.push(step);
        else steps[step] = part.value;
      }
      scope.steps = steps;
    } else if (one.parts) {
      scope[name] = Object.fromEntries(
        Object.entries(one.parts).flatMap(([key, part]) =>
          part.value === undefined ? [] : [[key, part.value]],
        ),
      );
    } else if (one.value !== undefined) scope[name] = one.value;
  }
  scope.run ??= { id: "run_preview", started_at: new Date().toISOString(), attempt: 1, labels: {} };
  if (known.index) scope.index ??= 0;
  return { scope, missing };
}

/** The draft as it stands. */
export const definitionOf = (studio: Studio) => readDefinition(studio.draft.doc).definition;
