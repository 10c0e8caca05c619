/** How a node behaves around its work: retries, time, queue, errors, undoing, joining. */
import * as Y from "yjs";
import { plain } from "@/collab/document";
import type { Place } from "@/collab/edits";
import type { Json } from "@/collab/types";
import { useStudio } from "@/editor/studio";
import { duration } from "@/lib/format";
import { Select } from "@/ui/select";
import { Switch } from "@/ui/switch";
import { Plain } from "./controls";
import { ExpressionField } from "./expression-field";
import type { NodeType } from "./schema";
import { FieldFrame, useProblems, useShared } from "./shared-field";
import { fieldIn, useNodeMap } from "./use-draft";

const ON_ERROR = [
  { value: "fail", label: "Fail: what it stands in fails" },
  { value: "continue", label: "Continue without an output" },
  { value: "route", label: "Leave by the port error" },
  { value: "ask", label: "Ask a person" },
];

export function Behaviour({ node, type }: { node: string; type: NodeType }) {
  const isTask = type.kind === "task";
  const isContainer = type.kind === "container";
  if (type.kind === "trigger") {
    return <p className="text-fg2">A trigger begins a run; there is nothing to try again.</p>;
  }
  return (
    <div className="flex flex-col gap-4">
      <OnError node={node} isContainer={isContainer} />
      {isTask && (
        <section
          aria-label="Retry"
          className="flex flex-col gap-3 rounded-panel border border-line p-3"
        >
          <h3 className="text-13">Retry</h3>
          <div className="grid grid-cols-2 gap-3">
            <Setting
              node={node}
              place="retry"
              field="max_attempts"
              label="Attempts"
              isNumber
              fallback={String(type.retry.max_attempts)}
              help="How often it is tried in all; 1 is without a retry."
            />
            <Setting
              node={node}
              place="retry"
              field="initial"
              label="First pause"
              fallback={duration(type.retry.initial_ms)}
              help="Before the second attempt: 500ms, 2s, 1m."
            />
            <Setting
              node={node}
              place="retry"
              field="factor"
              label="Factor"
              isNumber
              fallback={String(type.retry.factor)}
              help="How much longer each pause is than the one before."
            />
            <Setting
              node={node}
              place="retry"
              field="max"
              label="Longest pause"
              fallback={duration(type.retry.max_ms)}
            />
            <Setting
              node={node}
              place="retry"
              field="jitter"
              label="Jitter"
              isNumber
              fallback={String(type.retry.jitter)}
              help="From 0 to 1: how much pauses vary, so that many do not come at once."
            />
          </div>
          <RetryIf node={node} />
        </section>
      )}
      {(isTask || isContainer) && (
        <Setting
          node={node}
          place="node"
          field="timeout"
          label="Timeout"
          fallback={type.timeout_ms ? duration(type.timeout_ms) : "none"}
          help={
            isContainer
              ? "Of all that stands in it: 30s, 5m, 1h."
              : "Of one attempt, from when it begins: 30s, 5m, 1h."
          }
        />
      )}
      {isTask && (
        <Setting
          node={node}
          place="node"
          field="queue"
          label="Queue"
          fallback={type.queue}
          help="Which workers take it."
        />
      )}
      <Join node={node} />
      {!isContainer && <Compensate node={node} />}
      <Disabled node={node} />
    </div>
  );
}

function Setting({
  node,
  place,
  field,
  label,
  help,
  fallback,
  isNumber = false,
}: {
  node: string;
  place: Place;
  field: string;
  label: string;
  help?: string;
  fallback: string;
  isNumber?: boolean;
}) {
  const studio = useStudio();
  const map = useNodeMap(node);
  const shared = useShared(node, `${place}.${field}`);
  const { errors } = useProblems(node, place === "node" ? field : `${place}/${field}`);
  const value = plain(fieldIn(map, place, field));
  return (
    <FieldFrame
      label={label}
      {...(help ? { help } : {})}
      who={shared.who}
      frame={shared.frame}
      errors={errors}
    >
      {({ id, describedBy }) => (
        <Plain
          id={id}
          aria-describedby={describedBy}
          isNumber={isNumber}
          disabled={!studio.mayEdit}
          placeholder={fallback}
          value={value}
          onFocus={shared.onFocus}
          onBlur={shared.onBlur}
          onSet={(next: Json | undefined) => studio.draft.edits.set(node, place, field, next)}
        />
      )}
    </FieldFrame>
  );
}

function RetryIf({ node }: { node: string }) {
  const studio = useStudio();
  const map = useNodeMap(node);
  const shared = useShared(node, "retry.retry_if");
  const { errors } = useProblems(node, "retry/retry_if");
  const value = fieldIn(map, "retry", "retry_if");
  if (!(value instanceof Y.Text)) {
    if (!studio.mayEdit) return null;
    return (
      <FieldFrame
        label="Only if"
        help="An expression over error; it is tried again only if it is true."
      >
        {({ id }) => (
          <input
            id={id}
            className="field mono text-fg3"
            placeholder="{{ error.code == 'HTTP_503' }}"
            defaultValue={String(plain(value) ?? "")}
            onFocus={() => studio.draft.edits.text(node, "retry", "retry_if")}
          />
        )}
      </FieldFrame>
    );
  }
  return (
    <FieldFrame
      label="Only if"
      help="An expression over error; it is tried again only if it is true."
      who={shared.who}
      frame={shared.frame}
      errors={errors}
    >
      {() => (
        <ExpressionField
          node={node}
          text={value}
          label="Only if"
          isRetry
          shared={shared}
          problems={errors}
          placeholder="{{ error.code == 'HTTP_503' }}"
        />
      )}
    </FieldFrame>
  );
}

function OnError({ node, isContainer }: { node: string; isContainer: boolean }) {
  const studio = useStudio();
  const map = useNodeMap(node);
  const shared = useShared(node, "node.on_error");
  const { errors } = useProblems(node, "on_error");
  return (
    <FieldFrame
      label="When it fails"
      help="After the last attempt."
      who={shared.who}
      frame={shared.frame}
      errors={errors}
    >
      {({ id }) => (
        <Select
          id={id}
          disabled={!studio.mayEdit}
          value={String(plain(fieldIn(map, "node", "on_error")) ?? "fail")}
          options={isContainer ? ON_ERROR.filter((one) => one.value !== "ask") : ON_ERROR}
          onChange={(value) =>
            studio.draft.edits.set(node, "node", "on_error", value === "fail" ? undefined : value)
          }
        />
      )}
    </FieldFrame>
  );
}

function Join({ node }: { node: string }) {
  const studio = useStudio();
  const map = useNodeMap(node);
  const count = [...studio.draft.projection.edges()].filter((edge) => edge.target === node).length;
  const value = plain(fieldIn(map, "node", "join"));
  if (count < 2 && value === undefined) return null;
  const options = [
    { value: "all", label: "All branches that are not skipped" },
    { value: "any", label: "Any one branch" },
    ...Array.from({ length: Math.max(0, count - 2) }, (_, index) => ({
      value: String(index + 2),
      label: `${index + 2} of ${count} branches`,
    })),
  ];
  return (
    <FieldFrame label="Waits for">
      {({ id }) => (
        <Select
          id={id}
          disabled={!studio.mayEdit}
          value={String(value ?? "all")}
          options={options}
          onChange={(next) =>
            studio.draft.edits.set(
              node,
              "node",
              "join",
              next === "all" ? undefined : /^\d+$/.test(next) ? Number(next) : next,
            )
          }
        />
      )}
    </FieldFrame>
  );
}

function Compensate({ node }: { node: string }) {
  const studio = useStudio();
  const map = useNodeMap(node);
  const { errors } = useProblems(node, "compensate");
  const nodes = studio.draft.projection.views.getState().nodes;
  const here = nodes[node];
  const wired = new Set(
    [...studio.draft.projection.edges()].flatMap((edge) => [edge.source, edge.target]),
  );
  const value = String(plain(fieldIn(map, "node", "compensate")) ?? "");
  const options = Object.values(nodes)
    .filter(
      (view) =>
        view.id === value ||
        (view.id !== node &&
          view.kind !== "trigger" &&
          view.kind !== "container" &&
          !wired.has(view.id) &&
          view.parent === here?.parent &&
          (view.section || "body") === (here?.section || "body")),
    )
    .map((view) => ({ value: view.id, label: view.title }));
  return (
    <FieldFrame
      label="Undone by"
      help="The step that undoes this one if what it stands in fails. It has no connections of its own."
      errors={errors}
    >
      {({ id }) => (
        <Select
          id={id}
          disabled={!studio.mayEdit}
          value={value}
          options={[
            {
              value: "",
              label: options.length ? "Nothing" : "Nothing (add a step without connections)",
            },
            ...options,
          ]}
          onChange={(next) => studio.draft.edits.set(node, "node", "compensate", next || undefined)}
        />
      )}
    </FieldFrame>
  );
}

function Disabled({ node }: { node: string }) {
  const studio = useStudio();
  const map = useNodeMap(node);
  const isOff = fieldIn(map, "node", "disabled") === true;
  return (
    <FieldFrame
      label="Switched on"
      help="A step that is switched off is skipped; the flow goes on behind it."
      inline
    >
      {() => (
        <Switch
          label="Switched on"
          disabled={!studio.mayEdit}
          checked={!isOff}
          onChange={(on) => studio.draft.edits.set(node, "node", "disabled", on ? undefined : true)}
        />
      )}
    </FieldFrame>
  );
}
