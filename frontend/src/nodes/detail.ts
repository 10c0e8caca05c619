/** The most telling thing of a node's config, in one line. */
import type { DraftNode, Json } from "@/collab/types";
import { fieldsOf, type NodeType } from "./schema";

const TELLING: Record<string, readonly string[]> = {
  http_request: ["method", "url"],
  if: ["condition"],
  switch: ["value"],
  set: ["values"],
  set_variables: ["values"],
  set_labels: ["labels", "search"],
  output: ["value"],
  for_each: ["items"],
  while: ["condition"],
  delay: ["duration", "until"],
  wait_signal: ["name"],
  task: ["task"],
  fail: ["code", "message"],
  postgres_query: ["query"],
  webhook: ["scheme"],
  webhook_post: ["url"],
  sub_workflow: ["workflow"],
  merge: ["mode"],
};
const MOST = 200;

/** What stands under the title of a card; the type's title where nothing was said yet. */
export function detailOf(node: DraftNode, type: NodeType | undefined): string {
  if (!type) return `unknown type ${node.type}`;
  const names =
    TELLING[node.type] ??
    fieldsOf(type)
      .filter((field) => field.required)
      .map((field) => field.name);
  const parts = names.map((name) => brief(node.config?.[name])).filter(Boolean);
  const text = parts.join(" ");
  return text ? text.slice(0, MOST) : type.title;
}

/** A value in one line; an expression without its braces. */
export function brief(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") {
    const single = /^\s*\{\{([\s\S]*)\}\}\s*$/.exec(value);
    const text = single?.[1] !== undefined && !single[1].includes("{{") ? single[1] : value;
    return text.replace(/\s+/g, " ").trim();
  }
  if (Array.isArray(value)) return `${value.length} ${value.length === 1 ? "item" : "items"}`;
  if (typeof value === "object") return Object.keys(value).join(", ");
  return String(value);
}
