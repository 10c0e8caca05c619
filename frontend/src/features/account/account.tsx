/** What is one's own: password and address, second factors, notices, sessions, API keys. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMe } from "@/api/session";
import { Page } from "@/app/page";
import { KeyTable } from "@/parts/key-table";
import { TabPanel, Tabs } from "@/ui/tabs";
import { Factors } from "./factors";
import { Notices } from "./notices";
import { Profile } from "./profile";
import { Sessions } from "./sessions";

const TABS = [
  { id: "profile", label: "Profile" },
  { id: "factors", label: "Second factors" },
  { id: "notices", label: "Notices" },
  { id: "sessions", label: "Sessions" },
  { id: "keys", label: "API keys" },
] as const;

export function Account() {
  const asked = useSearch({ from: "/inside/account" }).tab;
  const navigate = useNavigate();
  const me = useMe();
  const tab = TABS.find((each) => each.id === asked)?.id ?? "profile";
  return (
    <Page title="Your account">
      <Tabs
        label="Parts of your account"
        tabs={TABS}
        value={tab}
        onChange={(id) => void navigate({ to: "/account", search: { tab: id } })}
      >
        <TabPanel id="profile" className="pt-6">
          <Profile me={me} />
        </TabPanel>
        <TabPanel id="factors" className="pt-6">
          <Factors />
        </TabPanel>
        <TabPanel id="notices" className="pt-6">
          <Notices />
        </TabPanel>
        <TabPanel id="sessions" className="pt-4">
          <Sessions />
        </TabPanel>
        <TabPanel id="keys" className="pt-4">
          <KeyTable />
        </TabPanel>
      </Tabs>
    </Page>
  );
}
