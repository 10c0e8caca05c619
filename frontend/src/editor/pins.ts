/** Where this browser keeps pins and the sample input of a workflow. */
import type { Json } from "@/collab/types";
import type { Studio } from "./studio";

export const pinsKey = (studio: Studio) => `weir.pins.${studio.workflow}`;
export const sampleKey = (studio: Studio) => `weir.sample.${studio.workflow}`;

/** Pins live in this browser: they are of who tries, never of the workflow. */
export function loadPins(studio: Studio): void {
  try {
    const pins = JSON.parse(localStorage.getItem(pinsKey(studio)) ?? "{}") as Record<string, Json>;
    const sample = localStorage.getItem(sampleKey(studio));
    studio.marks.setState({ pins, ...(sample ? { input: JSON.parse(sample) as Json } : {}) });
  } catch {
    localStorage.removeItem(pinsKey(studio));
  }
}
