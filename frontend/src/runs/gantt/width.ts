/** How wide an element is, as it changes. */
import { type RefCallback, useCallback, useState } from "react";

export function useWidth(): [RefCallback<HTMLElement>, number] {
  const [width, setWidth] = useState(600);
  const refer = useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(50, entry.contentRect.width));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [refer, width];
}
