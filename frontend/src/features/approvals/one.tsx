/** One approval: what it is about, the form, the buttons; then who decided what. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { exact, middle } from "@/lib/format";
import { problemOf, sent } from "@/lib/forms";
import { fieldsOf, valuesOf } from "@/lib/schema-fields";
import { SchemaField } from "@/parts/schema-field";
import { useWorkflowNames } from "@/parts/workflow-names";
import { Button, type ButtonKind } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Dialog } from "@/ui/dialog";
import { Field, Input, TextArea } from "@/ui/field";
import { Markdown } from "@/ui/markdown";
import { type MenuItem, RowMenu } from "@/ui/menu";
import { Facts } from "@/ui/section";
import { Failed, Loading, Refused } from "@/ui/states";
import { Time } from "@/ui/time";
import { STATUS_TONES } from "./approvals";
import { lineOf, type Said } from "./history";

type Whole = Schemas["Whole"];

const AGAIN = [["approvals"], ["approval"], ["runs"], ["run"]];
const KINDS: Record<string, ButtonKind> = {
  primary: "primary",
  success: "primary",
  danger: "danger",
};

export function One({ id }: { id: string }) {
  const { data, isPending, isError, error, refetch } = useQuery({
    queryKey: keys.approval(id),
    queryFn: () =>
      got(api.GET("/api/v1/approvals/{approval_id}", { params: { path: { approval_id: id } } })),
  });
  return (
    // What scrolls must be reached by keys.
    <section
      tabIndex={0}
      aria-label="The approval"
      className="overflow-y-auto px-6 py-4 outline-offset-[-2px] max-md:px-0"
    >
      {isPending ? (
        <Loading what="Loading the approval" />
      ) : isError ? (
        <Failed error={asError(error)} retry={() => void refetch()} />
      ) : (
        <Shown of={data} />
      )}
    </section>
  );
}

function Shown({ of }: { of: Whole }) {
  const nameOf = useWorkflowNames();
  const who = (id: string) => {
    const role = /^role:(.+)$/.exec(id)?.[1];
    if (role) return `everybody with the role ${role}`;
    const plain = id.replace(/^(user|group):/, "");
    return of.names[id] ?? of.names[plain] ?? middle(plain, 28);
  };
  return (
    <div className="flex max-w-190 flex-col gap-6">
      <header className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <h2 className="text-16">{of.title}</h2>
          <p className="mt-1 text-fg2">
            <Link to="/workflows/$id" params={{ id: of.workflow_id }} className="hover:text-accent">
              {nameOf(of.workflow_id)}
            </Link>
            {" · "}
            <Link
              to="/runs/$id"
              params={{ id: of.run_id }}
              search={{ step: of.step }}
              className="mono text-12 hover:text-accent"
            >
              {middle(of.run_id, 20)}
            </Link>
            {" · asked "}
            <Time at={of.asked_at} />
          </p>
        </div>
        <span className="flex h-7 items-center gap-2">
          <Chip tone={STATUS_TONES[of.status] ?? "plain"}>{of.status}</Chip>
          <MoreActions of={of} />
        </span>
      </header>
      {of.message && <Markdown text={of.message} />}
      {of.context !== null && of.context !== undefined && <Context value={of.context} />}
      {of.status === "open" ? <Decide key={of.id} of={of} /> : <Ended of={of} who={who} />}
      <Facts
        facts={[
          ["Asked", of.assignees.map((each) => who(each)).join(", ") || "nobody"],
          ["Started by", of.started_by ? who(of.started_by) : "–"],
          ...(of.due_at ? [["Due", exact(of.due_at)] as const] : []),
          ...Object.entries(of.tally).map(([option, chosen]) => {
            const known = of.options.find((each) => each.value === option);
            return [known?.label ?? option, `${chosen} of ${known?.required ?? 1}`] as const;
          }),
        ]}
      />
      <Votes of={of} who={who} />
      <Comments of={of} who={who} />
    </div>
  );
}

function Context({ value }: { value: unknown }) {
  const flat =
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => each === null || typeof each !== "object");
  if (flat) {
    return (
      <div className="rounded-panel border border-line bg-bg1 p-4">
        <Facts
          facts={Object.entries(value).map(
            ([name, each]) => [name.replaceAll("_", " "), String(each)] as const,
          )}
        />
      </div>
    );
  }
  return (
    <pre className="mono overflow-x-auto rounded-panel border border-line bg-bg1 p-4 text-12">
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}

const WHY: Record<string, string> = {
  NOT_ASSIGNED: "Others are asked, not you.",
  SELF_APPROVAL: "You started the run, so others decide.",
};

function Decide({ of }: { of: Whole }) {
  const [option, setOption] = useState("");
  const fields = of.form ? fieldsOf(of.form) : [];
  const decide = useAct(
    ({ comment = "", ...texts }: Record<string, string>) => {
      const chosen = of.options.find((each) => each.value === option);
      return got(
        api.POST("/api/v1/approvals/{approval_id}/decision", {
          params: { path: { approval_id: of.id } },
          body: {
            option,
            comment,
            values: chosen?.form && of.form ? valuesOf(fields, texts) : null,
          },
        }),
      );
    },
    { again: AGAIN },
  );
  if (!of.you.may_decide) {
    return <p className="text-fg2">{WHY[of.you.why_not ?? ""] ?? "You may not decide here."}</p>;
  }
  return (
    <form className="flex flex-col gap-4" onSubmit={sent(decide.run)}>
      {fields.map((field) => (
        <SchemaField
          key={field.name}
          field={field}
          error={problemOf(decide.error?.details, `values.${field.name}`)}
        />
      ))}
      <Field label={of.options.some((each) => each.comment) ? "Comment" : "Comment (optional)"}>
        <TextArea name="comment" maxLength={10_000} />
      </Field>
      <Refused error={decide.error} />
      <div className="flex flex-wrap gap-2">
        {of.options.map((each, at) => (
          <Button
            key={each.value}
            type="submit"
            // A way to say no must not wait for a form that is filled in.
            formNoValidate={!each.form}
            kind={KINDS[each.style] ?? (at === 0 && each.style === "default" ? "primary" : "plain")}
            busy={decide.busy && option === each.value}
            onClick={() => setOption(each.value)}
          >
            {each.label}
          </Button>
        ))}
        {of.you.voted && <Chip>you chose {of.you.voted}</Chip>}
      </div>
    </form>
  );
}

function Ended({ of, who }: { of: Whole; who: (id: string) => string }) {
  const { decision } = of;
  if (!decision) return <p className="text-fg2">It is {of.status}.</p>;
  const label =
    of.options.find((each) => each.value === decision.option)?.label ??
    decision.option ??
    of.status;
  return (
    <p>
      <span className="font-medium">{label}</span>
      <span className="text-fg2">
        {" by "}
        {decision.by === "system" ? "time" : who(decision.by)}, <Time at={decision.at} />
        {decision.reason && `: ${decision.reason}`}
      </span>
    </p>
  );
}

function Votes({ of, who }: { of: Whole; who: (id: string) => string }) {
  if (!of.votes.length) return null;
  return (
    <section>
      <h3 className="pb-1 text-14">Decisions</h3>
      <ul>
        {of.votes.map((vote) => (
          <li key={vote.by} className="flex min-h-9 items-center gap-3 border-b border-line py-1">
            <span className="w-40 shrink-0 truncate font-medium">{who(vote.by)}</span>
            <Chip>
              {of.options.find((each) => each.value === vote.option)?.label ?? vote.option}
            </Chip>
            <span className="min-w-0 flex-1 truncate text-fg2" title={vote.comment}>
              {vote.comment}
            </span>
            <span className="text-12 text-fg3">
              {vote.via} · <Time at={vote.at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Comments({ of, who }: { of: Whole; who: (id: string) => string }) {
  const [form, setForm] = useState(0);
  const say = useAct(
    (text: string) =>
      got(
        api.POST("/api/v1/approvals/{approval_id}/comments", {
          params: { path: { approval_id: of.id } },
          body: { text },
        }),
      ),
    { again: AGAIN, after: () => setForm((count) => count + 1) },
  );
  const history = of.history as Said[];
  if (!history.length && of.status !== "open") return null;
  return (
    <section className="flex flex-col gap-3">
      <h3 className="text-14">{history.length ? "What happened" : "Discussion"}</h3>
      <ol className="flex flex-col gap-2 border-l border-line pl-4">
        {history.map((each, at) => {
          const { what, text } = lineOf(each, who);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: history only grows at its end
            <li key={at} className="flex flex-col">
              <span className="text-12 text-fg3">
                {what}
                {each.by && ` · ${each.by === "system" ? "Weir" : who(each.by)}`} ·{" "}
                <Time at={each.at} />
              </span>
              {text && <span>{text}</span>}
            </li>
          );
        })}
      </ol>
      {of.status === "open" && (
        <form key={form} className="flex gap-2" onSubmit={sent(({ text }) => say.run(text ?? ""))}>
          <Input
            name="text"
            required
            aria-label="Say something"
            placeholder="Say something"
            maxLength={10_000}
          />
          <Button type="submit" busy={say.busy}>
            Say it
          </Button>
        </form>
      )}
      <Refused error={say.error} />
    </section>
  );
}

function MoreActions({ of }: { of: Whole }) {
  const [asked, setAsked] = useState<"delegate" | "withdraw" | null>(null);
  const maySteer = useMay("runs:start");
  if (of.status !== "open") return null;
  const items: MenuItem[] = [];
  if (of.you.asked)
    items.push({ label: "Hand it to somebody else", onSelect: () => setAsked("delegate") });
  if (maySteer)
    items.push({ label: "Ask no more", danger: true, onSelect: () => setAsked("withdraw") });
  if (!items.length) return null;
  return (
    <>
      <RowMenu items={items} of={of.title} />
      {asked === "delegate" && <Delegate of={of} onClose={() => setAsked(null)} />}
      {asked === "withdraw" && <Withdraw of={of} onClose={() => setAsked(null)} />}
    </>
  );
}

function Delegate({ of, onClose }: { of: Whole; onClose: () => void }) {
  const hand = useAct(
    ({ to = "", comment = "" }: Record<string, string>) =>
      got(
        api.POST("/api/v1/approvals/{approval_id}/delegation", {
          params: { path: { approval_id: of.id } },
          body: { to, comment },
        }),
      ),
    { again: AGAIN, after: onClose, said: "It is theirs now." },
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Hand it to somebody else"
      size="small"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="delegate" busy={hand.busy}>
            Hand over
          </Button>
        </>
      }
    >
      <form id="delegate" className="flex flex-col gap-4 pb-2" onSubmit={sent(hand.run)}>
        <Field label="E-mail of a member">
          <Input name="to" required maxLength={200} />
        </Field>
        <Field label="Comment (optional)">
          <TextArea name="comment" />
        </Field>
        <Refused error={hand.error} />
      </form>
    </Dialog>
  );
}

function Withdraw({ of, onClose }: { of: Whole; onClose: () => void }) {
  const withdraw = useAct(
    ({ reason = "" }: Record<string, string>) =>
      got(
        api.POST("/api/v1/approvals/{approval_id}/withdrawal", {
          params: { path: { approval_id: of.id } },
          body: { reason },
        }),
      ),
    { again: AGAIN, after: onClose },
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Ask no more"
      description="The step of the run fails."
      size="small"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" type="submit" form="withdraw" busy={withdraw.busy}>
            Ask no more
          </Button>
        </>
      }
    >
      <form id="withdraw" className="flex flex-col gap-4 pb-2" onSubmit={sent(withdraw.run)}>
        <Field label="Why">
          <TextArea name="reason" />
        </Field>
        <Refused error={withdraw.error} />
      </form>
    </Dialog>
  );
}
