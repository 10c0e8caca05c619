/** Everything around the pages: data, routes, tooltips, notes. */
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { onSignedOut } from "@/api/client";
import { queries } from "@/api/queries";
import { Toasts } from "@/ui/toast";
import { TooltipProvider } from "@/ui/tooltip";
import { showWhole } from "@/ui/whole";
import { listenForKeys } from "./commands";
import { router } from "./router";

onSignedOut(() => {
  const { pathname, href } = router.state.location;
  if (pathname === "/sign-in") return;
  queries.clear();
  void router.navigate({ to: "/sign-in", search: { next: href } });
});

export function App() {
  useEffect(listenForKeys, []);
  useEffect(showWhole, []);
  return (
    <QueryClientProvider client={queries}>
      <TooltipProvider>
        <RouterProvider router={router} />
        <Toasts />
      </TooltipProvider>
    </QueryClientProvider>
  );
}
