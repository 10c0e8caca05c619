import { Page } from "@/app/page";
import { Loading } from "@/ui/states";

export function RunList() {
  return (
    <Page title="RunList">
      <Loading />
    </Page>
  );
}
