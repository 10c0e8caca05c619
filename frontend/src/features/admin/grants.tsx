/** What somebody may: a role in the organisation, roles in projects, groups. */
import { X } from "lucide-react";
import { useState } from "react";
import { IconButton } from "@/ui/button";
import { CheckBox, Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { asRole, type Role, RoleSelect, useGroups, useProjects } from "./shared";

export interface Grants {
  role: Role | null;
  projects: Record<string, Role>;
  groups: string[];
}

export function grantsOf(of?: {
  role: string;
  projects: Record<string, string>;
  groups?: string[];
}): Grants {
  const projects = Object.entries(of?.projects ?? {}).flatMap(([id, role]) => {
    const known = asRole(role);
    return known ? [[id, known] as const] : [];
  });
  return {
    role: asRole(of?.role),
    projects: Object.fromEntries(projects),
    groups: [...(of?.groups ?? [])],
  };
}

export function GrantFields({
  value,
  onChange,
  withGroups = true,
}: {
  value: Grants;
  onChange: (value: Grants) => void;
  withGroups?: boolean;
}) {
  const projects = useProjects();
  const groups = useGroups();
  const [adding, setAdding] = useState("");
  const left = projects.filter((project) => !(project.id in value.projects));
  const without = (id: string) => {
    const { [id]: _, ...rest } = value.projects;
    onChange({ ...value, projects: rest });
  };
  return (
    <>
      <Field label="Role in the organisation">
        <RoleSelect
          value={value.role ?? ""}
          onChange={(role) => onChange({ ...value, role: asRole(role) })}
        />
      </Field>
      {projects.length > 0 && (
        <fieldset className="flex flex-col gap-2">
          <legend className="pb-1 font-medium">Roles in projects</legend>
          {Object.entries(value.projects).map(([id, role]) => (
            <div key={id} className="flex items-center gap-2">
              <span className="min-w-0 flex-1 truncate">
                {projects.find((project) => project.id === id)?.name ?? id}
              </span>
              <span className="w-40">
                <RoleSelect
                  aria-label="Role in the project"
                  empty="none"
                  value={role}
                  onChange={(next) => {
                    const known = asRole(next);
                    if (known) onChange({ ...value, projects: { ...value.projects, [id]: known } });
                    else without(id);
                  }}
                />
              </span>
              <IconButton icon={X} label="Take the role away" onClick={() => without(id)} />
            </div>
          ))}
          {left.length > 0 && (
            <Select
              aria-label="Give a role in a project"
              value={adding}
              onChange={(id) => {
                if (id) onChange({ ...value, projects: { ...value.projects, [id]: "viewer" } });
                setAdding("");
              }}
              options={[
                { value: "", label: "Give a role in a project" },
                ...left.map((project) => ({ value: project.id, label: project.name })),
              ]}
            />
          )}
        </fieldset>
      )}
      {withGroups && groups.length > 0 && (
        <fieldset className="flex flex-col gap-1">
          <legend className="pb-1 font-medium">Groups</legend>
          {groups.map((group) => (
            <CheckBox
              key={group.id}
              label={group.name}
              checked={value.groups.includes(group.id)}
              onChange={(event) =>
                onChange({
                  ...value,
                  groups: event.target.checked
                    ? [...value.groups, group.id]
                    : value.groups.filter((id) => id !== group.id),
                })
              }
            />
          ))}
        </fieldset>
      )}
    </>
  );
}
