/** The control of one field of a schema, uncontrolled: the form has its text. */
import type { FieldOf } from "@/lib/schema-fields";
import { CheckBox, Field, Input, TextArea } from "@/ui/field";
import { Select } from "@/ui/select";

export function SchemaField({ field, error }: { field: FieldOf; error?: string | undefined }) {
  const label = field.required ? field.title : `${field.title} (optional)`;
  if (field.kind === "yes") {
    return (
      <CheckBox name={field.name} label={field.title} defaultChecked={field.initial === "true"} />
    );
  }
  const shared = { name: field.name, required: field.required, defaultValue: field.initial };
  return (
    <Field label={label} help={field.help} error={error}>
      {field.kind === "choice" ? (
        <Select
          {...shared}
          options={field.choices.map((value) => ({ value, label: value.replaceAll("_", " ") }))}
        />
      ) : field.kind === "long" ? (
        <TextArea {...shared} className="mono text-12" spellCheck={false} />
      ) : (
        <Input
          {...shared}
          type={field.secret ? "password" : field.kind === "number" ? "number" : "text"}
          autoComplete={field.secret ? "new-password" : "off"}
          className={field.secret ? "mono" : ""}
        />
      )}
    </Field>
  );
}
