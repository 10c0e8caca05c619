/** What became of a delivery, by colour. */
import type { Tone } from "@/ui/chip";

export const VERDICTS: Record<string, Tone> = {
  accepted: "ok",
  duplicate: "plain",
  filtered: "warn",
  refused: "err",
};
