/** What the tests of a suite share: one seeded house a worker, and pages that are signed in. */
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { ADMIN, House } from "./house";
import { type Seeded, seed } from "./seed";

interface Shared {
  house: House;
  seeded: Seeded;
  session: Awaited<ReturnType<BrowserContext["storageState"]>>;
}

export const test = base.extend<{ inside: Page }, Shared>({
  house: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from it
    async ({}, use) => {
      const house = await House.start();
      await use(house);
      await house.stop();
    },
    { scope: "worker", timeout: 240_000 },
  ],
  seeded: [
    async ({ house }, use) => {
      await house.people();
      await use(await seed(house));
    },
    { scope: "worker", timeout: 240_000 },
  ],
  session: [
    async ({ browser, house, seeded }, use) => {
      expect(seeded).toBeTruthy();
      const context = await browser.newContext();
      const page = await context.newPage();
      await signIn(page, house.url);
      const state = await context.storageState();
      await context.close();
      await use(state);
    },
    { scope: "worker", timeout: 240_000 },
  ],
  /** A page of the administrator; what the browser complains about fails the test. */
  inside: async ({ browser, house, session }, use, info) => {
    const context = await browser.newContext({
      ...info.project.use,
      baseURL: house.url,
      storageState: session,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      const text = message.text();
      if (message.type() === "error" && /Content Security|Trusted|TrustedHTML/i.test(text))
        complaints.push(text);
    });
    await use(page);
    expect(complaints).toEqual([]);
    await context.close();
  },
});

export async function signIn(page: Page, url: string, who = ADMIN): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("E-mail").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Workflows", exact: true })).toBeVisible();
}

export async function theme(page: Page, name: "dark" | "light"): Promise<void> {
  await page.addInitScript((chosen) => localStorage.setItem("weir.theme", chosen), name);
}

export { ADMIN, expect, House };
