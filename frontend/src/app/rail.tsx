/** The left rail: where one can go. Pinned it shows names, else only icons. */
import { Link } from "@tanstack/react-router";
import { CircleHelp, Footprints, Keyboard, PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { useState } from "react";
import { useMe } from "@/api/session";
import { cx } from "@/lib/classes";
import { IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { Tooltip } from "@/ui/tooltip";
import { useBadges } from "./badges";
import { useOverlay } from "./overlay";
import { PLACES, type Place } from "./places";
import { beginTour } from "./tour/store";

const KEY = "weir.rail";

export function Rail() {
  const [pinned, setPinned] = useState(() => localStorage.getItem(KEY) === "pinned");
  const me = useMe();
  const badges = useBadges();
  const may = (place: Place) =>
    !place.may ||
    me?.permissions.includes(place.may) ||
    Object.values(me?.projects ?? {}).some((role) => me?.roles[role]?.includes(place.may ?? ""));
  const toggle = () => {
    localStorage.setItem(KEY, pinned ? "" : "pinned");
    setPinned(!pinned);
  };
  return (
    <nav
      aria-label="Places"
      className={cx(
        "row-span-full flex flex-col border-r border-line bg-bg1",
        pinned ? "w-50" : "w-14",
      )}
    >
      <Link
        to="/workflows"
        aria-label="Weir"
        className="flex h-12 items-center gap-3 border-b border-line px-3.5 outline-offset-[-2px]"
      >
        <Mark />
        {pinned && <span className="text-16 font-semibold">Weir</span>}
      </Link>
      <ul className="flex flex-1 flex-col gap-1 p-2">
        {PLACES.filter(may).map((place) => (
          <li key={place.to}>
            <RailLink place={place} pinned={pinned} badge={badges[place.to] ?? 0} />
          </li>
        ))}
      </ul>
      <div className="flex flex-col gap-1 p-2">
        <Menu
          align="start"
          trigger={<IconButton icon={CircleHelp} label="Help" side="right" className="w-10" />}
          items={[
            { label: "First steps", icon: Footprints, onSelect: beginTour },
            {
              label: "Shortcuts",
              icon: Keyboard,
              keys: "?",
              onSelect: () => useOverlay.getState().show("shortcuts"),
            },
          ]}
        />
        <IconButton
          icon={pinned ? PanelLeftClose : PanelLeftOpen}
          label={pinned ? "Show icons only" : "Show names"}
          side="right"
          onClick={toggle}
          className="w-10"
        />
      </div>
    </nav>
  );
}

function RailLink({ place, pinned, badge }: { place: Place; pinned: boolean; badge: number }) {
  const Icon = place.icon;
  const name = badge ? `${place.label}, ${badge} waiting` : place.label;
  const link = (
    <Link
      to={place.to}
      aria-label={name}
      className="relative flex h-9 items-center gap-3 rounded-control px-3 text-fg2 hover:bg-bg2 hover:text-fg outline-offset-[-2px]"
      activeProps={{ className: "bg-bg2 !text-fg shadow-[inset_2px_0_0_var(--accent)]" }}
    >
      <Icon size={16} strokeWidth={1.5} aria-hidden className="shrink-0" />
      {pinned && <span className="flex-1 truncate">{place.label}</span>}
      {badge > 0 && (
        <span
          aria-hidden
          className={cx(
            "tabular min-w-4 rounded-full bg-accent px-1 text-center text-12 leading-4 text-on-accent",
            !pinned && "absolute right-0 top-0",
          )}
        >
          {badge > 99 ? "99+" : badge}
        </span>
      )}
    </Link>
  );
  if (pinned) return link;
  return (
    <Tooltip text={name} keys={place.keys} side="right">
      {link}
    </Tooltip>
  );
}

export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden className="shrink-0">
      <path
        d="M6 11h6l4 10 4-10h6"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="2.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M6 26h20" stroke="var(--line2)" strokeWidth="2" strokeLinecap="round" />
    </svg>
  );
}
