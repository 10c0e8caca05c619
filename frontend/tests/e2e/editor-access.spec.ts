/** The editor for everybody: axe finds nothing in either theme, whatever is open. */
import { violations } from "./axe";
import { card, make, open } from "./drawing";
import { expect, test, theme } from "./fixtures";

for (const shown of ["dark", "light"] as const) {
  test(`the editor has no violation in the ${shown} theme`, async ({ inside: page, house }) => {
    await theme(page, shown);
    const id = await make(house);
    const clean = async (what: string) => expect.soft(await violations(page), what).toEqual([]);
    await open(page, id);
    await clean("canvas");
    await card(page, "first").click();
    for (const name of ["Parameters", "Behaviour", "Input / Output", "Notes"]) {
      await page.getByRole("tab", { name }).click();
      await clean(name);
    }
    await page.locator("[data-publish=first]").click();
    await expect(page.getByRole("dialog").getByLabel("What is new")).toBeVisible();
    await clean("publish");
    await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
    await expect(page.locator("[data-publish=up-to-date]")).toBeVisible();
    await page.getByRole("button", { name: "Versions" }).click();
    await expect(page.getByRole("dialog", { name: "Versions" })).toContainText("Version 1");
    await clean("versions");
    await page.keyboard.press("Escape");
    await page.keyboard.press(",");
    await expect(page.getByRole("dialog")).toBeVisible();
    await clean("settings");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.keyboard.press("p");
    await clean("problems");
    await page.keyboard.press("r");
    await expect(page.getByRole("button", { name: "Run the draft" })).toBeVisible();
    await clean("try it out");
    await page.keyboard.press("Escape");
    await card(page, "first").click();
    await page.keyboard.press("a");
    await expect(page.getByRole("dialog", { name: "Choose a step" })).toBeVisible();
    await clean("chooser");
    await page.keyboard.press("Escape");
    await page.keyboard.press("c");
    await expect(page.getByRole("dialog", { name: /^Connect/ })).toBeVisible();
    await clean("connecting");
  });
}
