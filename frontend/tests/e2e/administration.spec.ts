/** Dead letters, subscriptions, members of projects, sign-in providers, encryption, tenants. */
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { administered, joined, OTHER_TENANT, PROVIDER, VIEWER } from "./administration";
import { violations } from "./axe";
import { ADMIN, test as base, expect, House, signIn, theme } from "./fixtures";
import { Provider } from "./provider";

const INTO =
  process.env.PICTURES ?? fileURLToPath(new URL("../../../docs/screenshots", import.meta.url));

const test = base.extend<object, { provider: Provider; here: { orders: string } }>({
  provider: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from it
    async ({}, use) => {
      const provider = await Provider.start();
      await use(provider);
      provider.stop();
    },
    { scope: "worker" },
  ],
  house: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from it
    async ({}, use) => {
      const house = await House.start({ WEIR_OIDC_ALLOW: "127.0.0.1/32" });
      await use(house);
      await house.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  here: [
    async ({ house, seeded, provider }, use) => {
      expect(seeded).toBeTruthy();
      await use(await administered(house, provider));
    },
    { scope: "worker", timeout: 120_000 },
  ],
});
test.describe.configure({ mode: "serial" });

/** The pages of this suite, by what their pictures are called. */
const PAGES = [
  { name: "dead-letters", path: "/runs/dead-letters", ready: "WAREHOUSE_UNKNOWN" },
  { name: "subscriptions", path: "/webhooks/subscriptions", ready: "orders.*.created" },
  { name: "admin-providers", path: "/admin?tab=providers", ready: PROVIDER },
  { name: "admin-encryption", path: "/admin?tab=encryption", ready: "Newest data key" },
] as const;

/** What opens over a page: how, and what it is then called. */
const OPENED = [
  {
    name: "dead-letter",
    path: "/runs/dead-letters",
    open: (page: Page) =>
      page.getByRole("button", { name: "Stock import", exact: true }).first().click(),
    ready: "What the run was started with",
  },
  {
    name: "subscription",
    path: "/webhooks/subscriptions",
    open: (page: Page) =>
      page.getByRole("button", { name: "orders.*.created", exact: true }).click(),
    ready: "Runs that events began",
  },
  {
    name: "admin-project-members",
    path: "/admin?tab=projects",
    open: (page: Page) => page.getByRole("button", { name: "Warehouses", exact: true }).click(),
    ready: "Roles of their own",
  },
  {
    name: "admin-provider",
    path: "/admin?tab=providers",
    open: async (page: Page) => {
      await page.getByRole("button", { name: PROVIDER, exact: true }).click();
      await page.getByRole("button", { name: "Test", exact: true }).click();
    },
    ready: "It describes itself",
  },
  {
    name: "admin-provider-form",
    path: "/admin?tab=providers",
    open: async (page: Page) => {
      await page.getByRole("button", { name: `More about ${PROVIDER}` }).click();
      await page.getByRole("menuitem", { name: "Change" }).click();
    },
    ready: "What people may",
  },
  {
    name: "admin-rotate",
    path: "/admin?tab=encryption",
    open: (page: Page) => page.getByRole("button", { name: "Rotate" }).click(),
    ready: "What is to be new",
  },
] as const;

/** Goes to each of them in this theme and looks. */
async function walk(inside: Page, shown: "dark" | "light", look: (name: string) => Promise<void>) {
  await theme(inside, shown);
  for (const page of [...PAGES, ...OPENED]) {
    await test.step(page.name, async () => {
      await inside.goto(page.path);
      if ("open" in page) await page.open(inside);
      await expect(inside.getByText(page.ready).first()).toBeVisible();
      await inside.waitForLoadState("networkidle");
      await look(page.name);
    });
  }
}

for (const shown of ["dark", "light"] as const) {
  test(`axe finds nothing in administration in the ${shown} theme`, async ({ inside, here }) => {
    test.setTimeout(180_000);
    expect(here.orders).toBeTruthy();
    await walk(inside, shown, async (name) => {
      expect.soft(await violations(inside), name).toEqual([]);
    });
  });

  test(`pictures of administration in the ${shown} theme @screenshots`, async ({
    inside,
    here,
  }) => {
    test.setTimeout(180_000);
    expect(here.orders).toBeTruthy();
    await walk(inside, shown, async (name) => {
      await inside.screenshot({ path: `${INTO}/${name}-${shown}.png`, animations: "disabled" });
    });
  });
}

test("dead letters are narrowed, read, retried and discarded", async ({ inside, here }) => {
  expect(here.orders).toBeTruthy();
  await inside.goto("/runs");
  await inside.getByRole("link", { name: "Dead letters" }).click();
  const rows = inside.getByRole("table", { name: "Dead letters" }).getByRole("row");
  await expect(rows.filter({ hasText: "WAREHOUSE_UNKNOWN" })).toHaveCount(6);

  await inside.getByLabel("Reason").selectOption("event");
  await expect(rows).toHaveCount(2);
  await inside.getByRole("button", { name: "Order intake", exact: true }).click();
  const sheet = inside.getByRole("dialog", { name: "Dead letter" });
  await expect(sheet.getByText("orders.us.created")).toBeVisible();
  await sheet.getByRole("button", { name: "Close" }).click();

  await inside.getByLabel("Reason").selectOption("");
  await inside.getByLabel("Find by code of the error").fill("WAREHOUSE_UNKNOWN");
  await expect(inside).toHaveURL(/code=WAREHOUSE_UNKNOWN/);
  await expect(rows).toHaveCount(7);

  // A reason must be given; without one nothing is sent.
  await inside
    .getByRole("button", { name: /^More about Stock import/ })
    .first()
    .click();
  await inside.getByRole("menuitem", { name: "Discard" }).click();
  const discard = inside.getByRole("dialog", { name: "Discard refuse" });
  await discard.getByRole("button", { name: "Discard" }).click();
  await expect(discard).toBeVisible();
  await discard.getByLabel("Reason").fill("A test of the scales");
  await discard.getByRole("button", { name: "Discard" }).click();
  await expect(inside.getByText("It is discarded.")).toBeVisible();
  await expect(rows).toHaveCount(6);

  // What fails again is open again, in its new run.
  await inside
    .getByRole("button", { name: /^More about Stock import/ })
    .first()
    .click();
  await inside.getByRole("menuitem", { name: "Retry" }).click();
  await inside.getByRole("dialog").getByRole("button", { name: "Retry" }).click();
  await expect(inside).toHaveURL(/\/runs\/run_/);
  await inside.goto("/runs/dead-letters?status=discarded,retried");
  await expect(rows.filter({ hasText: "retried" })).toHaveCount(1);
  await inside.getByRole("button", { name: "Stock import", exact: true }).first().click();
  await expect(inside.getByText(/^by (Admin|you)/)).toBeVisible();

  await inside.goto("/runs/dead-letters?code=WAREHOUSE_UNKNOWN");
  await inside.getByRole("button", { name: "Discard all" }).click();
  const all = inside.getByRole("dialog", { name: "Discard every letter that is shown" });
  await all.getByLabel("Reason").fill("The warehouse stays closed");
  await all.getByRole("button", { name: /^Discard 5 letters|^Discard 4 letters/ }).click();
  await expect(inside.getByText(/letters are discarded\./)).toBeVisible();
  await expect(inside.getByRole("heading", { name: "Nothing waits for somebody" })).toBeVisible();
});

test("a subscription is paused, goes on and is replayed", async ({ inside, here, house }) => {
  expect(here.orders).toBeTruthy();
  await inside.goto("/webhooks");
  await inside.getByRole("link", { name: "Event subscriptions" }).click();
  const on = inside.getByRole("switch", { name: "orders.*.created is on" });
  await on.click();
  await expect(on).not.toBeChecked();
  await house.ask("POST", "/events?subject=orders.eu.created", { amount: 300 });
  const row = inside.getByRole("row", { name: /orders\.\*\.created/ });
  await expect(row.getByRole("cell").nth(2)).toHaveText("1");
  await on.click();
  await expect(row.getByRole("cell").nth(3)).toHaveText("3");

  await inside.getByRole("button", { name: "orders.*.created", exact: true }).click();
  await inside.getByRole("button", { name: "Replay events" }).click();
  const replay = inside.getByRole("dialog", { name: "Replay orders.*.created" });
  await replay.getByLabel("From").selectOption("sequence");
  await replay.getByLabel("Number of the first event").fill("0");
  await replay.getByRole("button", { name: "Replay" }).click();
  await expect(replay).toBeVisible();
  await replay.getByLabel("Number of the first event").fill("1");
  await replay.getByRole("button", { name: "Replay" }).click();
  await expect(inside.getByText("since it began again")).toBeVisible();
  await expect(inside.getByRole("link", { name: "1, as dead letters" })).toBeVisible();
});

test("roles in a project are given, changed and taken", async ({ inside, here }) => {
  expect(here.orders).toBeTruthy();
  await inside.goto("/admin?tab=projects");
  await inside.getByRole("button", { name: "Warehouses", exact: true }).click();
  const sheet = inside.getByRole("dialog", { name: "Members of Warehouses" });
  await expect(sheet.getByLabel("Role of Night operator", { exact: true })).toHaveValue("viewer");
  await expect(sheet.getByText("Night shift")).toBeVisible();
  await expect(sheet.getByRole("button", { name: "Give" })).toBeDisabled();
  await sheet.getByLabel("Whom to give a role").selectOption({ label: "Stock editor" });
  await sheet.getByLabel("Which role").selectOption("operator");
  await sheet.getByRole("button", { name: "Give" }).click();
  const role = sheet.getByLabel("Role of Stock editor", { exact: true });
  await expect(role).toHaveValue("operator");
  await role.selectOption("editor");
  await expect(role).toHaveValue("editor");
  await sheet.getByLabel("Whom to give a role").selectOption({ label: "Deployments" });
  await sheet.getByRole("button", { name: "Give" }).click();
  await expect(sheet.getByLabel("Role of Deployments", { exact: true })).toBeVisible();
  await sheet.getByRole("button", { name: "Take the role of Stock editor" }).click();
  await expect(role).toBeHidden();
});

test("a sign-in provider is connected, tested, changed and disconnected", async ({
  inside,
  here,
  provider,
}) => {
  expect(here.orders).toBeTruthy();
  await inside.goto("/admin?tab=providers");
  await inside.getByRole("button", { name: "New provider" }).click();
  const form = inside.getByRole("dialog", { name: "New sign-in provider" });
  await form.getByLabel("Name").fill("Partners");
  await form.getByLabel("Issuer").fill("http://example.com");
  await form.getByLabel("Client id").fill("weir");
  await form.getByRole("button", { name: "Connect" }).click();
  await expect(
    form.getByText("an issuer is an https address", { exact: false }).first(),
  ).toBeVisible();
  await form.getByLabel("Issuer").fill(`${provider.issuer}/nowhere`);
  await form.getByRole("button", { name: "Role for a group" }).click();
  await form.getByLabel("Group 1", { exact: true }).fill("partners");
  await form.getByRole("button", { name: "Connect" }).click();
  await expect(inside.getByText("Partners is connected.")).toBeVisible();

  await inside.getByRole("button", { name: "Partners", exact: true }).click();
  await inside.getByRole("button", { name: "Test", exact: true }).click();
  await expect(inside.getByRole("dialog", { name: "Partners" }).getByRole("status")).not.toHaveText(
    /describes itself/,
  );
  await inside.getByRole("button", { name: "Close", exact: true }).click();

  await inside.getByRole("button", { name: "More about Partners" }).click();
  await inside.getByRole("menuitem", { name: "Change" }).click();
  await inside.getByLabel("Issuer").fill(provider.issuer);
  await inside.getByRole("button", { name: "Save" }).click();
  await inside.getByRole("button", { name: "Partners", exact: true }).click();
  await inside.getByRole("button", { name: "Test", exact: true }).click();
  await expect(inside.getByText("It describes itself and shows 1 key.")).toBeVisible();
  await inside.getByRole("button", { name: "Close", exact: true }).click();

  await inside.getByRole("button", { name: "More about Partners" }).click();
  await inside.getByRole("menuitem", { name: "Disconnect" }).click();
  await inside.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
  await expect(inside.getByRole("button", { name: "Partners", exact: true })).toBeHidden();
});

test("keys are rotated, and every secret moves under the fresh one", async ({ inside, here }) => {
  expect(here.orders).toBeTruthy();
  await inside.goto("/admin?tab=encryption");
  const keys = inside.getByRole("table", { name: "Data keys" }).getByRole("row");
  await expect(keys).toHaveCount(2);
  await inside.getByRole("button", { name: "Rotate" }).click();
  await inside.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
  await expect(keys).toHaveCount(3);
  await expect(keys.nth(1)).toContainText("seals and opens");
  await expect(inside.getByText("3 of 3 under the newest key")).toBeVisible();
});

test("who may only look is offered nothing to do", async ({ browser, house, here }) => {
  expect(here.orders).toBeTruthy();
  const who = { ...VIEWER, email: "onlooker@example.com" };
  await joined(house, who);
  const page = await browser.newPage({ baseURL: house.url });
  await signIn(page, house.url, who);
  await expect(page.getByRole("link", { name: "Administration" })).toBeHidden();
  await page.goto("/runs/dead-letters?reason=event");
  await page.getByRole("button", { name: "Order intake", exact: true }).first().click();
  await expect(page.getByText("Operators and editors retry and discard")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Retry|^Discard/ })).toHaveCount(0);
  await page.goto("/webhooks/subscriptions");
  await expect(page.getByRole("switch")).toBeDisabled();
  await page.goto("/admin?tab=providers");
  await expect(page.getByRole("tab", { name: "Projects" })).toBeVisible();
  await expect(page.getByRole("tab", { name: "Sign-in" })).toHaveCount(0);
  await page.close();
});

test("whoever is in two organisations goes on in the other", async ({ browser, house, here }) => {
  expect(here.orders).toBeTruthy();
  await house.ask("POST", "/tenants", {
    id: "branch",
    name: OTHER_TENANT,
    admin: ADMIN.email,
  });
  const page = await browser.newPage({ baseURL: house.url });
  await signIn(page, house.url);
  await expect(page.getByText("Invoice intake").first()).toBeVisible();
  await page.getByRole("button", { name: /go on in another$/ }).click();
  await page.getByRole("menuitem", { name: OTHER_TENANT }).click();
  await expect(page.getByRole("button", { name: `Organisation ${OTHER_TENANT}` })).toBeVisible();
  await expect(page.getByRole("heading", { name: "No workflows yet" })).toBeVisible();
  await page.getByRole("button", { name: /go on in another$/ }).click();
  await page.getByRole("menuitem").filter({ hasNotText: OTHER_TENANT }).first().click();
  await expect(page.getByText("Invoice intake").first()).toBeVisible();
  await page.close();
});
