/** The frame of an ordinary page: its heading, its actions, content that begins where all begin. */
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { cx } from "@/lib/classes";
import { BarWhere } from "./slots";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Weir` : "Weir";
  }, [title]);
}

export interface PlaceTab {
  to: "/runs" | "/runs/dead-letters" | "/webhooks" | "/webhooks/subscriptions";
  label: string;
}

/** Pages that are looked at together, as tabs that are links. */
const PlaceTabs = ({ tabs }: { tabs: readonly PlaceTab[] }) => (
  <nav
    aria-label="Pages of this place"
    className="mx-6 mt-3 flex shrink-0 gap-6 border-b border-line"
  >
    {tabs.map((tab) => (
      <Link
        key={tab.to}
        to={tab.to}
        activeOptions={{ exact: true, includeSearch: false }}
        className="-mb-px flex h-9 items-center border-b-2 border-transparent text-fg2 outline-offset-[-2px] hover:text-fg"
        activeProps={{ className: "!border-accent font-medium !text-fg" }}
      >
        {tab.label}
      </Link>
    ))}
  </nav>
);

export function Page({
  title,
  tabs,
  actions,
  filters,
  wide = true,
  children,
}: {
  title: string;
  tabs?: readonly PlaceTab[];
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
      {tabs && <PlaceTabs tabs={tabs} />}
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
