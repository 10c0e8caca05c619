/** Who may what and by which proof: people, groups, projects, accounts, keys, sign-in, policies, the audit. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useMayEverywhere } from "@/api/session";
import { Page } from "@/app/page";
import { Loading } from "@/ui/states";
import { TabPanel, Tabs } from "@/ui/tabs";
import { AccountKeys } from "./account-keys";
import { Accounts } from "./accounts";
import { Groups } from "./groups";
import { Projects } from "./projects";
import { Roles } from "./roles";
import { Users } from "./users";

const Policies = lazy(() => import("./policies").then((module) => ({ default: module.Policies })));
const Providers = lazy(() =>
  import("./providers").then((module) => ({ default: module.Providers })),
);
const Encryption = lazy(() =>
  import("./encryption").then((module) => ({ default: module.Encryption })),
);
const Audit = lazy(() => import("./audit").then((module) => ({ default: module.Audit })));
const Tenant = lazy(() => import("./tenant").then((module) => ({ default: module.Tenant })));

export function Admin() {
  const asked = useSearch({ from: "/inside/admin" }).tab;
  const navigate = useNavigate();
  const mayUsers = useMayEverywhere("users:manage");
  const mayTenant = useMayEverywhere("tenant:manage");
  const mayAudit = useMayEverywhere("audit:read");
  const tabs = [
    { id: "users", label: "Users" },
    ...(mayUsers ? [{ id: "groups", label: "Groups" }] : []),
    { id: "projects", label: "Projects" },
    ...(mayUsers ? [{ id: "accounts", label: "Service accounts" }] : []),
    ...(mayUsers ? [{ id: "keys", label: "API keys" }] : []),
    { id: "roles", label: "Roles" },
    ...(mayTenant
      ? [
          { id: "providers", label: "Sign-in" },
          { id: "policies", label: "Policies" },
          { id: "encryption", label: "Encryption" },
          { id: "tenant", label: "Organisation" },
        ]
      : []),
    ...(mayAudit ? [{ id: "audit", label: "Audit" }] : []),
  ];
  const tab = tabs.find((each) => each.id === asked)?.id ?? "users";
  return (
    <Page title="Administration">
      <Tabs
        label="Parts of administration"
        tabs={tabs}
        value={tab}
        onChange={(id) => void navigate({ to: "/admin", search: { tab: id } })}
      >
        <TabPanel id={tab} className="pt-4">
          <Suspense fallback={<Loading />}>
            {tab === "users" && <Users />}
            {tab === "groups" && <Groups />}
            {tab === "projects" && <Projects />}
            {tab === "accounts" && <Accounts />}
            {tab === "keys" && <AccountKeys />}
            {tab === "roles" && <Roles />}
            {tab === "providers" && <Providers />}
            {tab === "policies" && <Policies />}
            {tab === "encryption" && <Encryption />}
            {tab === "tenant" && <Tenant />}
            {tab === "audit" && <Audit />}
          </Suspense>
        </TabPanel>
      </Tabs>
    </Page>
  );
}
