/** Service accounts: programs with a role of their own, that nobody leaves with. */
import { Bot, Plus } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got, match, onceKey, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { FormDialog } from "@/parts/form-dialog";
import { Listed } from "@/parts/listed";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { ConfirmAct } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { type MenuItem, RowMenu } from "@/ui/menu";
import { actions, RowName } from "@/ui/table";
import { GrantFields, type Grants, grantsOf } from "./grants";
import { Held, made } from "./shared";

type Account = Schemas["ServiceAccount"];
type Asked = { kind: "new" } | { kind: "change" | "delete"; of: Account } | null;
const AGAIN = [keys.admin("accounts").slice(0, 2)];

export function Accounts() {
  const [asked, setAsked] = useState<Asked>(null);
  const close = () => setAsked(null);
  return (
    <>
      <Listed
        label="Service accounts"
        queryKey={keys.admin("accounts")}
        read={(cursor) =>
          got(api.GET("/api/v1/service-accounts", { params: { query: { limit: 50, cursor } } }))
        }
        id={(item) => item.id}
        icon={Bot}
        empty="No service accounts yet"
        action={
          <Button kind="primary" icon={Plus} onClick={() => setAsked({ kind: "new" })}>
            New service account
          </Button>
        }
        columns={[
          {
            id: "name",
            head: "Name",
            cell: (item) => (
              <RowName onClick={() => setAsked({ kind: "change", of: item })}>{item.name}</RowName>
            ),
          },
          {
            id: "status",
            head: "Status",
            width: "104px",
            cell: (item) => (
              <Chip tone={item.status === "active" ? "ok" : "err"}>
                {item.status === "active" ? "active" : "locked"}
              </Chip>
            ),
          },
          {
            id: "role",
            head: "Role",
            width: "184px",
            cell: (item) => <Held role={item.role} projects={item.projects} />,
          },
          { id: "keys", head: "API keys", width: "96px", right: true, cell: (item) => item.keys },
          made,
          actions((item: Account) => <AccountMenu of={item} ask={setAsked} />),
        ]}
      >
        A program that asks in its own name has one, so that its keys do not end when somebody
        leaves.
      </Listed>
      {asked?.kind === "new" && <Edit onClose={close} />}
      {asked?.kind === "change" && <Edit of={asked.of} onClose={close} />}
      {asked?.kind === "delete" && <Delete of={asked.of} onClose={close} />}
    </>
  );
}

function AccountMenu({ of, ask }: { of: Account; ask: (asked: Asked) => void }) {
  const params = { path: { account_id: of.id } };
  const done = { again: AGAIN, aloud: true } as const;
  const disable = useAct(
    () => got(api.POST("/api/v1/service-accounts/{account_id}/disable", { params })),
    done,
  );
  const enable = useAct(
    () => got(api.POST("/api/v1/service-accounts/{account_id}/enable", { params })),
    done,
  );
  const items: MenuItem[] = [
    { label: "Change", onSelect: () => ask({ kind: "change", of }) },
    "line",
  ];
  if (of.status === "active")
    items.push({ label: "Lock", danger: true, onSelect: () => disable.run() });
  else items.push({ label: "Unlock", onSelect: () => enable.run() });
  items.push({ label: "Delete", danger: true, onSelect: () => ask({ kind: "delete", of }) });
  return <RowMenu of={of.name} items={items} />;
}

function Edit({ of, onClose }: { of?: Account; onClose: () => void }) {
  const [grants, setGrants] = useState<Grants>(() => grantsOf(of));
  const [once] = useState(onceKey);
  const save = useAct(
    ({ name = "" }: Record<string, string>) => {
      // Its groups are changed where groups are.
      const body = { name, role: grants.role, projects: grants.projects };
      if (!of)
        return got(
          api.POST("/api/v1/service-accounts", {
            params: { header: { "Idempotency-Key": once } },
            body: { ...body, groups: [] },
          }),
        );
      return got(
        api.PUT("/api/v1/service-accounts/{account_id}", {
          params: { path: { account_id: of.id }, header: { "If-Match": match(of) } },
          body,
        }),
      );
    },
    { again: AGAIN, after: onClose },
  );
  return (
    <FormDialog
      title={of ? of.name : "New service account"}
      verb={of ? "Save" : "Make the account"}
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

function Delete({ of, onClose }: { of: Account; onClose: () => void }) {
  const remove = useAct(
    () =>
      got(
        api.DELETE("/api/v1/service-accounts/{account_id}", {
          params: { path: { account_id: of.id }, header: { "If-Match": match(of) } },
        }),
      ),
    { again: AGAIN, after: onClose, said: `${of.name} is deleted, with its keys.` },
  );
  return (
    <ConfirmAct title={`Delete ${of.name}`} verb="Delete" act={remove} onClose={onClose}>
      Its API keys count no more from that moment.
    </ConfirmAct>
  );
}
