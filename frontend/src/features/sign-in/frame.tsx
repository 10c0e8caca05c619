/** The quiet page around everything that happens before somebody is inside. */
import type { ReactNode } from "react";
import { useTitle } from "@/app/page";
import { Mark } from "@/app/rail";

export function Frame({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}) {
  useTitle(title);
  return (
    <main className="h-full overflow-y-auto bg-bg0">
      <div className="mx-auto flex min-h-full w-[360px] max-w-[calc(100vw-32px)] flex-col justify-center gap-6 py-12">
        <div className="flex items-center gap-3">
          <Mark size={32} />
          <span className="text-20 font-semibold">Weir</span>
        </div>
        <div className="flex flex-col gap-2">
          <h1 className="text-20">{title}</h1>
          {lead && <p className="text-fg2">{lead}</p>}
        </div>
        {children}
      </div>
    </main>
  );
}

export const LINK = "font-medium text-accent hover:underline";
