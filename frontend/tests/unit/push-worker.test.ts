/** The worker of push notices: what it shows, and where a click leads. */
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it, vi } from "vitest";

const ORIGIN = "https://weir.example.com";
const CODE = readFileSync(new URL("../../public/push.js", import.meta.url), "utf8");

interface Window {
  url: string;
  navigate: (url: string) => Promise<void>;
  focus: () => Promise<void>;
}

let windows: Window[];
let happened: string[];
let heard: Record<string, (event: object) => void>;
const showNotification = vi.fn();

beforeEach(() => {
  windows = [];
  happened = [];
  heard = {};
  showNotification.mockReset();
  const self = {
    location: { origin: ORIGIN },
    registration: { showNotification },
    skipWaiting: () => {},
    clients: {
      claim: async () => {},
      matchAll: async () => windows,
      openWindow: async (url: string) => void happened.push(`open ${url}`),
    },
  };
  const listen = (name: string, hear: (event: object) => void) => {
    heard[name] = hear;
  };
  new Function("self", "addEventListener", CODE)(self, listen);
});

/** An event, and all that it waits for. */
async function event(name: string, more: object): Promise<void> {
  const waited: Promise<unknown>[] = [];
  heard[name]?.({ ...more, waitUntil: (of: Promise<unknown>) => waited.push(of) });
  await Promise.all(waited);
}

const push = (json: () => unknown) => event("push", { data: { json } });
const click = (url?: string) =>
  event("notificationclick", {
    notification: { close: () => happened.push("close"), data: url === undefined ? null : { url } },
  });

function shows(url: string, navigate = async (to: string) => void happened.push(`lead ${to}`)) {
  windows.push({ url, navigate, focus: async () => void happened.push("focus") });
}

describe("a message", () => {
  it("is shown with what it says; another about the same replaces it", async () => {
    await push(() => ({
      title: "Deploy?",
      body: "Asked.",
      tag: "apr_a",
      url: "/approvals?id=apr_a",
    }));
    expect(showNotification).toHaveBeenCalledWith("Deploy?", {
      body: "Asked.",
      tag: "apr_a",
      renotify: true,
      icon: "/weir-192.png",
      data: { url: "/approvals?id=apr_a" },
    });
  });

  it("is shown as something where it cannot be read", async () => {
    await push(() => JSON.parse("{"));
    await event("push", { data: null });
    expect(showNotification).toHaveBeenCalledTimes(2);
    expect(showNotification.mock.calls[0]?.[0]).toBe("Weir");
  });
});

describe("a click", () => {
  it("opens the approval in a new window, and leaves what is drawn elsewhere", async () => {
    shows(`${ORIGIN}/workflows/wf_a`);
    await click("/approvals?id=apr_a");
    expect(happened).toEqual(["close", `open ${ORIGIN}/approvals?id=apr_a`]);
  });

  it("goes on in a window that shows approvals", async () => {
    shows(`${ORIGIN}/approvals?id=apr_b`);
    await click("/approvals?id=apr_a");
    expect(happened).toEqual(["close", `lead ${ORIGIN}/approvals?id=apr_a`, "focus"]);
  });

  it("opens a new one where that window cannot be led", async () => {
    shows(`${ORIGIN}/approvals`, async () => {
      throw new TypeError("not controlled");
    });
    await click();
    expect(happened).toEqual(["close", `open ${ORIGIN}/approvals`]);
  });

  it("leads nowhere else than to Weir", async () => {
    await click("https://elsewhere.example.com/");
    expect(happened).toEqual(["close"]);
  });
});
