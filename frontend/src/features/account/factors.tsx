/** Second factors: an authenticator's codes, passkeys, recovery codes. */
import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus, Smartphone } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, type Schemas } from "@/api/client";
import { passkeyMake } from "@/api/passkeys";
import { keys } from "@/api/queries";
import { plural } from "@/lib/format";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Dialog } from "@/ui/dialog";
import { RecoveryCodes, TotpEnrolment } from "@/ui/factors";
import { Field, Input } from "@/ui/field";
import { RowMenu } from "@/ui/menu";
import { Section } from "@/ui/section";
import { Failed, Loading, Refused } from "@/ui/states";
import { Time } from "@/ui/time";
import { AskProof, type Proof } from "./proof";

const FACTORS = keys.account("factors");
type Passkey = Schemas["PasskeyAnswer"];
type Asked =
  | { kind: "totp"; begun: Schemas["Enrolment"] | null }
  | { kind: "no totp" | "codes" | "passkey" }
  | { kind: "rename" | "remove"; of: Passkey }
  | { kind: "shown"; codes: readonly string[] }
  | null;

export function Factors() {
  const [asked, setAsked] = useState<Asked>(null);
  const close = () => setAsked(null);
  const shown = (codes: readonly string[] | null | undefined) =>
    setAsked(codes?.length ? { kind: "shown", codes } : null);
  const { data, isPending, isError, error, refetch } = useQuery({
    queryKey: FACTORS,
    queryFn: () => got(api.GET("/api/v1/auth/factors")),
  });
  const begin = useAct((proof: Proof) => got(api.POST("/api/v1/auth/totp", { body: proof })), {
    after: (begun) => setAsked({ kind: "totp", begun }),
  });
  const disable = useAct(
    (proof: Proof) => got(api.POST("/api/v1/auth/totp/disable", { body: proof })),
    {
      again: [FACTORS],
      after: close,
      said: "Codes of the authenticator count no more.",
    },
  );
  const renew = useAct(
    (proof: Proof) => got(api.POST("/api/v1/auth/recovery-codes", { body: proof })),
    {
      again: [FACTORS],
      after: ({ recovery_codes }) => shown(recovery_codes),
    },
  );
  if (isPending) return <Loading rows={4} what="Loading your factors" />;
  if (isError) return <Failed error={asError(error)} retry={() => void refetch()} />;
  const any = data.totp || data.passkeys.length > 0;
  return (
    <div className="flex max-w-190 flex-col gap-8">
      {data.demanded && !any && (
        <p className="rounded-panel border border-warn p-3">
          Your organisation demands a second factor. Set one up here.
        </p>
      )}
      <Section
        title="Authenticator app"
        lead="Codes that change every half minute, on your phone or in a password manager."
        actions={
          data.totp ? (
            <Button kind="danger" onClick={() => setAsked({ kind: "no totp" })}>
              Use it no more
            </Button>
          ) : (
            <Button icon={Smartphone} onClick={() => setAsked({ kind: "totp", begun: null })}>
              Set up
            </Button>
          )
        }
      >
        <div>{data.totp ? <Chip tone="ok">in use</Chip> : <Chip>not set up</Chip>}</div>
      </Section>
      <Section
        title="Passkeys"
        lead="A key in this device or a stick. It signs you in alone, without a password."
        actions={
          <Button icon={Plus} onClick={() => setAsked({ kind: "passkey" })}>
            Add a passkey
          </Button>
        }
      >
        {data.passkeys.length ? (
          <ul className="border-t border-line">
            {data.passkeys.map((passkey) => (
              <li key={passkey.id} className="flex h-9 items-center gap-3 border-b border-line">
                <KeyRound size={16} strokeWidth={1.5} aria-hidden className="text-fg3" />
                <span className="flex-1 truncate font-medium">{passkey.name}</span>
                <span className="text-fg2">
                  added <Time at={passkey.created_at} />
                </span>
                <span className="w-32 text-right text-fg2">
                  used <Time at={passkey.used_at} />
                </span>
                <RowMenu
                  of={passkey.name}
                  items={[
                    {
                      label: "Call it otherwise",
                      onSelect: () => setAsked({ kind: "rename", of: passkey }),
                    },
                    "line",
                    {
                      label: "Remove",
                      danger: true,
                      onSelect: () => setAsked({ kind: "remove", of: passkey }),
                    },
                  ]}
                />
              </li>
            ))}
          </ul>
        ) : (
          <p className="text-fg3">None yet.</p>
        )}
      </Section>
      {any && (
        <Section
          title="Recovery codes"
          lead="Each signs you in once when the other factors are lost."
          actions={<Button onClick={() => setAsked({ kind: "codes" })}>Make new ones</Button>}
        >
          <div>
            <Chip tone={data.recovery_codes_left < 3 ? "warn" : "plain"}>
              {plural(data.recovery_codes_left, "code")} left
            </Chip>
          </div>
        </Section>
      )}
      {asked?.kind === "totp" && !asked.begun && (
        <AskProof title="Set up an authenticator" verb="Go on" act={begin} onClose={close} />
      )}
      {asked?.kind === "totp" && asked.begun && (
        <Enrol begun={asked.begun} onClose={close} onDone={shown} />
      )}
      {asked?.kind === "no totp" && (
        <AskProof
          danger
          title="Use the authenticator no more"
          verb="Use it no more"
          act={disable}
          onClose={close}
        />
      )}
      {asked?.kind === "codes" && (
        <AskProof title="New recovery codes" verb="Make new ones" act={renew} onClose={close} />
      )}
      {asked?.kind === "passkey" && <AddPasskey onClose={close} onDone={shown} />}
      {asked?.kind === "rename" && <Rename of={asked.of} onClose={close} />}
      {asked?.kind === "remove" && <Remove of={asked.of} onClose={close} />}
      {asked?.kind === "shown" && (
        <Dialog open onOpenChange={() => undefined} title="Recovery codes" size="small">
          <div className="pb-4">
            <RecoveryCodes codes={asked.codes} onDone={close} />
          </div>
        </Dialog>
      )}
    </div>
  );
}

function Enrol({
  begun,
  onClose,
  onDone,
}: {
  begun: Schemas["Enrolment"];
  onClose: () => void;
  onDone: (codes: readonly string[]) => void;
}) {
  const confirm = useAct(
    ({ enrolment, code }: { enrolment: string; code: string }) =>
      got(api.POST("/api/v1/auth/totp/confirm", { body: { enrolment, code } })),
    { again: [FACTORS] },
  );
  return (
    <Dialog open onOpenChange={onClose} title="Set up an authenticator" size="small">
      <div className="pb-4">
        <TotpEnrolment
          begin={() => Promise.resolve(begun)}
          confirm={async (enrolment, code) => {
            const made = await confirm.ask({ enrolment, code });
            if (!made) throw { message: "The code is not right: take the one that is shown now." };
            return made.recovery_codes;
          }}
          onDone={onDone}
        />
      </div>
    </Dialog>
  );
}

function AddPasskey({
  onClose,
  onDone,
}: {
  onClose: () => void;
  onDone: (codes: readonly string[] | null | undefined) => void;
}) {
  const add = useAct(
    async ({ name = "", password = "" }: Record<string, string>) => {
      const { options } = await got(
        api.POST("/api/v1/auth/passkey-registration", { body: { password, code: "" } }),
      );
      const credential = await passkeyMake(options);
      return got(api.POST("/api/v1/auth/passkeys", { body: { name, credential } }));
    },
    { again: [FACTORS], after: (made) => onDone(made.recovery_codes) },
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Add a passkey"
      size="small"
      description="The browser asks for it after this."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="passkey" busy={add.busy}>
            Go on
          </Button>
        </>
      }
    >
      <form id="passkey" className="flex flex-col gap-4 pb-2" onSubmit={sent(add.run)}>
        <Field label="What you call it" help="So that you know it again in the list.">
          <Input name="name" required maxLength={100} placeholder="Laptop" />
        </Field>
        <Field label="Your password">
          <Input name="password" type="password" autoComplete="current-password" required />
        </Field>
        <Refused error={add.error} />
      </form>
    </Dialog>
  );
}

function Rename({ of, onClose }: { of: Passkey; onClose: () => void }) {
  const rename = useAct(
    (name: string) =>
      got(
        api.PUT("/api/v1/auth/passkeys/{passkey_id}", {
          params: { path: { passkey_id: of.id } },
          body: { name },
        }),
      ),
    { again: [FACTORS], after: onClose },
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Call ${of.name} otherwise`}
      size="small"
      footer={
        <Button kind="primary" type="submit" form="rename" busy={rename.busy}>
          Save
        </Button>
      }
    >
      <form
        id="rename"
        className="flex flex-col gap-4 pb-2"
        onSubmit={sent(({ name }) => rename.run(name ?? ""))}
      >
        <Field label="Name">
          <Input name="name" required maxLength={100} defaultValue={of.name} />
        </Field>
        <Refused error={rename.error} />
      </form>
    </Dialog>
  );
}

function Remove({ of, onClose }: { of: Passkey; onClose: () => void }) {
  const remove = useAct(
    (proof: Proof) =>
      got(
        api.POST("/api/v1/auth/passkeys/{passkey_id}/delete", {
          params: { path: { passkey_id: of.id } },
          body: proof,
        }),
      ),
    { again: [FACTORS], after: onClose, said: `${of.name} is removed.` },
  );
  return (
    <AskProof danger title={`Remove ${of.name}`} verb="Remove" act={remove} onClose={onClose} />
  );
}
