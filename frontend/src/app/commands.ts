/**
 * What can be done here: the command palette and the list of shortcuts both show it.
 *
 * A page registers its commands while it is shown. `keys` is a chord ("mod+s", "shift+1", "?") or
 * two keys after each other ("g w"); without `mod` it is silent inside text fields.
 */
import { useEffect, useId } from "react";
import { create } from "zustand";

export interface Command {
  id: string;
  title: string;
  group: string;
  keys?: string;
  /** Other words it is found by. */
  words?: string;
  run: () => void;
  /** Not in the palette, only in the list of shortcuts. */
  hidden?: boolean;
}

export const useCommandList = create<{ byOwner: Record<string, readonly Command[]> }>(() => ({
  byOwner: {},
}));

/** Offer these while the component is shown. Keep the list stable with useMemo. */
export function useCommands(commands: readonly Command[]): void {
  const owner = useId();
  useEffect(() => {
    useCommandList.setState(({ byOwner }) => ({ byOwner: { ...byOwner, [owner]: commands } }));
    return () =>
      useCommandList.setState(({ byOwner }) => {
        const { [owner]: _, ...rest } = byOwner;
        return { byOwner: rest };
      });
  }, [owner, commands]);
}

export function allCommands(): Command[] {
  return Object.values(useCommandList.getState().byOwner).flat();
}

/** The chord of a key press as commands name it. */
export function chordOf(event: KeyboardEvent): string {
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  const shifted = event.shiftKey && (key.length > 1 || /[a-z]/.test(key));
  return [(event.ctrlKey || event.metaKey) && "mod", event.altKey && "alt", shifted && "shift", key]
    .filter(Boolean)
    .join("+");
}

/** Whether what is typed there is text. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select, [role=textbox]"))
  );
}

const PAUSE_MS = 1_200;

/** Runs commands by their keys; returns what stops it. */
export function listenForKeys(): () => void {
  let first = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const chord = chordOf(event);
    if (isTyping(event.target) && !chord.startsWith("mod+")) return;
    if (
      document.querySelector("[role=dialog][data-modal], [role=alertdialog]") &&
      chord !== "mod+k"
    )
      return;
    const wanted = first ? `${first} ${chord}` : chord;
    clearTimeout(timer);
    first = "";
    const commands = allCommands();
    // The page shown last comes first: it may give a key another meaning.
    const found = commands.findLast((each) => each.keys === wanted);
    if (found) {
      event.preventDefault();
      found.run();
    } else if (commands.some((each) => each.keys?.startsWith(`${chord} `))) {
      first = chord;
      timer = setTimeout(() => {
        first = "";
      }, PAUSE_MS);
    }
  };
  window.addEventListener("keydown", listen);
  return () => {
    window.removeEventListener("keydown", listen);
    clearTimeout(timer);
  };
}
