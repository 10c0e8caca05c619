/** The keys that secrets lie under: how old they are, making fresh ones, and how far that has come. */
import { useQuery } from "@tanstack/react-query";
import { RefreshCcwDot } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, type Schemas } from "@/api/client";
import { keys } from "@/api/queries";
import { useMe } from "@/api/session";
import { count, plural } from "@/lib/format";
import { FormDialog } from "@/parts/form-dialog";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Id } from "@/ui/copy";
import { CheckBox, Field } from "@/ui/field";
import { Facts, Section } from "@/ui/section";
import { Select } from "@/ui/select";
import { Failed, Loading } from "@/ui/states";
import { Table } from "@/ui/table";
import { Time } from "@/ui/time";

type State = Schemas["KeyRotation"];
const ROTATION = keys.admin("rotation");
const LIVE_MS = 1_000;

const MASTERS: Record<string, string> = {
  file: "a key file",
  vault: "Vault's transit engine",
  kms: "AWS KMS",
};

/** What is still to be moved; what cannot be opened stays where it is. */
const left = (of: State) => of.stale - of.unreadable;
const isMoving = (of: State) => of.rotated_at !== null && left(of) > 0;

export function Encryption() {
  const [asked, setAsked] = useState(false);
  const { data, isPending, isError, error, refetch } = useQuery({
    queryKey: ROTATION,
    queryFn: () => got(api.GET("/api/v1/credentials/rotation")),
    refetchInterval: (held) => (held.state.data && isMoving(held.state.data) ? LIVE_MS : false),
  });
  if (isPending) return <Loading what="Loading the keys" />;
  if (isError) return <Failed error={asError(error)} retry={() => void refetch()} />;
  return (
    <div className="flex flex-col gap-8">
      <Section
        title="Encryption"
        lead="Secrets lie under a data key of the organisation; a master key, which never leaves its place, wraps that."
        actions={
          <Button kind="primary" icon={RefreshCcwDot} onClick={() => setAsked(true)}>
            Rotate
          </Button>
        }
      >
        <Facts
          facts={[
            [
              "Master key",
              <span key="master" className="flex items-center gap-2">
                {MASTERS[data.provider] ?? data.provider}
                <Id of={data.provider_key} length={28} what="the name of the master key" />
              </span>,
            ],
            ["Newest data key", <Age key="age" of={data} />],
            [
              "Last rotated",
              data.rotated_at ? <Time key="rotated" at={data.rotated_at} /> : "never",
            ],
            ["Secrets", <Progress key="progress" of={data} />],
          ]}
        />
      </Section>
      <Section
        title="Data keys"
        lead="The newest seals; those before go on opening what lies under them."
      >
        {data.keys.length ? (
          <Keys of={data} />
        ) : (
          <p className="text-fg3">None is made yet: the first secret makes it.</p>
        )}
      </Section>
      {asked && <Rotate of={data} onClose={() => setAsked(false)} />}
    </div>
  );
}

function Age({ of }: { of: State }) {
  if (of.age_days === null) return <>none yet</>;
  const days = Math.floor(of.age_days);
  return (
    <span className="flex items-center gap-2">
      {days ? `${plural(days, "day")} old` : "made today"}
      {of.overdue && <Chip tone="warn">due: older than 90 days</Chip>}
    </span>
  );
}

function Progress({ of }: { of: State }) {
  const under = of.secrets - of.stale;
  return (
    <div className="flex max-w-100 flex-col gap-2">
      <span className="flex items-center gap-2">
        <span className="tabular">
          {count(under)} of {count(of.secrets)} under the newest key
        </span>
        {isMoving(of) && <Chip tone="accent">moving</Chip>}
        {of.unreadable > 0 && <Chip tone="err">{count(of.unreadable)} cannot be opened</Chip>}
      </span>
      <progress
        aria-label="Secrets under the newest key"
        className="meter"
        value={of.secrets ? under : 1}
        max={of.secrets || 1}
      />
      {of.unreadable > 0 && (
        <span className="text-12 text-fg2">
          Their master key is gone or answers not: give those secrets anew where they are kept.
        </span>
      )}
      {of.to_wrap > 0 && (
        <span className="text-12 text-fg2">
          {plural(of.to_wrap, "data key")} lie{of.to_wrap === 1 ? "s" : ""} under an older master
          key: rotate to wrap {of.to_wrap === 1 ? "it" : "them"} anew.
        </span>
      )}
    </div>
  );
}

function Keys({ of }: { of: State }) {
  return (
    <Table
      label="Data keys"
      rows={of.keys.toReversed()}
      id={(key) => key.id}
      columns={[
        {
          id: "id",
          head: "Key",
          cell: (key) => <Id of={key.id} length={32} what="the key's id" />,
        },
        {
          id: "use",
          head: "Use",
          width: "136px",
          cell: (key) =>
            key.id === of.keys.at(-1)?.id ? (
              <Chip tone="ok">seals and opens</Chip>
            ) : (
              <Chip>opens</Chip>
            ),
        },
        {
          id: "master",
          head: "Wrapped by",
          width: "280px",
          cell: (key) => (
            <span className="text-fg2" title={key.provider_key}>
              {MASTERS[key.provider] ?? key.provider}
            </span>
          ),
        },
        {
          id: "wrapped",
          head: "Wrapped",
          width: "104px",
          right: true,
          cell: (key) => <Time at={key.wrapped_at} />,
        },
        {
          id: "made",
          head: "Made",
          width: "104px",
          right: true,
          cell: (key) => <Time at={key.created_at} />,
        },
      ]}
    />
  );
}

function Rotate({ of, onClose }: { of: State; onClose: () => void }) {
  const me = useMe();
  const rotate = useAct(
    ({ what, everywhere }: Record<string, string>) =>
      got(
        api.POST("/api/v1/credentials/rotation", {
          body: { fresh: what === "fresh", everywhere: everywhere === "on" },
        }),
      ),
    {
      again: [ROTATION],
      after: onClose,
      said: (now) =>
        left(now) > 0 ? `${plural(left(now), "secret")} move under the fresh key.` : "It is done.",
    },
  );
  return (
    <FormDialog
      title="Rotate"
      description="Runs go on meanwhile, and everything stays readable."
      verb="Rotate"
      act={rotate}
      onClose={onClose}
    >
      <Field label="What is to be new">
        <Select
          name="what"
          defaultValue={of.to_wrap ? "wrap" : "fresh"}
          options={[
            { value: "fresh", label: "A fresh data key; every secret moves under it" },
            { value: "wrap", label: "The wrapping by the master key alone" },
          ]}
        />
      </Field>
      {me?.platform && <CheckBox name="everywhere" label="In every organisation of this Weir" />}
    </FormDialog>
  );
}
