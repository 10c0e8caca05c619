/** Setting up time-based codes, and the recovery codes that are shown once. */
import { Download } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { sent } from "@/lib/forms";
import { Button } from "./button";
import { Id } from "./copy";
import { CheckBox, Field, Input } from "./field";
import { Loading, Refused, type Told } from "./states";

const QrCode = lazy(() => import("./qr").then((module) => ({ default: module.QrCode })));

interface Begun {
  enrolment: string;
  secret: string;
  uri: string;
}

export function TotpEnrolment({
  begin,
  confirm,
  onDone,
}: {
  begin: () => Promise<Begun>;
  confirm: (enrolment: string, code: string) => Promise<readonly string[]>;
  onDone: (recoveryCodes: readonly string[]) => void;
}) {
  const [begun, setBegun] = useState<Begun | null>(null);
  const [error, setError] = useState<Told | null>(null);
  const [busy, setBusy] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: begun once, when it is shown
  useEffect(() => {
    let here = true;
    begin().then(
      (made) => here && setBegun(made),
      (thrown: Told) => here && setError(thrown),
    );
    return () => {
      here = false;
    };
  }, []);
  if (!begun)
    return error ? <Refused error={error} /> : <Loading rows={3} what="Making a secret" />;
  const prove = async (code: string) => {
    setBusy(true);
    setError(null);
    try {
      onDone(await confirm(begun.enrolment, code.replaceAll(/\s/g, "")));
    } catch (thrown) {
      setError(thrown as Told);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="flex flex-col gap-4" onSubmit={sent(({ code }) => void prove(code ?? ""))}>
      <Suspense fallback={<div className="size-48" />}>
        <QrCode text={begun.uri} label="The secret as a QR code for an authenticator" />
      </Suspense>
      <div className="text-fg2">
        Scan it, or type this secret: <Id of={begun.secret} what="the secret" length={40} />
      </div>
      <Field label="The code it shows now">
        <Input
          name="code"
          required
          inputMode="numeric"
          autoComplete="one-time-code"
          className="mono"
        />
      </Field>
      <Refused error={error} />
      <Button kind="primary" type="submit" busy={busy} className="self-start">
        Use these codes
      </Button>
    </form>
  );
}

export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const [kept, setKept] = useState(false);
  const text = codes.join("\n");
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" }));
    link.download = "weir-recovery-codes.txt";
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div className="flex flex-col gap-4">
      <p className="text-fg2">
        Each signs you in once when the other factor is lost. They are shown this once.
      </p>
      <ul className="mono grid grid-cols-2 gap-x-4 gap-y-1 rounded-panel border border-line bg-bg1 p-4">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex gap-2">
        <Button icon={Download} onClick={save}>
          Save as a file
        </Button>
      </div>
      <CheckBox
        label="I keep them where only I find them"
        checked={kept}
        onChange={(event) => setKept(event.target.checked)}
      />
      <Button kind="primary" disabled={!kept} onClick={onDone} className="self-start">
        Go on
      </Button>
    </div>
  );
}
