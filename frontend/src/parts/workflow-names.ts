/** Workflows by id, for lists of what belongs to them; and as options to choose from. */
import { useQuery } from "@tanstack/react-query";
import { api, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { middle } from "@/lib/format";

const MOST = 1_000;

async function every(): Promise<Schemas["WorkflowInList"][]> {
  const found: Schemas["WorkflowInList"][] = [];
  let cursor: string | undefined;
  do {
    const page = await got(
      api.GET("/api/v1/workflows", { params: { query: { limit: 200, sort: "name", cursor } } }),
    );
    found.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor && found.length < MOST);
  return found;
}

export function useWorkflows(): readonly Schemas["WorkflowInList"][] {
  return (
    useQuery({ queryKey: keys.workflows({ names: true }), queryFn: every, staleTime: 30_000 })
      .data ?? []
  );
}

/** The name of a workflow, its id while nobody knows. */
export function useWorkflowNames(): (id: string) => string {
  const workflows = useWorkflows();
  const names = new Map(workflows.map((each) => [each.id, each.name]));
  return (id) => names.get(id) ?? middle(id);
}
