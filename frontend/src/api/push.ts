/** Push notices in this browser: whether it can, whether it does, and switching them on and off. */
import { ApiError, api, got, type Schemas } from "./client";

export type Device = Schemas["PushDevice"];

/** `install`: an iPhone or iPad, where only an installed page is notified. */
export type Standing = "unsupported" | "install" | "blocked" | "off" | "on";

const WORKER = "/push.js";

function refused(code: string, message: string): ApiError {
  return new ApiError(0, code, message, null, "");
}

async function here(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** SHA-256 of where notices of this browser go, as lists of devices name it. */
async function fingerprint(of: PushSubscription): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(of.endpoint));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether this browser could show notices. */
function able(): boolean {
  return (
    isSecureContext &&
    "serviceWorker" in navigator &&
    "PushManager" in window &&
    "Notification" in window
  );
}

/** How it stands with this browser, and which of one's devices it is. */
export async function standing(
  devices: readonly Device[],
): Promise<{ standing: Standing; device?: Device | undefined }> {
  if (!able()) {
    const apple =
      /iPhone|iPad/.test(navigator.userAgent) &&
      !("standalone" in navigator && navigator.standalone);
    return { standing: apple ? "install" : "unsupported" };
  }
  if (Notification.permission === "denied") return { standing: "blocked" };
  const subscription = await here();
  if (!subscription || Notification.permission !== "granted") return { standing: "off" };
  const mark = await fingerprint(subscription);
  const device = devices.find((each) => each.fingerprint === mark);
  return device ? { standing: "on", device } : { standing: "off" };
}

function bytes(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

function same(one: ArrayBuffer | null | undefined, other: Uint8Array): boolean {
  const held = new Uint8Array(one ?? new ArrayBuffer(0));
  return held.length === other.length && held.every((byte, at) => byte === other[at]);
}

async function subscribed(key: Uint8Array<ArrayBuffer>): Promise<PushSubscription> {
  const registration = await navigator.serviceWorker.register(WORKER, { scope: "/" });
  await navigator.serviceWorker.ready;
  const there = await registration.pushManager.getSubscription();
  if (there && same(there.options.applicationServerKey, key)) return there;
  // For another installation that was at this address before.
  await there?.unsubscribe();
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

/** Have notices shown in this browser; it asks its person first. */
export async function switchOn(name: string): Promise<Device> {
  const answer = await Notification.requestPermission();
  if (answer !== "granted") {
    throw refused(
      "PUSH_NOT_ALLOWED",
      answer === "denied"
        ? "The browser does not let this page show notices."
        : "The browser asked, and was not answered.",
    );
  }
  const { key } = await got(api.GET("/api/v1/push/key"));
  let subscription: PushSubscription;
  try {
    subscription = await subscribed(bytes(key));
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw refused("PUSH_NOT_REACHED", `The browser reaches no push service: ${why}`);
  }
  const { endpoint, keys } = subscription.toJSON();
  const sent = { p256dh: keys?.p256dh ?? "", auth: keys?.auth ?? "" };
  return got(
    api.POST("/api/v1/push/devices", { body: { endpoint: endpoint ?? "", keys: sent, name } }),
  );
}

/** Forget one of one's devices; if it is this one, its browser forgets it too. */
export async function switchOff(device: Device): Promise<void> {
  const path = { device_id: device.id };
  await got(api.DELETE("/api/v1/push/devices/{device_id}", { params: { path } })).catch(
    (thrown: unknown) => {
      if (!(thrown instanceof ApiError && thrown.status === 404)) throw thrown;
    },
  );
  if (!able()) return;
  const subscription = await here();
  if (subscription && (await fingerprint(subscription)) === device.fingerprint) {
    await subscription.unsubscribe();
  }
}

/** Show nothing here any more, whether Weir can be told of it or not. */
export async function quiet(): Promise<void> {
  const subscription = able() ? await here() : null;
  if (!subscription) return;
  try {
    const { items } = await got(api.GET("/api/v1/push/devices"));
    const { device } = await standing(items);
    if (device) await switchOff(device);
  } finally {
    await subscription.unsubscribe();
  }
}
