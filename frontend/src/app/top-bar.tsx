/** Where one is, how to find anything, and who one is. */
import { useNavigate } from "@tanstack/react-router";
import {
  ChevronRight,
  CircleUser,
  LogOut,
  Monitor,
  Moon,
  Search,
  Sun,
  UserCog,
} from "lucide-react";
import { signOut, useMe } from "@/api/session";
import { forgetDrafts } from "@/collab/keeping";
import { Button } from "@/ui/button";
import { Keys } from "@/ui/keys";
import { Menu } from "@/ui/menu";
import { chooseTheme, useTheme } from "@/ui/theme";
import { useOverlay } from "./overlay";
import { ActionsSlot, WhereSlot } from "./slots";
import { TenantMenu } from "./tenant-menu";

export function TopBar() {
  const show = useOverlay((state) => state.show);
  return (
    <header className="grid min-w-0 grid-cols-[minmax(0,1fr)_auto_minmax(max-content,1fr)] items-center gap-4 border-b border-line bg-bg1 px-6">
      <div className="flex min-w-0 items-center gap-2">
        <TenantMenu />
        <ChevronRight size={14} strokeWidth={1.5} aria-hidden className="shrink-0 text-fg3" />
        <WhereSlot />
      </div>
      <button
        type="button"
        onClick={() => show("palette")}
        className="flex h-8 w-80 max-w-[23vw] items-center gap-2 rounded-control border border-line2 bg-bg0 px-2 text-fg3 hover:bg-bg2 max-md:w-8"
      >
        <Search size={16} strokeWidth={1.5} aria-hidden className="shrink-0" />
        <span className="flex-1 truncate text-left max-md:sr-only">Find or do anything</span>
        <span aria-hidden className="max-md:hidden">
          <Keys of="mod+k" />
        </span>
      </button>
      <div className="flex items-center justify-end gap-2">
        <ActionsSlot />
        <Account />
      </div>
    </header>
  );
}

function Account() {
  const me = useMe();
  const theme = useTheme((state) => state.theme);
  const navigate = useNavigate();
  const name = me?.name || me?.email || "Account";
  const leave = async () => {
    await signOut();
    await forgetDrafts();
    void navigate({ to: "/sign-in" });
  };
  return (
    <Menu
      trigger={
        <Button kind="quiet" icon={CircleUser} aria-label={`Account of ${name}`}>
          <span className="max-w-32 truncate max-md:hidden">{name}</span>
        </Button>
      }
      items={[
        { heading: [me?.email, me?.role].filter(Boolean).join(" · ") || name },
        { label: "Your account", icon: UserCog, onSelect: () => void navigate({ to: "/account" }) },
        "line",
        { heading: "Theme" },
        {
          label: "Dark",
          icon: Moon,
          checked: theme === "dark",
          onSelect: () => chooseTheme("dark"),
        },
        {
          label: "Light",
          icon: Sun,
          checked: theme === "light",
          onSelect: () => chooseTheme("light"),
        },
        {
          label: "As the system",
          icon: Monitor,
          checked: theme === "system",
          onSelect: () => chooseTheme("system"),
        },
        "line",
        { label: "Sign out", icon: LogOut, onSelect: () => void leave() },
      ]}
    />
  );
}
