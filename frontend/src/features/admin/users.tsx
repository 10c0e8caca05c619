/** The members of the organisation: invited, given roles, locked, removed. */
import { UserPlus, Users as UsersIcon } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useAct } from "@/api/act";
import { api, got, match, onceKey, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useMe } from "@/api/session";
import { FormDialog } from "@/parts/form-dialog";
import { Listed, SearchBox } from "@/parts/listed";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { ConfirmAct } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { type MenuItem, RowMenu } from "@/ui/menu";
import { Select } from "@/ui/select";
import type { Column } from "@/ui/table";
import { actions, RowName } from "@/ui/table";
import { Time } from "@/ui/time";
import { GrantFields, type Grants, grantsOf } from "./grants";
import { Held } from "./shared";

type Member = Schemas["Member"];
type Asked = { kind: "invite" } | { kind: "change" | "remove"; of: Member } | null;
const USERS = keys.admin("users").slice(0, 2);
const AGAIN = [USERS, keys.admin("groups").slice(0, 2)];

export function Users() {
  const [text, setText] = useState("");
  const [status, setStatus] = useState("");
  const [asked, setAsked] = useState<Asked>(null);
  const filters = {
    name: useDeferredValue(text.trim()) || undefined,
    status: (status || undefined) as "active" | "invited" | "disabled" | undefined,
  };
  return (
    <>
      <Listed
        label="Users"
        queryKey={keys.admin("users", filters)}
        read={(cursor) =>
          got(api.GET("/api/v1/users", { params: { query: { ...filters, limit: 50, cursor } } }))
        }
        columns={useColumns(setAsked)}
        id={(item) => item.id}
        icon={UsersIcon}
        empty="Nobody is like that"
        tools={
          <>
            <SearchBox label="Find by name or address" value={text} onChange={setText} />
            <Select
              aria-label="Status"
              className="!w-40"
              value={status}
              onChange={setStatus}
              options={[
                { value: "", label: "Any status" },
                { value: "active", label: "Active" },
                { value: "invited", label: "Invited" },
                { value: "disabled", label: "Locked" },
              ]}
            />
          </>
        }
        action={
          <Button kind="primary" icon={UserPlus} onClick={() => setAsked({ kind: "invite" })}>
            Invite somebody
          </Button>
        }
      />
      {asked?.kind === "invite" && <Invite onClose={() => setAsked(null)} />}
      {asked?.kind === "change" && <Change of={asked.of} onClose={() => setAsked(null)} />}
      {asked?.kind === "remove" && <Remove of={asked.of} onClose={() => setAsked(null)} />}
    </>
  );
}

const TONES = { active: "ok", invited: "warn", disabled: "err" } as const;

function useColumns(ask: (asked: Asked) => void): readonly Column<Member>[] {
  const me = useMe();
  return [
    {
      id: "name",
      head: "Name",
      cell: (item) => (
        <span className="flex items-baseline gap-2">
          <RowName onClick={() => ask({ kind: "change", of: item })}>
            {item.name || item.email}
          </RowName>
          {item.id === me?.id && <span className="text-fg3">you</span>}
        </span>
      ),
    },
    {
      id: "email",
      head: "E-mail",
      width: "240px",
      cell: (item) => <span className="text-fg2">{item.email}</span>,
    },
    {
      id: "status",
      head: "Status",
      width: "104px",
      cell: (item) => (
        <Chip tone={TONES[item.status as keyof typeof TONES] ?? "plain"}>
          {item.status === "disabled" ? "locked" : item.status}
        </Chip>
      ),
    },
    {
      id: "role",
      head: "Role",
      width: "184px",
      cell: (item) => <Held role={item.role} projects={item.projects} />,
    },
    {
      id: "groups",
      head: "Groups",
      width: "88px",
      right: true,
      cell: (item) => item.groups.length || <span className="text-fg3">0</span>,
    },
    {
      id: "seen",
      head: "Last sign-in",
      width: "120px",
      right: true,
      cell: (item) => <Time at={item.last_sign_in} />,
    },
    actions((item) => <UserMenu of={item} ask={ask} self={item.id === me?.id} />),
  ];
}

function UserMenu({ of, ask, self }: { of: Member; ask: (asked: Asked) => void; self: boolean }) {
  const params = { path: { user_id: of.id } };
  const done = { again: AGAIN, aloud: true } as const;
  const disable = useAct(() => got(api.POST("/api/v1/users/{user_id}/disable", { params })), {
    ...done,
    said: `${of.name || of.email} is locked out.`,
  });
  const enable = useAct(() => got(api.POST("/api/v1/users/{user_id}/enable", { params })), {
    ...done,
    said: `${of.name || of.email} may come in again.`,
  });
  const invite = useAct(() => got(api.POST("/api/v1/users/{user_id}/invite", { params })), {
    ...done,
    said: `Another invitation goes to ${of.email}.`,
  });
  const items: MenuItem[] = [
    { label: "Change what they may", onSelect: () => ask({ kind: "change", of }) },
  ];
  if (of.status === "invited") items.push({ label: "Invite again", onSelect: () => invite.run() });
  if (!self) {
    items.push("line");
    if (of.status === "disabled") items.push({ label: "Unlock", onSelect: () => enable.run() });
    else items.push({ label: "Lock", danger: true, onSelect: () => disable.run() });
    items.push({ label: "Remove", danger: true, onSelect: () => ask({ kind: "remove", of }) });
  }
  return <RowMenu of={of.name || of.email} items={items} />;
}

function Invite({ onClose }: { onClose: () => void }) {
  const [grants, setGrants] = useState<Grants>(() => ({ ...grantsOf(), role: "viewer" }));
  const [once] = useState(onceKey);
  const invite = useAct(
    ({ email = "", name }: Record<string, string>) =>
      got(
        api.POST("/api/v1/users", {
          params: { header: { "Idempotency-Key": once } },
          body: { email, name: name || null, ...grants },
        }),
      ),
    { again: AGAIN, after: onClose, said: (made) => `An invitation goes to ${made.email}.` },
  );
  return (
    <FormDialog
      title="Invite somebody"
      description="They get a link by mail, which counts for seven days."
      verb="Invite"
      act={invite}
      onClose={onClose}
    >
      <Field label="E-mail">
        <Input name="email" type="email" required />
      </Field>
      <Field label="Name (optional)">
        <Input name="name" maxLength={200} />
      </Field>
      <GrantFields value={grants} onChange={setGrants} />
    </FormDialog>
  );
}

function Change({ of, onClose }: { of: Member; onClose: () => void }) {
  const [grants, setGrants] = useState<Grants>(() => grantsOf(of));
  const change = useAct(
    (_: Record<string, string>) =>
      got(
        api.PUT("/api/v1/users/{user_id}", {
          params: { path: { user_id: of.id }, header: { "If-Match": match(of) } },
          body: grants,
        }),
      ),
    { again: AGAIN, after: onClose },
  );
  return (
    <FormDialog
      title={of.name || of.email}
      description={
        of.source === "provider"
          ? "The sign-in provider gives some of this: it comes back at the next sign-in."
          : undefined
      }
      verb="Save"
      act={change}
      onClose={onClose}
    >
      <GrantFields value={grants} onChange={setGrants} />
    </FormDialog>
  );
}

function Remove({ of, onClose }: { of: Member; onClose: () => void }) {
  const remove = useAct(
    () =>
      got(
        api.DELETE("/api/v1/users/{user_id}", {
          params: { path: { user_id: of.id }, header: { "If-Match": match(of) } },
        }),
      ),
    { again: AGAIN, after: onClose, said: `${of.name || of.email} is no member any more.` },
  );
  return (
    <ConfirmAct
      title={`Remove ${of.name || of.email}`}
      verb="Remove"
      act={remove}
      onClose={onClose}
    >
      They are no member of this organisation any more, and their API keys here count no longer.
    </ConfirmAct>
  );
}
