/** Tables: 36 px rows, a head that stays, the first column names the row and links to it. */
import type { ReactNode } from "react";
import { cx } from "@/lib/classes";

export interface Column<T> {
  id: string;
  head: ReactNode;
  cell: (row: T) => ReactNode;
  right?: boolean;
  width?: string;
  sort?: { by: string; now: "up" | "down" | null; onSort: () => void };
}

/** The last column: one menu a row. */
export const actions = <T,>(cell: (row: T) => ReactNode): Column<T> => ({
  id: "menu",
  head: <span className="sr-only">Actions</span>,
  width: "40px",
  right: true,
  cell,
});

/** The name of a row that opens something here. */
export function RowName({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" className="font-medium hover:text-accent" onClick={onClick}>
      {children}
    </button>
  );
}

export function Table<T>({
  label,
  columns,
  rows,
  id,
  selected,
}: {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  id: (row: T) => string;
  selected?: string | null | undefined;
}) {
  return (
    <table aria-label={label} className="w-full border-separate border-spacing-0 text-left">
      <thead>
        <tr>
          {columns.map((column) => (
            <th
              key={column.id}
              scope="col"
              aria-sort={
                column.sort?.now
                  ? column.sort.now === "up"
                    ? "ascending"
                    : "descending"
                  : undefined
              }
              className={cx(
                "sticky top-0 z-10 h-9 whitespace-nowrap border-b border-line bg-bg0 px-3 text-12 font-medium text-fg3 first:pl-0 last:pr-0",
                column.right && "text-right",
              )}
              style={column.width ? { width: column.width } : undefined}
            >
              {column.sort ? (
                <button type="button" onClick={column.sort.onSort} className="hover:text-fg">
                  {column.head}
                  <span aria-hidden className="inline-block w-3 text-right">
                    {column.sort.now === "up" ? "↑" : column.sort.now === "down" ? "↓" : ""}
                  </span>
                </button>
              ) : (
                column.head
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const key = id(row);
          return (
            <tr
              key={key}
              aria-selected={selected === undefined ? undefined : key === selected}
              className="group hover:bg-bg2 aria-selected:bg-bg2"
            >
              {columns.map((column) => (
                <td
                  key={column.id}
                  className={cx(
                    "h-9 max-w-90 truncate border-b border-line px-3 first:pl-0 last:pr-0",
                    // What is pointed at or chosen reaches a little beyond its words.
                    "group-hover:first:shadow-[-8px_0_0_var(--bg2)] group-aria-selected:first:shadow-[-8px_0_0_var(--bg2)] group-hover:last:shadow-[8px_0_0_var(--bg2)] group-aria-selected:last:shadow-[8px_0_0_var(--bg2)]",
                    column.right && "tabular text-right",
                  )}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
