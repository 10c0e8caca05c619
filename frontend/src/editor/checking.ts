/** The server judges the draft as it changes; what it finds stands in the marks. */
import { useEffect } from "react";
import { api, got } from "@/api/client";
import { readDefinition } from "@/collab/document";
import type { Definition } from "@/collab/types";
import type { Problem, Studio } from "./studio";

const PAUSE_MS = 400;

/** How many problems each node has. */
export function byNode(errors: readonly Problem[], warnings: readonly Problem[]) {
  const found: Record<string, { errors: number; warnings: number }> = {};
  const count = (list: readonly Problem[], kind: "errors" | "warnings") => {
    for (const { node } of list) {
      if (!node) continue;
      found[node] ??= { errors: 0, warnings: 0 };
      found[node][kind] += 1;
    }
  };
  count(errors, "errors");
  count(warnings, "warnings");
  return found;
}

export async function check(definition: Definition) {
  // A draft without a name cannot be asked about: what it lacks is said here.
  const body = { ...definition, name: definition.name || "Untitled" } as never;
  return got(api.POST("/api/v1/workflows/validate", { body }));
}

export function useChecking(studio: Studio | null): void {
  useEffect(() => {
    if (!studio) return;
    const { doc } = studio.draft;
    const { marks } = studio;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asked = 0;
    const ask = async () => {
      asked += 1;
      const mine = asked;
      marks.setState({ isChecking: true });
      try {
        const { errors, warnings } = await check(readDefinition(doc).definition);
        if (mine !== asked) return;
        marks.setState({
          problems: errors,
          warnings,
          byNode: byNode(errors, warnings),
          isChecking: false,
          isChecked: true,
        });
      } catch {
        // Offline: what was found last stays, and is asked again with the next change.
        if (mine === asked) marks.setState({ isChecking: false });
      }
    };
    const later = () => {
      if (marks.getState().isChecked) marks.setState({ isChecked: false });
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), PAUSE_MS);
    };
    doc.on("update", later);
    void ask();
    return () => {
      asked += 1;
      clearTimeout(timer);
      doc.off("update", later);
    };
  }, [studio]);
}
