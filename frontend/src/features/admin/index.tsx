import { Page } from "@/app/page";
import { Loading } from "@/ui/states";

export function Admin() {
  return (
    <Page title="Admin">
      <Loading />
    </Page>
  );
}
