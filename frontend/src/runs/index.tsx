/** The view of one run. */
import { Page } from "@/app/page";
import { Loading } from "@/ui/states";

export default function Run({ id }: { id: string }) {
  return (
    <Page title={id}>
      <Loading />
    </Page>
  );
}
