/** A moment: relative, with the exact time on hover; it grows older by itself. */
import { useSyncExternalStore } from "react";
import { exact, relative } from "@/lib/format";

const waiting = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(told: () => void): () => void {
  waiting.add(told);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of waiting) each();
  }, 5_000);
  return () => {
    waiting.delete(told);
    if (!waiting.size && timer !== undefined) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time to a few seconds; components that read it are drawn anew as it passes. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

export function Time({ at }: { at: string | null | undefined }) {
  const current = useNow();
  if (!at) return <span className="text-fg3">–</span>;
  // What has just happened is newer than a `now` of some seconds ago, and yet not to come.
  const seen = Math.max(current, Date.now() - 5_000, Math.min(Date.parse(at), Date.now()));
  return (
    <time dateTime={at} title={exact(at)} className="tabular whitespace-nowrap">
      {relative(at, seen)}
    </time>
  );
}
