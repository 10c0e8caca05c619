/** The frame of every page for who is signed in: the rail, the top bar, the palette. */
import { Outlet, useNavigate } from "@tanstack/react-router";
import { Suspense, useMemo } from "react";
import { chooseTheme, useTheme } from "@/ui/theme";
import { Pending } from "./boundary";
import { type Command, useCommands } from "./commands";
import { HoldKeys } from "./hold-keys";
import { late } from "./late";
import { useOverlay } from "./overlay";
import { PLACES } from "./places";
import { Rail } from "./rail";
import { TopBar } from "./top-bar";
import { beginTour, useFirstSteps } from "./tour/store";

const Palette = late(async () => (await import("./palette")).Palette, HoldKeys);
const FirstSteps = late(async () => (await import("./tour/first-steps")).FirstSteps);
const Shortcuts = late(async () => (await import("./palette")).Shortcuts, HoldKeys);

export function Shell() {
  const over = useOverlay((state) => state.shown);
  const isLed = useFirstSteps();
  useCommands(useShellCommands());
  return (
    <div className="grid h-full grid-cols-[auto_1fr] grid-rows-[48px_1fr_auto] bg-bg0">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:left-2 focus:top-2 focus:z-60 focus:rounded-control focus:bg-bg3 focus:px-3 focus:py-2"
      >
        Skip to the content
      </a>
      <Rail />
      <TopBar />
      <main id="content" tabIndex={-1} className="min-h-0 min-w-0 overflow-hidden outline-none">
        <Suspense fallback={<Pending />}>
          <Outlet />
        </Suspense>
      </main>
      {isLed && (
        <div data-foot className="h-11 min-w-0 border-t border-line bg-bg1">
          <FirstSteps />
        </div>
      )}
      {over === "palette" && <Palette />}
      {over === "shortcuts" && <Shortcuts />}
    </div>
  );
}

function useShellCommands(): readonly Command[] {
  const navigate = useNavigate();
  const shown = useTheme((state) => state.shown);
  return useMemo(() => {
    const { show } = useOverlay.getState();
    const places = PLACES.map((place) => ({
      id: `go.${place.to}`,
      title: `Go to ${place.label}`,
      group: "Go",
      keys: place.keys,
      run: () => void navigate({ to: place.to }),
    }));
    return [
      ...places,
      {
        id: "go.dead-letters",
        title: "Go to dead letters",
        group: "Go",
        words: "failed retry discard poison",
        run: () => void navigate({ to: "/runs/dead-letters" }),
      },
      {
        id: "go.subscriptions",
        title: "Go to event subscriptions",
        group: "Go",
        words: "bus events replay",
        run: () => void navigate({ to: "/webhooks/subscriptions" }),
      },
      {
        id: "go.account",
        title: "Go to your account",
        group: "Go",
        words: "password factors passkeys sessions tokens",
        run: () => void navigate({ to: "/account" }),
      },
      {
        id: "palette",
        title: "Find or do anything",
        group: "Everywhere",
        keys: "mod+k",
        hidden: true,
        run: () => show("palette"),
      },
      {
        id: "shortcuts",
        title: "Show every shortcut",
        group: "Everywhere",
        keys: "?",
        run: () => show("shortcuts"),
      },
      {
        id: "first-steps",
        title: "Begin the first steps",
        group: "Help",
        words: "tour guide learn tutorial",
        run: beginTour,
      },
      {
        id: "theme",
        title: shown === "dark" ? "Use the light theme" : "Use the dark theme",
        group: "Everywhere",
        run: () => chooseTheme(shown === "dark" ? "light" : "dark"),
      },
    ];
  }, [navigate, shown]);
}
