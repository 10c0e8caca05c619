/** Drafts as files: out as JSON or YAML, in from either. */

import { authorised } from "@/api/client";
import type { Definition } from "@/collab/types";
import { tell, tellError } from "@/ui/toast";
import { slug } from "./ids";
import { definitionOf } from "./scope";
import type { Studio } from "./studio";
import { toYaml } from "./yaml";

export function exportDraft(studio: Studio, form: "json" | "yaml"): void {
  const definition = { schema: "weir/v1", ...definitionOf(studio) };
  const text = form === "json" ? `${JSON.stringify(definition, null, 2)}\n` : toYaml(definition);
  const url = URL.createObjectURL(
    new Blob([text], { type: form === "json" ? "application/json" : "application/yaml" }),
  );
  const link = document.createElement("a");
  link.href = url;
  link.download = `${slug(definition.name || "workflow")}.${form}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Make the draft what a file says: one step to undo. */
async function importDraft(studio: Studio, file: File): Promise<void> {
  if (!studio.mayEdit) return;
  try {
    const text = await file.text();
    const definition = /^\s*\{/.test(text)
      ? (JSON.parse(text) as Definition)
      : await fromYaml(text);
    if (!Array.isArray(definition?.nodes)) throw new Error("it has no nodes");
    studio.draft.edits.become({
      ...definition,
      edges: definition.edges ?? [],
      name: definition.name ?? "",
    });
    requestAnimationFrame(() => studio.canvas.current?.fit());
    tell(`The draft is what ${file.name} says.`, {
      label: "Undo",
      run: () => studio.draft.undo.undo(),
    });
  } catch (error) {
    tellError({ message: `${file.name} is no workflow: ${(error as Error).message}.` });
  }
}

/** The server reads YAML: a parser of its own is too much for a page that seldom needs one. */
async function fromYaml(text: string): Promise<Definition> {
  const answer = await authorised(
    new Request(`${location.origin}/api/v1/workflows/validate`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/yaml" },
      body: text,
    }),
  );
  const value = (await answer.json()) as {
    definition?: Definition | null;
    error?: { message: string };
  };
  if (!answer.ok || !value.definition)
    throw new Error(value.error?.message ?? "the server cannot read it");
  return value.definition;
}

/** Ask for the file to import. */
export function chooseImport(studio: Studio): void {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".json,.yaml,.yml,application/json,application/yaml";
  input.onchange = () => {
    const file = input.files?.[0];
    if (file) void importDraft(studio, file);
  };
  input.click();
}
