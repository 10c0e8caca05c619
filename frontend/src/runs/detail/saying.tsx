/** What a step says while it works, growing; it follows the end unless one reads further up. */
import { useLayoutEffect, useRef } from "react";
import type { Said } from "../model/speech";

const NEAR = 44;

export function Saying({ said }: { said: Said }) {
  const scroller = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it scrolls when there is more text
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box && follows.current) box.scrollTop = box.scrollHeight;
  }, [said]);
  return (
    <>
      <p className="shrink-0 border-b border-line py-2 text-12 text-fg2">
        {said.holes
          ? "What the step says as it works; parts of it are missing. Its output follows."
          : "What the step says as it works. Its output follows."}
      </p>
      <pre
        ref={scroller}
        onScroll={({ currentTarget: box }) => {
          follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
        }}
        role="log"
        tabIndex={0}
        aria-live="off"
        aria-label="What the step says"
        data-testid="saying"
        className="mono min-h-0 flex-1 overflow-auto whitespace-pre-wrap break-words py-2 text-12 outline-offset-[-2px]"
      >
        {said.text}
      </pre>
    </>
  );
}
