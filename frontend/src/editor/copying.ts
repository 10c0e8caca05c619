/** Copying and pasting what is chosen, as JSON, and doubling it. */
import { readDefinition } from "@/collab/document";
import type { Position } from "@/collab/types";
import { containerAt, isTopOnly, taken, within } from "./actions";
import { copied, type Fragment, pasted, readFragment } from "./clipboard";
import { snap } from "./geometry";
import { choose, type Studio } from "./studio";

function chosenFragment(studio: Studio): Fragment | null {
  const { selection } = studio.ui.getState();
  if (!selection.length) return null;
  const { definition } = readDefinition(studio.draft.doc);
  const fragment = copied(
    definition,
    new Set(selection),
    (type) => studio.catalogue.get(type)?.secret_fields ?? [],
  );
  return fragment.nodes.length || fragment.notes.length ? fragment : null;
}

/** What is chosen as JSON; empty if nothing is. */
export function copyText(studio: Studio): string {
  const fragment = chosenFragment(studio);
  return fragment ? `${JSON.stringify(fragment, null, 2)}\n` : "";
}

/** Put copied nodes where the pointer is; whether the text held any. */
export function pasteText(studio: Studio, text: string, at: Position | null): boolean {
  const fragment = readFragment(text);
  if (!fragment || !studio.mayEdit) return false;
  put(studio, fragment, at);
  return true;
}

function put(studio: Studio, fragment: Fragment, at: Position | null): void {
  const home = at ? containerAt(studio, at) : { parent: "", section: "" };
  const isAtTop = fragment.nodes.some((node) => {
    const type = studio.catalogue.get(node.type);
    return !node.parent && type && isTopOnly(type);
  });
  const { parent, section } = isAtTop ? { parent: "", section: "" } : home;
  const place = at ? within(studio, at, parent, section) : undefined;
  const made = pasted(fragment, {
    taken: taken(studio),
    ...(place ? { at: { x: snap(place.x), y: snap(place.y) } } : {}),
    ...(parent ? { parent, section } : {}),
  });
  studio.draft.edits.add(made.nodes, made.edges, made.notes);
  choose(
    studio,
    [...made.nodes.filter((node) => node.parent === (parent || undefined)), ...made.notes].map(
      (one) => one.id,
    ),
  );
}

export function duplicate(studio: Studio): void {
  const fragment = chosenFragment(studio);
  if (!fragment || !studio.mayEdit) return;
  const first = studio.draft.projection.draft(fragment.nodes[0]?.id ?? "");
  const made = pasted(fragment, {
    taken: taken(studio),
    ...(first?.parent ? { parent: first.parent, section: first.section ?? "body" } : {}),
  });
  studio.draft.edits.add(made.nodes, made.edges, made.notes);
  choose(
    studio,
    [...made.nodes, ...made.notes].map((one) => one.id),
  );
}
