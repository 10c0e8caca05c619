/** A node's own part of the document, drawn anew when something in it changes. */
import { useCallback, useSyncExternalStore } from "react";
import * as Y from "yjs";
import type { YValue } from "@/collab/document";
import type { Place } from "@/collab/edits";
import { useStudio } from "@/editor/studio";

const versions = new WeakMap<YValue, number>();

/** Drawn anew with each change in this map. */
export function useDeep(map: YValue | null): YValue | null {
  const subscribe = useCallback(
    (told: () => void) => {
      if (!map) return () => {};
      const see = () => {
        versions.set(map, (versions.get(map) ?? 0) + 1);
        told();
      };
      map.observeDeep(see);
      return () => map.unobserveDeep(see);
    },
    [map],
  );
  useSyncExternalStore(subscribe, () => (map ? (versions.get(map) ?? 0) : 0));
  return map;
}

export function useNodeMap(id: string): YValue | null {
  const studio = useStudio();
  return useDeep(studio.draft.edits.node(id));
}

/** What stands in a field: a Y.Text, a list, or a plain value. */
export function fieldIn(map: YValue | null, place: Place, field: string): unknown {
  const holder = place === "node" ? map : map?.get(place);
  return holder instanceof Y.Map ? holder.get(field) : undefined;
}
