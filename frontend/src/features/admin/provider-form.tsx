/** Connecting a sign-in provider, or changing how it is connected. */
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got, match, onceKey } from "@/api/client";
import { problemOf } from "@/lib/forms";
import { FormDialog } from "@/parts/form-dialog";
import { Button, IconButton } from "@/ui/button";
import { CheckBox, Field, Input } from "@/ui/field";
import { PROVIDERS, type Provider } from "./providers";
import { asRole, type Role, RoleSelect } from "./shared";

interface Given {
  key: string;
  group: string;
  role: Role;
}

export function ProviderForm({ of, onClose }: { of?: Provider; onClose: () => void }) {
  const [once] = useState(onceKey);
  const [given, setGiven] = useState<Given[]>(() =>
    Object.entries(of?.roles ?? {}).map(([group, role]) => ({ key: group, group, role })),
  );
  const [forget, setForget] = useState(false);
  const save = useAct(
    (values: Record<string, string>) => {
      const body = {
        name: values.name ?? "",
        issuer: values.issuer?.trim() ?? "",
        client_id: values.client_id ?? "",
        groups_claim: values.groups_claim ?? "",
        roles: Object.fromEntries(
          given.filter((each) => each.group).map((each) => [each.group, each.role]),
        ),
        default_role: asRole(values.default_role) ?? ("" as const),
        creates_users: values.creates_users === "on",
        links_users: values.links_users === "on",
        scopes: (values.scopes ?? "").split(/\s+/).filter(Boolean),
      };
      const client_secret = values.client_secret ?? "";
      if (!of) {
        return got(
          api.POST("/api/v1/providers", {
            params: { header: { "Idempotency-Key": once } },
            body: { ...body, client_secret },
          }),
        );
      }
      return got(
        api.PUT("/api/v1/providers/{provider_id}", {
          params: { path: { provider_id: of.id }, header: { "If-Match": match(of) } },
          body: { ...body, client_secret: client_secret || (forget ? "" : null) },
        }),
      );
    },
    { again: [PROVIDERS], after: onClose, said: (now) => `${now.name} is connected.` },
  );
  const wrong = (field: string) => problemOf(save.error?.details, field);
  return (
    <FormDialog
      title={of ? `Change ${of.name}` : "New sign-in provider"}
      description={of ? undefined : "Any that speaks OpenID Connect."}
      verb={of ? "Save" : "Connect"}
      size="medium"
      act={save}
      onClose={onClose}
    >
      <Field label="Name" help="On the button that people press." error={wrong("name")}>
        <Input name="name" required maxLength={200} defaultValue={of?.name} />
      </Field>
      <Field
        label="Issuer"
        help="The https address exactly as the provider names itself."
        error={wrong("issuer")}
      >
        <Input
          name="issuer"
          type="url"
          required
          maxLength={1000}
          className="mono text-12"
          defaultValue={of?.issuer}
        />
      </Field>
      <div className="grid grid-cols-2 items-start gap-4">
        <Field label="Client id" error={wrong("client_id")}>
          <Input
            name="client_id"
            required
            maxLength={500}
            autoComplete="off"
            className="mono text-12"
            defaultValue={of?.client_id}
          />
        </Field>
        <Field
          label="Client secret"
          help={of?.has_secret ? "Empty: the stored one stays." : "Empty: PKCE alone."}
          error={wrong("client_secret")}
        >
          <Input
            name="client_secret"
            type="password"
            autoComplete="new-password"
            maxLength={2000}
            disabled={forget}
          />
        </Field>
      </div>
      {of?.has_secret && (
        <CheckBox
          label="Forget the stored secret"
          checked={forget}
          onChange={(event) => setForget(event.target.checked)}
        />
      )}
      <Field label="Scopes" help="With spaces between." error={wrong("scopes")}>
        <Input
          name="scopes"
          className="mono text-12"
          defaultValue={(of?.scopes ?? ["openid", "email", "profile"]).join(" ")}
        />
      </Field>
      <Roles of={of} given={given} setGiven={setGiven} wrong={wrong} />
      <div className="flex flex-col gap-2">
        <CheckBox
          name="creates_users"
          label="People who are no members become some"
          defaultChecked={of?.creates_users}
        />
        <CheckBox
          name="links_users"
          label="Members with the same proved address are the same"
          defaultChecked={of?.links_users}
        />
      </div>
    </FormDialog>
  );
}

function Roles({
  of,
  given,
  setGiven,
  wrong,
}: {
  of: Provider | undefined;
  given: readonly Given[];
  setGiven: (given: Given[]) => void;
  wrong: (field: string) => string | undefined;
}) {
  const change = (key: string, to: Partial<Given>) =>
    setGiven(given.map((each) => (each.key === key ? { ...each, ...to } : each)));
  return (
    <fieldset className="flex flex-col gap-3 rounded-panel border border-line p-4">
      <legend className="px-1 font-medium">What people may</legend>
      <div className="grid grid-cols-2 items-start gap-4">
        <Field
          label="Claim with their groups"
          help="A path with dots."
          error={wrong("groups_claim")}
        >
          <Input
            name="groups_claim"
            maxLength={200}
            className="mono text-12"
            defaultValue={of?.groups_claim}
          />
        </Field>
        <Field label="Role of those without one" error={wrong("default_role")}>
          <RoleSelect name="default_role" empty="refused" defaultValue={of?.default_role ?? ""} />
        </Field>
      </div>
      {given.map((each, index) => (
        <div key={each.key} className="flex items-center gap-2">
          <Input
            aria-label={`Group ${index + 1}`}
            placeholder="Group at the provider"
            value={each.group}
            maxLength={300}
            onChange={(event) => change(each.key, { group: event.target.value })}
          />
          <span className="w-40 shrink-0">
            <RoleSelect
              aria-label={`Role of group ${index + 1}`}
              empty="no role"
              value={each.role}
              onChange={(role) => {
                const known = asRole(role);
                if (known) change(each.key, { role: known });
                else setGiven(given.filter((one) => one.key !== each.key));
              }}
            />
          </span>
          <IconButton
            icon={X}
            label="Take the group away"
            onClick={() => setGiven(given.filter((one) => one.key !== each.key))}
          />
        </div>
      ))}
      <Button
        small
        icon={Plus}
        className="self-start"
        onClick={() => setGiven([...given, { key: onceKey(), group: "", role: "viewer" }])}
      >
        Role for a group
      </Button>
    </fieldset>
  );
}
