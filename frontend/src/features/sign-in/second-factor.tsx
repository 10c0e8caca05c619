/** The second step: a code, a passkey or a recovery code; or setting one up where it is demanded. */
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got } from "@/api/client";
import { passkeyGet } from "@/api/passkeys";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { RecoveryCodes, TotpEnrolment } from "@/ui/factors";
import { Field, Input } from "@/ui/field";
import { Refused } from "@/ui/states";
import { Frame, LINK } from "./frame";
import type { Half } from "./sign-in";

interface Step {
  half: Half;
  onDone: () => void;
  onBack: () => void;
}

export function SecondFactor(step: Step) {
  return step.half.enrol ? <Enrol {...step} /> : <Prove {...step} />;
}

function Prove({ half, onDone, onBack }: Step) {
  const { challenge } = half;
  const [recovery, setRecovery] = useState(
    !half.factors.includes("totp") && !half.factors.includes("passkey"),
  );
  const code = useAct(
    (typed: string) => {
      const body = { challenge, code: typed.replaceAll(/\s/g, "") };
      return recovery
        ? got(
            api.POST("/api/v1/auth/second-factor/recovery", {
              body: { challenge, code: typed.trim() },
            }),
          )
        : got(api.POST("/api/v1/auth/second-factor/totp", { body }));
    },
    { after: onDone },
  );
  const passkey = useAct(
    async () => {
      const { options } = await got(
        api.POST("/api/v1/auth/second-factor/passkey/options", { body: { challenge } }),
      );
      const credential = await passkeyGet(options);
      return got(
        api.POST("/api/v1/auth/second-factor/passkey", { body: { challenge, credential } }),
      );
    },
    { after: onDone },
  );
  const byCode = recovery || half.factors.includes("totp");
  return (
    <Frame title="Second factor" lead="The password was right. One more proof that it is you.">
      {byCode && (
        <form
          className="flex flex-col gap-4"
          onSubmit={sent(({ code: typed }) => code.run(typed ?? ""))}
        >
          <Field
            key={recovery ? "recovery" : "totp"}
            label={recovery ? "Recovery code" : "Code of your authenticator"}
          >
            <Input
              name="code"
              required
              autoFocus
              autoComplete="one-time-code"
              inputMode={recovery ? "text" : "numeric"}
              className="mono"
            />
          </Field>
          <Refused error={code.error} />
          <Button kind="primary" type="submit" busy={code.busy}>
            Sign in
          </Button>
        </form>
      )}
      {half.factors.includes("passkey") && (
        <Button icon={KeyRound} busy={passkey.busy} onClick={() => passkey.run()}>
          Use a passkey
        </Button>
      )}
      <Refused error={passkey.error} />
      <div className="flex gap-4">
        {half.factors.includes("recovery") && (
          <button type="button" className={LINK} onClick={() => setRecovery(!recovery)}>
            {recovery ? "Use the authenticator" : "Use a recovery code"}
          </button>
        )}
        <button type="button" className={LINK} onClick={onBack}>
          Sign in as somebody else
        </button>
      </div>
    </Frame>
  );
}

function Enrol({ half, onDone, onBack }: Step) {
  const { challenge } = half;
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  if (codes) {
    return (
      <Frame title="Recovery codes">
        <RecoveryCodes codes={codes} onDone={onDone} />
      </Frame>
    );
  }
  return (
    <Frame
      title="Set up a second factor"
      lead="Your organisation demands one. An authenticator app shows a new code every half minute."
    >
      <TotpEnrolment
        begin={() =>
          got(api.POST("/api/v1/auth/second-factor/enrol/totp", { body: { challenge } }))
        }
        confirm={async (enrolment, code) => {
          const body = { challenge, enrolment, code };
          const answer = await got(
            api.POST("/api/v1/auth/second-factor/enrol/totp/confirm", { body }),
          );
          return answer.recovery_codes ?? [];
        }}
        onDone={(made) => (made.length ? setCodes(made) : onDone())}
      />
      <button type="button" className={`self-start ${LINK}`} onClick={onBack}>
        Sign in as somebody else
      </button>
    </Frame>
  );
}
