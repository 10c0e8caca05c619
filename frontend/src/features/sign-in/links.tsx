/** What the links of mails lead to: a new password, a new address. */
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useAct } from "@/api/act";
import { api, got } from "@/api/client";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Refused } from "@/ui/states";
import { token } from "./accept-invite";
import { Frame, LINK } from "./frame";

const SIGN_IN = (
  <Link to="/sign-in" className={`self-start ${LINK}`}>
    Sign in
  </Link>
);

export function ResetPassword() {
  const reset = useAct(async (password: string) => {
    await got(api.POST("/api/v1/auth/password/reset", { body: { token: token(), password } }));
    return true;
  });
  if (reset.done) {
    return (
      <Frame title="The password is set" lead="Every session of yours has ended.">
        {SIGN_IN}
      </Frame>
    );
  }
  return (
    <Frame title="Set a new password" lead="Every session of yours ends with it.">
      <form
        className="flex flex-col gap-4"
        onSubmit={sent(({ password }) => reset.run(password ?? ""))}
      >
        <Field label="New password" help="At least 10 characters. Length counts, not signs.">
          <Input
            name="password"
            type="password"
            autoComplete="new-password"
            required
            minLength={10}
          />
        </Field>
        <Refused error={reset.error} />
        <Button kind="primary" type="submit" busy={reset.busy}>
          Set the password
        </Button>
      </form>
      {SIGN_IN}
    </Frame>
  );
}

export function VerifyEmail() {
  const verify = useAct(async () => {
    await got(api.POST("/api/v1/auth/email/verify", { body: { token: token() } }));
    return true;
  });
  const { run } = verify;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the link counts once
  useEffect(() => run(), []);
  return (
    <Frame
      title={verify.done ? "The address is yours" : "Your new address"}
      lead={verify.done ? "You sign in by it from now on." : undefined}
    >
      <Refused error={verify.error} />
      {SIGN_IN}
    </Frame>
  );
}
