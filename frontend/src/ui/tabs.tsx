/** Several views of one thing, one at a time. */
import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "@/lib/classes";

export interface Tab {
  id: string;
  label: ReactNode;
  count?: number;
}

export function Tabs({
  tabs,
  value,
  onChange,
  label,
  className,
  children,
}: {
  tabs: readonly Tab[];
  value: string;
  onChange: (id: string) => void;
  label: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Radix.Root
      value={value}
      onValueChange={onChange}
      className={cx("flex min-h-0 flex-col", className)}
    >
      <Radix.List
        aria-label={label}
        className="flex shrink-0 gap-6 overflow-x-auto shadow-[inset_0_-1px_0_var(--line)]"
      >
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.id}
            value={tab.id}
            className="flex h-9 items-center gap-2 whitespace-nowrap border-b-2 border-transparent text-fg2 hover:text-fg focus-visible:outline-offset-[-2px] data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-fg"
          >
            {tab.label}
            {tab.count !== undefined && (
              <span className="tabular text-12 text-fg3">{tab.count}</span>
            )}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {children}
    </Radix.Root>
  );
}

export function TabPanel({
  id,
  className,
  children,
}: {
  id: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Radix.Content value={id} className={cx("min-h-0 flex-1 outline-offset-[-2px]", className)}>
      {children}
    </Radix.Content>
  );
}
