/** Names and values below each other, the values in one column. */
import type { ReactNode } from "react";
import { exact } from "@/lib/format";

export function Facts({ children }: { children: ReactNode }) {
  return (
    <dl className="grid grid-cols-[112px_minmax(0,1fr)] items-baseline gap-x-3 gap-y-1.5">
      {children}
    </dl>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === "" || children === false) {
    return null;
  }
  return (
    <>
      <dt className="text-fg3">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

/** A moment as it is read beside others of one run. */
export function At({ ms }: { ms: number | null }) {
  if (ms === null) return <span className="text-fg3">–</span>;
  return (
    <time dateTime={new Date(ms).toISOString()} className="tabular">
      {exact(ms)}
    </time>
  );
}
