/** What each role may: the table that the server goes by. */
import { Check } from "lucide-react";
import { useMe } from "@/api/session";
import { Loading } from "@/ui/states";
import { Table } from "@/ui/table";
import { ROLES } from "./shared";

export function Roles() {
  const me = useMe();
  if (!me) return <Loading />;
  const permissions = [...new Set(Object.values(me.roles).flat())]
    .filter((each) => each.includes(":"))
    .sort();
  return (
    <div className="flex max-w-190 flex-col gap-4">
      <p className="text-fg2">
        A role counts in the whole organisation, or in a project. Policies may forbid more; they
        never allow more.
      </p>
      <Table
        label="What each role may"
        rows={permissions}
        id={(permission) => permission}
        columns={[
          {
            id: "permission",
            head: "Permission",
            cell: (permission) => <span className="mono text-12">{permission}</span>,
          },
          ...ROLES.map((role) => ({
            id: role,
            head: role,
            width: "104px",
            cell: (permission: string) =>
              me.roles[role]?.includes(permission) ? (
                <span className="text-ok">
                  <Check size={16} strokeWidth={1.75} aria-hidden />
                  <span className="sr-only">yes</span>
                </span>
              ) : (
                <span className="text-fg3">–</span>
              ),
          })),
        ]}
      />
    </div>
  );
}
