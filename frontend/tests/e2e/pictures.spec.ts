/** Pictures of every page in both themes: `make screenshots`. */
import { fileURLToPath } from "node:url";
import { expect, test, theme } from "./fixtures";
import { PLACES } from "./places";

const INTO =
  process.env.PICTURES ?? fileURLToPath(new URL("../../../docs/screenshots", import.meta.url));

for (const shown of ["dark", "light"] as const) {
  test(`pictures in the ${shown} theme @screenshots`, async ({ inside, browser, house }) => {
    test.setTimeout(180_000);
    await theme(inside, shown);
    for (const place of PLACES) {
      await inside.goto(place.path);
      await expect(inside.getByText(place.ready).first()).toBeVisible();
      await inside.waitForLoadState("networkidle");
      await inside.screenshot({
        path: `${INTO}/${place.name}-${shown}.png`,
        animations: "disabled",
      });
    }
    await inside.goto("/workflows");
    await expect(inside.getByText("Invoice intake").first()).toBeVisible();
    await inside.keyboard.press("Control+k");
    await expect(inside.getByRole("option").first()).toBeVisible();
    await inside.screenshot({ path: `${INTO}/palette-${shown}.png`, animations: "disabled" });

    const stranger = await browser.newPage({
      baseURL: house.url,
      viewport: { width: 1440, height: 900 },
    });
    await theme(stranger, shown);
    await stranger.goto("/sign-in");
    await expect(stranger.getByLabel("E-mail")).toBeVisible();
    await stranger.screenshot({ path: `${INTO}/sign-in-${shown}.png`, animations: "disabled" });
    await stranger.close();
  });
}
