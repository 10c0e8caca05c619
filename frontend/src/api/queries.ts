/** The cache of what was read: its keys, how long it counts, and what is asked again. */
import { QueryClient } from "@tanstack/react-query";
import { asError } from "./client";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (failures, thrown) => {
        const { status } = asError(thrown);
        return failures < 2 && (status === 0 || status === 503 || status === 429);
      },
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 5_000),
    },
  },
});

/** Keys by what they hold; the first word alone stands for all of its kind. */
export const keys = {
  me: ["me"] as const,
  tenant: ["tenant"] as const,
  tenants: ["tenants"] as const,
  usage: ["tenant", "usage"] as const,
  nodes: ["nodes"] as const,
  nodeType: (type: string) => ["nodes", type] as const,
  projects: ["projects"] as const,
  workflows: (filters: object = {}) => ["workflows", filters] as const,
  workflow: (id: string) => ["workflow", id] as const,
  versions: (id: string) => ["workflow", id, "versions"] as const,
  version: (id: string, version: string) => ["workflow", id, "versions", version] as const,
  runs: (filters: object = {}) => ["runs", filters] as const,
  run: (id: string) => ["run", id] as const,
  steps: (id: string, filters: object = {}) => ["run", id, "steps", filters] as const,
  letters: (filters: object = {}) => ["dead-letters", filters] as const,
  subscriptions: (filters: object = {}) => ["subscriptions", filters] as const,
  approvals: (filters: object = {}) => ["approvals", filters] as const,
  approval: (id: string) => ["approval", id] as const,
  schedules: (filters: object = {}) => ["schedules", filters] as const,
  webhooks: (filters: object = {}) => ["webhooks", filters] as const,
  deliveries: (id: string, filters: object = {}) =>
    ["webhooks", id, "deliveries", filters] as const,
  credentials: (filters: object = {}) => ["credentials", filters] as const,
  credentialTypes: ["credential-types"] as const,
  analytics: (what: string, filters: object = {}) => ["analytics", what, filters] as const,
  admin: (what: string, filters: object = {}) => ["admin", what, filters] as const,
  account: (what: string) => ["account", what] as const,
};
