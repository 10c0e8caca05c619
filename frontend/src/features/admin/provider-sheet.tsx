/** One sign-in provider: what it must be told, what it gives, and whether it answers. */
import { Check, CircleAlert, PlugZap } from "lucide-react";
import { useAct } from "@/api/act";
import { api, got, type Schemas } from "@/api/client";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Sheet } from "@/ui/dialog";
import { Facts } from "@/ui/section";
import { Refused } from "@/ui/states";
import type { Provider } from "./providers";

const Mono = ({ children }: { children: string }) => (
  <code className="mono break-all text-12">{children}</code>
);

export function ProviderSheet({ of, onClose }: { of: Provider; onClose: () => void }) {
  const groups = Object.entries(of.roles);
  return (
    <Sheet open onOpenChange={onClose} title={of.name}>
      <div className="flex flex-col gap-6">
        <Test of={of} />
        <Facts
          facts={[
            [
              "Send people back to",
              <span key="back" className="flex items-center gap-1">
                <Mono>{of.redirect_uri}</Mono>
                <CopyButton text={of.redirect_uri} what="the address" />
              </span>,
            ],
            ["Issuer", <Mono key="issuer">{of.issuer}</Mono>],
            ["Client id", <Mono key="client">{of.client_id}</Mono>],
            ["Client secret", of.has_secret ? "stored" : "none: PKCE alone"],
            ["Scopes", <Mono key="scopes">{of.scopes.join(" ")}</Mono>],
            ["New people", of.creates_users ? "become members" : "are refused"],
            [
              "Members of the same address",
              of.links_users ? "are the same" : "must be linked before",
            ],
            ["Without a group", of.default_role || "are refused"],
          ]}
        />
        <section>
          <h3 className="pb-2 text-14">Roles by group</h3>
          {groups.length ? (
            <Facts facts={groups.map(([group, role]) => [group, role] as const)} />
          ) : (
            <p className="text-fg3">No group has one.</p>
          )}
        </section>
      </div>
    </Sheet>
  );
}

function Test({ of }: { of: Provider }) {
  const test = useAct(() =>
    got(
      api.POST("/api/v1/providers/{provider_id}/test", {
        params: { path: { provider_id: of.id } },
      }),
    ),
  );
  return (
    <div className="flex flex-col gap-2">
      <Button
        kind="primary"
        icon={PlugZap}
        className="self-start"
        busy={test.busy}
        onClick={() => test.run()}
      >
        Test
      </Button>
      <Refused error={test.error} />
      {test.done && !test.error && <Outcome of={test.done} />}
    </div>
  );
}

function Outcome({ of }: { of: Schemas["services__identity__providers_models__Tested"] }) {
  const Icon = of.ok ? Check : CircleAlert;
  return (
    <p role="status" className="flex items-start gap-2">
      <Icon
        size={16}
        strokeWidth={1.75}
        aria-hidden
        className={of.ok ? "mt-0.5 shrink-0 text-ok" : "mt-0.5 shrink-0 text-err"}
      />
      <span>
        {of.ok
          ? `It describes itself and shows ${plural(of.keys ?? 0, "key")}.`
          : (of.problem ?? "It does not answer as it should.")}
      </span>
    </p>
  );
}
