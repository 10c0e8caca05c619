/** The fields of a flat JSON Schema for a form, and the form's texts as their values. */

export interface FieldOf {
  name: string;
  title: string;
  help: string;
  required: boolean;
  secret: boolean;
  kind: "text" | "number" | "yes" | "choice" | "long";
  choices: readonly string[];
  initial: string;
}

interface Schema {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  format?: string;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: unknown;
  "x-secret"?: boolean;
}

const LONG = /certificate|private_key|pem|comment|notes?$|description/;

export function fieldsOf(given: unknown): FieldOf[] {
  const schema = given as Schema;
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    // What may be left out is `anyOf: [that, null]`.
    const inner = property.anyOf?.find((each) => each.type !== "null") ?? property;
    const kind: FieldOf["kind"] = inner.enum
      ? "choice"
      : inner.type === "integer" || inner.type === "number"
        ? "number"
        : inner.type === "boolean"
          ? "yes"
          : LONG.test(name)
            ? "long"
            : "text";
    return {
      name,
      title: sentence(property.title ?? name),
      help: property.description ?? inner.description ?? "",
      required: schema.required?.includes(name) ?? false,
      secret: Boolean(inner["x-secret"] ?? property["x-secret"]),
      kind,
      choices: inner.enum ?? [],
      initial:
        property.default === null || property.default === undefined ? "" : String(property.default),
    };
  });
  // What is needed comes first, in the order the type has it.
  return [
    ...fields.filter((field) => field.required),
    ...fields.filter((field) => !field.required),
  ];
}

/** Whether any name may be a field. */
export function isOpen(given: unknown): boolean {
  const schema = given as Schema;
  return Boolean(schema.additionalProperties) && !Object.keys(schema.properties ?? {}).length;
}

/** Texts as values of their kinds; what is empty is left out. */
export function valuesOf(
  fields: readonly FieldOf[],
  texts: Record<string, string>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const text = texts[field.name] ?? "";
    if (field.kind === "yes") values[field.name] = text === "on";
    else if (text !== "") values[field.name] = field.kind === "number" ? Number(text) : text;
  }
  return values;
}

function sentence(title: string): string {
  const words = title
    .toLowerCase()
    .replace(/\burl\b/g, "address")
    .replace(/\bid\b/g, "id");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
