/** What the tabs of administration have in common: roles, and who may have them. */
import { useQuery } from "@tanstack/react-query";
import { api, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { Chip } from "@/ui/chip";
import { Select } from "@/ui/select";
import { Time } from "@/ui/time";

export const ROLES = ["admin", "editor", "operator", "viewer"] as const;
export type Role = (typeof ROLES)[number];

export const asRole = (text: string | undefined): Role | null =>
  ROLES.find((role) => role === text) ?? null;

export function RoleSelect({
  empty = "none in the whole organisation",
  ...rest
}: {
  name?: string;
  defaultValue?: string;
  empty?: string;
  value?: string;
  onChange?: (value: string) => void;
  "aria-label"?: string;
  id?: string;
}) {
  return (
    <Select
      {...rest}
      options={[
        { value: "", label: empty },
        ...ROLES.map((role) => ({ value: role, label: role })),
      ]}
    />
  );
}

export function useGroups(): readonly Schemas["Group"][] {
  const { data } = useQuery({
    queryKey: keys.admin("groups", { all: true }),
    queryFn: () => got(api.GET("/api/v1/groups", { params: { query: { limit: 200 } } })),
  });
  return data?.items ?? [];
}

export function useProjects(): readonly Schemas["Project"][] {
  const { data } = useQuery({
    queryKey: keys.projects,
    queryFn: () => got(api.GET("/api/v1/projects", { params: { query: { limit: 200 } } })),
    staleTime: 60_000,
  });
  return data?.items ?? [];
}

/** A role in the organisation, and those in projects. */
export function Held({ role, projects }: { role: string; projects: Record<string, string> }) {
  const count = Object.keys(projects).length;
  return (
    <span className="flex items-center gap-1">
      {role ? <Chip>{role}</Chip> : !count && <span className="text-fg3">none</span>}
      {count > 0 && (
        <Chip>
          {count} {count === 1 ? "project" : "projects"}
        </Chip>
      )}
    </span>
  );
}

/** When it was made. */
export const made = {
  id: "created",
  head: "Made",
  width: "112px",
  right: true,
  cell: (item: { created_at: string }) => <Time at={item.created_at} />,
};
