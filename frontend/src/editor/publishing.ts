/** What the publish button says and does, as a machine over what is known. */
import type { Changed, Diff } from "./api";

export type PublishState =
  | "nothing" // nothing is drawn yet
  | "first" // never published
  | "up-to-date"
  | "changed"
  | "invalid" // the server found problems
  | "unsaved" // something is not stored yet
  | "publishing"
  | "partial" // published, but some trigger does not work
  | "failed";

export interface PublishFacts {
  nodes: number;
  problems: number;
  isChecked: boolean;
  current: string | null;
  /** Whether the draft differs from what is published; undefined while nobody knows. */
  differs: boolean | undefined;
  isSaved: boolean;
  isPublishing: boolean;
  /** What became of the last attempt. */
  last: "none" | "done" | "partial" | "failed";
}

export function publishState(facts: PublishFacts): PublishState {
  if (facts.isPublishing) return "publishing";
  if (facts.last === "failed") return "failed";
  if (!facts.nodes) return "nothing";
  if (facts.problems) return "invalid";
  if (facts.current && facts.differs === false)
    return facts.last === "partial" ? "partial" : "up-to-date";
  if (!facts.isSaved) return "unsaved";
  return facts.current ? "changed" : "first";
}

export const PUBLISH_WORDS: Record<PublishState, { label: string; hint: string; isOpen: boolean }> =
  {
    nothing: { label: "Publish", hint: "Nothing is drawn yet.", isOpen: false },
    first: { label: "Publish", hint: "Publish the first version.", isOpen: true },
    "up-to-date": { label: "Published", hint: "What is drawn is what runs.", isOpen: false },
    changed: {
      label: "Publish",
      hint: "The draft differs from the version that runs.",
      isOpen: true,
    },
    invalid: { label: "Publish", hint: "The draft has problems: show them.", isOpen: true },
    unsaved: { label: "Publish", hint: "Something is not saved yet.", isOpen: true },
    publishing: { label: "Publishing", hint: "The version is being made.", isOpen: false },
    partial: { label: "Published in part", hint: "Some trigger does not work yet.", isOpen: true },
    failed: { label: "Publish again", hint: "The last attempt failed.", isOpen: true },
  };

/** Whether anything differs that a version is made of. */
export function differs(diff: Diff): boolean {
  const isNote = (one: Changed) => one.kind === "note";
  return (
    [...diff.added, ...diff.removed, ...diff.changed].some((one) => !isNote(one)) ||
    diff.settings.some((one) => !/^\/(name|description)$/.test(one.path))
  );
}
