/** Fields of many rows: lists, named values, the cases of a switch; each row is edited by itself. */
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import * as Y from "yjs";
import { isList, plain, type Row, rowsOf } from "@/collab/document";
import type { Json } from "@/collab/types";
import { useStudio } from "@/editor/studio";
import { awaited } from "@/expr/focus";
import { TextField } from "@/expr/text-field";
import { Button, IconButton } from "@/ui/button";
import { Select } from "@/ui/select";
import { JsonField, Plain, textOf } from "./controls";
import { ExpressionField } from "./expression-field";
import { type FieldSpec, labelOf, type NodeType, resolved } from "./schema";
import { useProblems, useShared } from "./shared-field";

interface FieldProps {
  node: string;
  type: NodeType;
  field: FieldSpec;
}

export function Rows({ node, type, field, value }: FieldProps & { value: unknown }) {
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
