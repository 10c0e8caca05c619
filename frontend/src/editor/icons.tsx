/** Icons of node types, by the names the catalogue gives. */
import {
  Bell,
  Bot,
  CalendarClock,
  CircleHelp,
  Database,
  Flag,
  Globe,
  LogOut,
  type LucideIcon,
  Megaphone,
  Merge,
  OctagonX,
  PencilLine,
  Play,
  Radio,
  RefreshCw,
  Repeat,
  Route,
  Send,
  Shield,
  Split,
  SquareFunction,
  Tags,
  TextCursorInput,
  Timer,
  Undo2,
  UserCheck,
  Variable,
  Webhook,
  Workflow,
} from "lucide-react";

const ICONS: Record<string, LucideIcon> = {
  bell: Bell,
  bot: Bot,
  "calendar-clock": CalendarClock,
  clock: CalendarClock,
  database: Database,
  flag: Flag,
  globe: Globe,
  "log-out": LogOut,
  megaphone: Megaphone,
  merge: Merge,
  "octagon-x": OctagonX,
  "pencil-line": PencilLine,
  play: Play,
  radio: Radio,
  "refresh-cw": RefreshCw,
  repeat: Repeat,
  route: Route,
  send: Send,
  shield: Shield,
  split: Split,
  "square-function": SquareFunction,
  tags: Tags,
  "text-cursor-input": TextCursorInput,
  timer: Timer,
  "undo-2": Undo2,
  "user-check": UserCheck,
  variable: Variable,
  webhook: Webhook,
  workflow: Workflow,
};

export function NodeIcon({ name, size = 16 }: { name: string; size?: number }) {
  const Icon = ICONS[name] ?? CircleHelp;
  return <Icon size={size} strokeWidth={1.5} aria-hidden className="shrink-0" />;
}

/** The categories in the order of the palette, with what people call them. */
export const CATEGORIES: readonly { id: string; label: string; bar: string; text: string }[] = [
  { id: "trigger", label: "Triggers", bar: "bg-accent", text: "text-accent" },
  { id: "ai", label: "AI", bar: "bg-wait", text: "text-wait" },
  { id: "action", label: "Actions", bar: "bg-fg2", text: "text-fg2" },
  { id: "control", label: "Control flow", bar: "bg-warn", text: "text-warn" },
  { id: "data", label: "Data", bar: "bg-ok", text: "text-ok" },
  { id: "human", label: "Human", bar: "bg-human", text: "text-human" },
];

const OTHER = { id: "unknown", label: "Other", bar: "bg-err", text: "text-err" };

export function categoryOf(id: string) {
  return CATEGORIES.find((one) => one.id === id) ?? OTHER;
}
