/** A list that comes by pages, with its states and what narrows it. */
import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import type { LucideIcon } from "lucide-react";
import { Search } from "lucide-react";
import type { ReactNode } from "react";
import { asError } from "@/api/client";
import { Input } from "@/ui/field";
import { More } from "@/ui/more";
import { Empty, Failed, Loading } from "@/ui/states";
import { type Column, Table } from "@/ui/table";

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
  emptyAction,
  action,
  selected,
  liveMs,
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
  /** The one thing to do where there is nothing. */
  emptyAction?: ReactNode;
  action?: ReactNode;
  selected?: string | null;
  /** How often it is read again while only its first page is shown. */
  liveMs?: number;
  children?: ReactNode;
}) {
  const list = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
    refetchInterval: (held) =>
      (held.state.data?.pages.length ?? 1) === 1 ? (liveMs ?? false) : false,
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
          <Table label={label} columns={columns} rows={items} id={id} selected={selected} />
          <More of={list} />
        </>
      ) : (
        <Empty icon={icon} title={empty} action={emptyAction}>
          {children}
        </Empty>
      )}
    </div>
  );
}

export function SearchBox({
  label,
  placeholder = label,
  value,
  onChange,
}: {
  label: string;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <span className="relative w-72">
      <Search size={16} strokeWidth={1.5} aria-hidden className="absolute left-2 top-2 text-fg3" />
      <Input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        className="pl-8"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </span>
  );
}
