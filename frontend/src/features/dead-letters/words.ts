/** What a letter's reason and state are called, and how urgent they look. */
import type { Tone } from "@/ui/chip";

/** In the words of who reads it; the server's own are the keys. */
export const REASONS: Record<string, string> = {
  exhausted: "a step failed for good",
  failed: "the run failed",
  poison: "a task without an outcome",
  parked: "a run that cannot be decided",
  quarantined: "a run set aside",
  unreadable: "a message nobody can read",
  event: "an event that started nothing",
};

export const STATUSES: Record<string, { tone: Tone; label: string }> = {
  open: { tone: "err", label: "open" },
  retried: { tone: "ok", label: "retried" },
  discarded: { tone: "skip", label: "discarded" },
  settled: { tone: "ok", label: "settled by itself" },
};
