/** What something is called, on hover and focus. */
import { Tooltip as Radix } from "radix-ui";
import { type ReactNode, useEffect } from "react";
import { Keys } from "./keys";

/** Whether somebody's last touch was a key. */
let isByKeys = false;
const hearKey = () => {
  isByKeys = true;
};
const hearPointer = () => {
  isByKeys = false;
};

export function TooltipProvider({ children }: { children: ReactNode }) {
  useEffect(() => {
    window.addEventListener("keydown", hearKey, true);
    window.addEventListener("pointerdown", hearPointer, true);
    return () => {
      window.removeEventListener("keydown", hearKey, true);
      window.removeEventListener("pointerdown", hearPointer, true);
    };
  }, []);
  return (
    <Radix.Provider delayDuration={400} skipDelayDuration={200} disableHoverableContent>
      {children}
    </Radix.Provider>
  );
}

export function Tooltip({
  text,
  keys,
  side = "bottom",
  children,
}: {
  text: ReactNode;
  keys?: string | undefined;
  side?: "top" | "right" | "bottom" | "left";
  children: ReactNode;
}) {
  return (
    <Radix.Root>
      <Radix.Trigger
        asChild
        // Focus that comes back from a menu closed by a click is nobody's question; Chromium calls
        // it visible where nothing had the focus before.
        onFocus={(event) => {
          if (!isByKeys) event.preventDefault();
        }}
      >
        {children}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="pointer-events-none z-60 flex max-w-80 items-center gap-2 rounded-control bg-bg3 px-2 py-1 text-12 text-fg shadow-float"
        >
          {text}
          {keys && <Keys of={keys} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
