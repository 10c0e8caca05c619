/** The organisation that everything here is of; whoever belongs to several goes on in another. */
import { useQuery } from "@tanstack/react-query";
import { ChevronsUpDown } from "lucide-react";
import { useEffect, useRef } from "react";
import { useAct } from "@/api/act";
import { api, got } from "@/api/client";
import { keys } from "@/api/queries";
import { useMe } from "@/api/session";
import { Button } from "@/ui/button";
import { Menu } from "@/ui/menu";

/** Every service looks at the session again within a second; until then it may answer as before. */
const SETTLES_MS = 1_200;

/** Nothing of the other organisation stays: not what was read, no socket, no page of a workflow. */
const begin = () => location.assign("/workflows");

export function TenantMenu() {
  const { data: tenant } = useQuery({
    queryKey: keys.tenant,
    queryFn: () => got(api.GET("/api/v1/tenants/current")),
    staleTime: 300_000,
  });
  const { data: every } = useQuery({
    queryKey: keys.tenants,
    queryFn: () => got(api.GET("/api/v1/auth/tenants")),
    staleTime: 300_000,
  });
  const go = useAct(
    async (id: string) => {
      await got(api.PUT("/api/v1/auth/tenant", { body: { tenant: id } }));
      await new Promise((done) => setTimeout(done, SETTLES_MS));
    },
    { aloud: true, after: begin },
  );
  useElsewhere();
  const name = tenant?.name ?? "";
  if (!every || every.items.length < 2) return <span className="truncate text-fg3">{name}</span>;
  return (
    <Menu
      align="start"
      trigger={
        <Button
          kind="quiet"
          className="-ml-3 min-w-0 shrink"
          busy={go.busy}
          aria-label={`Organisation ${name}: go on in another`}
        >
          <span className="truncate">{name}</span>
          <ChevronsUpDown size={14} strokeWidth={1.5} aria-hidden className="shrink-0" />
        </Button>
      }
      items={[
        { heading: "Go on in" },
        ...every.items.map((each) => ({
          label: each.name,
          checked: each.current,
          onSelect: () => each.current || go.run(each.id),
        })),
      ]}
    />
  );
}

/** The session went on elsewhere from another window: so does this one. */
function useElsewhere(): void {
  const now = useMe()?.tenant;
  const first = useRef(now);
  useEffect(() => {
    first.current ??= now;
    if (now && now !== first.current) begin();
  }, [now]);
}
