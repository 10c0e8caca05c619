import { Braces } from "lucide-react";
import * as Y from "yjs";
import { fieldValue, isList, plain } from "@/collab/document";
import type { Json } from "@/collab/types";
import { useStudio } from "@/editor/studio";
import { awaited } from "@/expr/focus";
import { TextField } from "@/expr/text-field";
import { Select } from "@/ui/select";
import { Switch } from "@/ui/switch";
import { Choices, Credential, JsonField, Plain, textOf, WorkflowChoice } from "./controls";
import { ExpressionField } from "./expression-field";
import { Rows } from "./rows";
import type { FieldSpec, NodeType } from "./schema";
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
