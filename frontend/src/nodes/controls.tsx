/** Controls whose value is taken over as a whole: numbers, choices, names, JSON. */
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { api, got } from "@/api/client";
import { keys } from "@/api/queries";
import type { Json } from "@/collab/types";
import { useCallables } from "@/editor/catalogue";
import { scopeOf } from "@/editor/scope";
import { useStudio } from "@/editor/studio";
import { TextField } from "@/expr/text-field";
import { Select } from "@/ui/select";
import { type FieldSpec, type NodeType, resolved } from "./schema";

export function textOf(value: Json): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

type Simple = {
  id?: string;
  "aria-describedby"?: string | undefined;
  onFocus?: () => void;
  onBlur?: () => void;
};

/** A number or a short text that is taken over as a whole, when one leaves it or presses Enter. */
export function Plain({
  value,
  onSet,
  isNumber = false,
  onBlur,
  ...rest
}: Simple & {
  value: Json | undefined;
  onSet: (value: Json | undefined) => void;
  isNumber?: boolean;
  disabled?: boolean;
  placeholder?: string;
  "aria-label"?: string;
}) {
  const there = value === undefined || value === null ? "" : String(value);
  const [written, setWritten] = useState(there);
  useEffect(() => setWritten(there), [there]);
  const take = () => {
    if (written === there) return;
    const number = Number(written);
    if (!written.trim()) onSet(undefined);
    else onSet(isNumber && Number.isFinite(number) ? number : written.trim());
  };
  return (
    <input
      {...rest}
      className="field tabular"
      inputMode={isNumber ? "decimal" : "text"}
      value={written}
      onChange={(event) => setWritten(event.target.value)}
      onBlur={() => {
        take();
        onBlur?.();
      }}
      onKeyDown={(event) => event.key === "Enter" && take()}
    />
  );
}

export function Choices({
  field,
  type,
  value,
  onSet,
  isOff,
}: {
  field: FieldSpec;
  type: NodeType;
  value: Json | undefined;
  onSet: (value: Json | undefined) => void;
  isOff: boolean;
}) {
  const chosen = new Set(Array.isArray(value) ? value : []);
  const all = resolved(field.schema.items ?? {}, type.config_schema).enum ?? [];
  return (
    <fieldset className="flex flex-wrap gap-x-4 gap-y-1" aria-label={field.label}>
      {all.map((one) => (
        <label key={String(one)} className="mono inline-flex h-6 items-center gap-1.5 text-12">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            disabled={isOff}
            checked={chosen.has(one)}
            onChange={(event) => {
              const next = all.filter((other) =>
                other === one ? event.target.checked : chosen.has(other),
              );
              onSet(next.length ? next : undefined);
            }}
          />
          {String(one)}
        </label>
      ))}
    </fieldset>
  );
}

const NAMED = /^\s*\{\{\s*credentials\.([a-z][a-z0-9_]*)(?:\.\w+)*\s*\}\}\s*$/;

export function Credential({
  value,
  onSet,
  isOff,
  isName,
  ...rest
}: Simple & {
  value: Json | undefined;
  onSet: (value: Json | undefined) => void;
  isOff: boolean;
  isName: boolean;
}) {
  const { data, isError } = useQuery({
    queryKey: keys.credentials({ names: true }),
    queryFn: () => got(api.GET("/api/v1/credentials", { params: { query: { limit: 200 } } })),
    retry: false,
  });
  const text = typeof value === "string" ? value : "";
  const name = isName ? text : (NAMED.exec(text)?.[1] ?? "");
  const names = new Set(data?.items.map((one) => one.name) ?? []);
  if (name) names.add(name);
  const take = (chosen: string) =>
    onSet(chosen ? (isName ? chosen : `{{ credentials.${chosen} }}`) : undefined);
  if (isError) {
    return (
      <Plain
        {...rest}
        value={name}
        disabled={isOff}
        placeholder="name of the credential"
        onSet={(next) => take(String(next ?? ""))}
      />
    );
  }
  return (
    <Select
      {...rest}
      disabled={isOff}
      value={name}
      options={[
        { value: "", label: "None" },
        ...[...names].sort().map((one) => ({ value: one, label: one })),
      ]}
      onChange={take}
    />
  );
}

export function WorkflowChoice({
  value,
  onSet,
  isOff,
  ...rest
}: Simple & { value: Json | undefined; onSet: (value: Json | undefined) => void; isOff: boolean }) {
  const studio = useStudio();
  const { data } = useQuery({
    queryKey: keys.workflows({ names: true }),
    queryFn: () =>
      got(api.GET("/api/v1/workflows", { params: { query: { limit: 200, sort: "name" } } })),
  });
  const chosen = typeof value === "string" ? value : "";
  const options = (data?.items ?? [])
    .filter((one) => one.id !== studio.workflow)
    .map((one) => ({ value: one.id, label: one.name }));
  if (chosen && !options.some((one) => one.value === chosen))
    options.push({ value: chosen, label: chosen });
  return (
    <Select
      {...rest}
      disabled={isOff}
      value={chosen}
      options={[{ value: "", label: "Choose a workflow" }, ...options]}
      onChange={(next) => onSet(next || undefined)}
    />
  );
}

/** Any JSON, taken over when it can be read. */
export function JsonField({
  node,
  field,
  label,
  value,
}: {
  node: string;
  field: string;
  label: string;
  value: Json;
}) {
  const studio = useStudio();
  const there = JSON.stringify(value, null, 2);
  const callables = useCallables();
  const scope = useCallback(() => scopeOf(studio, node), [studio, node]);
  const [written, setWritten] = useState(there);
  const [wrong, setWrong] = useState("");
  useEffect(() => setWritten(there), [there]);
  return (
    <>
      <TextField
        text={written}
        label={label}
        language="json"
        scope={scope}
        callables={callables}
        isReadOnly={!studio.mayEdit}
        isInvalid={wrong !== ""}
        onChange={setWritten}
        onBlur={() => {
          try {
            const read = JSON.parse(written) as Json;
            setWrong("");
            if (JSON.stringify(read) !== JSON.stringify(value))
              studio.draft.edits.set(node, "config", field, read);
          } catch (error) {
            setWrong(`This is no JSON: ${(error as Error).message}. Nothing was taken over.`);
          }
        }}
      />
      {wrong && <p className="text-12 text-err">{wrong}</p>}
    </>
  );
}
