/** Drawing together, check by check. */
import { another, card, draft, drag, make, open, placeOf, saved } from "./drawing";
import { expect, test } from "./fixtures";
import { cuttable, invited } from "./parcels";

test("1: two browsers move different steps at once, and both survive a reload", async ({
  inside,
  browser,
  house,
  session,
}) => {
  const id = await make(house);
  const { page, context } = await another(browser, house, undefined, session);
  await Promise.all([open(inside, id), open(page, id)]);
  const [first, last] = [await placeOf(house, id, "first"), await placeOf(house, id, "last")];
  await Promise.all([drag(inside, "first", 0, 160), drag(page, "last", 0, -96)]);
  await expect
    .poll(async () => (await placeOf(house, id, "first"))?.y)
    .toBeGreaterThan((first?.y ?? 0) + 100);
  await expect
    .poll(async () => (await placeOf(house, id, "last"))?.y)
    .toBeLessThan((last?.y ?? 0) - 50);
  const places = async () => [await placeOf(house, id, "first"), await placeOf(house, id, "last")];
  const before = await places();
  await Promise.all([inside.reload(), page.reload()]);
  await Promise.all([
    expect(card(inside, "first")).toBeVisible(),
    expect(card(page, "first")).toBeVisible(),
  ]);
  expect(await places()).toEqual(before);
  const tops = async (one: typeof page) => [
    (await card(one, "first").boundingBox())?.y,
    (await card(one, "last").boundingBox())?.y,
  ];
  await expect.poll(() => tops(page)).toEqual(await tops(inside));
  await context.close();
});

test("2: undo of one never takes back what another did", async ({
  inside,
  browser,
  house,
  session,
}) => {
  const id = await make(house);
  const { page, context } = await another(browser, house, undefined, session);
  await Promise.all([open(inside, id), open(page, id)]);
  const first = await placeOf(house, id, "first");
  await drag(inside, "first", 0, 160);
  await expect.poll(async () => (await placeOf(house, id, "first"))?.y).not.toBe(first?.y);
  await drag(page, "last", 0, -96);
  await expect.poll(async () => (await placeOf(house, id, "last"))?.y).toBeLessThan(90);
  const last = await placeOf(house, id, "last");
  await inside.keyboard.press("Control+z");
  await expect.poll(() => placeOf(house, id, "first")).toEqual(first);
  await inside.keyboard.press("Control+z");
  await expect(saved(inside)).toBeVisible();
  expect(await placeOf(house, id, "last")).toEqual(last);
  await context.close();
});

test("4: pointers and choices of others are seen with their names, and vanish with them", async ({
  inside,
  browser,
  house,
}) => {
  const id = await make(house);
  const who = await invited(house, "second-editor@example.com", "editor");
  const { page, context } = await another(browser, house, who);
  await Promise.all([open(inside, id), open(page, id)]);
  const box = await card(page, "first").boundingBox();
  await page.mouse.move((box?.x ?? 0) + 10, (box?.y ?? 0) + 120);
  await expect(inside.locator(`[data-cursor="${who.name}"]`)).toBeVisible();
  await card(page, "first").click();
  await expect(inside.locator('[data-others="first"]')).toBeVisible();
  await expect(inside.locator(`[data-peer="${who.name}"]`)).toBeVisible();
  await page.getByLabel("Values, who", { exact: true }).click();
  await card(inside, "first").click();
  await expect(inside.locator(`[data-editing="${who.name}"]`)).toBeVisible();
  await context.close();
  await expect(inside.locator(`[data-cursor="${who.name}"]`)).toHaveCount(0);
  await expect(inside.locator('[data-others="first"]')).toHaveCount(0);
  await expect(inside.locator(`[data-peer="${who.name}"]`)).toHaveCount(0);
});

test("5: what is drawn offline is merged when the network is back", async ({
  browser,
  house,
  session,
}) => {
  const id = await make(house);
  const one = await another(browser, house, undefined, session);
  const other = await another(browser, house, undefined, session);
  const cut = await cuttable(one.page, one.context);
  await Promise.all([open(one.page, id), open(other.page, id)]);
  await cut(true);
  await expect(one.page.locator("[data-saved=offline]")).toBeVisible();
  await drag(one.page, "first", 0, 160);
  await card(one.page, "last").click();
  await one.page.getByLabel("Title of the step").fill("Drawn offline");
  await one.page.keyboard.press("Enter");
  await expect(one.page.locator("[data-saved=kept]")).toBeVisible();
  await drag(other.page, "last", 0, -96);
  await expect.poll(async () => (await placeOf(house, id, "last"))?.y).toBeLessThan(90);
  await cut(false);
  await expect(saved(one.page)).toBeVisible({ timeout: 20_000 });
  await expect
    .poll(async () => (await draft(house, id)).nodes.find((node) => node.id === "last")?.name)
    .toBe("Drawn offline");
  expect((await placeOf(house, id, "first"))?.y).toBeGreaterThan(150);
  expect((await placeOf(house, id, "last"))?.y).toBeLessThan(90);
  await expect(card(other.page, "last")).toContainText("Drawn offline");
  await one.context.close();
  await other.context.close();
});

test("5: what is drawn offline outlives closing the page", async ({ browser, house, session }) => {
  const id = await make(house);
  const { page, context } = await another(browser, house, undefined, session);
  const cut = await cuttable(page, context);
  await open(page, id);
  await cut(true);
  await expect(page.locator("[data-saved=offline]")).toBeVisible();
  await card(page, "first").click();
  await page.keyboard.press("d");
  await expect(page.locator("[data-saved=kept]")).toBeVisible();
  await page.waitForTimeout(300); // IndexedDB says nothing when it has written
  await page.goto("about:blank");
  expect(
    (await draft(house, id)).nodes.find((node) => node.id === "first")?.disabled,
  ).toBeUndefined();
  await cut(false);
  await open(page, id);
  await expect
    .poll(async () => (await draft(house, id)).nodes.find((node) => node.id === "first")?.disabled)
    .toBe(true);
  await context.close();
});

test("29: who may only look sees no way to change or run, and the API refuses too", async ({
  browser,
  house,
}) => {
  const id = await make(house);
  const who = await invited(house, "second-viewer@example.com", "viewer");
  const { page, context } = await another(browser, house, who);
  await page.goto(`/workflows/${id}`);
  await expect(card(page, "first")).toBeVisible();
  await expect(page.locator("[data-saved=read-only]")).toBeVisible();
  await card(page, "first").click();
  await expect(page.getByRole("tab", { name: "Parameters" })).toBeVisible();
  for (const name of [
    /^Publish/,
    "Try it out",
    "Delete",
    "Duplicate",
    /^Run/,
    "Switch off",
    "Tidy up",
    "Add a note",
  ]) {
    await expect(page.getByRole("button", { name })).toHaveCount(0);
  }
  await expect(page.getByRole("combobox", { name: "Search steps to add" })).toHaveCount(0);
  const before = await draft(house, id);
  await page.keyboard.press("Delete");
  await drag(page, "first", 0, 96);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("Add HTTP");
  await expect(page.getByRole("option", { name: "Add HTTP request" })).toHaveCount(0);
  const answer = await page.evaluate(
    async ([path]) =>
      (
        await fetch(path as string, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: "{}",
        })
      ).status,
    [`/api/v1/workflows/${id}/trials`],
  );
  expect(answer).toBe(403);
  expect(await draft(house, id)).toEqual(before);
  await context.close();
});
