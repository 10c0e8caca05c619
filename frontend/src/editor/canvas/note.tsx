/** A note on the canvas: text that says what no step does. */
import { NodeResizer } from "@xyflow/react";
import { memo, useEffect, useRef, useState } from "react";
import { retype } from "@/collab/retype";
import { cx } from "@/lib/classes";
import { useNote, useStudio, useUi } from "../studio";
import { Others } from "./card";

export const NOTE_COLOURS: Record<string, string> = {
  plain: "border-line2 bg-bg2",
  accent: "border-accent bg-bg2",
  ok: "border-ok bg-bg2",
  warn: "border-warn bg-bg2",
  wait: "border-wait bg-bg2",
};

export const Note = memo(function Note({ id }: { id: string }) {
  const studio = useStudio();
  const note = useNote(id);
  const isChosen = useUi((ui) => ui.selection.includes(id));
  const isFocused = useUi((ui) => ui.focused === id);
  const [isWriting, setWriting] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (isWriting) field.current?.focus();
  }, [isWriting]);
  if (!note) return null;
  return (
    <div
      className={cx(
        "relative size-full rounded-panel border",
        NOTE_COLOURS[note.color] ?? NOTE_COLOURS.plain,
        isChosen && "shadow-[0_0_0_1px_var(--accent)]",
      )}
    >
      {studio.mayEdit && (
        <NodeResizer
          isVisible={isChosen}
          minWidth={128}
          minHeight={64}
          handleClassName="!size-2 !rounded-full !border-accent !bg-bg1"
          lineClassName="!border-transparent"
          onResizeEnd={(_, { x, y, width, height }) =>
            studio.draft.edits.setNote(id, {
              position: { x: Math.round(x), y: Math.round(y) },
              size: { width: Math.round(width), height: Math.round(height) },
            })
          }
        />
      )}
      {isWriting ? (
        <textarea
          ref={field}
          aria-label="Note"
          className="nodrag nowheel size-full resize-none bg-transparent p-3 text-13 outline-offset-[-2px]"
          value={note.text}
          onChange={(event) =>
            retype(studio.draft.edits, studio.draft.edits.noteText(id), event.target.value)
          }
          onBlur={() => setWriting(false)}
          onKeyDown={(event) => {
            if (event.key === "Escape") setWriting(false);
            event.stopPropagation();
          }}
        />
      ) : (
        // biome-ignore lint/a11y/useSemanticElements: holds text that wraps
        <div
          role="button"
          tabIndex={isFocused ? 0 : -1}
          data-card={id}
          aria-label={`Note: ${note.text || "Double-click to write"}`}
          onFocus={() => studio.ui.setState({ focused: id })}
          onDoubleClick={() => studio.mayEdit && setWriting(true)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !studio.mayEdit) return;
            event.preventDefault();
            event.stopPropagation();
            setWriting(true);
          }}
          className="size-full overflow-hidden whitespace-pre-wrap break-words p-3 text-13 outline-offset-[-2px]"
        >
          {note.text || <span className="text-fg3">Double-click to write</span>}
        </div>
      )}
      <Others id={id} />
    </div>
  );
});
