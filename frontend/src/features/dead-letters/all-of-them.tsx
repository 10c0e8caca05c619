/** Retrying or discarding everything that the filters take; how many that is is told first. */
import { useQuery } from "@tanstack/react-query";
import { useAct } from "@/api/act";
import { api, asError, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { plural } from "@/lib/format";
import { FormDialog } from "@/parts/form-dialog";
import { Failed, Loading } from "@/ui/states";
import type { Filters } from "./dead-letters";
import { ReasonField, VersionField } from "./deal";

const MOST = 1_000;

type Verb = "retry" | "discard";
type Answer = Schemas["DealtMany"];

async function many(
  verb: Verb,
  filters: Filters,
  values: Record<string, string>,
  dry_run: boolean,
): Promise<Answer> {
  const params = { query: filters };
  const all = { dry_run, limit: MOST };
  const { version = "original", reason = "" } = values;
  return verb === "retry"
    ? got(api.POST("/api/v1/dead-letters:retry", { params, body: { ...all, version, reason } }))
    : got(api.POST("/api/v1/dead-letters:discard", { params, body: { ...all, reason } }));
}

const VERBS = { retry: "Retry", discard: "Discard" } as const;

function told(verb: Verb, { done, refused, more, items }: Answer): string {
  const what = `${plural(done, "letter")} ${done === 1 ? "is" : "are"} ${verb === "retry" ? "retried" : "discarded"}.`;
  const first = items.find((item) => item.error)?.error as { message?: string } | undefined;
  const not = refused ? ` ${refused} could not be: ${first?.message ?? ""}` : "";
  return what + not + (more ? " There are more: do it again." : "");
}

export function AllOfThem({
  verb,
  filters,
  onClose,
}: {
  verb: Verb;
  filters: Filters;
  onClose: () => void;
}) {
  const would = useQuery({
    queryKey: keys.letters({ ...filters, would: verb }),
    queryFn: () => many(verb, filters, { reason: "How many?" }, true),
    staleTime: 0,
  });
  const act = useAct((values: Record<string, string>) => many(verb, filters, values, false), {
    again: [["dead-letters"], ["runs"]],
    after: onClose,
    said: (made) => told(verb, made),
  });
  const matched = would.data?.matched ?? 0;
  return (
    <FormDialog
      title={`${VERBS[verb]} every letter that is shown`}
      verb={matched ? `${VERBS[verb]} ${plural(matched, "letter")}` : VERBS[verb]}
      act={act}
      disabled={!matched}
      onClose={onClose}
    >
      {would.isPending ? (
        <Loading rows={1} what="Counting the letters" />
      ) : would.isError ? (
        <Failed error={asError(would.error)} retry={() => void would.refetch()} />
      ) : (
        <p className="text-fg2">
          {matched
            ? `The filters take ${plural(matched, "open letter")}${would.data.more ? ", and more than that" : ""}.`
            : "The filters take none that is open."}
        </p>
      )}
      {matched > 0 && (
        <>
          {verb === "retry" && <VersionField />}
          <ReasonField required={verb === "discard"} />
        </>
      )}
    </FormDialog>
  );
}
