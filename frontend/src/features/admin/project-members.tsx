/** Who has a role of their own in a project, and what groups give in it. */
import { useQuery } from "@tanstack/react-query";
import { Bot, CircleUser, UsersRound, X } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useMayEverywhere } from "@/api/session";
import { sent } from "@/lib/forms";
import { Button, IconButton } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Sheet } from "@/ui/dialog";
import { Select } from "@/ui/select";
import { Failed, Loading, Refused } from "@/ui/states";
import { asRole, ROLES, type Role, useGroups } from "./shared";

type Project = Schemas["Project"];

async function membersOf(project_id: string): Promise<Schemas["Member"][]> {
  const found: Schemas["Member"][] = [];
  let cursor: string | undefined;
  do {
    const page = await got(
      api.GET("/api/v1/projects/{project_id}/members", {
        params: { path: { project_id }, query: { limit: 200, cursor } },
      }),
    );
    found.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  return found;
}

/** Whom a role could be given; service accounts are known to who manages all users. */
function usePeople(all: boolean): readonly { id: string; name: string }[] {
  const query = { limit: 200 } as const;
  const users = useQuery({
    queryKey: keys.admin("users", { all: true }),
    queryFn: () => got(api.GET("/api/v1/users", { params: { query } })),
  });
  const accounts = useQuery({
    queryKey: keys.admin("accounts", { all: true }),
    queryFn: () => got(api.GET("/api/v1/service-accounts", { params: { query } })),
    enabled: all,
  });
  return [
    ...(users.data?.items.map(({ id, name, email }) => ({ id, name: name || email })) ?? []),
    ...(accounts.data?.items ?? []),
  ];
}

export function ProjectMembers({ of, onClose }: { of: Project; onClose: () => void }) {
  return (
    <Sheet open onOpenChange={onClose} title={`Members of ${of.name}`}>
      <Inside of={of} />
    </Sheet>
  );
}

function Inside({ of }: { of: Project }) {
  const mayAll = useMayEverywhere("users:manage");
  const key = keys.admin("projects", { members: of.id });
  const members = useQuery({ queryKey: key, queryFn: () => membersOf(of.id) });
  const people = usePeople(mayAll);
  const again = [key, keys.admin("users").slice(0, 2), keys.admin("accounts").slice(0, 2)];
  const at = (user_id: string) => ({ path: { project_id: of.id, user_id } });
  const give = useAct(
    ({ id, role }: { id: string; role: Role }) =>
      got(
        api.PUT("/api/v1/projects/{project_id}/members/{user_id}", {
          params: at(id),
          body: { role },
        }),
      ),
    { again },
  );
  const take = useAct(
    (id: string) =>
      got(api.DELETE("/api/v1/projects/{project_id}/members/{user_id}", { params: at(id) })),
    { again },
  );
  if (members.isPending) return <Loading rows={3} what="Loading the members" />;
  if (members.isError)
    return <Failed error={asError(members.error)} retry={() => void members.refetch()} />;
  const inside = new Set(members.data.map((each) => each.id));
  return (
    <div className="flex flex-col gap-6">
      <Add
        people={people.filter((each) => !inside.has(each.id))}
        busy={give.busy}
        onAdd={(id, role) => give.run({ id, role })}
      />
      <Refused error={give.error ?? take.error} />
      <section>
        <h3 className="pb-2 text-14">Roles of their own</h3>
        <ul>
          {members.data.map((each) => {
            const name = each.name || each.email || each.id;
            return (
              <Row key={each.id} icon={each.id.startsWith("svc_") ? Bot : CircleUser} name={name}>
                <Select
                  aria-label={`Role of ${name}`}
                  className="!w-32"
                  value={each.projects[of.id] ?? ""}
                  onChange={(chosen) => {
                    const role = asRole(chosen);
                    if (role) give.run({ id: each.id, role });
                  }}
                  options={ROLES.map((role) => ({ value: role, label: role }))}
                />
                <IconButton
                  small
                  icon={X}
                  label={`Take the role of ${name}`}
                  onClick={() => take.run(each.id)}
                />
              </Row>
            );
          })}
        </ul>
        {!members.data.length && <p className="text-fg3">Nobody has one.</p>}
      </section>
      {mayAll && <GroupRoles project={of.id} />}
      <p className="text-fg3">
        Roles in the whole organisation count here too; of several the highest does.
      </p>
    </div>
  );
}

function Row({
  icon: Icon,
  name,
  children,
}: {
  icon: typeof Bot;
  name: string;
  children: ReactNode;
}) {
  return (
    <li className="flex h-11 items-center gap-2 border-b border-line">
      <Icon size={16} strokeWidth={1.5} aria-hidden className="shrink-0 text-fg3" />
      <span className="min-w-0 flex-1 truncate">{name}</span>
      {children}
    </li>
  );
}

function Add({
  people,
  busy,
  onAdd,
}: {
  people: readonly { id: string; name: string }[];
  busy: boolean;
  onAdd: (id: string, role: Role) => void;
}) {
  const [who, setWho] = useState("");
  return (
    <form
      className="flex items-center gap-2"
      onSubmit={sent(({ role }) => {
        onAdd(who, asRole(role) ?? "viewer");
        setWho("");
      })}
    >
      <Select
        aria-label="Whom to give a role"
        value={who}
        onChange={setWho}
        options={[
          { value: "", label: people.length ? "Give somebody a role" : "Everybody has one" },
          ...people.map((each) => ({ value: each.id, label: each.name })),
        ]}
      />
      <Select
        aria-label="Which role"
        className="!w-32 shrink-0"
        name="role"
        defaultValue="viewer"
        options={ROLES.map((role) => ({ value: role, label: role }))}
      />
      <Button type="submit" kind="primary" busy={busy} disabled={!who}>
        Give
      </Button>
    </form>
  );
}

function GroupRoles({ project }: { project: string }) {
  const giving = useGroups().filter((group) => project in group.projects);
  if (!giving.length) return null;
  return (
    <section>
      <h3 className="pb-2 text-14">Given by groups</h3>
      <ul>
        {giving.map((group) => (
          <Row key={group.id} icon={UsersRound} name={group.name}>
            <Chip>{group.projects[project]}</Chip>
          </Row>
        ))}
      </ul>
    </section>
  );
}
