/** How a node stands when it has many steps, one for each iteration: one state, and a few words. */
import { stateLook } from "@/ui/chip";
import type { Tally } from "./picture";

/** What is told first where iterations differ. */
const FIRST = [
  ...["failed", "running", "retrying", "waiting", "queued", "compensating", "paused"],
  ...["caught", "succeeded", "compensated", "cancelled", "skipped"],
];

export interface Standing {
  status: string | null;
  /** Beside the icon: how many, if there are several. */
  text: string;
  words: string;
}

const IDLE: Standing = { status: null, text: "", words: "not reached" };

export function standing(tally: Tally | undefined): Standing {
  if (!tally) return IDLE;
  const states = FIRST.filter((state) => tally[state]);
  const status = states[0];
  if (!status) return IDLE;
  const total = Object.values(tally).reduce((sum, each) => sum + each, 0);
  const words = states.map((state) =>
    total === 1 ? stateLook(state).word : `${tally[state]} ${stateLook(state).word}`,
  );
  const text = total === 1 ? "" : states.length === 1 ? String(total) : `${tally[status]}/${total}`;
  return { status, text, words: words.join(", ") };
}
