/** What can stand at the end of an edge that was dropped on nothing, or on an edge. */
import { useEffect, useMemo, useRef } from "react";
import { addNode } from "./actions";
import { useStudio, useUi } from "./studio";
import { TypesList } from "./types-list";

const WIDTH = 280;
const HEIGHT = 360;

export function Chooser() {
  const studio = useStudio();
  const chooser = useUi((ui) => ui.chooser);
  const box = useRef<HTMLDivElement>(null);
  const types = useMemo(() => {
    const isInside = (() => {
      if (!chooser) return false;
      const anchor = chooser.place.from?.source ?? chooser.place.on?.source ?? "";
      return Boolean(studio.draft.projection.views.getState().nodes[anchor]?.parent);
    })();
    return [...studio.catalogue.values()].filter(
      (type) =>
        (type.kind !== "trigger" || !(chooser?.place.from || chooser?.place.on)) &&
        !(isInside && type.type === "output") &&
        !(chooser?.place.on && !type.ports.length),
    );
  }, [studio, chooser]);
  useEffect(() => {
    if (!chooser) return;
    const close = (event: Event) => {
      if (
        event instanceof KeyboardEvent
          ? event.key === "Escape"
          : !box.current?.contains(event.target as Node)
      ) {
        if (event instanceof KeyboardEvent) event.stopPropagation();
        studio.ui.setState({ chooser: null });
      }
    };
    window.addEventListener("keydown", close, true);
    const later = setTimeout(() => window.addEventListener("pointerdown", close, true));
    return () => {
      clearTimeout(later);
      window.removeEventListener("keydown", close, true);
      window.removeEventListener("pointerdown", close, true);
    };
  }, [chooser, studio]);
  if (!chooser) return null;
  const left = Math.max(8, Math.min(chooser.x, window.innerWidth - WIDTH - 8));
  const top = Math.max(8, Math.min(chooser.y, window.innerHeight - HEIGHT - 8));
  return (
    <div
      ref={box}
      role="dialog"
      aria-label="Choose a step"
      className="fixed z-50 flex flex-col rounded-panel bg-bg1 shadow-float"
      style={{ left, top, width: WIDTH, height: HEIGHT }}
    >
      <TypesList
        key={`${chooser.x}/${chooser.y}`}
        className="flex-1"
        types={types}
        label="Search steps to put here"
        autoFocus
        onTake={(type) => {
          studio.ui.setState({ chooser: null });
          const id = addNode(studio, type, chooser.place);
          if (id) studio.canvas.current?.reveal([id]);
        }}
      />
    </div>
  );
}
