import { Page } from "@/app/page";
import { Loading } from "@/ui/states";

export function Account() {
  return (
    <Page title="Account">
      <Loading />
    </Page>
  );
}
