import { Page } from "@/app/page";
import { Loading } from "@/ui/states";

export function Dashboard() {
  return (
    <Page title="Dashboard">
      <Loading />
    </Page>
  );
}
