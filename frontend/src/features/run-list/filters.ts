/** The filters of the list of runs, as the address holds them and as the API takes them. */
import type { RunFilter } from "@/app/router";

export type Filters = Partial<Record<RunFilter, string | undefined>>;

export const STATUSES = [
  "queued",
  "running",
  "waiting",
  "paused",
  "cancelling",
  "compensating",
  "succeeded",
  "failed",
  "cancelled",
] as const;
export const TRIGGERS = ["manual", "api", "webhook", "schedule", "event", "callback"] as const;

export const SPANS: readonly { value: string; label: string; ms: number }[] = [
  { value: "", label: "Any time", ms: 0 },
  { value: "15m", label: "Last 15 minutes", ms: 900_000 },
  { value: "1h", label: "Last hour", ms: 3_600_000 },
  { value: "24h", label: "Last 24 hours", ms: 86_400_000 },
  { value: "7d", label: "Last 7 days", ms: 604_800_000 },
];

/** "team=ops,stage=prod" as pairs; what is no pair is left out. */
export function pairs(text: string | undefined): [string, string][] {
  return (text ?? "")
    .split(",")
    .map((part) => part.split("="))
    .flatMap(([name, ...value]) =>
      name?.trim() && value.length
        ? [[name.trim(), value.join("=").trim()] as [string, string]]
        : [],
    );
}

/** What the API is asked. A span counts from `now`, to the minute, so that a list stays one list. */
export function asked(filters: Filters, now = Date.now()): Record<string, string> {
  const { label, search, started_from, ...rest } = filters;
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(rest)) if (value) query[name] = value;
  const span = SPANS.find((each) => each.value && each.value === started_from);
  if (span) {
    query.started_from = new Date(Math.floor((now - span.ms) / 60_000) * 60_000).toISOString();
  } else if (started_from) {
    query.started_from = started_from;
  }
  for (const [name, value] of pairs(label)) query[`label.${name}`] = value;
  for (const [name, value] of pairs(search)) query[`search.${name}`] = value;
  return query;
}

/** Whether anything is narrowed. */
export function isNarrowed({ sort: _, ...filters }: Filters): boolean {
  return Object.values(filters).some(Boolean);
}

/** A filter without one of its words, or without all of it. */
export function without(filters: Filters, name: RunFilter, word?: string): Filters {
  const left =
    word === undefined
      ? ""
      : (filters[name] ?? "")
          .split(",")
          .filter((each) => each !== word)
          .join(",");
  return { ...filters, [name]: left || undefined };
}

/** A filter with one more word. */
export function withWord(filters: Filters, name: RunFilter, word: string): Filters {
  const words = (filters[name] ?? "").split(",").filter(Boolean);
  return { ...filters, [name]: [...new Set([...words, word])].join(",") };
}
