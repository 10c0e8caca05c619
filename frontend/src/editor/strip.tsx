/** Below the canvas: what is wrong, whether all is saved, how near one looks. */
import {
  CircleAlert,
  CircleCheck,
  CloudOff,
  LoaderCircle,
  Lock,
  Map as MapIcon,
  Maximize,
  TriangleAlert,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import { useStore } from "zustand";
import { SAVED_WORDS, savedState } from "@/collab/connection";
import { cx } from "@/lib/classes";
import { plural } from "@/lib/format";
import { IconButton } from "@/ui/button";
import { useMarks, useStudio, useUi } from "./studio";

export function Strip() {
  return (
    <footer className="flex h-8 shrink-0 items-center gap-3 border-t border-line bg-bg1 px-2 text-12">
      <Problems />
      <SavedState />
      <span className="flex-1" />
      <Zoom />
    </footer>
  );
}

function Problems() {
  const studio = useStudio();
  const errors = useMarks((marks) => marks.problems.length);
  const warnings = useMarks((marks) => marks.warnings.length);
  const isChecked = useMarks((marks) => marks.isChecked);
  const isOpen = useUi((ui) => ui.panel === "problems");
  const Icon = errors ? CircleAlert : warnings ? TriangleAlert : CircleCheck;
  const words = errors
    ? plural(errors, "problem")
    : warnings
      ? plural(warnings, "warning")
      : isChecked
        ? "No problems"
        : "Checking";
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      onClick={() => studio.ui.setState({ panel: isOpen ? null : "problems" })}
      className="flex h-6 items-center gap-1.5 rounded-control px-2 text-fg2 hover:bg-bg2 hover:text-fg"
    >
      <Icon
        size={14}
        strokeWidth={1.75}
        aria-hidden
        className={errors ? "text-err" : warnings ? "text-warn" : "text-ok"}
      />
      <span className={cx(!isChecked && "opacity-70")}>{words}</span>
    </button>
  );
}

function SavedState() {
  const studio = useStudio();
  const state = useStore(studio.draft.connection, savedState);
  const reason = useStore(studio.draft.connection, (connection) => connection.reason);
  const Icon =
    state === "saved"
      ? CircleCheck
      : state === "saving" || state === "loading"
        ? LoaderCircle
        : state === "read-only"
          ? Lock
          : CloudOff;
  return (
    <span
      role="status"
      data-saved={state}
      className={cx(
        "flex items-center gap-1.5",
        state === "saved" || state === "saving" || state === "read-only" ? "text-fg2" : "text-warn",
      )}
    >
      <Icon
        size={14}
        strokeWidth={1.75}
        aria-hidden
        className={cx(state === "saving" && "animate-turn")}
      />
      {reason || SAVED_WORDS[state]}
    </span>
  );
}

function Zoom() {
  const studio = useStudio();
  const hasMap = useUi((ui) => ui.hasMap);
  return (
    <>
      <IconButton
        small
        side="top"
        icon={ZoomOut}
        label="Zoom out"
        keys="-"
        onClick={() => studio.canvas.current?.zoomBy(1 / 1.25)}
        className="!size-6"
      />
      <IconButton
        small
        side="top"
        icon={ZoomIn}
        label="Zoom in"
        keys="+"
        onClick={() => studio.canvas.current?.zoomBy(1.25)}
        className="!size-6"
      />
      <IconButton
        small
        side="top"
        icon={Maximize}
        label="Show everything"
        keys="shift+1"
        onClick={() => studio.canvas.current?.fit()}
        className="!size-6"
      />
      <IconButton
        small
        side="top"
        icon={MapIcon}
        label={hasMap ? "Hide the map" : "Show the map"}
        keys="m"
        aria-pressed={hasMap}
        onClick={() => studio.ui.setState({ hasMap: !hasMap })}
        className={cx("!size-6", hasMap && "!bg-bg3 !text-fg")}
      />
    </>
  );
}
