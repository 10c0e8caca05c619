/** Somebody who has drawn nothing yet is led through their first workflow by the real pages. */
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { violations } from "./axe";
import { another } from "./drawing";
import { expect, signIn, test, theme } from "./fixtures";
import { invited } from "./parcels";

const INTO =
  process.env.PICTURES ?? fileURLToPath(new URL("../../../docs/screenshots", import.meta.url));

const strip = (page: Page) => page.getByRole("region", { name: "First steps" });
const done = (page: Page) => strip(page).locator("[data-done=true]");
const mark = (page: Page, on: string) => page.locator(`[data-mark="${on}"]`);

/** Everything that is done, and what is looked at before each. */
async function take(page: Page, look: (at: string) => Promise<void>): Promise<void> {
  await expect(mark(page, "[data-tour=new-workflow]")).toBeVisible();
  await look("list");
  await page.getByRole("button", { name: "New workflow" }).first().click();
  await expect(mark(page, "[role=listbox][aria-label=Steps]")).toBeVisible();
  await expect(done(page)).toHaveCount(1);
  await look("editor");

  await page.locator("[data-card=start]").click();
  await page.locator("[role=option][data-type=output]").click();
  await expect(done(page)).toHaveCount(2);
  await expect(mark(page, "[data-properties]")).toBeVisible();
  const field = page.getByRole("textbox", { name: "Value", exact: true });
  await field.fill("{{ input.amount * 2 }}");
  // The hint about it is of the place where it is being written: it takes nothing from there.
  await expect(field).toBeFocused();
  await expect(done(page)).toHaveCount(3);
  await look("expression");

  await expect(mark(page, "[data-publish]")).toBeVisible();
  await page.locator("[data-publish=first]").click();
  await expect(mark(page, "[data-publish]")).toHaveCount(0);
  await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
  await expect(done(page)).toHaveCount(4);
  await expect(mark(page, "[data-tour=try]")).toBeVisible();
  await page.getByRole("button", { name: "Try it out" }).click();
  await expect(mark(page, "[data-tour=run-version]")).toBeVisible();
  await page.getByRole("textbox", { name: "Sample input" }).fill('{"amount": 21}');
  await look("try");
  await page.getByRole("button", { name: "Run version 1" }).click();
  await expect(done(page)).toHaveCount(5);
  await expect(mark(page, "[data-tour=open-run]")).toBeVisible();
  await page.getByRole("link", { name: "Open the run" }).click();
  await expect(mark(page, "[data-testid=gantt]")).toBeVisible();
  await look("run");
  await page.getByTestId("graph").locator('[data-node="output"]').click();
  await expect(done(page)).toHaveCount(6);
  await look("step");
  await page.getByTestId("detail").getByRole("tab", { name: "Output" }).click();
  await expect(done(page)).toHaveCount(7);
  await expect(page.locator("[data-mark]")).toHaveCount(0);
  await look("all");
}

for (const shown of ["dark", "light"] as const) {
  test(`a newcomer's first steps tick themselves off as they are taken, in the ${shown} theme`, async ({
    browser,
    house,
    seeded,
  }) => {
    expect(seeded).toBeTruthy();
    const who = await invited(house, `first-${shown}@example.com`, "editor", "Editor");
    const { page, context } = await another(browser, house);
    // Nothing is asked that an editor may not: each refusal would stand in the audit.
    const refused: string[] = [];
    page.on("response", (answer) => {
      if (answer.status() === 403) refused.push(answer.url());
    });
    await theme(page, shown);
    await signIn(page, house.url, who);
    await take(page, async (at) => {
      expect.soft(await violations(page), at).toEqual([]);
      // It has a place of its own: the page ends where it begins.
      const [main, own] = [
        await page.locator("main").boundingBox(),
        await strip(page).boundingBox(),
      ];
      expect((main?.y ?? 0) + (main?.height ?? 0)).toBeLessThanOrEqual(own?.y ?? 0);
    });
    expect(refused).toEqual([]);
    await strip(page).getByRole("button", { name: "That is all" }).click();
    await expect(strip(page)).toHaveCount(0);
    await page.goto("/workflows");
    await expect(page.getByRole("heading", { name: "Workflows", exact: true })).toBeVisible();
    await expect(page.getByText("New workflow").nth(1)).toBeVisible();
    await expect(strip(page)).toHaveCount(0);
    await context.close();
  });
}

test("it is put away by keys, told to readers, and begun again from the help", async ({
  browser,
  house,
  seeded,
}) => {
  expect(seeded).toBeTruthy();
  const who = await invited(house, "again@example.com", "editor", "Editor");
  const { page, context } = await another(browser, house, who);
  await expect(strip(page).getByRole("status")).toContainText("0 of 7 done. Next: Create a");
  const focused = () => page.evaluate(() => document.activeElement?.closest("section")?.ariaLabel);
  expect(await focused()).not.toBe("First steps");

  await expect(page.locator("[data-mark]")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator("[data-mark]")).toHaveCount(0);
  await strip(page).getByRole("button", { name: "Show me" }).press("Enter");
  await expect(mark(page, "[data-tour=new-workflow]")).toBeVisible();

  await page.goto("/account");
  await expect(strip(page)).toBeVisible();
  await expect(page.locator("[data-mark]")).toHaveCount(0);
  await strip(page).getByRole("button", { name: "Show me" }).click();
  await expect(mark(page, "[data-tour=new-workflow]")).toBeVisible();
  await strip(page).getByRole("button", { name: "Leave the first steps" }).focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(strip(page)).toHaveCount(0);
  await page.reload();
  await expect(page.getByText("Invoice intake").first()).toBeVisible();
  await expect(strip(page)).toHaveCount(0);

  await page.getByRole("button", { name: "Help" }).click();
  await page.getByRole("menuitem", { name: "First steps" }).click();
  await expect(strip(page)).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("A workflow, a place, an action").fill("leave the first");
  await page.keyboard.press("Enter");
  await expect(strip(page)).toHaveCount(0);
  await page.getByRole("heading", { level: 1 }).first().click();
  await page.keyboard.press("?");
  await page.getByRole("button", { name: "Begin the first steps" }).click();
  await expect(strip(page)).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await context.close();
});

test("nobody is led who has drawn something, or may draw nothing", async ({
  inside,
  browser,
  house,
}) => {
  const answered = inside.waitForResponse(/\/workflows\?sort=-created_at/);
  await inside.goto("/workflows");
  await inside.evaluate(() => {
    for (const key of Object.keys(localStorage))
      if (key.startsWith("weir.first-steps.")) localStorage.removeItem(key);
  });
  await inside.reload();
  await answered;
  await expect(inside.getByText("Invoice intake").first()).toBeVisible();
  await expect(strip(inside)).toHaveCount(0);
  const who = await invited(house, "first-viewer@example.com", "viewer", "Viewer");
  const { page, context } = await another(browser, house, who);
  await expect(page.getByText("Invoice intake").first()).toBeVisible();
  await expect(strip(page)).toHaveCount(0);
  await context.close();
});

for (const shown of ["dark", "light"] as const) {
  test(`pictures of the first steps in the ${shown} theme @screenshots`, async ({
    browser,
    house,
    seeded,
  }) => {
    expect(seeded).toBeTruthy();
    const who = await invited(house, `pictured-${shown}@example.com`, "editor", "Editor");
    const { page, context } = await another(browser, house);
    await theme(page, shown);
    await signIn(page, house.url, who);
    await take(page, async (at) => {
      if (process.env.EVERY || ["list", "editor", "run"].includes(at))
        await page.screenshot({
          path: `${INTO}/first-steps-${at}-${shown}.png`,
          animations: "disabled",
        });
    });
    await context.close();
  });
}
