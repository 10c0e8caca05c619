/** Plain JSON values as YAML that every reader understands: block style, texts quoted where needed. */
import type { Json } from "@/collab/types";

const PLAIN = /^[A-Za-z_][A-Za-z0-9_./ -]*[A-Za-z0-9_./-]$|^[A-Za-z_]$/;
const WORDS = /^(true|false|null|yes|no|on|off|y|n|~)$/i;

function scalar(value: Json): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return PLAIN.test(value) && !WORDS.test(value) ? value : JSON.stringify(value);
}

function key(name: string): string {
  return /^[A-Za-z_][\w-]*$/.test(name) && !WORDS.test(name) ? name : JSON.stringify(name);
}

export function toYaml(value: unknown): string {
  return `${block(value as Json, 0).replace(/^\n/, "")}\n`;
}

function isMultiline(value: string): boolean {
  return value.includes("\n") && !/[\t\r\0]|^\s|\s\n|\n\n$/.test(value) && !value.endsWith(" ");
}

function block(value: Json, depth: number): string {
  const pad = "  ".repeat(depth);
  if (Array.isArray(value)) {
    if (!value.length) return " []";
    return `\n${value.map((one) => `${pad}-${item(one, depth + 1)}`).join("\n")}`;
  }
  if (value && typeof value === "object") {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    if (!entries.length) return " {}";
    return `\n${entries.map(([name, one]) => `${pad}${key(name)}:${block(one, depth + 1)}`).join("\n")}`;
  }
  if (typeof value === "string" && isMultiline(value)) {
    const chomp = value.endsWith("\n") ? "" : "-";
    return ` |${chomp}\n${value
      .replace(/\n$/, "")
      .split("\n")
      .map((line) => (line ? pad + line : ""))
      .join("\n")}`;
  }
  return ` ${scalar(value ?? null)}`;
}

/** An item of a list begins on the line of its dash. */
function item(value: Json, depth: number): string {
  const text = block(value, depth);
  return text.startsWith("\n") ? ` ${text.slice(1).trimStart()}` : text;
}
