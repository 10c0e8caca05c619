/** Counts on the rail: what waits for somebody. */
import type { Place } from "./places";

export function useBadges(): Partial<Record<Place["to"], number>> {
  return {};
}
