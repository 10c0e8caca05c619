/** Credentials: names and types, never what they hold; tried, replaced, granted and deleted here. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Cable, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useCommands } from "@/app/commands";
import { Page } from "@/app/page";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { RowMenu } from "@/ui/menu";
import { More } from "@/ui/more";
import { Empty, Failed, Loading } from "@/ui/states";
import { actions, type Column, Table } from "@/ui/table";
import { Time } from "@/ui/time";
import { tell, tellError } from "@/ui/toast";
import { Editor } from "./editor";
import { DeleteCredential, UsageSheet } from "./usage";

export type Credential = Schemas["Credential"];
export type CredentialType = Schemas["CredentialType"];
type Asked = { kind: "new" } | { kind: "replace" | "delete"; of: Credential } | null;

export function Connections() {
  const { name: chosen } = useSearch({ from: "/inside/connections" });
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked>(null);
  const types = useQuery({
    queryKey: keys.credentialTypes,
    queryFn: () => got(api.GET("/api/v1/credential-types")),
    staleTime: 300_000,
  });
  const list = useInfiniteQuery({
    queryKey: keys.credentials(),
    queryFn: ({ pageParam }) =>
      got(api.GET("/api/v1/credentials", { params: { query: { limit: 100, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const show = (name: string | undefined) =>
    void navigate({ to: "/connections", search: { name } });
  const columns = useColumns(types.data?.items ?? [], show, setAsked);
  useCommands(
    useMemo(
      () => [
        {
          id: "credential.new",
          title: "New connection",
          group: "Connections",
          keys: "n",
          words: "credential secret",
          run: () => setAsked({ kind: "new" }),
        },
      ],
      [],
    ),
  );
  const add = (
    <Button kind="primary" icon={Plus} onClick={() => setAsked({ kind: "new" })}>
      New connection
    </Button>
  );
  return (
    <Page title="Connections" actions={add}>
      {list.isPending || types.isPending ? (
        <Loading what="Loading connections" />
      ) : list.isError || types.isError ? (
        <Failed
          error={asError(list.error ?? types.error)}
          retry={() => {
            void list.refetch();
            void types.refetch();
          }}
        />
      ) : items.length ? (
        <>
          <Table
            label="Connections"
            id={(item) => item.name}
            rows={items}
            columns={columns}
            selected={chosen ?? null}
          />
          <More of={list} />
        </>
      ) : (
        <Empty icon={Cable} title="No connections yet" action={add}>
          A connection holds what a step needs to sign in elsewhere. It is sealed when it is saved
          and never shown again.
        </Empty>
      )}
      {asked?.kind === "new" && types.data && (
        <Editor types={types.data.items} onClose={() => setAsked(null)} />
      )}
      {asked?.kind === "replace" && types.data && (
        <Editor types={types.data.items} of={asked.of} onClose={() => setAsked(null)} />
      )}
      {asked?.kind === "delete" && (
        <DeleteCredential of={asked.of} onClose={() => setAsked(null)} />
      )}
      {chosen && <UsageSheet name={chosen} onClose={() => show(undefined)} />}
    </Page>
  );
}

/** Where an OAuth server asks the person to agree; the way back ends at our callback. */
export async function grant(name: string): Promise<void> {
  try {
    const begun = await got(
      api.POST("/api/v1/credentials/{name}/grant", {
        params: { path: { name } },
        body: { return_to: "/connections" },
      }),
    );
    location.assign(begun.url);
  } catch (thrown) {
    tellError(asError(thrown));
  }
}

function useColumns(
  types: readonly CredentialType[],
  show: (name: string) => void,
  ask: (asked: Asked) => void,
): readonly Column<Credential>[] {
  const test = useAct(
    (name: string) =>
      got(api.POST("/api/v1/credentials/{name}/test", { params: { path: { name } } })),
    {
      aloud: true,
      after: (answer, name) =>
        answer.ok
          ? tell(`${name} signs in (${Math.round(answer.took_ms)} ms).`)
          : tellError({ message: `${name}: ${answer.message}` }),
    },
  );
  const typeOf = (item: Credential) => types.find((type) => type.type === item.type);
  return [
    {
      id: "name",
      head: "Name",
      cell: (item) => (
        <button
          type="button"
          className="mono font-medium hover:text-accent"
          onClick={() => show(item.name)}
        >
          {item.name}
        </button>
      ),
    },
    {
      id: "type",
      head: "Type",
      width: "200px",
      cell: (item) => <span className="text-fg2">{typeOf(item)?.title ?? item.type}</span>,
    },
    {
      id: "grant",
      head: "Access",
      width: "220px",
      cell: (item) => <Grant of={item} />,
    },
    {
      id: "projects",
      head: "For",
      width: "160px",
      cell: (item) =>
        item.projects.length ? (
          <Chip>
            {item.projects.length === 1 ? "one project" : `${item.projects.length} projects`}
          </Chip>
        ) : (
          <span className="text-fg2">every project</span>
        ),
    },
    {
      id: "updated",
      head: "Changed",
      width: "104px",
      right: true,
      cell: (item) => (
        <span className="text-fg2">
          <Time at={item.updated_at} />
        </span>
      ),
    },
    {
      id: "test",
      head: <span className="sr-only">Test</span>,
      width: "88px",
      right: true,
      cell: (item) =>
        typeOf(item)?.testable ? (
          <Button
            small
            busy={test.busy}
            onClick={() => test.run(item.name)}
            aria-label={`Test ${item.name}`}
          >
            Test
          </Button>
        ) : null,
    },
    actions((item) => (
      <RowMenu
        of={item.name}
        items={[
          { label: "Who uses it", onSelect: () => show(item.name) },
          { label: "Replace what it holds", onSelect: () => ask({ kind: "replace", of: item }) },
          ...(item.type === "oauth2"
            ? [{ label: "Let somebody grant access", onSelect: () => void grant(item.name) }]
            : []),
          "line",
          { label: "Delete", danger: true, onSelect: () => ask({ kind: "delete", of: item }) },
        ]}
      />
    )),
  ];
}

function Grant({ of }: { of: Credential }) {
  if (of.type !== "oauth2") return <span className="text-fg3">–</span>;
  if (!of.grant) return <Chip tone="warn">nobody has agreed yet</Chip>;
  if (of.grant.problem) {
    return (
      <Chip tone="err" title={of.grant.problem}>
        {of.grant.problem}
      </Chip>
    );
  }
  return (
    <span className="text-fg2">
      granted{" "}
      {of.grant.expires_at && (
        <>
          , renewed <Time at={of.grant.expires_at} />
        </>
      )}
    </span>
  );
}
