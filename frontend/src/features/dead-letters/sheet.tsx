/** One dead letter: what went wrong, what was to be done, and what can be done about it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, asError, got, type Schemas } from "@/api/client";
import { useNames } from "@/api/people";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { exact } from "@/lib/format";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { CopyButton } from "@/ui/copy";
import { Sheet } from "@/ui/dialog";
import { Facts } from "@/ui/section";
import { Failed, Loading } from "@/ui/states";
import { errorOf, LetterState } from "./dead-letters";
import { Discard, Retry } from "./deal";
import { REASONS } from "./words";

type Whole = Schemas["WholeLetter"];

export function LetterSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, isPending, isError, error, refetch } = useQuery({
    queryKey: keys.letters({ id }),
    queryFn: () =>
      got(api.GET("/api/v1/dead-letters/{letter_id}", { params: { path: { letter_id: id } } })),
  });
  return (
    <Sheet open onOpenChange={onClose} title="Dead letter">
      {isPending ? (
        <Loading what="Loading the letter" />
      ) : isError ? (
        <Failed error={asError(error)} retry={() => void refetch()} />
      ) : (
        <Content of={data} />
      )}
    </Sheet>
  );
}

function Content({ of }: { of: Whole }) {
  const error = errorOf(of);
  return (
    <div className="flex flex-col gap-6">
      <section className="flex flex-col gap-2">
        <p className="text-16">{error.message || REASONS[of.reason] || of.reason}</p>
        <div className="flex flex-wrap items-center gap-2">
          {error.code && (
            <Link to="/errors/$code" params={{ code: error.code }} className="hover:underline">
              <Chip tone="err" mono>
                {error.code}
              </Chip>
            </Link>
          )}
          <LetterState of={of} />
        </div>
      </section>
      <Deal of={of} />
      <Facts
        facts={[
          ["Because", REASONS[of.reason] ?? of.reason],
          [
            "Workflow",
            <Link
              key="workflow"
              to="/workflows/$id"
              params={{ id: of.workflow_id }}
              className="text-accent hover:underline"
            >
              {of.workflow_name || of.workflow_id}
            </Link>,
          ],
          ...(of.step
            ? [
                [
                  "Step",
                  <code key="step" className="mono text-12">
                    {of.step}
                  </code>,
                ] as const,
              ]
            : []),
          ...(of.run_id
            ? [["Run", <RunLink key="run" id={of.run_id} step={of.step} />] as const]
            : []),
          ["Attempts", of.attempts],
          ["First failed", exact(of.first_at)],
          ["Last failed", exact(of.last_at)],
          ...(of.settled_at ? [["Settled", exact(of.settled_at)] as const] : []),
        ]}
      />
      {of.handled && <Handled of={of.handled} />}
      <Payload of={of.payload} />
    </div>
  );
}

function Deal({ of }: { of: Whole }) {
  const may = useMay("runs:start");
  const [asked, setAsked] = useState<"retry" | "discard" | null>(null);
  const close = () => setAsked(null);
  if (of.status !== "open") return null;
  if (!may) {
    return <p className="text-fg2">Operators and editors retry and discard dead letters.</p>;
  }
  const unreadable = of.reason === "unreadable";
  return (
    <div className="flex flex-col gap-2">
      <div className="flex gap-2">
        <Button
          kind="primary"
          icon={RotateCw}
          disabled={unreadable}
          onClick={() => setAsked("retry")}
        >
          Retry
        </Button>
        <Button icon={Trash2} onClick={() => setAsked("discard")}>
          Discard
        </Button>
      </div>
      {unreadable && (
        <p className="text-fg2">
          Nobody can read what it wanted: send what was meant anew, then discard it.
        </p>
      )}
      {asked === "retry" && <Retry of={of} onClose={close} />}
      {asked === "discard" && <Discard of={of} onClose={close} />}
    </div>
  );
}

function RunLink({ id, step }: { id: string; step: string | null }) {
  return (
    <Link
      to="/runs/$id"
      params={{ id }}
      search={step ? { step } : {}}
      className="mono text-12 text-accent hover:underline"
    >
      {id}
    </Link>
  );
}

function Handled({ of }: { of: Schemas["Handled"] }) {
  const name = useNames();
  return (
    <section>
      <h3 className="pb-2 text-14">What was made of it</h3>
      <Facts
        facts={[
          [of.action === "retried" ? "Retried" : "Discarded", `by ${name(of.by)}, ${exact(of.at)}`],
          ...(of.reason ? [["Reason", of.reason] as const] : []),
          ...(of.new_run_id
            ? [["In the run", <RunLink key="new" id={of.new_run_id} step={null} />] as const]
            : []),
        ]}
      />
    </section>
  );
}

const KINDS: Record<string, string> = {
  task: "What the step was to do",
  start: "What the run was started with",
  event: "The event",
  message: "The message",
};

function Payload({ of }: { of: Whole["payload"] }) {
  if (!of) return <p className="text-fg2">Log and archive no longer hold what was to be done.</p>;
  const { kind, ...rest } = of;
  const text = JSON.stringify(rest, null, 2);
  return (
    <section>
      <header className="flex items-center gap-2 pb-2">
        <h3 className="flex-1 text-14">{KINDS[String(kind)] ?? "What was to be done"}</h3>
        <CopyButton text={text} what="it as JSON" />
      </header>
      {/* What scrolls must be reached by keys. */}
      <pre
        tabIndex={0}
        className="mono max-h-100 overflow-auto rounded-panel border border-line bg-bg0 p-3 text-12"
      >
        {text}
      </pre>
    </section>
  );
}
