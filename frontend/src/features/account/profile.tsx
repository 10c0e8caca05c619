/** Who one is here, and how one signs in: password and address. */
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, got } from "@/api/client";
import { queries } from "@/api/queries";
import type { Me } from "@/api/session";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Id } from "@/ui/copy";
import { Field, Input } from "@/ui/field";
import { Facts, Section } from "@/ui/section";
import { Refused } from "@/ui/states";

export function Profile({ me }: { me: Me | undefined }) {
  return (
    <div className="flex max-w-190 flex-col gap-8">
      <Section title="You">
        <Facts
          facts={[
            ["Name", me?.name || "–"],
            ["E-mail", me?.email || "–"],
            ["Role here", <Chip key="role">{me?.role || "by projects alone"}</Chip>],
            ["Id", me ? <Id key="id" of={me.id} length={40} /> : ""],
          ]}
        />
      </Section>
      <Password />
      <Email />
    </div>
  );
}

function Password() {
  const [form, setForm] = useState(0);
  const change = useAct(
    async ({ current, fresh }: Record<string, string>) => {
      await got(
        api.PUT("/api/v1/auth/password", {
          body: { current: current ?? "", code: "", new: fresh ?? "" },
        }),
      );
    },
    {
      said: "The password is changed; every other session has ended.",
      after: () => {
        setForm((count) => count + 1);
        void queries.invalidateQueries({ queryKey: ["account"] });
      },
    },
  );
  return (
    <Section title="Password" lead="A new one ends every other session.">
      <form key={form} className="flex max-w-90 flex-col gap-4" onSubmit={sent(change.run)}>
        <Field label="Present password">
          <Input name="current" type="password" autoComplete="current-password" required />
        </Field>
        <Field label="New password" help="At least 10 characters. Length counts, not signs.">
          <Input name="fresh" type="password" autoComplete="new-password" required minLength={10} />
        </Field>
        <Refused error={change.error} />
        <Button type="submit" busy={change.busy} className="self-start">
          Change the password
        </Button>
      </form>
    </Section>
  );
}

function Email() {
  const change = useAct(async ({ email, proof }: Record<string, string>) => {
    await got(
      api.POST("/api/v1/auth/email", {
        body: { email: email ?? "", password: proof ?? "", code: "" },
      }),
    );
    return email;
  });
  return (
    <Section
      title="Address"
      lead="A link goes to the new address; it counts once the link was followed."
    >
      {change.done ? (
        <p className="text-fg2">A link is on its way to {change.done}.</p>
      ) : (
        <form className="flex max-w-90 flex-col gap-4" onSubmit={sent(change.run)}>
          <Field label="New e-mail">
            <Input name="email" type="email" autoComplete="email" required />
          </Field>
          <Field label="Your password">
            <Input name="proof" type="password" autoComplete="current-password" required />
          </Field>
          <Refused error={change.error} />
          <Button type="submit" busy={change.busy} className="self-start">
            Send the link
          </Button>
        </form>
      )}
    </Section>
  );
}
