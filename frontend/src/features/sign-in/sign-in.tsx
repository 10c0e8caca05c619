/** Signing in: password, then a second factor where there is one; or a passkey; or a provider. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { KeyRound, LogIn } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got } from "@/api/client";
import { passkeyGet } from "@/api/passkeys";
import { keys, queries } from "@/api/queries";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Refused } from "@/ui/states";
import { Forgot } from "./forgot";
import { Frame, LINK } from "./frame";
import { SecondFactor } from "./second-factor";

export interface Half {
  challenge: string;
  factors: string[];
  enrol: boolean;
}

/** Only a path here is gone to: never another site's address. */
export function local(next: string | undefined): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/workflows";
}

export function SignIn() {
  const { next, tenant } = useSearch({ from: "/sign-in" });
  const [half, setHalf] = useState<Half | null>(null);
  const [forgotten, setForgotten] = useState<string | null>(null);
  const navigate = useNavigate();
  const enter = () => {
    queries.clear();
    void navigate({ to: local(next) });
  };
  if (half) return <SecondFactor half={half} onDone={enter} onBack={() => setHalf(null)} />;
  if (forgotten !== null) return <Forgot email={forgotten} onBack={() => setForgotten(null)} />;
  return (
    <Frame title="Sign in">
      <Password tenant={tenant ?? ""} onDone={enter} onHalf={setHalf} onForgotten={setForgotten} />
      <Others tenant={tenant ?? "default"} next={local(next)} onDone={enter} />
    </Frame>
  );
}

function Password({
  tenant,
  onDone,
  onHalf,
  onForgotten,
}: {
  tenant: string;
  onDone: () => void;
  onHalf: (half: Half) => void;
  onForgotten: (email: string) => void;
}) {
  const [email, setEmail] = useState("");
  const login = useAct(
    (password: string) =>
      got(api.POST("/api/v1/auth/login", { body: { email, password, tenant } })),
    {
      after: (answer) => {
        if (!answer.challenge) return onDone();
        onHalf({
          challenge: answer.challenge,
          factors: answer.second_factor ?? [],
          enrol: answer.enrol ?? false,
        });
      },
    },
  );
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={sent(({ password }) => login.run(password ?? ""))}
    >
      <Field label="E-mail">
        <Input
          name="email"
          type="email"
          autoComplete="username webauthn"
          required
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </Field>
      <Field label="Password">
        <Input name="password" type="password" autoComplete="current-password" required />
      </Field>
      <Refused error={login.error} />
      <Button kind="primary" type="submit" busy={login.busy}>
        Sign in
      </Button>
      <button type="button" className={`self-start ${LINK}`} onClick={() => onForgotten(email)}>
        Forgotten the password
      </button>
    </form>
  );
}

function Others({ tenant, next, onDone }: { tenant: string; next: string; onDone: () => void }) {
  const providers = useQuery({
    queryKey: keys.account(`providers ${tenant}`),
    queryFn: () => got(api.GET("/api/v1/auth/providers", { params: { query: { tenant } } })),
    retry: false,
  });
  const passkey = useAct(
    async () => {
      const { options } = await got(api.POST("/api/v1/auth/passkey/options", {}));
      const credential = await passkeyGet(options);
      return got(api.POST("/api/v1/auth/passkey", { body: { credential, tenant: "" } }));
    },
    { after: onDone },
  );
  return (
    <div className="flex flex-col gap-2 border-t border-line pt-6">
      <Button icon={KeyRound} busy={passkey.busy} onClick={() => passkey.run()}>
        Sign in with a passkey
      </Button>
      {providers.data?.items.map((provider) => (
        <Button
          key={provider.id}
          icon={LogIn}
          onClick={() => location.assign(`${provider.begin}?return_to=${encodeURIComponent(next)}`)}
        >
          Continue with {provider.name}
        </Button>
      ))}
      <Refused error={passkey.error} />
    </div>
  );
}
