/** What stands where data is not: loading, nothing yet, and what went wrong. */
import type { LucideIcon } from "lucide-react";
import { CircleAlert, RefreshCw } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button";

/** Quiet rows where a list will stand; told to readers once. */
export function Loading({ rows = 6, what = "Loading" }: { rows?: number; what?: string }) {
  return (
    <div role="status" aria-label={what} className="flex flex-col">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all alike
        <div key={row} className="flex h-9 items-center border-b border-line">
          <div
            className="h-2 rounded-control bg-bg3"
            style={{ width: `${36 - ((row * 7) % 20)}%` }}
          />
        </div>
      ))}
    </div>
  );
}

/** What would stand here, and the one thing to do. */
export function Empty({
  icon: Icon,
  title,
  children,
  action,
}: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="mx-auto flex max-w-110 flex-col items-center gap-2 px-6 py-12 text-center">
      <Icon size={24} strokeWidth={1.5} aria-hidden className="text-fg3" />
      <h2 className="text-16">{title}</h2>
      {children && <div className="text-fg2">{children}</div>}
      {action && <div className="mt-2 flex gap-2">{action}</div>}
    </div>
  );
}

export interface Told {
  message: string;
  code?: string | undefined;
  requestId?: string | undefined;
}

/** What went wrong, in the words of whoever knows. */
export function Failed({ error, retry }: { error: Told; retry?: () => void }) {
  return (
    <div role="alert" className="flex max-w-190 flex-col gap-2 px-1 py-6">
      <div className="flex items-start gap-2 text-16">
        <CircleAlert size={20} strokeWidth={1.5} aria-hidden className="mt-0.5 shrink-0 text-err" />
        <span>{error.message}</span>
      </div>
      <div className="flex items-center gap-3 pl-7 text-12 text-fg3">
        {error.code && <span className="mono">{error.code}</span>}
        {error.requestId && <span className="mono">{error.requestId}</span>}
      </div>
      {retry && (
        <div className="pl-7">
          <Button icon={RefreshCw} onClick={retry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}

/** A refusal inside a form. */
export function Refused({ error }: { error: Told | null | undefined }) {
  if (!error) return null;
  return (
    <p role="alert" className="flex items-start gap-2 text-err">
      <CircleAlert size={16} strokeWidth={1.5} aria-hidden className="mt-0.5 shrink-0" />
      <span>{error.message}</span>
    </p>
  );
}
