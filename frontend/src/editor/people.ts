/** Names of people by their ids, as far as one may know them. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, got } from "@/api/client";
import { keys } from "@/api/queries";
import { useMay, useMe } from "@/api/session";
import { useCompany } from "./studio";

export function usePeople(): (id: string) => string {
  const me = useMe();
  const may = useMay("users:manage");
  const peers = useCompany((company) => company.peers);
  const { data } = useQuery({
    queryKey: [...keys.people, "names"],
    queryFn: () => got(api.GET("/api/v1/users", { params: { query: { limit: 200 } } })),
    // Asking without the right to would stand in the audit.
    enabled: may,
    staleTime: 300_000,
  });
  return useCallback(
    (id: string) => {
      if (me && (me as { id?: string }).id === id) return me.name || me.email || "you";
      const peer = peers.find((one) => one.id === id);
      const user = (
        data?.items as { id: string; name?: string; email?: string }[] | undefined
      )?.find((one) => one.id === id);
      return peer?.name ?? user?.name ?? user?.email ?? id;
    },
    [me, peers, data],
  );
}
