import { expect, test, theme } from "./fixtures";
import { PLACES } from "./places";

const only = (process.env.ONLY ?? "").split(",").filter(Boolean);
test("look @look", async ({ inside }) => {
  await theme(inside, (process.env.THEME ?? "dark") as "dark");
  for (const place of PLACES.filter((each) => !only.length || only.includes(each.name))) {
    await inside.goto(place.path);
    await expect.soft(inside.getByText(place.ready).first()).toBeVisible({ timeout: 4000 });
    await inside.waitForTimeout(400);
    await inside.screenshot({ path: `/tmp/frame-shots/${place.name}.png` });
  }
});
