/** The controls of a node's fields, one for each kind that schemas ask for. */
import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Braces, Plus, Trash2 } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import * as Y from "yjs";
import { api, got } from "@/api/client";
import { keys } from "@/api/queries";
import { fieldValue, isList, plain, type Row, rowsOf } from "@/collab/document";
import type { Json } from "@/collab/types";
import { useCallables } from "@/editor/catalogue";
import { scopeOf } from "@/editor/scope";
import { useStudio } from "@/editor/studio";
import { awaited } from "@/expr/focus";
import { TextField } from "@/expr/text-field";
import { Button, IconButton } from "@/ui/button";
import { Select } from "@/ui/select";
import { Switch } from "@/ui/switch";
import { ExpressionField } from "./expression-field";
import { type FieldSpec, labelOf, type NodeType, resolved } from "./schema";
import { FieldFrame, Mode, useProblems, useShared } from "./shared-field";
import { fieldIn, useNodeMap } from "./use-draft";

interface FieldProps {
  node: string;
  type: NodeType;
  field: FieldSpec;
}

const TEXTS = new Set(["text", "code", "expression", "any"]);

/** One field of a node's config, in whatever way it is said now. */
export function ConfigField({ node, type, field }: FieldProps) {
  const studio = useStudio();
  const { edits } = studio.draft;
  const map = useNodeMap(node);
  const shared = useShared(node, `config.${field.name}`);
  const { errors } = useProblems(node, `config/${field.name}`);
  const value = fieldIn(map, "config", field.name);
  const isText = value instanceof Y.Text;
  const asText = TEXTS.has(field.control);
  const isObject =
    typeof value === "object" && value !== null && !(value instanceof Y.AbstractType);
  const isJson = asText && ((isObject && field.control === "any") || isList(value));
  const isExpression = isText && !asText;
  const toggle = (on: boolean) => {
    if (on) edits.text(node, "config", field.name, textOf(fieldValue(value) ?? null));
    else {
      const shape =
        field.control === "list" || field.control === "cases"
          ? "list"
          : field.control === "pairs"
            ? "map"
            : "plain";
      edits.reshape(node, field.name, shape, undefined);
    }
  };
  const toggleJson = () => {
    if (isJson) edits.reshape(node, field.name, "text", textOf(fieldValue(value) ?? null));
    else
      edits.set(
        node,
        "config",
        field.name,
        jsonOf(isText ? value.toString() : fieldValue(value)) ?? {},
      );
  };
  const tools = studio.mayEdit && (
    <>
      {field.control === "any" && (
        <button
          type="button"
          aria-pressed={isJson}
          aria-label={`${field.label}: write it as JSON`}
          title="JSON"
          onClick={toggleJson}
          className={`inline-flex size-6 items-center justify-center rounded-control ${isJson ? "bg-bg3 text-accent" : "text-fg3 hover:bg-bg2 hover:text-fg"}`}
        >
          <Braces size={14} strokeWidth={1.5} aria-hidden />
        </button>
      )}
      {!asText && !field.literal && field.control !== "credential" && (
        <Mode isOn={isExpression} onChange={toggle} label={field.label} />
      )}
    </>
  );
  const isInline = field.control === "switch" && !isExpression;
  return (
    <FieldFrame
      label={field.label}
      help={field.help}
      required={field.required}
      who={shared.who}
      frame={shared.frame}
      errors={errors}
      tools={tools}
      inline={isInline}
    >
      {({ id, describedBy }) => {
        if (isJson)
          return (
            <JsonField
              node={node}
              field={field.name}
              label={field.label}
              value={fieldValue(value) ?? null}
            />
          );
        if (asText || isExpression) {
          return (
            <TextHolder node={node} field={field} value={value} shared={shared} problems={errors} />
          );
        }
        const simple = {
          id,
          "aria-describedby": describedBy,
          onFocus: shared.onFocus,
          onBlur: shared.onBlur,
        };
        const set = (next: Json | undefined) => edits.set(node, "config", field.name, next);
        const off = !studio.mayEdit;
        switch (field.control) {
          case "choice":
            return (
              <Select
                {...simple}
                disabled={off}
                value={String(plain(value) ?? field.fallback ?? "")}
                options={(field.schema.enum ?? []).map((one) => ({
                  value: String(one),
                  label: String(one),
                }))}
                onChange={(chosen) => set(chosen === field.fallback ? undefined : chosen)}
              />
            );
          case "switch":
            return (
              <Switch
                label={field.label}
                disabled={off}
                checked={Boolean(plain(value) ?? field.fallback)}
                onChange={(checked) => set(checked)}
              />
            );
          case "number":
          case "duration":
            return (
              <Plain
                {...simple}
                isNumber={field.control === "number"}
                disabled={off}
                value={plain(value)}
                placeholder={
                  field.fallback === undefined || field.fallback === null
                    ? ""
                    : String(field.fallback)
                }
                onSet={set}
              />
            );
          case "choices":
            return (
              <Choices field={field} type={type} value={plain(value)} onSet={set} isOff={off} />
            );
          case "credential":
            return (
              <Credential {...simple} value={plain(value)} onSet={set} isOff={off} isName={false} />
            );
          case "credential-name":
            return <Credential {...simple} value={plain(value)} onSet={set} isOff={off} isName />;
          case "workflow":
            return <WorkflowChoice {...simple} value={plain(value)} onSet={set} isOff={off} />;
          default:
            return <Rows node={node} type={type} field={field} value={value} />;
        }
      }}
    </FieldFrame>
  );
}

function textOf(value: Json): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function jsonOf(value: unknown): Json | undefined {
  if (typeof value !== "string") return (value ?? undefined) as Json | undefined;
  try {
    const read = JSON.parse(value) as Json;
    return typeof read === "object" ? read : { value: read };
  } catch {
    return value ? { value } : undefined;
  }
}

function TextHolder({
  node,
  field,
  value,
  shared,
  problems,
}: {
  node: string;
  field: FieldSpec;
  value: unknown;
  shared: ReturnType<typeof useShared>;
  problems: ReturnType<typeof useProblems>["errors"];
}) {
  const studio = useStudio();
  const isShared = value instanceof Y.Text;
  const common = {
    node,
    label: field.label,
    isInside: field.inside,
    isLiteral: field.literal,
    shared,
    problems,
    placeholder: placeholderOf(field),
  };
  if (isShared) return <ExpressionField key={node} {...common} text={value} />;
  // Said as a plain value: it becomes a text that two can edit as soon as somebody goes into it.
  const written = textOf((plain(value) ?? null) as Json);
  return (
    <TextField
      text={written}
      label={field.label}
      isReadOnly={!studio.mayEdit}
      frame={shared.frame}
      placeholder={placeholderOf(field)}
      onFocus={() => {
        shared.onFocus();
        if (!studio.mayEdit) return;
        awaited.label = field.label;
        studio.draft.edits.text(node, "config", field.name, written);
      }}
      onBlur={shared.onBlur}
    />
  );
}

function placeholderOf(field: FieldSpec): string {
  if (field.control === "expression") return "{{ … }}";
  if (field.fallback !== undefined && field.fallback !== null && typeof field.fallback !== "object")
    return String(field.fallback);
  return field.schema.format === "uri" ? "https://" : "";
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

function Choices({
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

function Credential({
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

function WorkflowChoice({
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
function JsonField({
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

function Rows({ node, type, field, value }: FieldProps & { value: unknown }) {
  const studio = useStudio();
  const { edits } = studio.draft;
  const form = field.control === "pairs" ? "map" : "list";
  if (value !== undefined && !isList(value)) {
    return (
      <JsonField
        node={node}
        field={field.name}
        label={field.label}
        value={(plain(value) ?? null) as Json}
      />
    );
  }
  const rows = isList(value) ? rowsOf(value) : [];
  const item = resolved(field.schema.items ?? {}, type.config_schema);
  const add = () => {
    if (field.control === "cases")
      edits.addRow(node, field.name, "list", { name: `case_${rows.length + 1}`, when: "" });
    else if (form === "map") edits.addRow(node, field.name, "map", "", freeKey(rows));
    else
      edits.addRow(
        node,
        field.name,
        "list",
        item.type === "integer" ? Number(item.minimum ?? 0) : "",
      );
  };
  return (
    <div className="flex flex-col gap-2">
      {rows.map((row, index) => (
        <div key={row.id} className="flex items-start gap-1">
          <div className="flex min-w-0 flex-1 flex-col gap-1">
            {field.control === "cases" ? (
              <CaseRow node={node} field={field} row={row} index={index} />
            ) : (
              <>
                {form === "map" && (
                  <KeyField
                    value={row.key}
                    label={`${field.label}, name ${index + 1}`}
                    isOff={!studio.mayEdit}
                    onSet={(key) => edits.setRow(node, field.name, row.id, "key", key)}
                  />
                )}
                <RowValue
                  node={node}
                  field={field}
                  row={row}
                  index={index}
                  isNumber={item.type === "integer" || item.type === "number"}
                />
              </>
            )}
          </div>
          {studio.mayEdit && (
            <span className="flex shrink-0">
              {form === "list" && rows.length > 1 && (
                <>
                  <IconButton
                    small
                    icon={ArrowUp}
                    label={`Move ${index + 1} up`}
                    disabled={index === 0}
                    onClick={() => edits.moveRow(node, field.name, row.id, index - 1)}
                  />
                  <IconButton
                    small
                    icon={ArrowDown}
                    label={`Move ${index + 1} down`}
                    disabled={index === rows.length - 1}
                    onClick={() => edits.moveRow(node, field.name, row.id, index + 1)}
                  />
                </>
              )}
              <IconButton
                small
                icon={Trash2}
                label={`Remove ${form === "map" ? row.key || index + 1 : index + 1}`}
                onClick={() => edits.removeRow(node, field.name, row.id)}
              />
            </span>
          )}
        </div>
      ))}
      {studio.mayEdit && (
        <Button small kind="quiet" icon={Plus} className="self-start" onClick={add}>
          Add to {field.label.toLowerCase()}
        </Button>
      )}
      {!studio.mayEdit && !rows.length && <span className="text-fg3">None</span>}
    </div>
  );
}

function freeKey(rows: readonly Row[]): string {
  const there = new Set(rows.map((row) => row.key));
  for (let number = rows.length + 1; ; number += 1)
    if (!there.has(`name_${number}`)) return `name_${number}`;
}

function KeyField({
  value,
  label,
  isOff,
  onSet,
}: {
  value: string;
  label: string;
  isOff: boolean;
  onSet: (key: string) => void;
}) {
  return (
    <Plain
      value={value}
      aria-label={label}
      disabled={isOff}
      onSet={(next) => next !== undefined && onSet(String(next))}
    />
  );
}

function RowValue({
  node,
  field,
  row,
  index,
  isNumber,
}: {
  node: string;
  field: FieldSpec;
  row: Row;
  index: number;
  isNumber: boolean;
}) {
  const studio = useStudio();
  const shared = useShared(node, `config.${field.name}.${row.id}`);
  const value = row.map.get("value");
  const label = row.key ? `${field.label}, ${row.key}` : `${field.label}, ${index + 1}`;
  const { errors } = useProblems(node, `config/${field.name}/${row.key || index}`);
  if (value instanceof Y.Text) {
    return (
      <>
        <Here shared={shared} />
        <ExpressionField
          node={node}
          text={value}
          label={label}
          isInside={field.inside}
          isLiteral={field.literal}
          shared={shared}
          problems={errors}
        />
      </>
    );
  }
  if (isNumber) {
    return (
      <Plain
        aria-label={label}
        isNumber
        disabled={!studio.mayEdit}
        value={plain(value)}
        onSet={(next) => studio.draft.edits.setRow(node, field.name, row.id, "value", next ?? "")}
      />
    );
  }
  return (
    <TextField
      text={textOf((plain(value) ?? null) as Json)}
      label={label}
      isReadOnly={!studio.mayEdit}
      onFocus={() => {
        if (!studio.mayEdit) return;
        awaited.label = label;
        studio.draft.edits.rowText(node, field.name, row.id);
      }}
    />
  );
}

/** Who else is in a row. */
function Here({ shared }: { shared: ReturnType<typeof useShared> }) {
  if (!shared.who) return null;
  return (
    <span
      data-editing={shared.who}
      className="truncate text-12 font-medium"
      style={{ color: `var(--${shared.frame})` }}
    >
      {shared.who}
    </span>
  );
}

/** A case of a switch: the name of its port, and what it is taken for. */
function CaseRow({
  node,
  field,
  row,
  index,
}: {
  node: string;
  field: FieldSpec;
  row: Row;
  index: number;
}) {
  const studio = useStudio();
  const { edits } = studio.draft;
  const inner = row.map.get("value");
  const shared = useShared(node, `config.${field.name}.${row.id}`);
  const { errors } = useProblems(node, `config/${field.name}/${index}`);
  const holder = inner instanceof Y.Map ? inner : null;
  const mode = holder?.has("equals") ? "equals" : "when";
  const value = holder?.get(mode);
  const swap = (next: string) => {
    const written = plain(value) ?? "";
    edits.setInRow(node, field.name, row.id, mode, undefined);
    edits.setInRow(node, field.name, row.id, next, written);
  };
  return (
    <div className="flex flex-col gap-1 border-l-2 border-line pl-2">
      <div className="flex gap-1">
        <Plain
          aria-label={`Case ${index + 1}, name of its port`}
          disabled={!studio.mayEdit}
          value={plain(holder?.get("name"))}
          onSet={(next) =>
            next !== undefined && edits.setInRow(node, field.name, row.id, "name", next)
          }
        />
        <Select
          aria-label={`Case ${index + 1}, taken if`}
          className="!w-28 shrink-0"
          disabled={!studio.mayEdit}
          value={mode}
          options={[
            { value: "when", label: labelOf("when") },
            { value: "equals", label: labelOf("equals") },
          ]}
          onChange={swap}
        />
      </div>
      {value instanceof Y.Text ? (
        <ExpressionField
          node={node}
          text={value}
          label={`Case ${index + 1}, ${mode}`}
          shared={shared}
          problems={errors}
          placeholder={mode === "when" ? "{{ … }}" : ""}
        />
      ) : (
        <TextField
          text={textOf((plain(value) ?? null) as Json)}
          label={`Case ${index + 1}, ${mode}`}
          isReadOnly={!studio.mayEdit}
          placeholder={mode === "when" ? "{{ … }}" : ""}
          onFocus={() => {
            if (!studio.mayEdit) return;
            awaited.label = `Case ${index + 1}, ${mode}`;
            edits.rowText(node, field.name, row.id, mode);
          }}
        />
      )}
      {errors.length > 0 && <span className="sr-only">{errors[0]?.message}</span>}
    </div>
  );
}
