/** The organisation: its name, whether a second factor is demanded, what it has of its quotas. */
import { useQuery } from "@tanstack/react-query";
import { useAct } from "@/api/act";
import { api, asError, got, match, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { count } from "@/lib/format";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { Field, Input, TextArea } from "@/ui/field";
import { Section } from "@/ui/section";
import { Select } from "@/ui/select";
import { Failed, Loading, Refused } from "@/ui/states";
import { Table } from "@/ui/table";

export function Tenant() {
  const tenant = useQuery({
    queryKey: keys.tenant,
    queryFn: () => got(api.GET("/api/v1/tenants/current")),
  });
  const usage = useQuery({
    queryKey: keys.usage,
    queryFn: () => got(api.GET("/api/v1/tenants/current/usage")),
  });
  if (tenant.isPending || usage.isPending) return <Loading />;
  if (tenant.isError || usage.isError) {
    return (
      <Failed error={asError(tenant.error ?? usage.error)} retry={() => void tenant.refetch()} />
    );
  }
  return (
    <div className="flex max-w-190 flex-col gap-8">
      <Form key={tenant.data.revision} of={tenant.data} />
      <Section title="Quotas" lead="What the organisation has of what it may.">
        <Table
          label="Quotas"
          rows={usage.data.items}
          id={(item) => item.name}
          columns={[
            { id: "name", head: "What", cell: (item) => item.name.replaceAll("_", " ") },
            {
              id: "used",
              head: "Used",
              right: true,
              width: "120px",
              cell: (item) => count(item.used),
            },
            {
              id: "limit",
              head: "Of",
              right: true,
              width: "120px",
              cell: (item) =>
                item.limit === null ? (
                  <span className="text-fg3">no limit</span>
                ) : (
                  count(item.limit)
                ),
            },
          ]}
        />
      </Section>
    </div>
  );
}

const lines = (text: string | undefined) => (text ?? "").split(/\s+/).filter(Boolean);

function Form({ of }: { of: Schemas["Tenant"] }) {
  const save = useAct(
    ({ name, second_factor, audit_runs, allowed_hosts, origins }: Record<string, string>) =>
      got(
        api.PUT("/api/v1/tenants/current", {
          params: { header: { "If-Match": match(of) } },
          body: {
            name: name ?? of.name,
            second_factor: second_factor === "required" ? "required" : "optional",
            audit_runs: audit_runs as "all" | "by_people" | "none",
            allowed_hosts: lines(allowed_hosts),
            origins: lines(origins),
          },
        }),
      ),
    { again: [keys.tenant], said: "Saved." },
  );
  return (
    <Section title="Organisation">
      <form className="flex max-w-120 flex-col gap-4" onSubmit={sent(save.run)}>
        <Field label="Name">
          <Input name="name" required maxLength={200} defaultValue={of.name} />
        </Field>
        <Field label="Second factor">
          <Select
            name="second_factor"
            defaultValue={of.second_factor}
            options={[
              { value: "optional", label: "Everybody may have one" },
              { value: "required", label: "Everybody must have one" },
            ]}
          />
        </Field>
        <Field label="Runs in the audit">
          <Select
            name="audit_runs"
            defaultValue={of.audit_runs}
            options={[
              { value: "all", label: "Every start" },
              { value: "by_people", label: "What people start" },
              { value: "none", label: "None" },
            ]}
          />
        </Field>
        <Field
          label="Hosts that steps may call"
          help="One a line; empty: what the installation allows."
        >
          <TextArea
            name="allowed_hosts"
            className="mono text-12"
            defaultValue={of.allowed_hosts.join("\n")}
          />
        </Field>
        <Field label="Origins of other pages" help="Whose scripts may call the API; one a line.">
          <TextArea name="origins" className="mono text-12" defaultValue={of.origins.join("\n")} />
        </Field>
        <Refused error={save.error} />
        <Button kind="primary" type="submit" busy={save.busy} className="self-start">
          Save
        </Button>
      </form>
    </Section>
  );
}
