/** A text field that takes expressions; until its editor is loaded, a box of the same size. */
import { lazy, Suspense } from "react";
import { cx } from "@/lib/classes";
import type { TextEditorProps } from "./text-editor";

const load = () => import("./text-editor");
const Editor = lazy(load);

/** Fetch the editor before it is needed. */
export function preloadEditor(): void {
  void load();
}

export function TextField({ frame, ...props }: TextEditorProps & { frame?: string | undefined }) {
  return (
    <div
      className={cx(
        "relative w-full min-w-0 rounded-control border bg-bg1 focus-within:outline-2 focus-within:outline-accent",
        props.isInvalid ? "border-err" : "border-line2",
        props.isReadOnly && "border-line",
      )}
      style={
        frame
          ? { borderColor: `var(--${frame})`, boxShadow: `0 0 0 1px var(--${frame})` }
          : undefined
      }
    >
      <Suspense
        fallback={
          <div className="mono min-h-[30px] whitespace-pre-wrap px-2 py-[5px] leading-5">
            {String(props.text)}
          </div>
        }
      >
        <Editor {...props} />
      </Suspense>
    </div>
  );
}
