/** One schedule: its next times, what became of the last ones, and times of before to answer again. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useAct } from "@/api/act";
import { api, asError, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { exact } from "@/lib/format";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { Chip, StateChip } from "@/ui/chip";
import { Sheet } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { Facts } from "@/ui/section";
import { Failed, Loading, Refused } from "@/ui/states";
import { Time } from "@/ui/time";
import { when } from "./words";

export function ScheduleSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const params = { path: { schedule_id: id } };
  const mayStart = useMay("runs:start");
  const whole = useQuery({
    queryKey: keys.schedules({ id, whole: true }),
    queryFn: () => got(api.GET("/api/v1/schedules/{schedule_id}", { params })),
    refetchInterval: 5_000,
  });
  const fires = useQuery({
    queryKey: keys.schedules({ id, fires: true }),
    queryFn: () =>
      got(
        api.GET("/api/v1/schedules/{schedule_id}/fires", {
          params: { ...params, query: { limit: 50 } },
        }),
      ),
    refetchInterval: 5_000,
  });
  const error = whole.error ?? fires.error;
  return (
    <Sheet open onOpenChange={onClose} title={whole.data?.name ?? "Schedule"}>
      {error ? (
        <Failed error={asError(error)} retry={() => void whole.refetch()} />
      ) : !whole.data || !fires.data ? (
        <Loading />
      ) : (
        <div className="flex flex-col gap-6">
          <Facts
            facts={[
              ["When", `${when(whole.data)}${whole.data.cron ? `, ${whole.data.timezone}` : ""}`],
              [
                "Next",
                whole.data.paused ? (
                  <Chip key="paused" tone="warn">
                    paused
                  </Chip>
                ) : (
                  <Time key="next" at={whole.data.next_at} />
                ),
              ],
              ...(whole.data.note ? [["Note", whole.data.note] as const] : []),
            ]}
          />
          <section>
            <h3 className="pb-2 text-14">Next times</h3>
            <ol className="tabular columns-1 text-fg2">
              {whole.data.next.slice(0, 5).map((at) => (
                <li key={at}>{exact(at)}</li>
              ))}
              {!whole.data.next.length && <li className="text-fg3">None comes.</li>}
            </ol>
          </section>
          <section>
            <h3 className="pb-2 text-14">What became of the last times</h3>
            {fires.data.items.length ? (
              <ul>
                {fires.data.items.map((fire) => (
                  <FireRow key={`${fire.scheduled_at} ${fire.request_id}`} of={fire} />
                ))}
              </ul>
            ) : (
              <p className="text-fg3">None came yet.</p>
            )}
          </section>
          {mayStart && <BackfillForm id={id} />}
        </div>
      )}
    </Sheet>
  );
}

function FireRow({ of }: { of: Schemas["Fire"] }) {
  return (
    <li className="flex min-h-9 items-center gap-3 border-b border-line py-1">
      <span className="w-24 shrink-0 text-fg2">
        <Time at={of.scheduled_at} />
      </span>
      <span className="min-w-0 flex-1 truncate">
        {of.run_id ? (
          <Link to="/runs/$id" params={{ id: of.run_id }} className="hover:underline">
            <StateChip state={of.run_status ?? (of.outcome === "fired" ? "running" : "queued")} />
          </Link>
        ) : (
          <Chip tone={of.outcome === "refused" ? "err" : "plain"}>{of.outcome}</Chip>
        )}
        {of.times > 1 && <span className="ml-2 text-fg3">{of.times} times together</span>}
        {(of.error?.message || of.why) && (
          <span className="ml-2 text-fg2" title={of.error?.message}>
            {of.error?.message ?? of.why}
          </span>
        )}
      </span>
    </li>
  );
}

function BackfillForm({ id }: { id: string }) {
  const fill = useAct(
    ({ after = "", upto = "" }: Record<string, string>) =>
      got(
        api.POST("/api/v1/schedules/{schedule_id}/backfill", {
          params: { path: { schedule_id: id } },
          body: {
            after: new Date(after).toISOString(),
            upto: new Date(upto).toISOString(),
            overlap: "buffer_all",
          },
        }),
      ),
    {
      again: [keys.schedules().slice(0, 1)],
      said: (taken) => `${taken.times} times will be answered.`,
    },
  );
  return (
    <section>
      <h3 className="pb-2 text-14">Answer times of before</h3>
      <form className="flex flex-col gap-3" onSubmit={sent(fill.run)}>
        <div className="grid grid-cols-2 gap-3">
          <Field label="After">
            <Input name="after" type="datetime-local" required />
          </Field>
          <Field label="Up to">
            <Input name="upto" type="datetime-local" required />
          </Field>
        </div>
        <Refused error={fill.error} />
        <Button type="submit" busy={fill.busy} className="self-start">
          Answer them
        </Button>
      </form>
    </section>
  );
}
