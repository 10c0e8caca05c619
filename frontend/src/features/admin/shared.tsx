/** What the tabs of administration have in common: roles to choose, lists that come by pages. */
import { type QueryKey, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { LucideIcon } from "lucide-react";
import { Search } from "lucide-react";
import type { ReactNode } from "react";
import { api, asError, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { Chip } from "@/ui/chip";
import { Input } from "@/ui/field";
import { More } from "@/ui/more";
import { Select } from "@/ui/select";
import { Empty, Failed, Loading } from "@/ui/states";
import { type Column, Table } from "@/ui/table";

export const ROLES = ["admin", "editor", "operator", "viewer"] as const;
export type Role = (typeof ROLES)[number];

export const asRole = (text: string | undefined): Role | null =>
  ROLES.find((role) => role === text) ?? null;

/** The revision of what was read, as If-Match takes it. */
export const match = (of: { revision: string }) => `"${of.revision}"`;

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

interface PageOf<T> {
  items: T[];
  next_cursor: string | null;
}

/** A list by pages with its states; `tools` stand above it. */
export function Listed<T>({
  label,
  queryKey,
  read,
  columns,
  id,
  tools,
  icon,
  empty,
  action,
  children,
}: {
  label: string;
  queryKey: QueryKey;
  read: (cursor: string | undefined) => Promise<PageOf<T>>;
  columns: readonly Column<T>[];
  id: (item: T) => string;
  tools?: ReactNode;
  icon: LucideIcon;
  empty: string;
  action?: ReactNode;
  children?: ReactNode;
}) {
  const list = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex flex-col gap-4">
      {(tools || action) && (
        <div className="flex flex-wrap items-center gap-2">
          {tools}
          <div className="flex-1" />
          {action}
        </div>
      )}
      {list.isPending ? (
        <Loading what={`Loading ${label.toLowerCase()}`} />
      ) : list.isError ? (
        <Failed error={asError(list.error)} retry={() => void list.refetch()} />
      ) : items.length ? (
        <>
          <Table label={label} columns={columns} rows={items} id={id} />
          <More of={list} />
        </>
      ) : (
        <Empty icon={icon} title={empty}>
          {children}
        </Empty>
      )}
    </div>
  );
}

export function SearchBox({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <span className="relative w-72">
      <Search size={16} strokeWidth={1.5} aria-hidden className="absolute left-2 top-2 text-fg3" />
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        className="pl-8"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </span>
  );
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
