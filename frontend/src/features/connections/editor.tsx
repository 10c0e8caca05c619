/** Making a connection, or replacing what one holds: a form drawn from the type's schema. */
import { Plus, X } from "lucide-react";
import { useId, useState } from "react";
import { useAct } from "@/api/act";
import { api, got, match, onceKey } from "@/api/client";
import { problemOf, sent } from "@/lib/forms";
import { fieldsOf, isOpen, valuesOf } from "@/lib/schema-fields";
import { SchemaField } from "@/parts/schema-field";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { Select } from "@/ui/select";
import { Refused } from "@/ui/states";
import type { Credential, CredentialType } from "./connections";

export function Editor({
  types,
  of,
  onClose,
}: {
  types: readonly CredentialType[];
  of?: Credential;
  onClose: () => void;
}) {
  const form = useId();
  const [chosen, setChosen] = useState(of?.type ?? types[0]?.type ?? "");
  const [once] = useState(onceKey);
  const type = types.find((each) => each.type === chosen);
  const fields = type ? fieldsOf(type.fields) : [];
  const open = type ? isOpen(type.fields) : false;
  const save = useAct(
    (texts: Record<string, string>) => {
      const values = open ? ownValues(texts) : valuesOf(fields, texts);
      if (of) {
        return got(
          api.PUT("/api/v1/credentials/{name}", {
            params: { path: { name: of.name }, header: { "If-Match": match(of) } },
            body: { type: chosen, fields: values as Record<string, string> },
          }),
        );
      }
      return got(
        api.POST("/api/v1/credentials", {
          params: { header: { "Idempotency-Key": once } },
          body: {
            name: texts["credential name"] ?? "",
            type: chosen,
            fields: values as Record<string, string>,
            projects: [],
          },
        }),
      );
    },
    {
      again: [["credentials"]],
      said: of ? `${of.name} holds something else now.` : "The connection is saved.",
      after: onClose,
    },
  );
  const problem = (name: string) => problemOf(save.error?.details, `fields.${name}`);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={of ? `Replace what ${of.name} holds` : "New connection"}
      description={
        of
          ? "What it holds now is never shown: every field is filled in anew."
          : "What you fill in is sealed and never shown again."
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} busy={save.busy}>
            Save
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4 pb-2"
        onSubmit={sent(save.run)}
        autoComplete="off"
      >
        {!of && (
          <Field
            label="Name"
            help="How expressions call it: {{ credentials.name }}."
            error={problemOf(save.error?.details, "name")}
          >
            <Input
              name="credential name"
              required
              pattern="[a-z][a-z0-9_]{0,62}"
              className="mono"
              placeholder="ledger_api"
            />
          </Field>
        )}
        <Field label="Type" help={type?.help.split("\n\n")[0]}>
          <Select
            value={chosen}
            onChange={setChosen}
            options={types.map((each) => ({ value: each.type, label: each.title }))}
          />
        </Field>
        {open ? (
          <OwnFields />
        ) : (
          fields.map((field) => (
            <SchemaField
              key={`${chosen} ${field.name}`}
              field={field}
              error={problem(field.name)}
            />
          ))
        )}
        <Refused error={save.error} />
      </form>
    </Dialog>
  );
}

/** Fields of any name: "name 1" and "value 1" belong together. */
export function ownValues(texts: Record<string, string>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [place, name] of Object.entries(texts)) {
    if (place.startsWith("own name ") && name)
      values[name] = texts[place.replace("name", "value")] ?? "";
  }
  return values;
}

function OwnFields() {
  const [rows, setRows] = useState([0]);
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="pb-1 font-medium">Fields</legend>
      {rows.map((row) => (
        <div key={row} className="flex gap-2">
          <Input
            name={`own name ${row}`}
            aria-label="Name of the field"
            placeholder="name"
            required
            pattern="[a-z][a-z0-9_]{0,62}"
            className="mono"
          />
          <Input
            name={`own value ${row}`}
            aria-label="Value of the field"
            type="password"
            autoComplete="new-password"
            required
            className="mono"
          />
          <IconButton
            icon={X}
            label="Take the field away"
            disabled={rows.length === 1}
            onClick={() => setRows(rows.filter((each) => each !== row))}
          />
        </div>
      ))}
      <Button
        icon={Plus}
        className="self-start"
        onClick={() => setRows([...rows, Math.max(...rows) + 1])}
      >
        One more field
      </Button>
    </fieldset>
  );
}
