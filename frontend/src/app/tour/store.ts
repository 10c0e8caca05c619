/**
 * Whether somebody is led through the first steps, kept in their browser: identity has no place for
 * what a person prefers.
 */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useLayoutEffect } from "react";
import { create } from "zustand";
import { api, got } from "@/api/client";
import { keys } from "@/api/queries";
import { useMay, useMe } from "@/api/session";
import { begun, NOT_NEEDED, type Progress, readProgress } from "./progress";

const keyOf = (person: string) => `weir.first-steps.${person}`;

/** `progress` is null where nothing is kept of them. */
export const useTour = create<{ person: string; progress: Progress | null }>(() => ({
  person: "",
  progress: null,
}));

export function keep(progress: Progress): void {
  localStorage.setItem(keyOf(useTour.getState().person), JSON.stringify(progress));
  useTour.setState({ progress });
}

export const beginTour = () => keep(begun(Date.now()));

/** Whether they are shown; somebody who never drew anything is led without asking for it. */
export function useFirstSteps(): boolean {
  const person = useMe()?.id ?? "";
  const mayWrite = useMay("workflows:write");
  const mayStart = useMay("runs:start");
  const isKnown = useTour((tour) => person !== "" && tour.person === person);
  const progress = useTour((tour) => tour.progress);
  useLayoutEffect(() => {
    const kept = person ? readProgress(localStorage.getItem(keyOf(person))) : null;
    useTour.setState({ person, progress: kept });
  }, [person]);
  const isAsked = isKnown && !progress && mayWrite && mayStart;
  const { data } = useQuery({
    queryKey: keys.workflows({ by: person }),
    queryFn: () =>
      got(api.GET("/api/v1/workflows", { params: { query: { sort: "-created_at", limit: 200 } } })),
    enabled: isAsked,
  });
  useEffect(() => {
    if (!isAsked || !data) return;
    const hasDrawn = data.items.some((item) => item.created_by === person);
    keep(hasDrawn ? NOT_NEEDED : begun(Date.now()));
  }, [isAsked, data, person]);
  return isKnown && (progress?.isOn ?? false);
}
