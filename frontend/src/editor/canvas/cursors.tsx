/** Where the others point, with their names; apart from the nodes, so that moving draws nothing else. */
import { useShallow } from "zustand/react/shallow";
import { useCompany } from "../studio";
import { InLayer } from "./layer";

export function Cursors() {
  const peers = useCompany(useShallow((company) => company.peers.filter((peer) => peer.cursor)));
  return (
    <InLayer name="front">
      {peers.map((peer) => (
        <div
          key={peer.client}
          aria-hidden
          data-cursor={peer.name}
          className="pointer-events-none absolute left-0 top-0 z-50"
          style={{
            transform: `translate(${peer.cursor?.x ?? 0}px, ${peer.cursor?.y ?? 0}px)`,
            color: `var(--${peer.colour})`,
          }}
        >
          <svg width="14" height="16" viewBox="0 0 14 16" fill="currentColor" aria-hidden>
            <path d="M0 0 14 9 7.5 9.8 4 16z" />
          </svg>
          <span
            className="absolute left-3 top-3.5 whitespace-nowrap rounded-control px-1.5 text-12 font-medium leading-5 text-bg0"
            style={{ background: `var(--${peer.colour})` }}
          >
            {peer.name}
          </span>
        </div>
      ))}
    </InLayer>
  );
}
