/** Making a schedule or changing one, with its next times shown while one writes. */
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useId, useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, match, onceKey, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { exact } from "@/lib/format";
import { useWorkflows } from "@/parts/workflow-names";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input, TextArea } from "@/ui/field";
import { Select } from "@/ui/select";
import { Failed, Loading, Refused } from "@/ui/states";
import { SCHEDULES } from "./schedules";

type Whole = Schemas["Schedule"];
type Kind = "cron" | "every" | "at";

const OVERLAPS: readonly { value: Whole["overlap"]; label: string }[] = [
  { value: "skip", label: "Leave the new one out" },
  { value: "buffer_one", label: "Let one wait" },
  { value: "buffer_all", label: "Let all wait" },
  { value: "cancel_other", label: "Cancel the one that goes on" },
  { value: "terminate_other", label: "End the one that goes on at once" },
  { value: "allow", label: "Let both go on" },
];
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function ScheduleForm({ id, onClose }: { id?: string; onClose: () => void }) {
  const known = useQuery({
    queryKey: keys.schedules({ id }),
    queryFn: () =>
      got(
        api.GET("/api/v1/schedules/{schedule_id}", { params: { path: { schedule_id: id ?? "" } } }),
      ),
    enabled: id !== undefined,
    gcTime: 0,
  });
  if (id === undefined) return <Form onClose={onClose} />;
  if (known.data) return <Form of={known.data} onClose={onClose} />;
  return (
    <Dialog open onOpenChange={onClose} title="Schedule">
      {known.isError ? <Failed error={asError(known.error)} /> : <Loading rows={4} />}
    </Dialog>
  );
}

function Form({ of, onClose }: { of?: Whole; onClose: () => void }) {
  const form = useId();
  const workflows = useWorkflows().filter((each) => each.current_version !== null);
  const [kind, setKind] = useState<Kind>(of?.every ? "every" : of?.at ? "at" : "cron");
  const [text, setText] = useState(of?.cron ?? of?.every ?? of?.at ?? "0 6 * * 1-5");
  const [zone, setZone] = useState(of?.timezone ?? ZONE);
  const [once] = useState(onceKey);
  const times = { [kind]: text, ...(kind === "cron" ? { timezone: zone } : {}) };
  const preview = useQuery({
    queryKey: keys.schedules({ preview: useDeferredValue(JSON.stringify(times)) }),
    queryFn: () => got(api.POST("/api/v1/schedules/preview", { body: { ...times, count: 5 } })),
    enabled: text.trim() !== "",
    retry: false,
    staleTime: 30_000,
  });
  const save = useAct(
    ({ name = "", workflow_id = "", overlap, catch_up, jitter, input }: Record<string, string>) => {
      const body = {
        ...times,
        name,
        overlap: overlap as Whole["overlap"],
        catch_up: catch_up || "1h",
        jitter: jitter || "0s",
        input: input?.trim() ? JSON.parse(input) : null,
      };
      if (!of) {
        return got(
          api.POST("/api/v1/schedules", {
            params: { header: { "Idempotency-Key": once } },
            body: { ...body, workflow_id, paused: false, note: "" },
          }),
        );
      }
      return got(
        api.PUT("/api/v1/schedules/{schedule_id}", {
          params: { path: { schedule_id: of.id }, header: { "If-Match": match(of) } },
          body: { ...body, trigger: of.trigger },
        }),
      );
    },
    { again: [SCHEDULES], after: onClose },
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={of ? of.name : "New schedule"}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} busy={save.busy}>
            {of ? "Save" : "Make the schedule"}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="grid grid-cols-2 gap-4 pb-2"
        onSubmit={(event) => {
          event.preventDefault();
          save.run(Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>);
        }}
      >
        <Field label="Name">
          <Input name="name" required maxLength={200} defaultValue={of?.name} />
        </Field>
        {!of && (
          <Field label="Workflow" help="Those that are published.">
            <Select
              name="workflow_id"
              required
              options={workflows.map((each) => ({ value: each.id, label: each.name }))}
            />
          </Field>
        )}
        <Field label="When" className="col-start-1">
          <Select
            value={kind}
            onChange={(value) => {
              setKind(value as Kind);
              setText(
                value === "cron"
                  ? "0 6 * * 1-5"
                  : value === "every"
                    ? "15m"
                    : new Date(Date.now() + 3_600_000).toISOString(),
              );
            }}
            options={[
              { value: "cron", label: "By the calendar (cron)" },
              { value: "every", label: "At an interval" },
              { value: "at", label: "Once" },
            ]}
          />
        </Field>
        <Field
          label={
            kind === "cron"
              ? "Minute, hour, day, month, weekday"
              : kind === "every"
                ? "Interval"
                : "Time"
          }
          error={preview.isError ? asError(preview.error).message : undefined}
        >
          <Input
            value={text}
            required
            className="mono"
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        {kind === "cron" && (
          <Field label="Time zone">
            <Input
              value={zone}
              required
              list="zones"
              onChange={(event) => setZone(event.target.value)}
            />
          </Field>
        )}
        <datalist id="zones">
          {Intl.supportedValuesOf("timeZone").map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <div className="col-span-2">
          <h3 className="pb-1 font-medium">Next times</h3>
          <ol className="tabular flex min-h-26 flex-col text-fg2">
            {preview.data?.items.map((at) => (
              <li key={at}>{exact(at)}</li>
            ))}
          </ol>
        </div>
        <Field label="While a run goes on">
          <Select name="overlap" defaultValue={of?.overlap ?? "skip"} options={OVERLAPS} />
        </Field>
        <Field label="Made up for, if missed" help="How late a time may still be answered.">
          <Input name="catch_up" className="mono" defaultValue={of?.catch_up ?? "1h"} />
        </Field>
        <Field label="Spread" help="Runs begin up to so much later.">
          <Input name="jitter" className="mono" defaultValue={of?.jitter ?? "0s"} />
        </Field>
        <Field label="Input (JSON)" className="col-span-2">
          <TextArea
            name="input"
            className="mono text-12"
            spellCheck={false}
            defaultValue={
              of?.input === null || of?.input === undefined ? "" : JSON.stringify(of.input, null, 2)
            }
          />
        </Field>
        <div className="col-span-2">
          <Refused error={save.error} />
        </div>
      </form>
    </Dialog>
  );
}
