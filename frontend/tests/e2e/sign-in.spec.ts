import { createHmac } from "node:crypto";
import { test as base, type Page } from "@playwright/test";
import { ADMIN, expect, House } from "./fixtures";

/** A house where nobody has an account yet. */
const test = base.extend<object, { fresh: House }>({
  fresh: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from it
    async ({}, use) => {
      const house = await House.start();
      await use(house);
      await house.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});
test.describe.configure({ mode: "serial" });

/** Passkeys need a name, not an address. */
const named = (url: string) => url.replace("127.0.0.1", "localhost");

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("E-mail").fill(ADMIN.email);
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function codeOf(secret: string): string {
  const bits = [...secret]
    .map((sign) => ALPHABET.indexOf(sign).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", key).update(count).digest();
  const at = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

let secret = "";

test("the link that Weir prints makes the first administrator", async ({ page, fresh }) => {
  await page.goto(named(fresh.link));
  await page.getByLabel("E-mail").fill(ADMIN.email);
  await page.getByLabel("Name").fill(ADMIN.name);
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Begin" }).click();
  await expect(page.getByRole("heading", { name: "The first administrator" })).toBeVisible();
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Begin" }).click();
  await expect(page.getByRole("heading", { name: "No workflows yet" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Workflows", exact: true })).toBeVisible();
  await signOut(page);
});

test("a wrong password is told, and where one wanted to go is not forgotten", async ({
  page,
  fresh,
}) => {
  const url = named(fresh.url);
  await page.goto(`${url}/dashboard?window=1h`);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.getByLabel("E-mail").fill(ADMIN.email);
  await page.getByLabel("Password", { exact: true }).fill("not this one at all");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("do not belong together");
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
  expect(page.url()).toContain("window=1h");
  const cookies = await page.context().cookies();
  expect(cookies.find((cookie) => cookie.name === "weir")?.httpOnly).toBe(true);
  expect(await page.evaluate(() => document.cookie)).not.toContain("weir=");
});

test("an address of another site is not gone to after signing in", async ({ page, fresh }) => {
  await page.goto(`${named(fresh.url)}/sign-in?next=//example.com/x`);
  await page.getByLabel("E-mail").fill(ADMIN.email);
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Workflows", exact: true })).toBeVisible();
});

test("a session whose access token is over goes on by itself", async ({ page, fresh }) => {
  const url = named(fresh.url);
  await signIn(page, url);
  await expect(page.getByRole("heading", { name: "Workflows", exact: true })).toBeVisible();
  const kept = (await page.context().cookies()).filter((cookie) => cookie.name === "weir-refresh");
  await page.context().clearCookies();
  await page.context().addCookies(kept);
  await page.goto(`${url}/runs`);
  await expect(page.getByRole("heading", { name: "Runs", exact: true })).toBeVisible();
});

test("an authenticator is set up and asked for", async ({ page, fresh }) => {
  const url = named(fresh.url);
  await signIn(page, url);
  await expect(page.getByRole("heading", { name: "Workflows", exact: true })).toBeVisible();
  await page.goto(`${url}/account?tab=factors`);
  await page.getByRole("button", { name: "Set up" }).click();
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("img", { name: /QR code/ })).toBeVisible();
  secret = (await page.getByTitle(/^[A-Z2-7]{16,}$/).getAttribute("title")) ?? "";
  await page.getByLabel("The code it shows now").fill(codeOf(secret));
  await page.getByRole("button", { name: "Use these codes" }).click();
  await page.getByLabel("I keep them where only I find them").check();
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByText("in use")).toBeVisible();
  await signOut(page);

  await signIn(page, url);
  await expect(page.getByRole("heading", { name: "Second factor" })).toBeVisible();
  await page.getByLabel("Code of your authenticator").fill("000000");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toBeVisible();
});

test("a passkey is added, and signs in alone", async ({ page, fresh }) => {
  const url = named(fresh.url);
  const devices = await page.context().newCDPSession(page);
  await devices.send("WebAuthn.enable");
  await devices.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  });
  await page.goto(`${url}/sign-in`);
  await signIn(page, url);
  await expect(page.getByRole("heading", { name: "Second factor" })).toBeVisible();
  // A code counts once: the one of setting up was spent in this half minute, the next is good.
  await expect(async () => {
    await page.getByLabel("Code of your authenticator").fill(codeOf(secret));
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Workflows", exact: true })).toBeVisible({
      timeout: 3_000,
    });
  }).toPass({ timeout: 45_000, intervals: [4_000] });
  await page.goto(`${url}/account?tab=factors`);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByLabel("What you call it").fill("Test device");
  await page.getByLabel("Your password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByText("Test device")).toBeVisible();
  await signOut(page);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByRole("heading", { name: "Workflows", exact: true })).toBeVisible();
});
