/** Asking for a link to set a new password. The answer is the same for every address. */
import { useAct } from "@/api/act";
import { api, got } from "@/api/client";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Refused } from "@/ui/states";
import { Frame, LINK } from "./frame";

export function Forgot({ email, onBack }: { email: string; onBack: () => void }) {
  const ask = useAct(async (address: string) => {
    await got(api.POST("/api/v1/auth/password/forgot", { body: { email: address } }));
    return address;
  });
  const back = (
    <button type="button" className={`self-start ${LINK}`} onClick={onBack}>
      Back to sign-in
    </button>
  );
  if (ask.done) {
    return (
      <Frame
        title="Look into your mail"
        lead={`If ${ask.done} has an account, a link to set a new password is on its way. It counts for an hour.`}
      >
        {back}
      </Frame>
    );
  }
  return (
    <Frame title="A new password" lead="A link to set it comes by mail and counts for an hour.">
      <form
        className="flex flex-col gap-4"
        onSubmit={sent(({ address }) => ask.run(address ?? ""))}
      >
        <Field label="E-mail">
          <Input
            name="address"
            type="email"
            autoComplete="username"
            required
            defaultValue={email}
          />
        </Field>
        <Refused error={ask.error} />
        <Button kind="primary" type="submit" busy={ask.busy}>
          Send the link
        </Button>
      </form>
      {back}
    </Frame>
  );
}
