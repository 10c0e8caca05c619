/** Names for the ids of people, accounts and keys, as far as the signed-in person may know them. */
import { useQuery } from "@tanstack/react-query";
import { middle } from "@/lib/format";
import { api, got } from "./client";
import { keys } from "./queries";
import { useMay, useMe } from "./session";

async function names(): Promise<Record<string, string>> {
  const query = { limit: 200 } as const;
  const [users, accounts] = await Promise.all([
    got(api.GET("/api/v1/users", { params: { query } })),
    got(api.GET("/api/v1/service-accounts", { params: { query } })),
  ]);
  const every = [...users.items, ...accounts.items];
  return Object.fromEntries(
    every.map((one) => [one.id, one.name || ("email" in one ? String(one.email) : one.id)]),
  );
}

/** A function that names an id: "you", a name, or the id cut short. */
export function useNames(): (id: string) => string {
  const me = useMe();
  const may = useMay("users:manage");
  const { data } = useQuery({
    queryKey: keys.people,
    queryFn: names,
    enabled: may,
    staleTime: 60_000,
  });
  return (id) => {
    if (!id) return "–";
    if (id === me?.id) return me.name || "you";
    return data?.[id] ?? middle(id, 14);
  };
}
