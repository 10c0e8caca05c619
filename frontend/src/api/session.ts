/** Who is signed in and what they may; everybody who asks shares one answer. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, got, type Schemas } from "./client";
import { keys, queries } from "./queries";

export type Me = Schemas["Whoami"];

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: () => got(api.GET("/api/v1/auth/me")),
  staleTime: 60_000,
  retry: false,
});

/** Who is signed in; undefined while nobody knows. */
export function useMe(): Me | undefined {
  return useQuery(meQuery).data;
}

/**
 * Whether the signed-in person may do this somewhere. It decides what is offered; the server
 * decides what happens.
 */
export function useMay(permission: string): boolean {
  const me = useMe();
  if (!me) return false;
  return (
    me.permissions.includes(permission) ||
    Object.values(me.projects).some((role) => me.roles[role]?.includes(permission))
  );
}

/** Whether they may in the whole organisation: what belongs to no project asks for that. */
export function useMayEverywhere(permission: string): boolean {
  return useMe()?.permissions.includes(permission) ?? false;
}

/** Sign out here; nobody is notified in this browser any more either. */
export async function signOut(): Promise<void> {
  const { quiet } = await import("./push");
  await quiet().catch(() => {});
  await got(api.POST("/api/v1/auth/logout", {}));
  queries.clear();
}
