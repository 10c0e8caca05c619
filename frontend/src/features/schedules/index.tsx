import { Page } from "@/app/page";
import { Loading } from "@/ui/states";

export function Schedules() {
  return (
    <Page title="Schedules">
      <Loading />
    </Page>
  );
}
