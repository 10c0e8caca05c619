/** What every field of the panel has: a label, help on demand, who else is in it, what is wrong. */
import { CircleHelp } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { useCompany, useMarks, useStudio } from "@/editor/studio";
import { cx } from "@/lib/classes";

export interface Shared {
  frame: string | undefined;
  onFocus: () => void;
  onBlur: () => void;
}

/** Tells the others where one is typing, and shows who types here. */
export function useShared(node: string, field: string): Shared & { who: string } {
  const studio = useStudio();
  const peer = useCompany((company) =>
    company.peers.find((one) => one.editing?.node === node && one.editing.field === field),
  );
  return {
    who: peer?.name ?? "",
    frame: peer?.colour,
    onFocus: () => studio.draft.presence.say({ editing: { node, field } }),
    onBlur: () => studio.draft.presence.say({ editing: null }),
  };
}

export function useProblems(node: string, pointer: string) {
  const index = useNodeIndex(node);
  const problems = useMarks((marks) => marks.problems);
  const warnings = useMarks((marks) => marks.warnings);
  const prefix = `/nodes/${index}/${pointer}`;
  const here = (path: string) => path === prefix || path.startsWith(`${prefix}/`);
  return {
    errors: problems.filter((one) => one.node === node && here(one.path)),
    warnings: warnings.filter((one) => one.node === node && here(one.path)),
  };
}

function useNodeIndex(node: string): number {
  const studio = useStudio();
  let index = 0;
  const order = (id: string) => {
    const found = studio.draft.edits.node(id)?.get("order");
    return typeof found === "number" ? found : Number.POSITIVE_INFINITY;
  };
  const mine = order(node);
  for (const draft of studio.draft.projection.allDrafts()) {
    const other = order(draft.id);
    if (other < mine || (other === mine && draft.id < node)) index += 1;
  }
  return index;
}

export function FieldFrame({
  label,
  help,
  required = false,
  who = "",
  frame,
  errors = [],
  tools,
  children,
  inline = false,
}: {
  label: string;
  help?: string;
  required?: boolean;
  who?: string;
  frame?: string | undefined;
  errors?: readonly { message: string; advice: string }[];
  tools?: ReactNode;
  children: (ids: { id: string; describedBy: string | undefined }) => ReactNode;
  inline?: boolean;
}) {
  const id = useId();
  const [isHelped, setHelped] = useState(false);
  const describedBy = errors.length ? `${id}-error` : isHelped ? `${id}-help` : undefined;
  return (
    <div className="flex flex-col gap-1">
      <div className="flex min-h-6 items-center gap-1">
        <label htmlFor={id} className="font-medium">
          {label}
          {required && (
            <span className="text-err" title="Required">
              {" "}
              *
            </span>
          )}
        </label>
        {help && (
          <button
            type="button"
            aria-label={`What ${label} means`}
            aria-expanded={isHelped}
            onClick={() => setHelped(!isHelped)}
            className="inline-flex size-6 items-center justify-center rounded-control text-fg3 hover:text-fg"
          >
            <CircleHelp size={14} strokeWidth={1.5} aria-hidden />
          </button>
        )}
        <span className="flex-1" />
        {who && (
          <span
            data-editing={who}
            className="truncate text-12 font-medium"
            style={{ color: `var(--${frame})` }}
          >
            {who}
          </span>
        )}
        {tools}
        {inline && children({ id, describedBy })}
      </div>
      {isHelped && (
        <p id={`${id}-help`} className="text-12 text-fg2">
          {help}
        </p>
      )}
      {!inline && children({ id, describedBy })}
      {errors.length > 0 && (
        <ul id={`${id}-error`} className="text-12 text-err">
          {errors.slice(0, 3).map((one) => (
            <li key={one.message}>
              {sentence(one.message)} <span className="text-fg2">{one.advice}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

export function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** Value or expression. */
export function Mode({
  isOn,
  onChange,
  label,
}: {
  isOn: boolean;
  onChange: (on: boolean) => void;
  label: string;
}) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      aria-label={`${label}: ${isOn ? "an expression; make it a value" : "a value; make it an expression"}`}
      title={isOn ? "An expression" : "A value; click for an expression"}
      onClick={() => onChange(!isOn)}
      className={cx(
        "mono inline-flex h-6 items-center rounded-control px-1.5 text-12",
        isOn ? "bg-bg3 text-accent" : "text-fg3 hover:bg-bg2 hover:text-fg",
      )}
    >
      {"{{ }}"}
    </button>
  );
}
