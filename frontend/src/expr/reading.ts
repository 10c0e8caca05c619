/**
 * What an expression may read where the cursor stands: data that was seen, and where there is
 * none what schemas say. Without an editor, so that it can be tested by itself.
 */
import type { Json } from "@/collab/types";
import type { Schema } from "@/nodes/schema";

/** Something that can be read: its data if any was seen, what is known of its form. */
export interface Known {
  value?: Json | undefined;
  schema?: Schema | null | undefined;
  info?: string;
  /** What lies in it, where that is made of several things. */
  parts?: Readonly<Record<string, Known>>;
}

export interface Callable {
  name: string;
  signature: string;
  group: string;
  help: string;
  form: "function" | "macro" | "operator";
}

export interface Offer {
  label: string;
  apply?: string;
  kind: "name" | "field" | "function" | "method";
  detail: string;
  info: string;
}

/** Where an expression begins before this place, or -1 outside of all. */
export function openedAt(text: string, place: number): number {
  const before = text.slice(0, place);
  const open = before.lastIndexOf("{{");
  if (open < 0) return -1;
  const inner = before.slice(open + 2);
  // A }} inside a string does not end it.
  let quote = "";
  for (let index = 0; index < inner.length; index += 1) {
    const letter = inner[index] as string;
    if (quote) {
      if (letter === "\\") index += 1;
      else if (letter === quote) quote = "";
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === "}" && inner[index + 1] === "}") return -1;
  }
  return quote ? -2 : open + 2;
}

const PATH =
  /(?:[A-Za-z_]\w*)(?:\s*\.\s*[A-Za-z_]\w*|\[\s*(?:\d+|'[^']*'|"[^"]*")\s*\])*\s*\.?\s*$/;
const PART = /[A-Za-z_]\w*|\[\s*(?:\d+|'[^']*'|"[^"]*")\s*\]/g;

export interface Asked {
  /** What the word that is being written belongs to; empty for a root. */
  path: string[];
  /** The word itself, and where it begins. */
  word: string;
  from: number;
}

/** What is being written before this place of an expression; null if nothing can be offered. */
export function askedAt(text: string, place: number): Asked | null {
  const start = openedAt(text, place);
  if (start < 0) return null;
  const before = text.slice(start, place);
  const word = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? "";
  const from = place - word.length;
  const lead = before.slice(0, before.length - word.length).trimEnd();
  if (!lead.endsWith(".")) {
    return /[\d'"]$/.test(lead) ? null : { path: [], word, from };
  }
  const chain = PATH.exec(lead.slice(0, -1))?.[0];
  if (!chain) return /\d\.$/.test(lead) ? null : { path: ["?"], word, from };
  const parts = chain.match(PART) ?? [];
  const path = parts.map((part) =>
    part.startsWith("[")
      ? part
          .slice(1, -1)
          .trim()
          .replace(/^['"]|['"]$/g, "")
      : part,
  );
  return { path, word, from };
}

function child(known: Known, name: string): Known | undefined {
  if (known.parts) return known.parts[name];
  const { value } = known;
  const schema = schemaOf(known.schema, name);
  if (value !== null && typeof value === "object") {
    const inner = Array.isArray(value)
      ? value[Number(name)]
      : Object.hasOwn(value, name)
        ? value[name]
        : undefined;
    if (inner !== undefined) return { value: inner, schema };
  }
  return schema ? { schema } : undefined;
}

function schemaOf(schema: Schema | null | undefined, name: string): Schema | undefined {
  if (!schema) return undefined;
  if (/^\d+$/.test(name)) return schema.items;
  const more =
    typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
  return schema.properties?.[name] ?? more;
}

/** What lies at a path. */
export function at(
  scope: Readonly<Record<string, Known>>,
  path: readonly string[],
): Known | undefined {
  const [first, ...rest] = path;
  let found: Known | undefined = first === undefined ? undefined : scope[first];
  for (const name of rest) found = found && child(found, name);
  return found;
}

const PLAIN = /^[A-Za-z_]\w*$/;

export function kindOf(value: Json | undefined, schema?: Schema | null): string {
  if (value === undefined)
    return Array.isArray(schema?.type) ? schema.type.join(" or ") : (schema?.type ?? "");
  if (value === null) return "null";
  if (Array.isArray(value)) return `list of ${value.length}`;
  return typeof value === "object" ? "object" : typeof value;
}

/** A value in one short line. */
export function shown(value: Json | undefined, most = 80): string {
  if (value === undefined) return "";
  const text = JSON.stringify(value);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function fieldsAt(known: Known): [string, Known][] {
  if (known.parts) return Object.entries(known.parts);
  const names = new Set<string>();
  if (known.value && typeof known.value === "object" && !Array.isArray(known.value)) {
    for (const name of Object.keys(known.value).slice(0, 200)) names.add(name);
  }
  for (const name of Object.keys(known.schema?.properties ?? {})) names.add(name);
  return [...names].flatMap((name) => {
    const inner = child(known, name);
    return inner ? [[name, inner] as [string, Known]] : [];
  });
}

/** What can stand here, best first. */
export function offers(
  asked: Asked,
  scope: Readonly<Record<string, Known>>,
  callables: readonly Callable[],
): Offer[] {
  const wanted = asked.word.toLowerCase();
  const fits = (name: string) => name.toLowerCase().includes(wanted);
  const found: Offer[] = [];
  if (!asked.path.length) {
    for (const [name, known] of Object.entries(scope)) {
      if (fits(name)) {
        found.push({
          label: name,
          kind: "name",
          detail: known.info ?? kindOf(known.value, known.schema),
          info: shown(known.value, 400),
        });
      }
    }
  } else {
    const known = at(scope, asked.path);
    for (const [name, inner] of known ? fieldsAt(known) : []) {
      if (!fits(name)) continue;
      found.push({
        label: name,
        ...(PLAIN.test(name) ? {} : { apply: `['${name.replace(/'/g, "\\'")}']` }),
        kind: "field",
        detail: inner.info ?? (shown(inner.value, 32) || kindOf(inner.value, inner.schema)),
        info: shown(inner.value, 400) || (inner.schema?.description ?? ""),
      });
    }
  }
  for (const one of callables) {
    if (one.form === "operator" || !fits(one.name)) continue;
    const isMethod = /^[a-z]+\./.test(one.signature) && !one.signature.startsWith(`${one.name}`);
    if (asked.path.length ? !isMethod : isMethod) continue;
    found.push({
      label: one.name,
      apply: `${one.name}(`,
      kind: asked.path.length ? "method" : "function",
      detail: one.signature,
      info: one.help,
    });
  }
  const starts = (offer: Offer) => (offer.label.toLowerCase().startsWith(wanted) ? 0 : 1);
  return found.sort((one, other) => starts(one) - starts(other));
}
