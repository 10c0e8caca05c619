/** The frame of an ordinary page: its heading, its actions, content that begins where all begin. */
import { type ReactNode, useEffect } from "react";
import { cx } from "@/lib/classes";
import { BarWhere } from "./slots";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Weir` : "Weir";
  }, [title]);
}

export function Page({
  title,
  actions,
  filters,
  wide = true,
  children,
}: {
  title: string;
  actions?: ReactNode;
  filters?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}) {
  useTitle(title);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <BarWhere>
        <span className="truncate">{title}</span>
      </BarWhere>
      <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-4 gap-y-2 px-6 pt-3">
        <h1 className="text-20">{title}</h1>
        <div className="flex-1" />
        {actions && <div className="flex items-center gap-2">{actions}</div>}
      </header>
      {filters && <div className="shrink-0 px-6 pt-3">{filters}</div>}
      {/* What scrolls must be reached by keys. */}
      <div
        tabIndex={0}
        className="mt-3 min-h-0 flex-1 overflow-auto px-6 pb-12 outline-offset-[-2px]"
      >
        <div className={cx(!wide && "max-w-190")}>{children}</div>
      </div>
    </div>
  );
}
