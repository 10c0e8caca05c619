/** The places of the rail, in its order. */
import {
  Cable,
  CalendarClock,
  Gauge,
  Inbox,
  ListTree,
  type LucideIcon,
  Settings,
  Webhook,
  Workflow,
} from "lucide-react";

export interface Place {
  to:
    | "/workflows"
    | "/runs"
    | "/approvals"
    | "/schedules"
    | "/webhooks"
    | "/connections"
    | "/dashboard"
    | "/admin";
  label: string;
  icon: LucideIcon;
  keys: string;
  /** Shown only to who may this. */
  may?: string;
}

export const PLACES: readonly Place[] = [
  { to: "/workflows", label: "Workflows", icon: Workflow, keys: "g w" },
  { to: "/runs", label: "Runs", icon: ListTree, keys: "g r" },
  { to: "/approvals", label: "Approvals", icon: Inbox, keys: "g a" },
  { to: "/schedules", label: "Schedules", icon: CalendarClock, keys: "g s" },
  { to: "/webhooks", label: "Webhooks", icon: Webhook, keys: "g h" },
  { to: "/connections", label: "Connections", icon: Cable, keys: "g c", may: "credentials:manage" },
  { to: "/dashboard", label: "Dashboard", icon: Gauge, keys: "g d" },
  { to: "/admin", label: "Administration", icon: Settings, keys: "g x", may: "users:manage" },
];

/** What stands together at one place of the rail. */
export const RUN_TABS = [
  { to: "/runs", label: "Runs" },
  { to: "/runs/dead-letters", label: "Dead letters" },
] as const;
export const WEBHOOK_TABS = [
  { to: "/webhooks", label: "Webhooks" },
  { to: "/webhooks/subscriptions", label: "Event subscriptions" },
] as const;
