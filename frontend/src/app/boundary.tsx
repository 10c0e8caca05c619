/** What is shown where a page is not: while it comes, when it fails, when there is none. */
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { asError } from "@/api/client";
import { Empty, Failed, Loading } from "@/ui/states";

export function Pending() {
  return (
    <div className="px-6 pt-4">
      <Loading what="Loading the page" />
    </div>
  );
}

export function PageFailed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <div className="px-6 pt-4">
      <Failed
        error={asError(error)}
        retry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </div>
  );
}

export function NotFound() {
  return (
    <main className="h-full bg-bg0 pt-24">
      <Empty
        icon={Compass}
        title="There is no page here"
        action={
          <Link to="/workflows" className="font-medium text-accent hover:underline">
            Go to the workflows
          </Link>
        }
      >
        The address leads nowhere, or what stood here is gone.
      </Empty>
    </main>
  );
}
