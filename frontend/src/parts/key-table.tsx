/** API keys, made, shown once and revoked: one's own, or those of service accounts. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useId, useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, onceKey, type Schemas } from "@/api/client";
import { useNames } from "@/api/people";
import { keys } from "@/api/queries";
import { useMe } from "@/api/session";
import { middle } from "@/lib/format";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { CopyButton } from "@/ui/copy";
import { ConfirmAct, Dialog } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { More } from "@/ui/more";
import { Select } from "@/ui/select";
import { Empty, Failed, Loading, Refused } from "@/ui/states";
import { type Column, Table } from "@/ui/table";
import { Time } from "@/ui/time";

type Key = Schemas["services__identity__keys_models__Key"];

export const ROLES = ["admin", "editor", "operator", "viewer"] as const;
export type Role = (typeof ROLES)[number];
const KEYS = keys.account("keys");

const LIVES: readonly { value: string; label: string }[] = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Until it is revoked" },
];

/** `owner` "any" shows everybody's, else one's own; a key may be made for the service accounts `owners`. */
export function KeyTable({
  owner,
  owners = [],
}: {
  owner?: string | undefined;
  owners?: readonly Schemas["ServiceAccount"][];
}) {
  const name = useNames();
  const [asked, setAsked] = useState<"new" | Key | null>(null);
  const list = useInfiniteQuery({
    queryKey: [...KEYS, owner ?? ""],
    queryFn: ({ pageParam }) =>
      got(api.GET("/api/v1/keys", { params: { query: { limit: 100, cursor: pageParam, owner } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const add = (
    <Button kind="primary" icon={Plus} onClick={() => setAsked("new")}>
      New API key
    </Button>
  );
  const columns: readonly Column<Key>[] = [
    {
      id: "name",
      head: "Name",
      cell: (item) => <span className="font-medium">{item.name || middle(item.id)}</span>,
    },
    {
      id: "owner",
      head: "Of",
      width: "160px",
      cell: (item) => <span className="text-fg2">{name(item.owner ?? "")}</span>,
    },
    { id: "role", head: "Role", width: "104px", cell: (item) => <Chip>{item.role}</Chip> },
    {
      id: "scopes",
      head: "Limited to",
      width: "200px",
      cell: (item) => <span className="text-fg2">{item.scopes.join(", ") || "its role"}</span>,
    },
    {
      id: "used",
      head: "Last used",
      width: "104px",
      right: true,
      cell: (item) => <Time at={item.used_at} />,
    },
    {
      id: "created",
      head: "Made",
      width: "104px",
      right: true,
      cell: (item) => <Time at={item.created_at} />,
    },
    {
      id: "expires",
      head: "Ends",
      width: "104px",
      right: true,
      cell: (item) =>
        item.expires_at ? <Time at={item.expires_at} /> : <span className="text-fg3">never</span>,
    },
    {
      id: "revoke",
      head: <span className="sr-only">Revoke</span>,
      width: "88px",
      right: true,
      cell: (item) => (
        <Button small onClick={() => setAsked(item)} aria-label={`Revoke ${item.name}`}>
          Revoke
        </Button>
      ),
    },
  ];
  if (list.isPending) return <Loading rows={4} what="Loading API keys" />;
  if (list.isError) return <Failed error={asError(list.error)} retry={() => void list.refetch()} />;
  return (
    <>
      {items.length ? (
        <div className="flex flex-col gap-4">
          <div className="flex justify-end">{add}</div>
          <Table label="API keys" columns={columns} rows={items} id={(item) => item.id} />
          <More of={list} />
        </div>
      ) : (
        <Empty icon={KeyRound} title="No API keys" action={add}>
          A key lets a program ask in your name, with no more than the role you give it.
        </Empty>
      )}
      {asked === "new" && <NewKey owners={owners} onClose={() => setAsked(null)} />}
      {asked && asked !== "new" && <Revoke of={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function NewKey({
  owners,
  onClose,
}: {
  owners: readonly Schemas["ServiceAccount"][];
  onClose: () => void;
}) {
  const form = useId();
  const me = useMe();
  const [once] = useState(onceKey);
  const highest = ROLES.indexOf((me?.role ?? "viewer") as Role);
  const make = useAct(
    ({ name = "", role, owner, days }: Record<string, string>) =>
      got(
        api.POST("/api/v1/keys", {
          params: { header: { "Idempotency-Key": once } },
          body: {
            name,
            role: role as Role,
            scopes: [],
            platform: false,
            owner: owner || null,
            expires_at: days
              ? `${new Date(Date.now() + Number(days) * 86_400_000).toISOString().slice(0, 19)}Z`
              : null,
          },
        }),
      ),
    { again: [KEYS] },
  );
  if (make.done?.token) {
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title="The key is made"
        description="Copy it now: it is shown this once."
        footer={
          <Button kind="primary" onClick={onClose}>
            I have it
          </Button>
        }
      >
        <div className="mb-2 flex items-center gap-2 rounded-panel border border-line bg-bg0 p-3">
          <code className="mono min-w-0 flex-1 break-all">{make.done.token}</code>
          <CopyButton text={make.done.token} what="the key" />
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New API key"
      size="small"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} busy={make.busy}>
            Make the key
          </Button>
        </>
      }
    >
      <form id={form} className="flex flex-col gap-4 pb-2" onSubmit={sent(make.run)}>
        <Field label="Name" help="What it is for.">
          <Input name="name" required maxLength={200} />
        </Field>
        {owners.length > 0 && (
          <Field label="Of">
            <Select
              name="owner"
              options={[
                { value: "", label: "You" },
                ...owners.map((each) => ({ value: each.id, label: each.name })),
              ]}
            />
          </Field>
        )}
        <Field label="Role" help="What it may do at most.">
          <Select
            name="role"
            defaultValue="viewer"
            options={ROLES.slice(Math.max(0, highest)).map((value) => ({ value, label: value }))}
          />
        </Field>
        <Field label="Counts for">
          <Select name="days" defaultValue="90" options={LIVES} />
        </Field>
        <Refused error={make.error} />
      </form>
    </Dialog>
  );
}

function Revoke({ of, onClose }: { of: Key; onClose: () => void }) {
  const revoke = useAct(
    () => got(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: of.id } } })),
    { again: [KEYS], after: onClose, said: `${of.name} counts no more.` },
  );
  return (
    <ConfirmAct title={`Revoke ${of.name}`} verb="Revoke" act={revoke} onClose={onClose}>
      Whatever asks with it is refused within two seconds, for good.
    </ConfirmAct>
  );
}
