/** The view of a run, check by check. */
import { expect, signIn, test } from "./fixtures";
import {
  cardOf,
  chain,
  cuttable,
  ended,
  invited,
  openRun,
  parcel,
  publish,
  publishAgain,
  rowOf,
  START,
  start,
  startWorker,
  unfold,
} from "./parcels";

let stop: () => Promise<void> = async () => {};
const made: Record<string, string> = {};

const LOOP = {
  name: "Ship orders",
  nodes: [
    START,
    { id: "each", type: "for_each", config: { items: "{{ input.items }}", concurrency: 2 } },
    parcel("book", { id: "{{ item }}", ms: "{{ input.ms }}", lines: 3 }, { parent: "each" }),
    parcel("report", { id: 99, lines: 1 }),
  ],
  edges: chain("start", "each", "report"),
};
const CHARGE = {
  name: "Charge cards",
  nodes: [
    START,
    parcel("reserve", { id: 1 }),
    parcel("flaky", { id: 2, fails: 1 }),
    parcel("charge", { id: 3, broken: "{{ input.broken }}" }, { name: "Charge the card" }),
    { id: "done", type: "output", config: { value: "{{ steps.charge }}" } },
  ],
  edges: chain("start", "reserve", "flaky", "charge", "done"),
};

test.beforeAll(async ({ house, seeded }) => {
  expect(seeded).toBeTruthy();
  stop = await startWorker(house);
  made.loop = await publish(house, LOOP);
  made.charge = await publish(house, CHARGE);
  made.large = await publish(house, {
    name: "Large report",
    nodes: [START, parcel("report", { id: 7, bytes: 10_000_000 })],
    edges: chain("start", "report"),
  });
  made.failed = await start(house, made.charge, { broken: "Atlantis" });
  await ended(house, made.failed);
});
test.afterAll(() => stop());

test("23 a running time line grows live and survives a cut network", async ({
  inside: page,
  house,
}) => {
  const cut = await cuttable(page, page.context());
  const items = Array.from({ length: 12 }, (_, n) => n);
  const run = await start(house, made.loop ?? "", { items, ms: 2_000 });
  await openRun(page, run, "?tab=logs");
  await expect(page.getByTestId("now-line")).toBeVisible();
  await expect(rowOf(page, "each")).toHaveAttribute("data-status", "running");
  await unfold(page, "each");
  await expect(rowOf(page, "each[2]")).toBeVisible();
  await cut(true);
  await expect(page.getByText("Reconnecting; nothing is lost")).toBeVisible();
  await expect(page.getByTestId("run-status")).toHaveAttribute("data-status", /running|waiting/);
  // What happens meanwhile is told afterwards: the run goes on without us.
  await expect(async () => {
    const told = await house.ask<{ items: unknown[] }>("GET", `/runs/${run}/timeline`);
    expect(told.items.length).toBeGreaterThan(14);
  }).toPass();
  await cut(false);
  await ended(house, run);
  await expect(page.getByTestId("run-status")).toHaveAttribute("data-status", "succeeded");
  await expect(rowOf(page, "each[11]")).toHaveAttribute("data-status", "succeeded");
  await expect(page.getByTestId("now-line")).toHaveCount(0);
  const grid = page.getByTestId("gantt");
  // start, each, its twelve iterations, report: nothing twice, nothing missing.
  await expect(grid).toHaveAttribute("aria-rowcount", "15");
  const { items: lines } = await house.ask<{ items: unknown[] }>(
    "GET",
    `/runs/${run}/logs?limit=200`,
  );
  expect(lines).toHaveLength(12 * 3 + 1);
  await expect(page.getByText(`${lines.length} lines`)).toBeVisible();
});

test("24 clicking a bar selects node, lines and values together", async ({
  inside: page,
  house,
}) => {
  const run = await start(house, made.loop ?? "", { items: [0, 1, 2], ms: 30 });
  await ended(house, run);
  await openRun(page, run);
  await unfold(page, "each");
  await unfold(page, "each[1]");
  await rowOf(page, "each[1]/book").locator(".bar-work").click();
  await expect(rowOf(page, "each[1]/book")).toHaveAttribute("aria-selected", "true");
  await expect(page.locator(".react-flow__node.selected [data-node=book]")).toBeVisible();
  await expect(page).toHaveURL(/step=each%5B1%5D%2Fbook/);
  const detail = page.getByTestId("detail");
  await detail.getByRole("tab", { name: "Logs" }).click();
  await expect(detail.getByText("parcel 1, line 2")).toBeVisible();
  await expect(detail.getByText("parcel 0, line 2")).toHaveCount(0);
  await detail.getByRole("tab", { name: "Input" }).click();
  await detail.getByRole("treeitem", { name: /^input/ }).click();
  await expect(detail.getByRole("treeitem", { name: "id: 1" })).toBeVisible();
  await detail.getByRole("tab", { name: "Output" }).click();
  await expect(detail.getByRole("treeitem", { name: 'label: "L-1"' })).toBeVisible();
  // And the other way round: the graph selects in the time line.
  await cardOf(page, "report").click();
  await expect(rowOf(page, "report")).toHaveAttribute("aria-selected", "true");
});

test("25 retries are attempts under one bar, and each opens", async ({ inside: page }) => {
  await openRun(page, made.failed ?? "");
  const row = rowOf(page, "flaky");
  await expect(row.locator(".bar-work")).toHaveCount(2);
  await row.locator(".bar-work").first().click();
  const detail = page.getByTestId("detail");
  await detail.getByRole("tab", { name: /Attempts/ }).click();
  await expect(detail.locator("[data-attempt]")).toHaveCount(2);
  const first = detail.locator("[data-attempt='1']");
  await expect(first.getByRole("button", { name: /Attempt 1/ })).toHaveAttribute(
    "aria-expanded",
    "true",
  );
  await expect(first.getByText("The carrier answered 503.")).toBeVisible();
  await detail.getByRole("button", { name: /Attempt 2/ }).click();
  await expect(detail.locator("[data-attempt='2']").getByText(/at work/)).toBeVisible();
  await expect(page).toHaveURL(/attempt=2/);
});

test("26 an old run shows the graph of its own version", async ({ inside: page, house }) => {
  const old = {
    name: "Rewritten",
    nodes: [START, { id: "before", type: "set", config: { values: { a: 1 } } }],
    edges: chain("start", "before"),
  };
  const id = await publish(house, old);
  const first = await start(house, id);
  await ended(house, first);
  const version = await publishAgain(house, id, {
    ...old,
    nodes: [START, { id: "after", type: "set", config: { values: { b: 2 } } }],
    edges: chain("start", "after"),
  });
  const second = await start(house, id, {}, { version });
  await ended(house, second);
  await openRun(page, first);
  await expect(cardOf(page, "before")).toHaveAttribute("data-status", "succeeded");
  await expect(cardOf(page, "after")).toHaveCount(0);
  await expect(page.getByText("not the current version")).toBeVisible();
  await openRun(page, second);
  await expect(cardOf(page, "after")).toBeVisible();
  await expect(cardOf(page, "before")).toHaveCount(0);
});

test("27 a retry offers both versions and names the steps it repeats", async ({
  inside: page,
  house,
}) => {
  await openRun(page, made.failed ?? "");
  const detail = page.getByTestId("detail");
  await expect(detail.getByTestId("error-panel")).toContainText("No carrier delivers to Atlantis.");
  await detail.getByRole("link", { name: "About this code" }).click();
  await expect(page.getByRole("heading", { name: "NODE_FAILED" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "What to do" })).toBeVisible();
  await page.goBack();
  await page.getByRole("button", { name: "Retry", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("radio", { name: /The version of this run/ })).toBeChecked();
  await expect(dialog.getByRole("radio", { name: /The current version/ })).toBeVisible();
  await expect(dialog.getByTestId("repeats")).toContainText("1 step with an effect outside");
  await expect(dialog.getByTestId("repeats").getByRole("listitem")).toHaveText("charge");
  await dialog.getByRole("checkbox", { name: "Give it another input" }).check();
  await dialog.getByLabel("Input", { exact: true }).fill('{"broken": ');
  await expect(dialog.getByRole("button", { name: "Retry", exact: true })).toBeDisabled();
  await dialog.getByLabel("Input", { exact: true }).fill('{"broken": ""}');
  await dialog.getByRole("button", { name: "Retry", exact: true }).click();
  await expect(page).not.toHaveURL(new RegExp(made.failed ?? "-"));
  await expect(page.getByTestId("run-status")).toHaveAttribute("data-status", "succeeded");
  const next = /run_\w+/.exec(page.url())?.[0] ?? "";
  const told = await house.ask<{ origin: { run_id: string } }>("GET", `/runs/${next}`);
  expect(told.origin.run_id).toBe(made.failed);
  // What was taken over was not done again.
  const { items } = await house.ask<{ items: { step: string; attempts: unknown[] }[] }>(
    "GET",
    `/runs/${next}/timeline`,
  );
  expect(items.find((step) => step.step === "reserve")?.attempts).toEqual([]);
});

test("28 a value of 10 MB opens without freezing, and is offered for download", async ({
  inside: page,
  house,
}) => {
  const run = await start(house, made.large ?? "");
  await ended(house, run);
  await openRun(page, run, "?step=report");
  await page.evaluate(() => {
    const seen = { longest: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.longest = Math.max(seen.longest, entry.duration);
    }).observe({ type: "longtask" });
  });
  const detail = page.getByTestId("detail");
  await detail.getByRole("tab", { name: "Output" }).click();
  await expect(detail.getByRole("treeitem", { name: "[100000]" })).toBeVisible();
  const tree = page.getByTestId("inspector");
  for (const range of ["[90000 … 99999]", "[99900 … 99999]"]) {
    await tree.press("End");
    await expect(detail.getByRole("treeitem", { name: range, selected: true })).toBeVisible();
    await tree.press("ArrowRight");
    await expect(detail.getByRole("treeitem", { name: range })).toHaveAttribute(
      "aria-expanded",
      "true",
    );
  }
  await tree.press("End");
  await expect(detail.getByRole("treeitem", { name: /^99999:/ })).toBeVisible();
  const longest = await page.evaluate(
    () => (window as unknown as { seen: { longest: number } }).seen.longest,
  );
  test.info().annotations.push({ type: "longest task", description: `${Math.round(longest)} ms` });
  expect(longest).toBeLessThan(1_000);
  const downloading = page.waitForEvent("download");
  await detail.getByRole("link", { name: "Download" }).click();
  const file = await (await downloading).path();
  const { stat } = await import("node:fs/promises");
  expect((await stat(file)).size).toBeGreaterThan(9_000_000);
});

test("29 who may only look sees no control of a run", async ({ browser, house }) => {
  const viewer = await invited(house, "looks@example.com", "viewer");
  const context = await browser.newContext({ baseURL: house.url });
  const page = await context.newPage();
  await signIn(page, house.url, viewer);
  await openRun(page, made.failed ?? "");
  await expect(page.getByTestId("error-panel").first()).toBeVisible();
  for (const name of ["Retry", "Pause", "Start again from here"]) {
    await expect(page.getByRole("button", { name, exact: true })).toHaveCount(0);
  }
  const status = await page.evaluate(async (run) => {
    const csrf = /weir-csrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
    const headers = { "Content-Type": "application/json", "X-Weir-CSRF": csrf };
    const asked = { method: "POST", headers, body: "{}" };
    return (await fetch(`/api/v1/runs/${run}/retry`, asked)).status;
  }, made.failed);
  expect(status).toBe(403);
  await context.close();
});

test("30 secrets appear in no line, value, export or page", async ({ inside: page, house }) => {
  const secret = "s3cret-of-the-carrier-4711";
  await house.ask("POST", "/credentials", {
    name: "carrier",
    type: "bearer",
    fields: { token: secret },
  });
  const heard: string[] = [];
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => {
    heard.push(request.headers.authorization ?? "");
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ ok: true }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const id = await publish(house, {
    name: "Ask the carrier",
    nodes: [
      START,
      {
        id: "ask",
        type: "http_request",
        config: {
          url: `http://127.0.0.1:${port}/parcels`,
          auth: "{{ credentials.carrier }}",
        },
      },
    ],
    edges: chain("start", "ask"),
  });
  const run = await start(house, id);
  const status = await ended(house, run);
  server.close();
  const answers: string[] = [];
  page.on("response", async (response) => {
    if (response.url().includes("/api/")) answers.push(await response.text().catch(() => ""));
  });
  page.on("websocket", (socket) =>
    socket.on("framereceived", (frame) => answers.push(String(frame.payload))),
  );
  await openRun(page, run, "?step=ask");
  const detail = page.getByTestId("detail");
  for (const tab of ["Overview", "Input", "Output", "Logs", /Attempts/] as const) {
    await detail.getByRole("tab", { name: tab }).click();
    await page.waitForLoadState("networkidle");
    expect(await page.content()).not.toContain(secret);
  }
  const events = await house.ask("GET", `/runs/${run}/events`);
  expect([...answers, JSON.stringify(events)].join()).not.toContain(secret);
  expect(status).toBe("succeeded");
  expect(heard).toEqual([`Bearer ${secret}`]);
});
