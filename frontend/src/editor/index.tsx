/** The editor of one workflow. */
import { Page } from "@/app/page";
import { Loading } from "@/ui/states";

export default function Editor({ id }: { id: string }) {
  return (
    <Page title={id}>
      <Loading />
    </Page>
  );
}
