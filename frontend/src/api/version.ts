/** A version of a workflow, for the editor and for the view of a run. */
import { queryOptions } from "@tanstack/react-query";
import { api, got } from "./client";
import { keys } from "./queries";

/** A version never changes: it is read once. */
export function versionQuery(workflowId: string, version: string) {
  return queryOptions({
    queryKey: keys.version(workflowId, version),
    queryFn: () =>
      got(
        api.GET("/api/v1/workflows/{workflow_id}/versions/{version}", {
          params: { path: { workflow_id: workflowId, version } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: Boolean(workflowId),
  });
}
