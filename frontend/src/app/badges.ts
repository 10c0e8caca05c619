/** Counts on the rail: what waits for somebody, told as it changes. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, got } from "@/api/client";
import { keys, queries } from "@/api/queries";
import { LiveSocket } from "@/api/socket";
import type { Place } from "./places";

const PAUSE_MS = 300;

/** Reads every list of approvals anew soon after one has changed. */
function useApprovalEvents(): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        void queries.invalidateQueries({ queryKey: ["approvals"] });
        void queries.invalidateQueries({ queryKey: ["approval"] });
      }, PAUSE_MS);
    };
    // What happened while nobody listened is read when somebody does.
    const socket = new LiveSocket({
      url: () => "/api/v1/approval-events",
      onFrame: again,
      onOpen: again,
    });
    return () => {
      clearTimeout(timer);
      socket.close();
    };
  }, []);
}

export function useBadges(): Partial<Record<Place["to"], number>> {
  useApprovalEvents();
  const { data } = useQuery({
    queryKey: keys.approvals({ counts: true }),
    queryFn: () => got(api.GET("/api/v1/approvals/counts")),
    refetchInterval: 60_000,
  });
  return { "/approvals": data?.mine ?? 0 };
}
