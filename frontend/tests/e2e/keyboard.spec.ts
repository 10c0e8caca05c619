import { expect, test } from "./fixtures";

test("check 9: Ctrl K finds a workflow, a place and an action", async ({ inside }) => {
  await inside.goto("/runs");
  await expect(inside.getByRole("heading", { name: "Runs" })).toBeVisible();
  for (const [text, option] of [
    ["contract", "Contract approval"],
    ["dashb", "Go to Dashboard"],
    ["light theme", "Use the light theme"],
  ] as const) {
    await inside.keyboard.press("Control+k");
    await inside.getByPlaceholder("A workflow, a place, an action").fill(text);
    await expect(inside.getByRole("option", { name: option })).toBeVisible();
    await inside.keyboard.press("Escape");
  }
  await inside.keyboard.press("Control+k");
  await inside.getByPlaceholder("A workflow, a place, an action").fill("dashb");
  await inside.keyboard.press("Enter");
  await expect(inside.getByRole("heading", { name: "Dashboard" })).toBeVisible();
});

test("keys pressed before the palette is there are written into it, not done by the page", async ({
  inside,
}) => {
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  await inside.route(/\/assets\/palette-/, async (route) => {
    await held;
    await route.continue();
  });
  await inside.goto("/workflows");
  await expect(inside.getByText("Invoice intake").first()).toBeVisible();
  const asked = inside.waitForRequest(/\/assets\/palette-/);
  await inside.keyboard.press("Control+k");
  await asked;
  await inside.keyboard.type("grx");
  await inside.keyboard.press("Backspace");
  release();
  const field = inside.getByRole("combobox", { name: "Find or do anything" });
  await expect(field).toBeFocused();
  await inside.keyboard.type("een");
  await expect(field).toHaveValue("green");
  await expect(inside).toHaveURL(/\/workflows$/);
});

test("check 10: every shortcut stands under ?, and is silent inside text fields", async ({
  inside,
}) => {
  await inside.goto("/workflows");
  await expect(inside.getByText("Invoice intake").first()).toBeVisible();
  const find = inside.getByLabel("Find by name");
  await find.pressSequentially("gr?n");
  await expect(find).toHaveValue("gr?n");
  await expect(inside).toHaveURL(/\/workflows/);
  await expect(inside.getByRole("dialog")).toHaveCount(0);
  await find.fill("");
  await inside.getByRole("heading", { name: "Workflows" }).click();
  await inside.keyboard.press("?");
  const list = inside.getByRole("dialog", { name: "Shortcuts" });
  for (const told of ["Go to Runs", "New workflow", "Find or do anything", "Show every shortcut"]) {
    await expect(list.getByText(told)).toBeVisible();
  }
  await inside.keyboard.press("Escape");
  await expect(list).toHaveCount(0);
  await inside.keyboard.press("g");
  await inside.keyboard.press("r");
  await expect(inside.getByRole("heading", { name: "Runs" })).toBeVisible();
});

test("what has the focus is seen, from the first Tab on", async ({ inside }) => {
  await inside.goto("/workflows");
  await expect(inside.getByText("Invoice intake").first()).toBeVisible();
  await inside.keyboard.press("Tab");
  await expect(inside.getByText("Skip to the content")).toBeFocused();
  for (let step = 0; step < 12; step += 1) {
    await inside.keyboard.press("Tab");
    const outline = await inside.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement as Element);
      return outlineStyle === "none" ? 0 : Number.parseFloat(outlineWidth);
    });
    expect(outline).toBeGreaterThanOrEqual(2);
  }
});
