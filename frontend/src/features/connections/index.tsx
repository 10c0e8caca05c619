import { Page } from "@/app/page";
import { Loading } from "@/ui/states";

export function Connections() {
  return (
    <Page title="Connections">
      <Loading />
    </Page>
  );
}
