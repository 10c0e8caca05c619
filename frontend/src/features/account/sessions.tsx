/** Where one is signed in. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, type Schemas } from "@/api/client";
import { keys, queries } from "@/api/queries";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Confirm } from "@/ui/dialog";
import { Failed, Loading } from "@/ui/states";
import { type Column, Table } from "@/ui/table";
import { Time } from "@/ui/time";
import { browserOf } from "./agents";

const SESSIONS = keys.account("sessions");

export function Sessions() {
  const [asked, setAsked] = useState(false);
  const navigate = useNavigate();
  const { data, isPending, isError, error, refetch } = useQuery({
    queryKey: SESSIONS,
    queryFn: () => got(api.GET("/api/v1/auth/sessions")),
  });
  const end = useAct(
    (session_id: string) =>
      got(api.DELETE("/api/v1/auth/sessions/{session_id}", { params: { path: { session_id } } })),
    { again: [SESSIONS], aloud: true },
  );
  const everywhere = useAct(() => got(api.POST("/api/v1/auth/logout/everywhere", {})), {
    aloud: true,
    after: () => {
      queries.clear();
      void navigate({ to: "/sign-in" });
    },
  });
  const columns: readonly Column<Schemas["Session"]>[] = [
    {
      id: "agent",
      head: "Browser",
      cell: (item) => (
        <span className="flex items-center gap-2" title={item.agent}>
          <span className="font-medium">{browserOf(item.agent)}</span>
          {item.current && <Chip tone="accent">This session</Chip>}
        </span>
      ),
    },
    {
      id: "address",
      head: "Address",
      width: "160px",
      cell: (item) => <span className="mono text-12">{item.address}</span>,
    },
    {
      id: "methods",
      head: "Proved by",
      width: "200px",
      cell: (item) => <span className="text-fg2">{item.methods.join(", ")}</span>,
    },
    {
      id: "began",
      head: "Signed in",
      width: "112px",
      right: true,
      cell: (item) => <Time at={item.began_at} />,
    },
    {
      id: "renewed",
      head: "Last seen",
      width: "112px",
      right: true,
      cell: (item) => <Time at={item.renewed_at} />,
    },
    {
      id: "expires",
      head: "Ends",
      width: "112px",
      right: true,
      cell: (item) => <Time at={item.expires_at} />,
    },
    {
      id: "end",
      head: <span className="sr-only">End</span>,
      width: "80px",
      right: true,
      cell: (item) =>
        item.current ? null : (
          <Button
            small
            onClick={() => end.run(item.id)}
            aria-label={`End the session of ${browserOf(item.agent)}`}
          >
            End
          </Button>
        ),
    },
  ];
  if (isPending) return <Loading rows={3} what="Loading your sessions" />;
  if (isError) return <Failed error={asError(error)} retry={() => void refetch()} />;
  return (
    <div className="flex flex-col gap-4">
      <Table label="Your sessions" columns={columns} rows={data.items} id={(item) => item.id} />
      <Button kind="danger" className="self-start" onClick={() => setAsked(true)}>
        Sign out everywhere
      </Button>
      <Confirm
        open={asked}
        onOpenChange={setAsked}
        title="Sign out everywhere"
        verb="Sign out everywhere"
        busy={everywhere.busy}
        onConfirm={() => everywhere.run()}
      >
        Every session of yours ends, this one too.
      </Confirm>
    </div>
  );
}
