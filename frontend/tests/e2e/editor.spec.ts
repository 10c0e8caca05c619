/** Drawing alone, check by check. */
import { card, draft, drag, make, middleOf, open, placeOf, pull, SMALL, saved } from "./drawing";
import { expect, signIn, test } from "./fixtures";
import { invited } from "./parcels";

const edges = (drawn: { edges: { source: string; source_port?: string; target: string }[] }) =>
  drawn.edges
    .map(
      (edge) =>
        `${edge.source}${edge.source_port && edge.source_port !== "out" ? `.${edge.source_port}` : ""}>${edge.target}`,
    )
    .sort();

test("3: one drag is one step to undo", async ({ inside, house }) => {
  const id = await make(house);
  await open(inside, id);
  const before = await placeOf(house, id, "first");
  await drag(inside, "first", 120, 160);
  await expect.poll(() => placeOf(house, id, "first")).not.toEqual(before);
  const moved = await placeOf(house, id, "first");
  await inside.keyboard.press("Control+z");
  await expect.poll(() => placeOf(house, id, "first")).toEqual(before);
  await inside.keyboard.press("Control+Shift+z");
  await expect.poll(() => placeOf(house, id, "first")).toEqual(moved);
});

test("6: what was drawn is there after a look elsewhere", async ({ inside, house }) => {
  const id = await make(house);
  await open(inside, id);
  await card(inside, "first").click();
  await inside.getByLabel("Title of the step").fill("Renamed");
  await inside.getByRole("link", { name: "Runs" }).first().click();
  await expect(inside).toHaveURL(/\/runs/);
  await inside.goBack();
  await expect(card(inside, "first")).toContainText("Renamed");
});

test("7: copied steps are JSON without secrets, for another workflow and for any text field", async ({
  inside,
  house,
}) => {
  await inside.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const definition = {
    ...SMALL,
    nodes: [
      ...SMALL.nodes,
      {
        id: "call",
        type: "http_request",
        name: "Call",
        config: { url: "https://example.org", auth: "{{ credentials.ledger }}" },
        position: { x: 288, y: 240 },
      },
    ],
  };
  const [from, into] = [await make(house, definition), await make(house)];
  await open(inside, from);
  await card(inside, "first").click();
  await card(inside, "call").click({ modifiers: ["Control"] });
  await inside.keyboard.press("Control+c");
  const text = await inside.evaluate(() => navigator.clipboard.readText());
  const copied = JSON.parse(text);
  expect(copied.nodes.map((node: { id: string }) => node.id).sort()).toEqual(["call", "first"]);
  expect(text).not.toContain("not a secret");
  await open(inside, into);
  await inside.mouse.move(800, 480);
  await inside.keyboard.press("Control+v");
  await expect
    .poll(async () => (await draft(house, into)).nodes.map((node) => node.id).sort())
    .toEqual(["call", "first", "first_2", "last", "start"]);
  await inside.keyboard.press("Escape"); // both are chosen, and a click would keep both
  await card(inside, "call").click();
  await inside.getByRole("tab", { name: "Notes" }).click();
  const field = inside.getByLabel("What it is for", { exact: true });
  await field.click();
  await inside.keyboard.press("Control+v");
  expect(JSON.parse(await field.inputValue())).toEqual(copied);
});

test("what is done before its script has come is done when it comes", async ({ inside, house }) => {
  await inside.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  await inside.route(/\/assets\/panels-/, async (route) => {
    await held;
    await route.continue();
  });
  const id = await make(house);
  await open(inside, id);
  await card(inside, "first").click();
  await expect(inside.locator("[data-properties]")).toHaveCount(0);
  await inside.keyboard.press("Control+c");
  await inside.keyboard.press("Control+d");
  release();
  await expect(card(inside, "first_2")).toBeVisible();
  await expect(inside.locator("[data-properties]")).toBeVisible();
  const text = await inside.evaluate(() => navigator.clipboard.readText());
  expect(JSON.parse(text).nodes).toMatchObject([{ id: "first" }]);
});

test("8: what is pasted keeps its connections, has fresh names, and stands at the pointer", async ({
  inside,
  house,
}) => {
  const id = await make(house);
  await open(inside, id);
  await card(inside, "first").click();
  await card(inside, "last").click({ modifiers: ["Control"] });
  await inside.keyboard.press("Control+c");
  await inside.mouse.move(760, 620, { steps: 3 });
  await inside.keyboard.press("Control+v");
  await expect(card(inside, "first_2")).toBeVisible();
  await expect.poll(async () => edges(await draft(house, id))).toContain("first_2>last_2");
  const box = await card(inside, "first_2").boundingBox();
  expect(Math.abs((box?.x ?? 0) - 760)).toBeLessThan(24);
  expect(Math.abs((box?.y ?? 0) - 620)).toBeLessThan(24);
  const pasted = (await draft(house, id)).nodes.find((node) => node.id === "last_2");
  expect(pasted?.config?.value).toBe("{{ steps.first_2.total }}");
});

test("9: Ctrl K finds a step, a workflow and an action", async ({ inside, house }) => {
  const id = await make(house);
  await open(inside, id);
  const find = async (text: string, option: RegExp) => {
    await inside.keyboard.press("Control+k");
    await inside.keyboard.type(text);
    await inside.getByRole("option", { name: option }).first().click();
  };
  await find("last", /^Last/);
  await expect(inside.getByLabel("Title of the step")).toHaveValue("Last");
  await find("tidy", /Tidy up/);
  await find("nightly", /Nightly stock report/);
  await expect(card(inside, "each")).toBeVisible();
});

test("10: every shortcut is listed under ?, and none acts while one writes", async ({
  inside,
  house,
}) => {
  const id = await make(house);
  await open(inside, id);
  await inside.keyboard.press("?");
  const list = inside.getByRole("dialog");
  for (const name of [
    "Undo",
    "Duplicate",
    "Tidy up",
    "Connect the chosen step",
    "Publish",
    "Show the problems",
  ]) {
    await expect(list.getByText(name, { exact: true })).toBeVisible();
  }
  await inside.keyboard.press("Escape");
  await card(inside, "first").click();
  const value = inside.getByRole("textbox", { name: "Values, who", exact: true });
  await value.click();
  await inside.keyboard.press("End");
  await inside.keyboard.type(" tdn?");
  await expect(value).toHaveText("Admin tdn?");
  await inside.getByLabel("Title of the step").fill("tdnc");
  await expect(inside.getByRole("dialog")).toHaveCount(0);
  await expect(inside.locator(".react-flow__node-note")).toHaveCount(1);
  expect((await draft(house, id)).nodes.every((node) => !node.disabled)).toBe(true);
});

test("11: tidying up is one step to undo and leaves notes alone", async ({ inside, house }) => {
  const messy = {
    ...SMALL,
    nodes: SMALL.nodes.map((node, index) => ({
      ...node,
      position: { x: 300 - index * 70, y: index * 40 },
    })),
  };
  const id = await make(house, messy);
  await open(inside, id);
  const before = await draft(house, id);
  await inside.getByRole("button", { name: "Tidy up" }).click();
  await expect
    .poll(
      async () =>
        ((await placeOf(house, id, "last"))?.x ?? 0) -
        ((await placeOf(house, id, "start"))?.x ?? 0),
    )
    .toBeGreaterThan(400);
  expect((await draft(house, id)).notes).toEqual(before.notes);
  await inside.keyboard.press("Control+z");
  await expect
    .poll(async () => (await draft(house, id)).nodes.map((node) => node.position))
    .toEqual(before.nodes.map((node) => node.position));
});

test("13: an edge dropped on nothing offers what can stand there", async ({ inside, house }) => {
  const id = await make(house);
  await open(inside, id);
  await pull(inside, "first", "out", { x: 800, y: 640 });
  const chooser = inside.getByRole("dialog", { name: "Choose a step" });
  await expect(chooser).toBeVisible();
  await expect(chooser.getByRole("option", { name: "Webhook", exact: true })).toHaveCount(0);
  await inside.keyboard.type("delay");
  await inside.keyboard.press("Enter");
  await expect
    .poll(async () => edges(await draft(house, id)))
    .toEqual(["first>delay", "first>last", "start>first"]);
});

test("14: a step put on an edge keeps the flow connected", async ({ inside, house }) => {
  const id = await make(house);
  await open(inside, id);
  const [from, to] = [await middleOf(inside, "first"), await middleOf(inside, "last")];
  const at = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  await inside.locator('[data-type="delay"]').hover();
  await inside.mouse.down();
  await inside.mouse.move(at.x - 20, at.y - 4, { steps: 6 });
  await inside.mouse.move(at.x, at.y, { steps: 3 });
  await inside.mouse.up();
  await expect
    .poll(async () => edges(await draft(house, id)))
    .toEqual(["delay>last", "first>delay", "start>first"]);
  await inside.keyboard.press("Control+z");
  await expect
    .poll(async () => edges(await draft(house, id)))
    .toEqual(["first>last", "start>first"]);
});

test("15: a connection that cannot be is refused with the reason", async ({ inside, house }) => {
  const id = await make(house);
  await open(inside, id);
  await pull(inside, "last", "out", await middleOf(inside, "first"));
  await expect(inside.getByText(/lead in a circle/).first()).toBeVisible();
  await pull(inside, "first", "out", await middleOf(inside, "start"));
  await expect(inside.getByText(/runs begin there/).first()).toBeVisible();
  expect(edges(await draft(house, id))).toEqual(["first>last", "start>first"]);
});

test("16 and 17: expressions complete from real data, and show what they come to", async ({
  inside,
  house,
}) => {
  const id = await make(house);
  await open(inside, id);
  await card(inside, "last").click();
  const value = inside.getByRole("textbox", { name: "Value" });
  const preview = inside.locator("[data-preview]");
  await value.click();
  await expect(preview).toHaveText(/Run first first|pin data/);
  await inside.getByRole("button", { name: "Try it out" }).click();
  const sample = inside.getByRole("textbox", { name: "Sample input" });
  await sample.click();
  await inside.keyboard.press("Control+a");
  await inside.keyboard.insertText('{"amount": 21}');
  await inside.getByRole("button", { name: "Run the draft" }).click();
  await expect(card(inside, "last").locator("[data-state=succeeded]")).toBeVisible({
    timeout: 20_000,
  });
  await expect(preview).toHaveText("= 42");
  await value.click();
  await inside.keyboard.press("Control+a");
  await inside.keyboard.type("{{ steps.first.");
  const offered = inside.locator(".cm-tooltip-autocomplete");
  await expect(offered).toContainText("total");
  await expect(offered).toContainText("42");
  await inside.keyboard.type("nothing");
  await inside.keyboard.press("Escape");
  await expect(inside.getByText(/nothing/).last()).toBeVisible();
  await expect(inside.getByText(/no field|cannot have|is not known|has no/i).first()).toBeVisible();
});

test("18 and 19: pinned data stands in for a step in trials alone, and what is old is seen as such", async ({
  inside,
  house,
}) => {
  const id = await make(house);
  await house.ask("POST", `/workflows/${id}/versions`, {});
  await open(inside, id);
  await card(inside, "first").click();
  await inside.getByRole("tab", { name: "Input / Output" }).click();
  await inside.getByRole("button", { name: "Pin", exact: true }).click();
  const pinned = inside.getByRole("textbox", { name: "Pinned output" });
  await pinned.click();
  await inside.keyboard.press("Control+a");
  await inside.keyboard.insertText('{"total": 7}');
  await card(inside, "last").click();
  await expect(card(inside, "first").locator("[data-pinned]")).toBeVisible();
  await inside.getByRole("button", { name: "Run this step", exact: true }).click();
  await expect(card(inside, "last").locator("[data-state=succeeded]")).toBeVisible({
    timeout: 20_000,
  });
  await expect(inside.getByLabel("Output", { exact: true }).locator("pre")).toHaveText("7");
  await inside.getByRole("tab", { name: "Parameters" }).click();
  await inside.getByRole("textbox", { name: "Value" }).click();
  await inside.keyboard.press("End");
  await inside.keyboard.type(" more");
  await expect(card(inside, "last").locator("[data-stale]")).toBeVisible();
  const run = await house.ask<{ output: unknown }>("POST", `/workflows/${id}/runs?wait=20s`, {
    input: { amount: 5 },
  });
  expect(run.output).toBe(10);
});

test("a note that is drawn and coloured goes into what is published", async ({ inside, house }) => {
  const id = await make(house);
  await open(inside, id);
  await inside.keyboard.press("n");
  await inside.getByRole("radio", { name: "warn" }).click();
  await expect(saved(inside)).toBeVisible();
  await inside.locator("[data-publish]").click();
  await inside.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
  await expect(inside.locator("[data-publish=up-to-date]")).toBeVisible();
  const colours = (await draft(house, id)).notes?.map((note) => note.color);
  expect(colours).toEqual([undefined, "warn"]);
});

test("20 to 22: publishing lists what differs; versions are compared, and one runs again by a click", async ({
  inside,
  house,
}) => {
  const id = await make(house);
  await open(inside, id);
  const publish = inside.locator("[data-publish]");
  await expect(publish).toHaveAttribute("data-publish", "first");
  await publish.click();
  await inside.getByLabel("What is new").fill("The first");
  await inside.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
  await expect(publish).toHaveAttribute("data-publish", "up-to-date");

  await drag(inside, "last", 0, 160);
  await card(inside, "first").click();
  await inside.keyboard.press("Escape");
  await card(inside, "first").click();
  await inside.getByRole("textbox", { name: "Values, who", exact: true }).click();
  await inside.keyboard.press("End");
  await inside.keyboard.type(" too");
  await card(inside, "start").click();
  await inside.locator('[data-type="delay"]').click();
  await expect(publish).toHaveAttribute("data-publish", /changed|invalid/);
  await inside.getByLabel("Duration", { exact: true }).fill("1s");
  await inside.keyboard.press("Enter");
  await expect(publish).toHaveAttribute("data-publish", "changed");
  await publish.click();
  const dialog = inside.getByRole("dialog");
  await expect(dialog.locator("[data-diff=added]").first()).toContainText(/Delay/);
  await expect(dialog.locator("[data-diff=changed]").first()).toContainText("First");
  await expect(dialog).toContainText(/Drawn by \w+/);
  await expect(dialog).toContainText("Begin");
  await dialog.getByRole("button", { name: "Publish" }).click();
  await expect(publish).toHaveAttribute("data-publish", "up-to-date");

  await inside.keyboard.press("Escape");
  await inside.getByRole("button", { name: "Versions" }).click();
  const sheet = inside.getByRole("dialog", { name: "Versions" });
  await sheet.getByRole("button", { name: /^Version 2/ }).click();
  await expect(sheet.locator("[data-diff=added]").first()).toBeVisible();
  await expect(sheet.locator("[data-diff=moved]")).toHaveCount(0);
  await sheet.getByLabel("Show what was only moved").check();
  await expect(sheet.locator("[data-diff=moved]")).toContainText("Last");

  const before = await draft(house, id);
  await sheet.getByRole("button", { name: "Run version 1 again" }).click();
  await expect(sheet.getByRole("listitem").filter({ hasText: "Version 1" })).toContainText(
    "runs now",
  );
  expect(await draft(house, id)).toEqual(before);
  const run = await house.ask<{ output: unknown }>("POST", `/workflows/${id}/runs?wait=20s`, {
    input: { amount: 5 },
  });
  expect(run.output).toBe(10);

  await sheet.getByRole("button", { name: "More about Version 1" }).click();
  await inside.getByRole("menuitem", { name: "Make the draft version 1 again" }).click();
  await inside.getByRole("button", { name: "Go back" }).click();
  await expect
    .poll(async () => (await draft(house, id)).nodes.map((node) => node.id).sort())
    .toEqual(["first", "last", "start"]);
  await expect(saved(inside)).toBeVisible();
});

test("who may start runs but not draw runs what is published, and that alone", async ({
  browser,
  house,
}) => {
  const id = await make(house);
  await house.ask("POST", `/workflows/${id}/versions`, {});
  const who = await invited(house, "starts@example.com", "operator", "Operator");
  const context = await browser.newContext({ baseURL: house.url });
  const page = await context.newPage();
  await signIn(page, house.url, who);
  await page.goto(`/workflows/${id}`);
  await expect(page.locator('[data-saved="read-only"]')).toBeVisible();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const drawer = page.getByRole("region", { name: "Run what is published" });
  await expect(drawer.getByRole("button", { name: "Run version 1" })).toBeFocused();
  for (const name of ["Run the draft", "Try it out", "Tidy up", "Publish"])
    await expect(page.getByRole("button", { name, exact: true })).toHaveCount(0);
  await drawer.getByRole("textbox", { name: "Sample input" }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type('{"amount": 21');
  await drawer.getByRole("button", { name: "Run version 1" }).click();
  await drawer.getByRole("link", { name: "Open the run" }).click();
  await expect(page.getByTestId("run-status")).toHaveAttribute("data-status", "succeeded");
  const run = /run_\w+/.exec(page.url())?.[0] ?? "";
  expect(await house.ask("GET", `/runs/${run}`)).toMatchObject({ output: 42 });
  const status = await page.evaluate(async (workflow) => {
    const csrf = /weir-csrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
    const headers = { "Content-Type": "application/json", "X-Weir-CSRF": csrf };
    const asked = { method: "POST", headers, body: "{}" };
    return (await fetch(`/api/v1/workflows/${workflow}/trials`, asked)).status;
  }, id);
  expect(status).toBe(403);
  await context.close();
});
