import { expect, test } from "./fixtures";

test("a failed run is found by chips, which are taken away again", async ({ inside }) => {
  await inside.goto("/runs");
  await expect(inside.getByRole("row").nth(3)).toBeVisible();
  await inside.getByRole("button", { name: "State", exact: true }).click();
  await inside.getByRole("menuitem", { name: "failed" }).click();
  await expect(inside).toHaveURL(/status=failed/);
  await expect(inside.getByText("AMOUNT_IMPLAUSIBLE").first()).toBeVisible();
  await expect(inside.getByRole("cell", { name: "succeeded" })).toHaveCount(0);
  await inside.getByRole("button", { name: "Label", exact: true }).click();
  await inside.getByLabel("Name", { exact: true }).fill("team");
  await inside.getByLabel("Value", { exact: true }).fill("legal");
  await inside.getByRole("button", { name: "Add" }).click();
  await expect(inside.getByRole("heading", { name: "No run is like that" })).toBeVisible();
  await inside.getByRole("button", { name: "Remove the filter team legal" }).click();
  await expect(inside.getByText("AMOUNT_IMPLAUSIBLE").first()).toBeVisible();
  await inside.getByRole("button", { name: "Clear" }).click();
  await expect(inside.getByRole("cell", { name: "succeeded" }).first()).toBeVisible();
});

test("a list grows by itself while one looks at it", async ({ inside, house, seeded }) => {
  await inside.goto(`/runs?workflow_id=${seeded.workflows["Nightly stock report"]}`);
  const rows = inside.getByRole("table", { name: "Runs", exact: true }).getByRole("row");
  await expect(rows.nth(2)).toBeVisible();
  const before = await rows.count();
  await house.ask("POST", `/workflows/${seeded.workflows["Nightly stock report"]}/runs`, {
    input: {},
  });
  await expect(rows).toHaveCount(before + 1);
});

test("a workflow is made, copied and deleted", async ({ inside }) => {
  await inside.goto("/workflows");
  await inside.getByRole("button", { name: "More about Invoice intake" }).click();
  await inside.getByRole("menuitem", { name: "Copy" }).click();
  await inside.getByLabel("Name", { exact: true }).fill("Copied intake");
  await inside.getByRole("button", { name: "Copy", exact: true }).click();
  await expect(inside).toHaveURL(/\/workflows\/wf_/);
  await inside.goto("/workflows");
  await inside.getByRole("button", { name: "More about Copied intake" }).click();
  await inside.getByRole("menuitem", { name: "Delete" }).click();
  await inside.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(inside.getByText("Copied intake is deleted.").first()).toBeVisible();
  await expect(inside.getByRole("link", { name: "Copied intake" })).toHaveCount(0);
});

test("a definition is imported as YAML, and a wrong one is refused with words", async ({
  inside,
  house,
}) => {
  await inside.goto("/workflows");
  await inside.getByRole("button", { name: "Import" }).click();
  const text = inside.getByLabel("Or its text");
  await text.fill("name: [");
  await inside.getByRole("dialog").getByRole("button", { name: "Import" }).click();
  await expect(inside.getByRole("alert")).toBeVisible();
  await text.fill("schema: weir/v1\nname: From a file\nnodes:\n  - {id: start, type: manual}\n");
  await inside.getByRole("dialog").getByRole("button", { name: "Import" }).click();
  await expect(inside).toHaveURL(/\/workflows\/wf_/);
  const id = inside.url().split("/").at(-1)?.split("?")[0] ?? "";
  await house.ask("DELETE", `/workflows/${id}`, undefined, { "If-Match": "*" });
});

test("a connection is saved, never shown again, and deleted", async ({ inside }) => {
  await inside.goto("/connections");
  await inside.getByRole("button", { name: "New connection" }).click();
  await inside.getByLabel("Name", { exact: true }).fill("paper_mill");
  await inside.getByLabel("Type").selectOption("bearer");
  await inside.getByLabel("Token").fill("very secret words");
  await inside.getByRole("button", { name: "Save" }).click();
  await expect(inside.getByRole("button", { name: "paper_mill", exact: true })).toBeVisible();
  expect(await inside.content()).not.toContain("very secret words");
  await inside.getByRole("button", { name: "More about paper_mill" }).click();
  await inside.getByRole("menuitem", { name: "Delete" }).click();
  await inside.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(inside.getByRole("button", { name: "paper_mill", exact: true })).toHaveCount(0);
});

test("an approval is decided with its form, and the count on the rail follows", async ({
  inside,
  house,
  seeded,
}) => {
  const { run_id } = await house.ask<{ run_id: string }>(
    "POST",
    `/workflows/${seeded.workflows["Contract approval"]}/runs`,
    { input: { supplier: "Supplier South", value: 1 } },
  );
  await inside.goto("/approvals");
  await inside.getByText("Contract with Supplier South").first().click();
  const badge = inside.getByRole("link", { name: /^Approvals, \d+ waiting$/ });
  const before = Number(/\d+/.exec((await badge.getAttribute("aria-label")) ?? "")?.[0]);
  await inside.getByRole("button", { name: "Approve" }).click();
  await inside.getByLabel("Payment within days").fill("45");
  await inside.getByLabel("Comment").fill("As agreed.");
  await inside.getByRole("button", { name: "Approve" }).click();
  await expect(
    inside.getByRole("link", { name: `Approvals, ${before - 1} waiting` }),
  ).toBeVisible();
  await expect
    .poll(async () => (await house.ask<{ status: string }>("GET", `/runs/${run_id}`)).status)
    .toBe("succeeded");
});

test("a webhook is tested, and a delivery is made once more", async ({ inside }) => {
  await inside.goto("/webhooks");
  await inside.getByRole("button", { name: /^More about Deployment notifier/ }).click();
  await inside.getByRole("menuitem", { name: "Send a test" }).click();
  await inside.getByRole("button", { name: "Send", exact: true }).click();
  await expect(inside.getByRole("dialog").getByText("accepted")).toBeVisible();
  await inside.getByRole("dialog").getByRole("button", { name: "Close" }).first().click();
  await inside.getByRole("button", { name: /^More about Deployment notifier/ }).click();
  await inside.getByRole("menuitem", { name: "Deliveries" }).click();
  await inside
    .getByRole("dialog")
    .getByRole("button", { name: /accepted/ })
    .first()
    .click();
  await inside.getByRole("button", { name: "Replay" }).click();
  await expect(inside.getByRole("link", { name: "Look at its run" })).toBeVisible();
});

test("a schedule is made with its next times in view, paused and deleted", async ({ inside }) => {
  await inside.goto("/schedules");
  await inside.getByRole("button", { name: "New schedule" }).click();
  await inside.getByLabel("Name", { exact: true }).fill("Every Monday");
  await inside.getByLabel("Minute, hour, day, month, weekday").fill("30 7 * * 1");
  await expect(
    inside
      .getByRole("dialog")
      .getByText(/07:30:00/)
      .first(),
  ).toBeVisible();
  await inside.getByRole("button", { name: "Make the schedule" }).click();
  await expect(inside.getByText("every Monday at 07:30")).toBeVisible();
  await inside.getByRole("switch", { name: "Every Monday is on" }).click();
  await expect(inside.getByRole("switch", { name: "Every Monday is on" })).not.toBeChecked();
  await inside.getByRole("button", { name: "More about Every Monday" }).click();
  await inside.getByRole("menuitem", { name: "Delete" }).click();
  await inside.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(inside.getByText("every Monday at 07:30")).toHaveCount(0);
});

test("somebody is invited and removed; the audit knows, and its chain is whole", async ({
  inside,
}) => {
  await inside.goto("/admin");
  await inside.getByRole("button", { name: "Invite somebody" }).click();
  await inside.getByLabel("E-mail").fill("new@example.com");
  await inside.getByLabel("Name (optional)").fill("Newcomer");
  await inside.getByRole("button", { name: "Invite", exact: true }).click();
  await expect(inside.getByRole("button", { name: "Newcomer", exact: true })).toBeVisible();
  await inside.getByRole("button", { name: "More about Newcomer" }).click();
  await inside.getByRole("menuitem", { name: "Remove" }).click();
  await inside.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(inside.getByRole("button", { name: "Newcomer", exact: true })).toHaveCount(0);
  await inside.getByRole("tab", { name: "Audit" }).click();
  await expect(inside.getByRole("button", { name: "member.removed" }).first()).toBeVisible();
  await inside.getByRole("button", { name: "Verify the chain" }).click();
  await expect(inside.getByText(/^The chain is whole/).first()).toBeVisible();
});

test("check 29: a viewer is offered nothing that changes, and the API refuses too", async ({
  browser,
  house,
  seeded,
}) => {
  expect(seeded).toBeTruthy();
  const { token } = await house.ask<{ token: string }>("POST", "/keys", {
    name: "viewer",
    role: "viewer",
  });
  const context = await browser.newContext({ baseURL: house.url });
  const page = await context.newPage();
  // As a viewer would: every question goes out with the viewer's key alone.
  await page.route("**/api/v1/**", (route) =>
    route.continue({
      headers: { ...route.request().headers(), authorization: `Bearer ${token}`, cookie: "" },
    }),
  );
  await page.goto("/workflows");
  await expect(page.getByText("Invoice intake").first()).toBeVisible();
  for (const name of ["New workflow", "Import"])
    await expect(page.getByRole("button", { name, exact: true })).toHaveCount(0);
  await page.getByRole("button", { name: "More about Invoice intake" }).click();
  await expect(page.getByRole("menuitem")).toHaveCount(1);
  await page.keyboard.press("Escape");
  for (const name of ["Connections", "Administration"]) {
    await expect(page.getByRole("link", { name })).toHaveCount(0);
  }
  await page.goto("/schedules");
  await expect(page.getByText("Every working day at six")).toBeVisible();
  await expect(page.getByRole("button", { name: "New schedule" })).toHaveCount(0);
  await expect(page.getByRole("switch").first()).toBeDisabled();
  const refused = await fetch(`${house.url}/api/v1/workflows`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "no" }),
  });
  expect(refused.status).toBe(403);
  await context.close();
});
