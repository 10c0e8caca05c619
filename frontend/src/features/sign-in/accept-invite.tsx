/** Taking up an invitation, or becoming the installation's first person: the link holds the token. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got } from "@/api/client";
import { queries } from "@/api/queries";
import { problemOf, sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Refused } from "@/ui/states";
import { Frame, LINK } from "./frame";
import { SecondFactor } from "./second-factor";
import type { Half } from "./sign-in";

export const token = () => decodeURIComponent(location.hash.slice(1));

export function AcceptInvite() {
  const navigate = useNavigate();
  const [half, setHalf] = useState<Half | null>(null);
  const enter = () => {
    queries.clear();
    void navigate({ to: "/workflows" });
  };
  const accept = useAct(
    (values: Record<string, string>) =>
      got(
        api.POST("/api/v1/auth/invitations/accept", {
          body: {
            token: token(),
            email: values.email ?? "",
            name: values.name ?? "",
            password: values.password ?? "",
          },
        }),
      ),
    {
      after: (answer) => {
        if (!answer.challenge) return enter();
        setHalf({
          challenge: answer.challenge,
          factors: answer.second_factor ?? [],
          enrol: answer.enrol ?? false,
        });
      },
    },
  );
  if (half) return <SecondFactor half={half} onDone={enter} onBack={() => setHalf(null)} />;
  if (!token()) {
    return (
      <Frame
        title="This link is not whole"
        lead="Open it once more, as it stands in the mail or where Weir was started."
      >
        <Link to="/sign-in" className={LINK}>
          Sign in instead
        </Link>
      </Frame>
    );
  }
  const first = isFirst();
  return (
    <Frame
      title={first ? "The first administrator" : "Your account"}
      lead={
        first
          ? "Nobody has an account here yet. You will administer this Weir and can invite the others."
          : "Choose a password, and you are inside. The link counts once."
      }
    >
      <form className="flex flex-col gap-4" onSubmit={sent(accept.run)}>
        {first && (
          <Field label="E-mail" error={problemOf(accept.error?.details, "email")}>
            <Input name="email" type="email" autoComplete="username" required />
          </Field>
        )}
        <Field label="Name" error={problemOf(accept.error?.details, "name")}>
          <Input name="name" autoComplete="name" required maxLength={100} />
        </Field>
        <Field label="Password" help="At least 10 characters. Length counts, not signs.">
          <Input
            name="password"
            type="password"
            autoComplete="new-password"
            required
            minLength={10}
          />
        </Field>
        <Refused error={accept.error} />
        <Button kind="primary" type="submit" busy={accept.busy}>
          {first ? "Begin" : "Take up the invitation"}
        </Button>
      </form>
    </Frame>
  );
}

/** The first person's link says so, since only that person names the address. */
function isFirst(): boolean {
  return new URLSearchParams(location.search).has("first");
}
