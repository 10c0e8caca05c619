/** Parts of a page that has no table: a heading, a word about it, its content. */
import type { ReactNode } from "react";

export function Section({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="flex flex-col gap-3">
      <header className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <h2 className="text-14">{title}</h2>
          {lead && <p className="mt-1 text-fg2">{lead}</p>}
        </div>
        {actions}
      </header>
      {children}
    </section>
  );
}

export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[160px_1fr] items-baseline gap-x-4 gap-y-2">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-fg3">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
