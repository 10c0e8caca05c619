import { Page } from "@/app/page";
import { Loading } from "@/ui/states";

export function Approvals() {
  return (
    <Page title="Approvals">
      <Loading />
    </Page>
  );
}
