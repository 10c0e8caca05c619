/** What is said of the whole workflow: its name, input, variables, output, time. */
import { Plus, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { plain, roots } from "@/collab/document";
import type { Json } from "@/collab/types";
import { TextField } from "@/expr/text-field";
import { Plain } from "@/nodes/controls";
import { FieldFrame } from "@/nodes/shared-field";
import { useDeep } from "@/nodes/use-draft";
import { Button, IconButton } from "@/ui/button";
import { Sheet } from "@/ui/dialog";
import { useStudio, useUi } from "./studio";

export function SettingsSheet() {
  const studio = useStudio();
  const isOpen = useUi((ui) => ui.panel === "settings");
  return (
    <Sheet
      open={isOpen}
      onOpenChange={(open) => studio.ui.setState({ panel: open ? "settings" : null })}
      title="Workflow settings"
    >
      {isOpen && <Settings />}
    </Sheet>
  );
}

function Settings() {
  const studio = useStudio();
  const { edits, doc } = studio.draft;
  const at = roots(doc);
  useDeep(at.meta);
  useDeep(at.vars);
  useDeep(at.settings);
  const name = useStore(studio.draft.projection.views, (views) => views.name);
  const off = !studio.mayEdit;
  const variables = [...at.vars.keys()].sort();
  return (
    <div className="flex flex-col gap-4">
      <FieldFrame label="Name" required>
        {({ id }) => (
          <Plain
            id={id}
            value={name}
            disabled={off}
            onSet={(next) => next && edits.setMeta("name", next)}
          />
        )}
      </FieldFrame>
      <FieldFrame label="Description">
        {({ id }) => (
          <Plain
            id={id}
            value={plain(at.meta.get("description"))}
            disabled={off}
            onSet={(next) => edits.setMeta("description", next)}
          />
        )}
      </FieldFrame>
      <JsonSetting
        label="Input schema"
        help="A JSON Schema; starts are checked by it, and expressions held against it."
        value={plain(at.meta.get("input"))}
        onSet={(value) => edits.setMeta("input", value)}
      />
      <FieldFrame
        label="Output"
        help="What the run comes to; without it, the outputs of the last steps."
      >
        {({ id }) => (
          <Plain
            id={id}
            value={textOf(plain(at.meta.get("output")))}
            placeholder="{{ steps.… }}"
            disabled={off}
            onSet={(next) => edits.setMeta("output", next)}
          />
        )}
      </FieldFrame>
      <FieldFrame label="Timeout" help="Of the whole run: 30m, 2h, 3d.">
        {({ id }) => (
          <Plain
            id={id}
            value={plain(at.settings.get("timeout"))}
            placeholder="none"
            disabled={off}
            onSet={(next) => edits.setSetting("timeout", next)}
          />
        )}
      </FieldFrame>
      <section aria-label="Variables" className="flex flex-col gap-2">
        <h3 className="text-13">Variables</h3>
        {variables.map((variable) => (
          <div key={variable} className="flex items-center gap-1">
            <span className="mono w-40 shrink-0 truncate text-12">vars.{variable}</span>
            <Plain
              aria-label={`Variable ${variable}`}
              value={textOf(plain(at.vars.get(variable)))}
              disabled={off}
              onSet={(next) => edits.setVariable(variable, read(next))}
            />
            {!off && (
              <IconButton
                small
                icon={Trash2}
                label={`Remove ${variable}`}
                onClick={() => edits.setVariable(variable, undefined)}
              />
            )}
          </div>
        ))}
        {!off && <AddVariable taken={variables} />}
      </section>
    </div>
  );
}

function textOf(value: Json | undefined): string | undefined {
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}

/** A number, true, false or JSON as such; all else is text. */
function read(value: Json | undefined): Json {
  if (typeof value !== "string") return value ?? "";
  if (!/^(true|false|null|-?\d|\[|\{(?!\{))/.test(value)) return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

function AddVariable({ taken }: { taken: readonly string[] }) {
  const studio = useStudio();
  const [name, setName] = useState("");
  const isGood = /^[A-Za-z_]\w{0,62}$/.test(name) && !taken.includes(name);
  const add = () => {
    if (!isGood) return;
    studio.draft.edits.setVariable(name, "");
    setName("");
  };
  return (
    <div className="flex gap-2">
      <input
        aria-label="Name of a new variable"
        className="field mono"
        placeholder="name"
        value={name}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && add()}
      />
      <Button icon={Plus} disabled={!isGood} onClick={add}>
        Add
      </Button>
    </div>
  );
}

function JsonSetting({
  label,
  help,
  value,
  onSet,
}: {
  label: string;
  help: string;
  value: Json | undefined;
  onSet: (value: Json | undefined) => void;
}) {
  const studio = useStudio();
  const there = value === undefined ? "" : JSON.stringify(value, null, 2);
  const [written, setWritten] = useState(there);
  const [wrong, setWrong] = useState("");
  useEffect(() => setWritten(there), [there]);
  const take = () => {
    if (written === there) return;
    try {
      onSet(written.trim() ? (JSON.parse(written) as Json) : undefined);
      setWrong("");
    } catch (error) {
      setWrong(`This is no JSON: ${(error as Error).message}. Nothing was taken over.`);
    }
  };
  return (
    <FieldFrame label={label} help={help} errors={wrong ? [{ message: wrong, advice: "" }] : []}>
      {() => (
        <TextField
          text={written}
          label={label}
          language="json"
          isReadOnly={!studio.mayEdit}
          isInvalid={wrong !== ""}
          placeholder='{"type": "object"}'
          onChange={setWritten}
          onBlur={take}
        />
      )}
    </FieldFrame>
  );
}
