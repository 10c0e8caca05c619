/** The organisation's policies in Cedar: they forbid what roles would allow. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, match, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { Button } from "@/ui/button";
import { TextArea } from "@/ui/field";
import { Section } from "@/ui/section";
import { Failed, Loading, Refused } from "@/ui/states";
import { Time } from "@/ui/time";

const POLICIES = keys.admin("policies");

export function Policies() {
  const { data, isPending, isError, error, refetch } = useQuery({
    queryKey: POLICIES,
    queryFn: () => got(api.GET("/api/v1/policies")),
    refetchOnWindowFocus: false,
  });
  if (isPending) return <Loading />;
  if (isError) return <Failed error={asError(error)} retry={() => void refetch()} />;
  return <Form key={data.revision} of={data} />;
}

function Form({ of }: { of: Schemas["PoliciesAnswer"] }) {
  const [text, setText] = useState(of.text);
  const save = useAct(
    () =>
      got(
        api.PUT("/api/v1/policies", {
          params: { header: { "If-Match": match(of) } },
          body: { text },
        }),
      ),
    { again: [POLICIES], said: "The policies count from now on." },
  );
  const problems =
    (save.error?.details as { errors?: Schemas["PolicyProblem"][] } | null)?.errors ?? of.errors;
  return (
    <Section
      title="Policies"
      lead={
        <>
          In Cedar. Each says what it forbids, to whom and where;{" "}
          <code className="mono">@advice</code> is what they are told. An empty text removes all.{" "}
          {of.updated_at && (
            <>
              Changed <Time at={of.updated_at} />.
            </>
          )}
        </>
      }
      actions={
        <Button
          kind="primary"
          disabled={text === of.text}
          busy={save.busy}
          onClick={() => save.run()}
        >
          Save
        </Button>
      }
    >
      <TextArea
        aria-label="Policies in Cedar"
        className="mono min-h-80 text-12"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={
          '@id("no_publishing_on_fridays")\n@advice("Publish on Monday.")\nforbid (principal, action == Action::"workflows:write", resource)\nwhen { … };'
        }
      />
      <Refused error={save.error} />
      {!!problems.length && (
        <ul className="flex flex-col gap-1">
          {problems.map((problem) => (
            <li key={`${problem.line}:${problem.column} ${problem.code}`} className="text-err">
              <span className="mono text-12">
                {problem.line}:{problem.column}
              </span>{" "}
              {problem.message} <span className="text-fg2">{problem.advice}</span>
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary className="text-fg2">The schema that policies are held against</summary>
        <pre className="mono mt-2 max-h-100 overflow-auto rounded-panel border border-line bg-bg1 p-3 text-12">
          {of.cedar_schema}
        </pre>
      </details>
    </Section>
  );
}
