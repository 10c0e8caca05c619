/** The list of workflows: whose, whether published, how the last run ended. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { FileUp, Plus, Workflow as WorkflowIcon } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, type Schemas } from "@/api/client";
import { useNames } from "@/api/people";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { useCommands } from "@/app/commands";
import { Page } from "@/app/page";
import { SearchBox } from "@/parts/listed";
import { Button } from "@/ui/button";
import { Chip, FilterChip, StateChip } from "@/ui/chip";
import { RowMenu } from "@/ui/menu";
import { More } from "@/ui/more";
import { Select } from "@/ui/select";
import { Empty, Failed, Loading } from "@/ui/states";
import { actions, type Column, Table } from "@/ui/table";
import { Time } from "@/ui/time";
import { blank } from "./blank";
import { Clone, Delete, Import, useProjects } from "./dialogs";

type Item = Schemas["WorkflowInList"];
type Sort = "name" | "-name" | "updated_at" | "-updated_at" | "created_at" | "-created_at";
type Asked = { kind: "clone" | "delete"; of: Item } | { kind: "import" } | null;

export function Workflows() {
  const search = useSearch({ from: "/inside/workflows" });
  const navigate = useNavigate();
  const [text, setText] = useState(search.name ?? "");
  const [asked, setAsked] = useState<Asked>(null);
  const name = useDeferredValue(text.trim()) || undefined;
  const sort = (search.sort ?? "-updated_at") as Sort;
  const { project } = search;
  const mayWrite = useMay("workflows:write");
  const projects = useProjects();
  const filters = { name, project, sort };
  const list = useInfiniteQuery({
    queryKey: keys.workflows(filters),
    queryFn: ({ pageParam }) =>
      got(
        api.GET("/api/v1/workflows", {
          params: { query: { ...filters, limit: 50, cursor: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const last = useLastRuns(items);
  const create = useAct(
    () =>
      got(
        api.POST("/api/v1/workflows", {
          params: { query: project ? { project } : {} },
          body: blank(items.map((item) => item.name)),
        }),
      ),
    {
      again: [["workflows"]],
      aloud: true,
      after: (made) => void navigate({ to: "/workflows/$id", params: { id: made.id } }),
    },
  );
  const { run: begin } = create;
  useCommands(
    useMemo(
      () =>
        mayWrite
          ? [
              {
                id: "workflow.new",
                title: "New workflow",
                group: "Workflows",
                keys: "n",
                run: () => begin(),
              },
              {
                id: "workflow.import",
                title: "Import a definition",
                group: "Workflows",
                words: "file yaml json upload",
                run: () => setAsked({ kind: "import" }),
              },
            ]
          : [],
      [mayWrite, begin],
    ),
  );
  const resort = (by: string) => () =>
    void navigate({
      to: "/workflows",
      search: { ...search, sort: sort === `-${by}` ? by : `-${by}` },
    });
  const sorted = (by: string) => ({
    by,
    now: sort === by ? ("up" as const) : sort === `-${by}` ? ("down" as const) : null,
    onSort: resort(by),
  });
  const columns = useColumns({ last, sorted, projects, mayWrite, ask: setAsked });
  const narrowed = Boolean(name || project);
  return (
    <Page
      title="Workflows"
      actions={
        mayWrite && (
          <>
            <Button icon={FileUp} onClick={() => setAsked({ kind: "import" })}>
              Import
            </Button>
            <Button
              kind="primary"
              icon={Plus}
              busy={create.busy}
              data-tour="new-workflow"
              onClick={() => create.run()}
            >
              New workflow
            </Button>
          </>
        )
      }
      filters={
        <div className="flex flex-wrap items-center gap-2">
          <SearchBox label="Find by name" value={text} onChange={setText} />
          {!!projects.length && (
            <Select
              aria-label="Project"
              className="!w-48"
              value={project ?? ""}
              onChange={(value) =>
                void navigate({
                  to: "/workflows",
                  search: { ...search, project: value || undefined },
                })
              }
              options={[
                { value: "", label: "Every project" },
                ...projects.map((each) => ({ value: each.id, label: each.name })),
              ]}
            />
          )}
          {project && (
            <FilterChip
              name="Project"
              value={projects.find((each) => each.id === project)?.name ?? project}
              onRemove={() =>
                void navigate({ to: "/workflows", search: { ...search, project: undefined } })
              }
            />
          )}
        </div>
      }
    >
      {list.isPending ? (
        <Loading what="Loading workflows" />
      ) : list.isError ? (
        <Failed error={asError(list.error)} retry={() => void list.refetch()} />
      ) : items.length ? (
        <>
          <Table label="Workflows" id={(item) => item.id} rows={items} columns={columns} />
          <More of={list} />
        </>
      ) : (
        <Empty
          icon={WorkflowIcon}
          title={narrowed ? "No workflow is called that" : "No workflows yet"}
          action={
            !narrowed &&
            mayWrite && (
              <Button kind="primary" icon={Plus} busy={create.busy} onClick={() => create.run()}>
                New workflow
              </Button>
            )
          }
        >
          {narrowed
            ? "Take a filter away, or look for another part of the name."
            : "A workflow is a drawing of steps that Weir carries out, however often a machine fails under it."}
        </Empty>
      )}
      {asked?.kind === "import" && <Import project={project} onClose={() => setAsked(null)} />}
      {asked?.kind === "clone" && <Clone of={asked.of} onClose={() => setAsked(null)} />}
      {asked?.kind === "delete" && <Delete of={asked.of} onClose={() => setAsked(null)} />}
    </Page>
  );
}

type Last = Map<string, Schemas["LastRun"]>;

/** When each workflow's next run is due, of those that have a schedule. */
function useNextRuns(): Map<string, string> {
  const { data } = useQuery({
    queryKey: keys.schedules({ next: true }),
    queryFn: () => got(api.GET("/api/v1/schedules", { params: { query: { limit: 200 } } })),
    refetchInterval: 30_000,
  });
  return useMemo(() => {
    const next = new Map<string, string>();
    for (const { workflow_id, next_at } of data?.items ?? []) {
      const known = next.get(workflow_id);
      if (next_at && (!known || next_at < known)) next.set(workflow_id, next_at);
    }
    return next;
  }, [data]);
}

function useLastRuns(items: readonly Item[]): Last {
  const ids = items.map((item) => item.id);
  const { data } = useQuery({
    queryKey: keys.analytics("last-runs", ids),
    queryFn: async () => {
      const pages = await Promise.all(
        Array.from({ length: Math.ceil(ids.length / 200) }, (_, page) => {
          const workflow_ids = ids.slice(page * 200, (page + 1) * 200).join(",");
          return got(
            api.GET("/api/v1/analytics/last-runs", { params: { query: { workflow_ids } } }),
          );
        }),
      );
      return pages.flatMap((page) => page.items);
    },
    enabled: ids.length > 0,
    refetchInterval: 10_000,
    placeholderData: (before) => before,
  });
  return useMemo(() => new Map(data?.map((each) => [each.workflow_id, each])), [data]);
}

function useColumns({
  last,
  sorted,
  projects,
  mayWrite,
  ask,
}: {
  last: Last;
  sorted: (by: string) => NonNullable<Column<Item>["sort"]>;
  projects: readonly Schemas["Project"][];
  mayWrite: boolean;
  ask: (asked: Asked) => void;
}): readonly Column<Item>[] {
  const name = useNames();
  const navigate = useNavigate();
  const next = useNextRuns();
  const columns: (Column<Item> | false)[] = [
    {
      id: "name",
      head: "Name",
      sort: sorted("name"),
      cell: (item) => (
        <span className="flex min-w-0 items-baseline gap-2">
          <Link
            to="/workflows/$id"
            params={{ id: item.id }}
            className="shrink-0 font-medium text-fg hover:text-accent"
          >
            {item.name}
          </Link>
          <span className="truncate text-fg3">{item.description}</span>
        </span>
      ),
    },
    {
      id: "published",
      head: "Published",
      width: "112px",
      cell: (item) =>
        item.current_number === null ? (
          <span className="text-fg3">draft only</span>
        ) : (
          <Chip tone="ok" title={item.current_version ?? undefined}>
            version {item.current_number}
          </Chip>
        ),
    },
    {
      id: "last",
      head: "Last run",
      width: "200px",
      cell: (item) => {
        const run = last.get(item.id);
        if (!run) return <span className="text-fg3">never</span>;
        return (
          <Link
            to="/runs/$id"
            params={{ id: run.run_id }}
            className="inline-flex items-center gap-2 align-middle hover:underline"
          >
            <StateChip state={run.status} />
            <span className="text-fg2">
              <Time at={run.started_at} />
            </span>
          </Link>
        );
      },
    },
    {
      id: "next",
      head: "Next run",
      width: "88px",
      cell: (item) => (
        <span className="text-fg2">
          <Time at={next.get(item.id)} />
        </span>
      ),
    },
    {
      id: "labels",
      head: "Labels",
      width: "200px",
      cell: (item) => (
        <span className="flex gap-1 overflow-hidden">
          {Object.entries(item.labels).map(([key, value]) => (
            <Chip key={key}>
              {key}={value}
            </Chip>
          ))}
        </span>
      ),
    },
    projects.length > 0 && {
      id: "project",
      head: "Project",
      width: "120px",
      cell: (item) => (
        <span className="text-fg2">
          {projects.find((each) => each.id === item.project)?.name ?? "–"}
        </span>
      ),
    },
    {
      id: "owner",
      head: "Owner",
      width: "140px",
      cell: (item) => <span className="text-fg2">{name(item.created_by)}</span>,
    },
    {
      id: "updated",
      head: "Changed",
      width: "104px",
      right: true,
      sort: sorted("updated_at"),
      cell: (item) => (
        <span className="text-fg2">
          <Time at={item.updated_at} />
        </span>
      ),
    },
    actions((item) => (
      <RowMenu
        of={item.name}
        items={[
          {
            label: "Runs of it",
            onSelect: () => void navigate({ to: "/runs", search: { workflow_id: item.id } }),
          },
          ...(mayWrite
            ? ([
                { label: "Copy", onSelect: () => ask({ kind: "clone", of: item }) },
                "line",
                {
                  label: "Delete",
                  danger: true,
                  onSelect: () => ask({ kind: "delete", of: item }),
                },
              ] as const)
            : []),
        ]}
      />
    )),
  ];
  return columns.filter((column) => column !== false);
}
