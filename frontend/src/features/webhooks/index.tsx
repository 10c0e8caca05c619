import { Page } from "@/app/page";
import { Loading } from "@/ui/states";

export function Webhooks() {
  return (
    <Page title="Webhooks">
      <Loading />
    </Page>
  );
}
