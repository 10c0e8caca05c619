/** Short facts: plain chips, filters that can be taken away, and states. */
import {
  Ban,
  Check,
  CircleDashed,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  Minus,
  Pause,
  RotateCw,
  ShieldCheck,
  Undo2,
  X,
} from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "@/lib/classes";

export type Tone = "plain" | "accent" | "ok" | "warn" | "err" | "wait" | "skip";

export const TONES: Record<Tone, string> = {
  plain: "text-fg2",
  accent: "text-accent",
  ok: "text-ok",
  warn: "text-warn",
  err: "text-err",
  wait: "text-wait",
  skip: "text-skip",
};

export function Chip({
  tone = "plain",
  mono = false,
  title,
  children,
}: {
  tone?: Tone;
  mono?: boolean;
  title?: string;
  children: ReactNode;
}) {
  return (
    <span
      title={title}
      className={cx(
        "inline-flex h-5 max-w-full items-center align-middle gap-1 truncate whitespace-nowrap rounded-control border border-line px-1.5 text-12",
        mono && "mono",
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}

/** A filter that is on; its cross takes it away. */
export function FilterChip({
  name,
  value,
  onRemove,
}: {
  name: string;
  value: string;
  onRemove: () => void;
}) {
  return (
    <span className="inline-flex h-7 max-w-72 items-center rounded-control border border-line2 bg-bg2 pl-2 text-12">
      <span className="text-fg3">{name}</span>
      <span className="ml-1 truncate text-fg">{value}</span>
      <button
        type="button"
        aria-label={`Remove the filter ${name} ${value}`}
        onClick={onRemove}
        className="ml-1 inline-flex size-6 items-center justify-center rounded-control text-fg3 hover:text-fg focus-visible:outline-offset-[-2px]"
      >
        <X size={14} strokeWidth={1.5} aria-hidden />
      </button>
    </span>
  );
}

export interface StateLook {
  tone: Tone;
  icon: LucideIcon;
  word: string;
}

/** One colour, one icon, one word for each state of a run or a step. */
export const STATES: Record<string, StateLook> = {
  idle: { tone: "skip", icon: CircleDashed, word: "idle" },
  queued: { tone: "skip", icon: CircleDashed, word: "queued" },
  running: { tone: "accent", icon: LoaderCircle, word: "running" },
  retrying: { tone: "warn", icon: RotateCw, word: "retrying" },
  waiting: { tone: "wait", icon: Hourglass, word: "waiting" },
  paused: { tone: "warn", icon: Pause, word: "paused" },
  succeeded: { tone: "ok", icon: Check, word: "succeeded" },
  failed: { tone: "err", icon: X, word: "failed" },
  caught: { tone: "warn", icon: ShieldCheck, word: "caught" },
  skipped: { tone: "skip", icon: Minus, word: "skipped" },
  cancelling: { tone: "skip", icon: Ban, word: "cancelling" },
  cancelled: { tone: "skip", icon: Ban, word: "cancelled" },
  compensating: { tone: "wait", icon: Undo2, word: "compensating" },
  compensated: { tone: "wait", icon: Undo2, word: "compensated" },
};

export function stateLook(state: string): StateLook {
  return STATES[state] ?? { tone: "skip", icon: CircleDashed, word: state };
}

export function StateIcon({ state, size = 16 }: { state: string; size?: number }) {
  const { icon: Icon, tone } = stateLook(state);
  return (
    <Icon
      size={size}
      strokeWidth={1.75}
      aria-hidden
      className={cx("shrink-0", TONES[tone], state === "running" && "animate-turn")}
    />
  );
}

/** A state with its icon and word; `note` says more, such as 2/5 or what it waits for. */
export function StateChip({ state, note }: { state: string; note?: ReactNode }) {
  const { tone, word } = stateLook(state);
  return (
    <span
      className={cx("inline-flex items-center gap-1.5 whitespace-nowrap align-middle", TONES[tone])}
    >
      <StateIcon state={state} size={14} />
      <span>{word}</span>
      {note !== undefined && <span className="tabular text-fg2">{note}</span>}
    </span>
  );
}
