/**
 * The JSON Schemas of node types, read for a form: one kind of control for each field, and what
 * the document keeps it as. What a schema says beyond this is edited as JSON.
 */
import type { FieldShape, Shape } from "@/collab/making";
import type { Json } from "@/collab/types";

export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: Json;
  enum?: Json[];
  const?: Json;
  anyOf?: Schema[];
  oneOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  "x-ui"?: {
    widget?: string;
    literal?: boolean;
    advanced?: boolean;
    inside?: boolean;
    yields?: string;
    port?: boolean;
  };
  [more: string]: unknown;
}

export type Control =
  | "text" // one line of text with expressions
  | "code" // several lines: SQL and the like
  | "expression" // an expression alone
  | "number"
  | "switch"
  | "choice"
  | "choices" // several of a few
  | "duration"
  | "credential" // {{ credentials.x }}
  | "credential-name"
  | "workflow"
  | "list" // rows
  | "pairs" // rows with names
  | "cases" // rows that are objects
  | "any"; // whatever: text, expression or JSON

export interface FieldSpec {
  name: string;
  label: string;
  help: string;
  required: boolean;
  literal: boolean; // takes no expression
  advanced: boolean;
  inside: boolean; // read inside the container
  control: Control;
  schema: Schema;
  fallback: Json | undefined; // what counts if nothing is said
}

export interface NodeType {
  type: string;
  version: number;
  kind: "trigger" | "inline" | "task" | "container";
  title: string;
  help: string;
  category: string;
  icon: string;
  ports: string[];
  sections: string[];
  output_schema: Schema | null;
  config_schema: Schema;
  secret_fields: string[];
  retry: {
    max_attempts: number;
    initial_ms: number;
    factor: number;
    max_ms: number;
    jitter: number;
  };
  timeout_ms: number;
  queue: string;
  effect: "none" | "read" | "write";
}

/** A schema without references and without "or null"; the outer one's words count. */
export function resolved(schema: Schema, whole: Schema): Schema {
  let found = schema;
  for (let depth = 0; depth < 8; depth += 1) {
    const name = found.$ref?.replace("#/$defs/", "");
    if (name) {
      const { $ref: _, ...words } = found;
      found = { ...whole.$defs?.[name], ...words };
      continue;
    }
    const choices = found.anyOf?.filter((one) => one.type !== "null");
    if (choices?.length === 1 && choices[0]) {
      const { anyOf: _, ...words } = found;
      const said = Object.fromEntries(Object.entries(words).filter(([, value]) => value !== null));
      found = { ...choices[0], ...said };
      continue;
    }
    break;
  }
  return found;
}

const is = (schema: Schema, type: string) =>
  Array.isArray(schema.type) ? schema.type.includes(type) : schema.type === type;

function controlOf(name: string, schema: Schema, type: NodeType): Control {
  const ui = schema["x-ui"] ?? {};
  if (type.secret_fields.includes(name)) return "credential";
  if (ui.widget === "workflow") return "workflow";
  if (ui.widget === "sql" || ui.widget === "code") return "code";
  if (ui.widget === "expression") return "expression";
  if (name === "credential" && is(schema, "string")) return "credential-name";
  if (schema.enum) return "choice";
  if (is(schema, "array")) return arrayControl(schema, type);
  if (is(schema, "object")) return schema.properties ? "any" : "pairs";
  if (Array.isArray(schema.type) && is(schema, "string") && is(schema, "number")) return "duration";
  if (is(schema, "boolean")) return "switch";
  if (is(schema, "integer") || is(schema, "number")) return "number";
  if (is(schema, "string")) return "text";
  return "any";
}

function arrayControl(schema: Schema, type: NodeType): Control {
  const item = resolved(schema.items ?? {}, type.config_schema);
  if (item.enum) return "choices";
  if (item.anyOf?.length || item.properties) return "cases";
  return Object.keys(schema.items ?? {}).length ? "list" : schema.maxItems ? "list" : "expression";
}

/** "http_request" or "maxRows" as people read it. */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .toLowerCase();
  const said = words.replace(/\b(url|id|sql|http|json|api)\b/g, (word) => word.toUpperCase());
  return said.charAt(0).toUpperCase() + said.slice(1);
}

const known = new WeakMap<NodeType, FieldSpec[]>();

/** The fields of a node type's form, in the order of its schema. */
export function fieldsOf(type: NodeType): FieldSpec[] {
  let found = known.get(type);
  if (!found) {
    const { properties = {}, required = [] } = type.config_schema;
    found = Object.entries(properties).map(([name, given]) => {
      const schema = resolved(given, type.config_schema);
      const ui = schema["x-ui"] ?? {};
      const isLiteral = Boolean(ui.literal);
      const title = given.title && given.title.toLowerCase() !== labelOf(name).toLowerCase();
      return {
        name,
        label: title ? (given.title as string) : labelOf(name),
        help: given.description ?? schema.description ?? "",
        required: required.includes(name),
        literal: isLiteral,
        advanced: Boolean(ui.advanced),
        inside: Boolean(ui.inside),
        control: controlOf(name, schema, type),
        schema,
        fallback: given.default ?? undefined,
      };
    });
    known.set(type, found);
  }
  return found;
}

const SHAPES: Record<Control, FieldShape> = {
  text: "text",
  code: "text",
  expression: "text",
  any: "text",
  list: "list",
  cases: "list",
  pairs: "map",
  number: "plain",
  switch: "plain",
  choice: "plain",
  choices: "plain",
  duration: "plain",
  credential: "plain",
  "credential-name": "plain",
  workflow: "plain",
};

/** What the document keeps each field of a type as. */
export function shapeOf(type: NodeType | undefined): Shape {
  if (!type) return {};
  return Object.fromEntries(fieldsOf(type).map((field) => [field.name, SHAPES[field.control]]));
}

/** The outbound ports of a node with this config, the port for errors included. */
export function portsOf(
  type: NodeType | undefined,
  config: Record<string, Json> | undefined,
  onError?: string,
): string[] {
  if (!type) return ["out"];
  let ports = type.ports;
  const cases = config?.cases;
  if (type.type === "switch" && Array.isArray(cases)) {
    const names = cases.map((one) =>
      one && typeof one === "object" && !Array.isArray(one) ? one.name : null,
    );
    ports = [
      ...new Set(names.filter((name): name is string => typeof name === "string" && name !== "")),
      "default",
    ];
  }
  return onError === "route" && type.kind !== "trigger" ? [...ports, "error"] : [...ports];
}
