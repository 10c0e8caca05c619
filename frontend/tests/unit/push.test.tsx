// @vitest-environment jsdom
/** The switch of push notices, over a browser and a Weir that are played. */

import { webcrypto } from "node:crypto";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { quiet, switchOn } from "@/api/push";
import { queries } from "@/api/queries";
import { Notices } from "@/features/account/notices";

const KEY =
  "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const ENDPOINT = "https://push.example.net/abc";
const OTHER = {
  id: "psh_other",
  name: "Firefox on Linux",
  added_at: "2026-03-02T12:00:00Z",
  fingerprint: "0".repeat(64),
};

interface Held {
  endpoint: string;
  options: { applicationServerKey: ArrayBuffer | null };
  toJSON: () => object;
  unsubscribe: () => Promise<boolean>;
}

/** What the played browser and the played Weir have. */
let held: Held | null;
let devices: (typeof OTHER)[];
let asked: string[];
let answer: NotificationPermission;
let refuse: { status: number; code: string; message: string } | null;

function subscription(key: Uint8Array): Held {
  return {
    endpoint: ENDPOINT,
    options: { applicationServerKey: key.slice().buffer as ArrayBuffer },
    toJSON: () => ({ endpoint: ENDPOINT, keys: { p256dh: "p", auth: "a" }, expirationTime: null }),
    unsubscribe: async () => {
      asked.push("unsubscribe");
      held = null;
      return true;
    },
  };
}

async function hex(text: string): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest("SHA-256", Buffer.from(text))).toString("hex");
}

async function weir(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  asked.push(`${request.method} ${path}`);
  if (refuse && request.method === "POST") {
    return Response.json({ error: refuse }, { status: refuse.status });
  }
  if (path.endsWith("/push/key")) return Response.json({ key: KEY });
  if (path.endsWith("/test")) return Response.json({ sent: true, problem: "" });
  if (request.method === "GET") return Response.json({ items: devices });
  if (request.method === "DELETE") {
    devices = devices.filter((each) => each.id !== path.split("/").at(-1));
    return new Response(null, { status: 204 });
  }
  const body = await request.json();
  asked.push(JSON.stringify(body));
  const made = { ...OTHER, id: "psh_this", name: body.name, fingerprint: await hex(body.endpoint) };
  devices = [...devices, made];
  return Response.json(made);
}

beforeEach(() => {
  held = null;
  devices = [];
  asked = [];
  answer = "granted";
  refuse = null;
  queries.clear();
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("crypto", webcrypto);
  vi.stubGlobal("PushManager", class {});
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  vi.stubGlobal("Notification", {
    permission: "default",
    requestPermission: async () => {
      asked.push("permission");
      Notification_().permission = answer;
      return answer;
    },
  });
  const registration = {
    pushManager: {
      getSubscription: async () => held,
      subscribe: async (wanted: { applicationServerKey: Uint8Array; userVisibleOnly: boolean }) => {
        expect(wanted.userVisibleOnly).toBe(true);
        held = subscription(wanted.applicationServerKey);
        return held;
      },
    },
  };
  Object.defineProperty(navigator, "serviceWorker", {
    configurable: true,
    value: {
      ready: Promise.resolve(registration),
      getRegistration: async () => registration,
      register: async (url: string, options: unknown) => {
        asked.push(`register ${url} ${JSON.stringify(options)}`);
        return registration;
      },
    },
  });
  vi.stubGlobal("fetch", (request: Request) => weir(request));
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(navigator, "serviceWorker");
});

function Notification_(): { permission: string } {
  return globalThis.Notification as unknown as { permission: string };
}

async function shown(): Promise<void> {
  render(
    <QueryClientProvider client={queries}>
      <Notices />
    </QueryClientProvider>,
  );
  await screen.findByRole("heading", { name: "Notify me on this device" });
}

const theSwitch = () => screen.getByRole("switch", { name: "Notify me on this device" });
const state = () => theSwitch().getAttribute("data-state");

async function press(button: HTMLElement): Promise<void> {
  await act(async () => {
    fireEvent.click(button);
  });
}

describe("the switch of push notices", () => {
  it("goes on: asks, registers, subscribes by Weir's key and tells Weir; and off again", async () => {
    await shown();
    expect(state()).toBe("unchecked");
    expect(asked).toEqual(["GET /api/v1/push/devices"]); // nothing of the browser is touched before
    await press(theSwitch());
    await waitFor(() => expect(state()).toBe("checked"));
    const at = asked.indexOf("permission");
    expect(asked.slice(at, at + 4)).toEqual([
      "permission",
      "GET /api/v1/push/key",
      'register /push.js {"scope":"/"}',
      "POST /api/v1/push/devices",
    ]);
    const sent = JSON.parse(asked[at + 4] as string);
    expect(sent).toMatchObject({ endpoint: ENDPOINT, keys: { p256dh: "p", auth: "a" } });
    expect(
      Buffer.from(held?.options.applicationServerKey ?? new ArrayBuffer(0)).toString("base64url"),
    ).toBe(KEY);
    expect(screen.getByText("This device")).toBeTruthy();
    await press(theSwitch());
    await waitFor(() => expect(state()).toBe("unchecked"));
    expect(asked).toContain("DELETE /api/v1/push/devices/psh_this");
    expect(held).toBeNull();
  });

  it("is off where the browser has a subscription that Weir does not know", async () => {
    held = subscription(new Uint8Array(65));
    Notification_().permission = "granted";
    devices = [OTHER];
    await shown();
    expect(state()).toBe("unchecked");
    expect(screen.getByText("Firefox on Linux")).toBeTruthy();
    await press(theSwitch());
    await waitFor(() => expect(state()).toBe("checked"));
    expect(asked).toContain("unsubscribe"); // it was for another key
  });

  it("says that the browser blocks it, and offers nothing", async () => {
    Notification_().permission = "denied";
    await shown();
    expect(screen.getByText("Blocked")).toBeTruthy();
    expect(screen.queryByRole("switch")).toBeNull();
  });

  it("becomes blocked when its person says no", async () => {
    answer = "denied";
    await shown();
    await press(theSwitch());
    expect(await screen.findByText("Blocked")).toBeTruthy();
    expect(screen.getByRole("alert").textContent).toContain("does not let this page");
    expect(asked.some((each) => each.startsWith("register"))).toBe(false);
  });

  it("says that the browser cannot, and on a phone how it could", async () => {
    vi.stubGlobal("isSecureContext", false);
    await shown();
    expect(screen.getByText("Not possible")).toBeTruthy();
    cleanup();
    queries.clear();
    vi.spyOn(navigator, "userAgent", "get").mockReturnValue("Mozilla/5.0 (iPhone; …) Safari/605");
    await shown();
    expect(screen.getByText(/Add to Home Screen/)).toBeTruthy();
  });

  it("stays off and says why where Weir refuses", async () => {
    refuse = { status: 409, code: "PUSH_DEVICES_FULL", message: "You are notified on 10 devices." };
    await shown();
    await press(theSwitch());
    expect((await screen.findByRole("alert")).textContent).toContain("on 10 devices");
    expect(state()).toBe("unchecked");
  });

  it("tests and removes other devices", async () => {
    devices = [OTHER];
    await shown();
    await press(screen.getByRole("button", { name: "Send a test" }));
    await waitFor(() => expect(asked).toContain("POST /api/v1/push/devices/psh_other/test"));
    await press(screen.getByRole("button", { name: "Remove" }));
    await waitFor(() => expect(screen.queryByText("Firefox on Linux")).toBeNull());
    expect(asked).toContain("DELETE /api/v1/push/devices/psh_other");
  });

  it("ends when its person signs out, also where Weir is away", async () => {
    await quiet(); // nothing was switched on
    expect(asked).toEqual([]);
    await switchOn("Phone");
    await quiet();
    expect(asked).toContain("DELETE /api/v1/push/devices/psh_this");
    expect(held).toBeNull();
    await switchOn("Phone");
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("away")));
    await expect(quiet()).rejects.toThrow();
    expect(held).toBeNull();
  });
});
