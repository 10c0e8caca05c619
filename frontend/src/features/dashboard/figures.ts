/** What the dashboard says of counts: rates, budgets, changes against the span before. */

export const OBJECTIVE = 0.999;

interface Ended {
  succeeded: number;
  failed: number;
}

/** The part of ended runs that succeeded; what somebody cancelled counts neither way. */
export function success({ succeeded, failed }: Ended): number | null {
  return succeeded + failed ? succeeded / (succeeded + failed) : null;
}

/** How much of the failures that the objective allows is not used up: 1 all, 0 none, below 0 overdrawn. */
export function budgetLeft(ended: Ended): number | null {
  const rate = success(ended);
  return rate === null ? null : 1 - (1 - rate) / (1 - OBJECTIVE);
}

export function perMinute(runs: number, spanMs: number): number {
  return runs / (spanMs / 60_000);
}

/** "12 % more than before"; in words what cannot be compared. */
export function change(now: number | null, before: number | null, what = ""): string {
  const counted = what && now !== null ? `${now.toLocaleString("en-GB")} ${what}, ` : "";
  if (!before || now === null) return `${counted}nothing before to compare`;
  const part = (now - before) / before;
  if (Math.abs(part) < 0.005) return `${counted}as before`;
  const percent =
    Math.abs(part) >= 10 ? Math.round(Math.abs(part)) * 100 : Math.round(Math.abs(part) * 100);
  return `${counted}${percent.toLocaleString("en-GB")} % ${part > 0 ? "more" : "less"} than before`;
}
