/** The node types that are installed, and what expressions can call; both read once. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, got } from "@/api/client";
import { keys } from "@/api/queries";
import type { Catalogue } from "@/collab/projection";
import type { Callable } from "@/expr/reading";
import type { NodeType } from "@/nodes/schema";

export const catalogueQuery = queryOptions({
  queryKey: keys.nodes,
  queryFn: async (): Promise<Catalogue> => {
    const { items } = await got(api.GET("/api/v1/nodes"));
    return new Map((items as unknown as NodeType[]).map((type) => [type.type, type]));
  },
  staleTime: Number.POSITIVE_INFINITY,
});

export const languageQuery = queryOptions({
  queryKey: ["expressions"],
  queryFn: async () => got(api.GET("/api/v1/expressions")),
  staleTime: Number.POSITIVE_INFINITY,
});

const NONE: Callable[] = [];

export function useCallables(): readonly Callable[] {
  return useQuery(languageQuery).data?.items ?? NONE;
}
