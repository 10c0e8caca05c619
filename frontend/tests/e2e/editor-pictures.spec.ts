/** Pictures of the editor in both themes: `make screenshots`. */
import { fileURLToPath } from "node:url";
import { another, card, make, open } from "./drawing";
import { expect, test, theme } from "./fixtures";
import { invited } from "./parcels";

const INTO =
  process.env.PICTURES ?? fileURLToPath(new URL("../../../docs/screenshots", import.meta.url));

const RELEASE = {
  schema: "weir/v1",
  name: "Release to every region",
  nodes: [
    { id: "asked", type: "manual", name: "Release asked for", position: { x: 0, y: 160 } },
    {
      id: "plan",
      type: "set",
      name: "Plan",
      config: {
        values: {
          version: "{{ input.version }}",
          regions: "{{ input.regions }}",
          is_major: "{{ input.version.endsWith('.0.0') }}",
        },
      },
      position: { x: 288, y: 160 },
    },
    {
      id: "major",
      type: "if",
      name: "A major version?",
      config: { condition: "{{ steps.plan.is_major }}" },
      position: { x: 576, y: 160 },
    },
    {
      id: "gate",
      type: "approval",
      name: "Ask for the release",
      config: {
        title: "Release {{ steps.plan.version }}?",
        assignees: ["role:admin"],
        timeout: "48h",
        on_timeout: "rejected",
      },
      position: { x: 864, y: 16 },
    },
    {
      id: "each",
      type: "for_each",
      name: "Each region",
      config: { items: "{{ steps.plan.regions }}", concurrency: 2 },
      position: { x: 864, y: 240 },
      join: "any",
    },
    {
      id: "settle",
      type: "delay",
      name: "Let the last one settle",
      parent: "each",
      config: { duration: "5s" },
      position: { x: 32, y: 64 },
    },
    {
      id: "roll",
      type: "set",
      name: "Roll out",
      parent: "each",
      config: { values: { region: "{{ item }}", version: "{{ steps.plan.version }}" } },
      position: { x: 320, y: 64 },
    },
    {
      id: "told",
      type: "output",
      name: "What was rolled out",
      config: { value: "{{ steps.each }}" },
      position: { x: 1536, y: 288 },
    },
  ],
  edges: [
    { source: "asked", target: "plan" },
    { source: "plan", target: "major" },
    { source: "major", source_port: "true", target: "gate" },
    { source: "major", source_port: "false", target: "each" },
    { source: "gate", source_port: "approved", target: "each" },
    { source: "settle", target: "roll" },
    { source: "each", target: "told" },
  ],
  notes: [
    {
      id: "why",
      text: "A major version is asked for; the others roll out by themselves, two regions at a time.",
      position: { x: 288, y: 320 },
      size: { width: 288, height: 96 },
      color: "accent",
    },
  ],
};

for (const shown of ["dark", "light"] as const) {
  test(`pictures of the editor in the ${shown} theme @screenshots`, async ({
    inside: page,
    browser,
    house,
  }) => {
    await theme(page, shown);
    const take = async (name: string) => {
      await page.waitForLoadState("networkidle");
      const path = `${INTO}/editor-${name}-${shown}.png`;
      await page.screenshot({ path, animations: "disabled" });
    };
    const empty = await make(house, { schema: "weir/v1", name: "A new one", nodes: [], edges: [] });
    await page.goto(`/workflows/${empty}`);
    await expect(page.locator("[data-saved=saved]")).toBeVisible();
    await take("empty");

    const id = await make(house, RELEASE);
    const made = await house.ask<{ version: string }>("POST", `/workflows/${id}/versions`, {});
    const input = { version: "4.2.0", regions: ["north", "west", "south"] };
    await house.ask("POST", `/workflows/${id}/runs?wait=20s`, { input, version: made.version });
    await open(page, id, "asked");
    await take("canvas");
    await card(page, "plan").click();
    await expect(page.getByLabel("Title of the step")).toHaveValue("Plan");
    await take("step");
    await page.getByRole("tab", { name: "Behaviour" }).click();
    await take("behaviour");
    await page.getByRole("tab", { name: "Parameters" }).click();
    await page.getByRole("textbox", { name: "Values, version", exact: true }).click();
    await page.keyboard.press("End");
    await page.keyboard.type("-rc1");
    await expect(page.locator("[data-publish=changed]")).toBeEnabled();
    await page.locator("[data-publish]").click();
    await expect(page.getByRole("dialog").getByLabel("What is new")).toBeVisible();
    await take("publish");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Versions" }).click();
    await expect(page.getByRole("dialog", { name: "Versions" })).toContainText("Version 1");
    await take("versions");
    await page.keyboard.press("Escape");
    await page.keyboard.press("r");
    await expect(page.getByRole("button", { name: "Run the draft" })).toBeVisible();
    await take("try");
    await page.keyboard.press("Escape");

    const other = await another(
      browser,
      house,
      await invited(house, `second-${shown}@example.com`, "editor", "Editor"),
    );
    await open(other.page, id, "asked");
    await card(other.page, "major").click();
    await other.page.mouse.move(700, 560, { steps: 3 });
    await expect(page.locator("[data-cursor]").first()).toBeVisible();
    await take("together");
    await other.context.close();
  });
}
