/** Push notices in a real browser: the switch, what its worker shows, and where a click leads. */
import { createECDH, randomBytes } from "node:crypto";
import type { CDPSession, Page } from "@playwright/test";
import { violations } from "./axe";
import { expect, test } from "./fixtures";

const ENDPOINT = "https://push.example.net/device";
const APPROVAL = "apr_aaaaaaaaaaaaaaaaaaaaaaaaaa";

/** Only the way to a push service is played: there is none that a test could reach. */
async function reachable(page: Page): Promise<void> {
  const receiver = createECDH("prime256v1");
  const p256dh = receiver.generateKeys().toString("base64url");
  const auth = randomBytes(16).toString("base64url");
  await page.addInitScript(
    ([endpoint, keys]) => {
      const HELD = "test.subscription";
      const made = (key: string) => ({
        endpoint,
        options: { applicationServerKey: Uint8Array.from(JSON.parse(key) as number[]).buffer },
        toJSON: () => ({ endpoint, keys }),
        unsubscribe: async () => {
          localStorage.removeItem(HELD);
          return true;
        },
      });
      Object.assign(PushManager.prototype, {
        subscribe: async (wanted: { applicationServerKey: Uint8Array }) => {
          localStorage.setItem(HELD, JSON.stringify([...wanted.applicationServerKey]));
          return made(localStorage.getItem(HELD) ?? "[]");
        },
        getSubscription: async () => {
          const key = localStorage.getItem(HELD);
          return key ? made(key) : null;
        },
      });
    },
    [ENDPOINT, { p256dh, auth }] as const,
  );
}

/** What delivers a message to the page's worker, as the browser does for its push service. */
async function delivery(
  cdp: CDPSession,
  origin: string,
): Promise<(message: object) => Promise<void>> {
  const registrationId = await new Promise<string>((resolve) => {
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const [found] = registrations.filter((each) => !each.isDeleted);
      if (found) resolve(found.registrationId);
    });
    void cdp.send("ServiceWorker.enable");
  });
  return async (message) => {
    const data = JSON.stringify(message);
    await cdp.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data });
  };
}

const notices = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const shown = await registration.getNotifications();
    return shown.map(({ title, body, tag, data }) => ({ title, body, tag, data }));
  });

test("a browser is switched on, shows what comes, and is switched off", async ({
  inside,
  house,
}) => {
  await inside.context().grantPermissions(["notifications"], { origin: house.url });
  await reachable(inside);
  await inside.goto("/account?tab=notices");
  const theSwitch = inside.getByRole("switch", { name: "Notify me on this device" });
  await expect(theSwitch).not.toBeChecked();
  await theSwitch.click();
  await expect(theSwitch).toBeChecked();
  await expect(inside.getByText("This device", { exact: true })).toBeVisible();
  await inside.reload();
  await expect(theSwitch).toBeChecked();

  const cdp = await inside.context().newCDPSession(inside);
  const told = {
    title: "Deploy 4.2?",
    body: "You are asked to decide. Asked by Operator.",
    url: `/approvals?id=${APPROVAL}`,
    tag: APPROVAL,
  };
  const deliver = await delivery(cdp, house.url);
  // A busy browser may lose what comes this way; what has the same tag takes its place.
  await expect
    .poll(async () => {
      await deliver(told);
      return notices(inside);
    })
    .toEqual([{ title: told.title, body: told.body, tag: APPROVAL, data: { url: told.url } }]);

  await inside.getByRole("button", { name: "Send a test" }).click();
  await expect(inside.getByText(/push service push\.example\.net/)).toBeVisible({
    timeout: 60_000,
  });
  expect(await violations(inside)).toEqual([]);
  await theSwitch.click();
  await expect(theSwitch).not.toBeChecked();
  await expect(inside.getByText("This device", { exact: true })).toBeHidden();
});

test("a browser that says no is told how to change that", async ({ inside, house }) => {
  await inside.context().clearPermissions();
  await reachable(inside);
  await inside.addInitScript(() => {
    Object.defineProperty(Notification, "permission", { get: () => "denied" });
  });
  await inside.goto(`${house.url}/account?tab=notices`);
  await expect(inside.getByText("Blocked")).toBeVisible();
  await expect(inside.getByRole("switch")).toHaveCount(0);
});

test("phones can install the page", async ({ inside }) => {
  await inside.goto("/account?tab=notices");
  const cdp = await inside.context().newCDPSession(inside);
  const { url, errors, data } = await cdp.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect(url).toMatch(/\/manifest\.webmanifest$/);
  expect(JSON.parse(data ?? "{}")).toMatchObject({ name: "Weir", display: "standalone" });
  const { installabilityErrors } = await cdp.send("Page.getInstallabilityErrors");
  // Contexts of tests are private windows, in which nothing is installed.
  expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual(["in-incognito"]);
});

test("on a phone, what a notice leads to fills the screen", async ({ inside }) => {
  const one = inside.getByRole("button", { name: /^Contract with Supplier West/ });
  const decide = inside.getByRole("button", { name: "Approve", exact: true });
  await inside.goto("/approvals");
  await expect(decide).toBeVisible(); // beside the list, where there is room
  await one.click();
  await expect(inside).toHaveURL(/\?id=apr_/);
  await inside.setViewportSize({ width: 414, height: 860 });
  await inside.reload();
  await expect(decide).toBeInViewport({ ratio: 1 });
  await expect(one).toBeHidden();
  await inside.getByRole("button", { name: "All approvals" }).click();
  await expect(one).toBeVisible();
  await expect(decide).toBeHidden();
});
