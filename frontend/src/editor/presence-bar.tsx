/** Who else draws here. */
import { useMemo } from "react";
import type { Peer } from "@/collab/presence";
import { Tooltip } from "@/ui/tooltip";
import { useCompany, useStudio } from "./studio";

const MOST = 4;

function initials(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  return ((words[0]?.[0] ?? "?") + (words[1]?.[0] ?? "")).toUpperCase();
}

export function PresenceBar() {
  const studio = useStudio();
  const peers = useCompany((company) => company.peers);
  const people = useMemo(() => {
    const byId = new Map<string, Peer>();
    for (const peer of peers) if (!byId.has(peer.id)) byId.set(peer.id, peer);
    return [...byId.values()];
  }, [peers]);
  if (!people.length) return null;
  const go = (peer: Peer) => {
    const ids = peer.selection.filter((id) => studio.draft.projection.views.getState().nodes[id]);
    if (ids.length) studio.canvas.current?.reveal(ids);
  };
  return (
    <ul aria-label="Who else is here" className="flex items-center">
      {people.slice(0, MOST).map((peer) => (
        <li key={peer.id} className="-ml-1.5 first:ml-0">
          <Tooltip text={peer.isReadOnly ? `${peer.name} looks on` : peer.name}>
            <button
              type="button"
              data-peer={peer.name}
              aria-label={`${peer.name}: show what they have chosen`}
              onClick={() => go(peer)}
              className="flex size-7 items-center justify-center rounded-full border-2 border-bg1 text-12 font-semibold text-bg0"
              style={{ background: `var(--${peer.colour})` }}
            >
              {initials(peer.name)}
            </button>
          </Tooltip>
        </li>
      ))}
      {people.length > MOST && <li className="ml-1 text-12 text-fg2">+{people.length - MOST}</li>}
    </ul>
  );
}
