import { violations } from "./axe";
import { expect, test, theme } from "./fixtures";
import { PLACES } from "./places";

for (const shown of ["dark", "light"] as const) {
  test(`axe finds nothing on any page in the ${shown} theme`, async ({
    inside,
    browser,
    house,
  }) => {
    await theme(inside, shown);
    for (const place of PLACES) {
      await test.step(place.name, async () => {
        await inside.goto(place.path);
        await expect(inside.getByText(place.ready).first()).toBeVisible();
        expect.soft(await violations(inside), place.name).toEqual([]);
      });
    }
    await test.step("dialogs", async () => {
      await inside.goto("/workflows");
      await expect(inside.getByText("Invoice intake").first()).toBeVisible();
      await inside.keyboard.press("Control+k");
      await expect(inside.getByRole("option").first()).toBeVisible();
      expect.soft(await violations(inside), "palette").toEqual([]);
      await inside.keyboard.press("Escape");
      await inside.keyboard.press("?");
      await expect(inside.getByRole("dialog", { name: "Shortcuts" })).toBeVisible();
      expect.soft(await violations(inside), "shortcuts").toEqual([]);
      await inside.goto("/connections");
      await inside.getByRole("button", { name: "New connection" }).click();
      await expect(inside.getByRole("dialog", { name: "New connection" })).toBeVisible();
      expect.soft(await violations(inside), "new connection").toEqual([]);
    });
    await test.step("sign-in", async () => {
      const stranger = await browser.newPage({ baseURL: house.url });
      await theme(stranger, shown);
      await stranger.goto("/sign-in");
      await expect(stranger.getByLabel("E-mail")).toBeVisible();
      expect.soft(await violations(stranger), "sign-in").toEqual([]);
      await stranger.close();
    });
  });
}
