/** The pages of errors, once somebody looks at one: they are read apart from the rest. */
import { useQuery } from "@tanstack/react-query";

export function useErrorPages() {
  return useQuery({
    queryKey: ["error-pages"],
    queryFn: () => import("./error-pages"),
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
}
