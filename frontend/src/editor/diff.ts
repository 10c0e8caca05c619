/** Differences of two drafts as people look at them: grouped, titled, what only moved apart. */
import type { Changed, Diff } from "./api";

export interface DiffLine {
  mark: "added" | "removed" | "changed" | "moved";
  kind: Changed["kind"] | "setting";
  id: string;
  title: string;
  by: string;
  fields: { path: string; before: string; after: string }[];
}

export const MARKS: Record<DiffLine["mark"], { word: string; sign: string; tone: string }> = {
  added: { word: "Added", sign: "+", tone: "text-ok" },
  removed: { word: "Removed", sign: "−", tone: "text-err" },
  changed: { word: "Changed", sign: "±", tone: "text-warn" },
  moved: { word: "Moved", sign: "→", tone: "text-fg3" },
};

const brief = (value: unknown): string => {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
};

/** One line for each difference, nodes before edges, what only moved last. */
export function lines(
  diff: Diff,
  titleOf: (id: string) => string,
  nameOf: (id: string) => string = (id) => id,
): DiffLine[] {
  const of = (mark: DiffLine["mark"], list: readonly Changed[]): DiffLine[] =>
    list.map((one) => ({
      mark,
      kind: one.kind,
      id: one.id,
      title:
        one.kind === "edge"
          ? edgeTitle(one.id, titleOf)
          : one.kind === "note"
            ? "Note"
            : titleOf(one.id),
      by: one.by ? nameOf(one.by.id) : "",
      fields: (one.fields ?? []).map((field) => ({
        path: field.path,
        before: brief(field.before),
        after: brief(field.after),
      })),
    }));
  const rank = { node: 0, edge: 1, note: 2, setting: 3 };
  const changes = [
    ...of("added", diff.added),
    ...of("removed", diff.removed),
    ...of("changed", diff.changed),
  ];
  changes.sort((one, other) => rank[one.kind] - rank[other.kind]);
  const settings: DiffLine[] = diff.settings.map((field) => ({
    mark: "changed",
    kind: "setting",
    id: field.path,
    title: settingTitle(field.path),
    by: "",
    fields: [{ path: field.path, before: brief(field.before), after: brief(field.after) }],
  }));
  return [...changes, ...settings, ...of("moved", diff.moved)];
}

function edgeTitle(id: string, titleOf: (id: string) => string): string {
  const [source = "", port = "out", target = ""] = id.split(":");
  return `${titleOf(source)}${port === "out" ? "" : ` (${port})`} → ${titleOf(target)}`;
}

function settingTitle(path: string): string {
  const [, first = "", second] = path.split("/");
  const name = first.charAt(0).toUpperCase() + first.slice(1);
  return second ? `${name}: ${second}` : name;
}

/** How many of each there are. */
export function counts(diff: Diff): Record<DiffLine["mark"], number> {
  return {
    added: diff.added.length,
    removed: diff.removed.length,
    changed: diff.changed.length + diff.settings.length,
    moved: diff.moved.length,
  };
}
