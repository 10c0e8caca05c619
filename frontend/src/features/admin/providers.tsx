/** Sign-in providers: who answers for people beside their passwords, over OpenID Connect. */
import { LogIn, Plus } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got, match, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { plural } from "@/lib/format";
import { Listed } from "@/parts/listed";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { ConfirmAct } from "@/ui/dialog";
import { RowMenu } from "@/ui/menu";
import { actions, RowName } from "@/ui/table";
import { ProviderForm } from "./provider-form";
import { ProviderSheet } from "./provider-sheet";
import { made } from "./shared";

export type Provider = Schemas["ProviderAnswer"];
type Asked = { kind: "new" } | { kind: "show" | "change" | "delete"; of: Provider } | null;
export const PROVIDERS = keys.admin("providers");

export function Providers() {
  const [asked, setAsked] = useState<Asked>(null);
  const close = () => setAsked(null);
  return (
    <>
      <Listed
        label="Sign-in providers"
        queryKey={PROVIDERS}
        read={(cursor) =>
          got(api.GET("/api/v1/providers", { params: { query: { limit: 50, cursor } } }))
        }
        id={(item) => item.id}
        icon={LogIn}
        empty="No sign-in providers yet"
        action={
          <Button kind="primary" icon={Plus} onClick={() => setAsked({ kind: "new" })}>
            New provider
          </Button>
        }
        columns={[
          {
            id: "name",
            head: "Name",
            cell: (item) => (
              <RowName onClick={() => setAsked({ kind: "show", of: item })}>{item.name}</RowName>
            ),
          },
          {
            id: "issuer",
            head: "Issuer",
            width: "320px",
            cell: (item) => <span className="mono text-12 text-fg2">{item.issuer}</span>,
          },
          {
            id: "gives",
            head: "Gives",
            width: "232px",
            cell: (item) => <Gives of={item} />,
          },
          {
            id: "people",
            head: "People",
            width: "232px",
            cell: (item) => <span className="text-fg2">{whom(item)}</span>,
          },
          made,
          actions((item: Provider) => (
            <RowMenu
              of={item.name}
              items={[
                { label: "Look and test", onSelect: () => setAsked({ kind: "show", of: item }) },
                { label: "Change", onSelect: () => setAsked({ kind: "change", of: item }) },
                "line",
                {
                  label: "Disconnect",
                  danger: true,
                  onSelect: () => setAsked({ kind: "delete", of: item }),
                },
              ]}
            />
          )),
        ]}
      >
        People sign in at your own provider, which gives them roles by their groups there.
      </Listed>
      {asked?.kind === "new" && <ProviderForm onClose={close} />}
      {asked?.kind === "change" && <ProviderForm of={asked.of} onClose={close} />}
      {asked?.kind === "delete" && <Disconnect of={asked.of} onClose={close} />}
      {asked?.kind === "show" && <ProviderSheet of={asked.of} onClose={close} />}
    </>
  );
}

export function Gives({ of }: { of: Provider }) {
  const groups = Object.keys(of.roles).length;
  if (!groups && !of.default_role) return <span className="text-fg3">nothing yet</span>;
  return (
    <span className="flex items-center gap-1">
      {groups > 0 && <Chip>roles by {plural(groups, "group")}</Chip>}
      {of.default_role && <Chip>{of.default_role}</Chip>}
    </span>
  );
}

export function whom(of: Provider): string {
  const words = ["members"];
  if (of.links_users) words.push("by address too");
  if (of.creates_users) words.push("new people");
  return words.join(", ");
}

function Disconnect({ of, onClose }: { of: Provider; onClose: () => void }) {
  const remove = useAct(
    () =>
      got(
        api.DELETE("/api/v1/providers/{provider_id}", {
          params: { path: { provider_id: of.id }, header: { "If-Match": match(of) } },
        }),
      ),
    { again: [PROVIDERS], after: onClose, said: `${of.name} is disconnected.` },
  );
  return (
    <ConfirmAct title={`Disconnect ${of.name}`} verb="Disconnect" act={remove} onClose={onClose}>
      Nobody signs in by it any more. Accounts stay; who has no password must ask for one.
    </ConfirmAct>
  );
}
