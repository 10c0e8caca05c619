import { Page } from "@/app/page";
import { Loading } from "@/ui/states";

export function Workflows() {
  return (
    <Page title="Workflows">
      <Loading />
    </Page>
  );
}
