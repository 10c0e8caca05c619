/** What a value with expressions comes to, asked of the server, which evaluates runs. */
import { api, got } from "@/api/client";
import type { Json, JsonObject } from "@/collab/types";

export interface Evaluated {
  ok: boolean;
  value?: Json;
  message: string;
  /** It lacks data that a run would have. */
  isMissing: boolean;
}

export async function evaluate(
  value: Json,
  scope: JsonObject,
  missing: readonly string[],
): Promise<Evaluated> {
  const answer = await got(api.POST("/api/v1/expressions/evaluate", { body: { value, scope } }));
  if (answer.ok)
    return { ok: true, value: (answer.value ?? null) as Json, message: "", isMissing: false };
  const flaw = answer.errors?.[0];
  if (!flaw) return { ok: false, message: "It has no value.", isMissing: false };
  const lacks = lackedStep(flaw.code, flaw.reference ?? "", missing, scope);
  if (lacks) return { ok: false, message: lacks, isMissing: true };
  return { ok: false, message: flaw.message, isMissing: false };
}

/** What to do to see a value, where what is read was never seen; empty where something is wrong. */
export function lackedStep(
  code: string,
  reference: string,
  missing: readonly string[],
  scope: JsonObject,
): string {
  if (code !== "EXPRESSION_UNRESOLVED") return "";
  const [root, step] = reference.split(".");
  if (root === "steps" && step && missing.includes(step)) {
    return `Run ${step} first, or pin data for it, to see the value.`;
  }
  if (
    root &&
    !(root in scope) &&
    ["input", "trigger", "item", "acc", "error", "env", "index"].includes(root)
  ) {
    return root === "input" || root === "trigger"
      ? "Run the workflow with a sample input to see the value."
      : `There is no ${root} to see here before a run.`;
  }
  return "";
}
