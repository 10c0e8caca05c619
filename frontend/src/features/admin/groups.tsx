/** Groups: what they give to everybody in them. */
import { useQuery } from "@tanstack/react-query";
import { Plus, UsersRound, X } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, match, onceKey, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { FormDialog } from "@/parts/form-dialog";
import { Listed } from "@/parts/listed";
import { Button, IconButton } from "@/ui/button";
import { ConfirmAct, Sheet } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { RowMenu } from "@/ui/menu";
import { Select } from "@/ui/select";
import { Failed, Loading } from "@/ui/states";
import { actions, RowName } from "@/ui/table";
import { GrantFields, type Grants, grantsOf } from "./grants";
import { Held, made } from "./shared";

type Group = Schemas["Group"];
type Asked = { kind: "new" } | { kind: "change" | "delete" | "members"; of: Group } | null;
const AGAIN = [keys.admin("groups").slice(0, 2), keys.admin("users").slice(0, 2)];

export function Groups() {
  const [asked, setAsked] = useState<Asked>(null);
  const close = () => setAsked(null);
  return (
    <>
      <Listed
        label="Groups"
        queryKey={keys.admin("groups")}
        read={(cursor) =>
          got(api.GET("/api/v1/groups", { params: { query: { limit: 50, cursor } } }))
        }
        id={(item) => item.id}
        icon={UsersRound}
        empty="No groups yet"
        action={
          <Button kind="primary" icon={Plus} onClick={() => setAsked({ kind: "new" })}>
            New group
          </Button>
        }
        columns={[
          {
            id: "name",
            head: "Name",
            cell: (item) => (
              <RowName onClick={() => setAsked({ kind: "members", of: item })}>{item.name}</RowName>
            ),
          },
          {
            id: "gives",
            head: "Gives",
            width: "200px",
            cell: (item) => <Held role={item.role} projects={item.projects} />,
          },
          {
            id: "members",
            head: "Members",
            width: "96px",
            right: true,
            cell: (item) => item.members,
          },
          made,
          actions((item: Group) => (
            <RowMenu
              of={item.name}
              items={[
                { label: "Members", onSelect: () => setAsked({ kind: "members", of: item }) },
                { label: "Change", onSelect: () => setAsked({ kind: "change", of: item }) },
                "line",
                {
                  label: "Delete",
                  danger: true,
                  onSelect: () => setAsked({ kind: "delete", of: item }),
                },
              ]}
            />
          )),
        ]}
      >
        A group gives its roles to everybody in it.
      </Listed>
      {asked?.kind === "new" && <Edit onClose={close} />}
      {asked?.kind === "change" && <Edit of={asked.of} onClose={close} />}
      {asked?.kind === "delete" && <Delete of={asked.of} onClose={close} />}
      {asked?.kind === "members" && <Members of={asked.of} onClose={close} />}
    </>
  );
}

function Edit({ of, onClose }: { of?: Group; onClose: () => void }) {
  const [grants, setGrants] = useState<Grants>(() => grantsOf(of));
  const [once] = useState(onceKey);
  const save = useAct(
    ({ name = "" }: Record<string, string>) => {
      const body = { name, role: grants.role, projects: grants.projects };
      if (!of)
        return got(
          api.POST("/api/v1/groups", { params: { header: { "Idempotency-Key": once } }, body }),
        );
      return got(
        api.PUT("/api/v1/groups/{group_id}", {
          params: { path: { group_id: of.id }, header: { "If-Match": match(of) } },
          body,
        }),
      );
    },
    { again: AGAIN, after: onClose },
  );
  return (
    <FormDialog
      title={of ? of.name : "New group"}
      verb={of ? "Save" : "Make the group"}
      act={save}
      onClose={onClose}
    >
      <Field label="Name">
        <Input name="name" required maxLength={200} defaultValue={of?.name} />
      </Field>
      <GrantFields value={grants} onChange={setGrants} withGroups={false} />
    </FormDialog>
  );
}

function Delete({ of, onClose }: { of: Group; onClose: () => void }) {
  const remove = useAct(
    () =>
      got(
        api.DELETE("/api/v1/groups/{group_id}", {
          params: { path: { group_id: of.id }, header: { "If-Match": match(of) } },
        }),
      ),
    { again: AGAIN, after: onClose, said: `${of.name} is deleted.` },
  );
  return (
    <ConfirmAct title={`Delete ${of.name}`} verb="Delete" act={remove} onClose={onClose}>
      Everybody in it loses what it gave.
    </ConfirmAct>
  );
}

function Members({ of, onClose }: { of: Group; onClose: () => void }) {
  const key = keys.admin("groups", { members: of.id });
  const members = useQuery({
    queryKey: key,
    queryFn: () =>
      got(
        api.GET("/api/v1/groups/{group_id}/members", {
          params: { path: { group_id: of.id }, query: { limit: 200 } },
        }),
      ),
  });
  const users = useQuery({
    queryKey: keys.admin("users", { all: true }),
    queryFn: () => got(api.GET("/api/v1/users", { params: { query: { limit: 200 } } })),
  });
  const done = { again: [key, ...AGAIN], aloud: true } as const;
  const put = useAct(
    (user_id: string) =>
      got(
        api.PUT("/api/v1/groups/{group_id}/members/{user_id}", {
          params: { path: { group_id: of.id, user_id } },
        }),
      ),
    done,
  );
  const take = useAct(
    (user_id: string) =>
      got(
        api.DELETE("/api/v1/groups/{group_id}/members/{user_id}", {
          params: { path: { group_id: of.id, user_id } },
        }),
      ),
    done,
  );
  const inside = new Set(members.data?.items.map((each) => each.id));
  const outside = users.data?.items.filter((each) => !inside.has(each.id)) ?? [];
  return (
    <Sheet open onOpenChange={onClose} title={`Members of ${of.name}`}>
      {members.isPending ? (
        <Loading rows={3} />
      ) : members.isError ? (
        <Failed error={asError(members.error)} retry={() => void members.refetch()} />
      ) : (
        <div className="flex flex-col gap-3">
          <Select
            aria-label="Put somebody into the group"
            value=""
            onChange={(id) => id && put.run(id)}
            options={[
              { value: "", label: "Put somebody into the group" },
              ...outside.map((each) => ({ value: each.id, label: each.name || each.email })),
            ]}
          />
          <ul>
            {members.data.items.map((each) => (
              <li key={each.id} className="flex h-9 items-center gap-2 border-b border-line">
                <span className="flex-1 truncate">{each.name || each.id}</span>
                <IconButton
                  small
                  icon={X}
                  label={`Take ${each.name || each.id} out`}
                  onClick={() => take.run(each.id)}
                />
              </li>
            ))}
          </ul>
          {!members.data.items.length && <p className="text-fg3">Nobody is in it.</p>}
        </div>
      )}
    </Sheet>
  );
}
