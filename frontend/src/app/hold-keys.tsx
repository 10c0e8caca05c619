/**
 * In place of what lies over the page while its script loads: keys are the palette's from the
 * press that opened it on, not the page's beneath.
 */
import { useLayoutEffect } from "react";
import { useOverlay } from "./overlay";

export function HoldKeys() {
  useLayoutEffect(() => {
    const hold = (event: KeyboardEvent) => {
      const { shown, typed, show } = useOverlay.getState();
      if (!shown) return;
      event.stopImmediatePropagation();
      event.preventDefault();
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") show(null);
      else if (event.key === "Backspace") useOverlay.setState({ typed: typed.slice(0, -1) });
      else if (event.key.length === 1) useOverlay.setState({ typed: typed + event.key });
    };
    window.addEventListener("keydown", hold, true);
    return () => window.removeEventListener("keydown", hold, true);
  }, []);
  return null;
}
