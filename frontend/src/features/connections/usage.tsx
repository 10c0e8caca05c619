/** Who names a connection; and deleting it, which is refused while somebody does. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, match } from "@/api/client";
import { keys } from "@/api/queries";
import { Chip } from "@/ui/chip";
import { ConfirmAct, Sheet } from "@/ui/dialog";
import { CheckBox } from "@/ui/field";
import { Failed, Loading } from "@/ui/states";
import type { Credential } from "./connections";

function useUsage(name: string) {
  return useQuery({
    queryKey: keys.credentials({ usage: name }),
    queryFn: () =>
      got(
        api.GET("/api/v1/credentials/{name}/usage", {
          params: { path: { name }, query: { limit: 100 } },
        }),
      ),
  });
}

function Uses({ name }: { name: string }) {
  const { data, isPending, isError, error, refetch } = useUsage(name);
  if (isPending) return <Loading rows={3} what="Looking who uses it" />;
  if (isError) return <Failed error={asError(error)} retry={() => void refetch()} />;
  if (!data.items.length) return <p className="text-fg2">No workflow names it.</p>;
  return (
    <ul>
      {data.items.map((use) => (
        <li key={use.workflow_id} className="flex h-9 items-center gap-2 border-b border-line">
          <Link
            to="/workflows/$id"
            params={{ id: use.workflow_id }}
            className="flex-1 truncate font-medium hover:text-accent"
          >
            {use.name}
          </Link>
          {use.in_current && <Chip tone="ok">published</Chip>}
          {use.in_draft && <Chip>draft</Chip>}
        </li>
      ))}
    </ul>
  );
}

export function UsageSheet({ name, onClose }: { name: string; onClose: () => void }) {
  return (
    <Sheet open onOpenChange={onClose} title={name}>
      <h3 className="pb-2 text-14">Workflows that name it</h3>
      <Uses name={name} />
    </Sheet>
  );
}

export function DeleteCredential({ of, onClose }: { of: Credential; onClose: () => void }) {
  const { data } = useUsage(of.name);
  const [force, setForce] = useState(false);
  const remove = useAct(
    () =>
      got(
        api.DELETE("/api/v1/credentials/{name}", {
          params: {
            path: { name: of.name },
            query: force ? { force: "true" } : {},
            header: { "If-Match": match(of) },
          },
        }),
      ),
    { again: [["credentials"]], after: onClose, said: `${of.name} is deleted.` },
  );
  return (
    <ConfirmAct title={`Delete ${of.name}`} verb="Delete" act={remove} onClose={onClose}>
      <p>What it holds is gone for good. Steps that read it fail from then on.</p>
      {!!data?.items.length && (
        <>
          <Uses name={of.name} />
          <CheckBox
            label="Delete it all the same"
            checked={force}
            onChange={(event) => setForce(event.target.checked)}
          />
        </>
      )}
    </ConfirmAct>
  );
}
