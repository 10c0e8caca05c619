/** Passkeys between the server's JSON and the browser's own objects. */
import { ApiError } from "./client";

type Json = Record<string, unknown>;

async function asked(act: () => Promise<Credential | null>): Promise<Json> {
  if (!("PublicKeyCredential" in window) || !("toJSON" in PublicKeyCredential.prototype)) {
    throw new ApiError(0, "NO_PASSKEYS", "This browser has no passkeys.", null, "");
  }
  try {
    const made = await act();
    if (made) return (made as PublicKeyCredential).toJSON() as unknown as Json;
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.name : "";
    const told =
      why === "InvalidStateError"
        ? "This device has a passkey for the account already."
        : why === "SecurityError"
          ? "Passkeys need https, or localhost, and the address in public_url."
          : "No passkey came: it was cancelled, or the time was over.";
    throw new ApiError(0, "PASSKEY_CANCELLED", told, null, "");
  }
  throw new ApiError(0, "PASSKEY_CANCELLED", "No passkey came.", null, "");
}

/** Show one that is there. */
export function passkeyGet(options: Json): Promise<Json> {
  return asked(() =>
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(
        options as unknown as PublicKeyCredentialRequestOptionsJSON,
      ),
    }),
  );
}

/** Make one. */
export function passkeyMake(options: Json): Promise<Json> {
  return asked(() =>
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(
        options as unknown as PublicKeyCredentialCreationOptionsJSON,
      ),
    }),
  );
}
