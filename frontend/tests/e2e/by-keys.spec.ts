/** From a new workflow to a run that went well at the second go, by keys alone. */
import type { Locator, Page } from "@playwright/test";
import { card, saved } from "./drawing";
import { expect, test } from "./fixtures";

const PATIENCE = { timeout: 20_000 };

/** Tab until it has the focus; whoever has no pointer gets nowhere else. */
async function reach(page: Page, what: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await expect(what).toBeVisible();
  const isThere = () =>
    what.evaluate((node) => {
      let active = document.activeElement;
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      return active === node;
    });
  for (let pressed = 0; pressed < 60; pressed += 1) {
    if (await isThere()) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${what} is not reached by ${key}.`);
}

async function command(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Find or do anything" })).toBeFocused();
  await page.keyboard.type(name);
  await expect(page.getByRole("option", { name, selected: true })).toBeVisible();
  await page.keyboard.press("Enter");
}

test("keys alone create, connect, configure, publish, run and retry", async ({
  inside: page,
  house,
}) => {
  const keys = page.keyboard;
  await page.goto("/workflows");
  await expect(page.getByText("Invoice intake").first()).toBeVisible();

  await test.step("create", async () => {
    await command(page, "New workflow");
    await expect(card(page, "start")).toBeVisible();
    await expect(saved(page)).toBeVisible();
    await command(page, "Add Output");
    await expect(card(page, "output")).toBeFocused();
  });
  const id = /wf_\w+/.exec(page.url())?.[0] ?? "";

  await test.step("connect", async () => {
    await keys.press("Escape");
    await keys.press("ArrowLeft");
    await expect(card(page, "start")).toBeFocused();
    await keys.press("c");
    await reach(page, page.getByRole("dialog").getByRole("button", { name: /Output/ }));
    await keys.press("Enter");
    await expect(card(page, "start")).toBeFocused();
    await keys.press("ArrowRight");
    await expect(card(page, "output")).toBeFocused();
  });

  await test.step("configure", async () => {
    await keys.press("Enter");
    const value = page.getByRole("textbox", { name: "Value" });
    await expect(value).toBeFocused();
    await keys.type("{{ 10 / input.by }}");
    await keys.press("Escape");
    await keys.press("Escape");
    await expect(card(page, "output")).toBeFocused();
    await expect(page.locator("[data-publish=first]")).toBeVisible();
  });

  await test.step("publish", async () => {
    await keys.press("Control+Enter");
    await reach(page, page.getByLabel("What is new"));
    await keys.type("By keys");
    await keys.press("Enter");
    await expect(page.locator("[data-publish=up-to-date]")).toBeVisible();
  });

  await test.step("run", async () => {
    await keys.press("f");
    await expect(card(page, "output")).toBeFocused();
    await keys.press("r");
    const run = page.getByRole("button", { name: "Run the draft" });
    await expect(run).toBeFocused();
    await reach(page, page.getByRole("textbox", { name: "Sample input" }));
    await keys.press("Control+a");
    await keys.type('{"by": 0');
    await keys.press("Escape");
    await reach(page, run, "Shift+Tab");
    await keys.press("Enter");
    await expect(card(page, "output").locator("[data-state=failed]")).toBeVisible(PATIENCE);
    await reach(page, page.getByRole("link", { name: "Open the run" }), "Shift+Tab");
    await keys.press("Enter");
    await expect(page.getByTestId("run-view")).toHaveAttribute("data-ready", "true");
  });
  const failed = /run_\w+/.exec(page.url())?.[0] ?? "";

  await test.step("retry", async () => {
    await keys.press("r");
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByTestId("repeats")).toBeVisible();
    await reach(page, dialog.getByRole("checkbox", { name: "Give it another input" }));
    await keys.press("Space");
    await reach(page, dialog.getByLabel("Input", { exact: true }));
    await keys.press("Control+a");
    await keys.type('{"by": 5}');
    await reach(page, dialog.getByRole("button", { name: "Retry", exact: true }));
    await keys.press("Enter");
    await expect(page).not.toHaveURL(new RegExp(failed));
    await expect(page.getByTestId("run-status")).toHaveAttribute(
      "data-status",
      "succeeded",
      PATIENCE,
    );
  });
  const next = /run_\w+/.exec(page.url())?.[0] ?? "";
  const told = await house.ask<{ output: unknown; origin: { run_id: string } }>(
    "GET",
    `/runs/${next}`,
  );
  expect(told).toMatchObject({ output: 2, origin: { run_id: failed } });
  const workflow = await house.ask<{ current_number: number }>("GET", `/workflows/${id}`);
  expect(workflow.current_number).toBe(1);
});
