/** The run view for everybody: no violation in either theme, and all of it by keys alone. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { expect, test, theme } from "./fixtures";
import { chain, ended, openRun, publish, rowOf, START, start } from "./parcels";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FAILING = {
  name: "Refuses what is large",
  nodes: [
    START,
    { id: "each", type: "for_each", config: { items: [1, 2, 3], on_item_error: "collect" } },
    {
      id: "check",
      type: "fail",
      parent: "each",
      config: { code: "TOO_LARGE", message: "{{ string(item) + ' is too large' }}" },
    },
    {
      id: "stop",
      type: "fail",
      config: { code: "NOTHING_LEFT", message: "Nothing is left to do." },
    },
  ],
  edges: chain("start", "each", "stop"),
};
const WAITING = {
  name: "Waits for legal",
  nodes: [START, { id: "word", type: "wait_signal", config: { name: "decision", timeout: "20d" } }],
  edges: chain("start", "word"),
};

interface Found {
  id: string;
  nodes: { html: string }[];
}

async function violations(page: Page): Promise<string[]> {
  // The policy of the page allows no script of ours: it is brought in from outside of it.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: AXE });
  const { result } = await session.send("Runtime.evaluate", {
    expression:
      "axe.run(document.querySelector('[role=dialog]') ?? '#content', {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa']}).then(({violations}) => JSON.stringify(violations))",
    awaitPromise: true,
  });
  const found = JSON.parse(String(result.value)) as Found[];
  return found.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`));
}

for (const shown of ["dark", "light"] as const) {
  test(`the run view has no violation in the ${shown} theme`, async ({ inside: page, house }) => {
    await theme(page, shown);
    const workflow = await publish(house, FAILING);
    const run = await start(house, workflow);
    await ended(house, run);
    await openRun(page, run);
    expect(await violations(page)).toEqual([]);
    await openRun(page, run, "?step=each%5B1%5D%2Fcheck");
    for (const tab of ["Overview", "Input", "Output", "Logs", /Attempts/] as const) {
      await page.getByTestId("detail").getByRole("tab", { name: tab }).click();
      expect(await violations(page)).toEqual([]);
    }
    await page.getByRole("button", { name: "Retry", exact: true }).click();
    await expect(page.getByTestId("repeats")).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}

test("a run is read, retried and told something by keys alone", async ({ inside: page, house }) => {
  const failing = await publish(house, FAILING);
  const run = await start(house, failing);
  await ended(house, run);
  await openRun(page, run);
  const grid = page.getByTestId("gantt");
  await grid.focus();
  await grid.press("Home");
  await expect(rowOf(page, "start")).toHaveAttribute("aria-selected", "true");
  await grid.press("ArrowDown");
  await expect(rowOf(page, "each")).toHaveAttribute("aria-selected", "true");
  if ((await rowOf(page, "each").getAttribute("aria-expanded")) === "false") {
    await grid.press("ArrowRight");
  }
  await grid.press("ArrowDown");
  await grid.press("ArrowRight");
  await grid.press("ArrowDown");
  await expect(rowOf(page, "each[0]/check")).toHaveAttribute("aria-selected", "true");
  await expect(page.getByTestId("error-panel")).toContainText("1 is too large");
  await expect(grid).toHaveAttribute("aria-activedescendant", "row-3");
  await grid.press("ArrowLeft");
  await expect(rowOf(page, "each[0]")).toHaveAttribute("aria-selected", "true");
  await page.getByRole("separator", { name: "Width of the detail" }).focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("separator", { name: "Width of the detail" })).toHaveAttribute(
    "aria-valuenow",
    "60",
  );
  await grid.focus();
  await page.keyboard.press("r");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("No step with an effect outside is repeated.")).toBeVisible();
  await dialog.getByRole("button", { name: "Retry", exact: true }).press("Enter");
  await expect(page).not.toHaveURL(new RegExp(run));
  await expect(page.getByTestId("run-status")).toHaveAttribute("data-status", "failed");

  const waiting = await start(house, await publish(house, WAITING));
  await openRun(page, waiting);
  await expect(rowOf(page, "word")).toHaveAttribute("data-status", "waiting");
  await expect(rowOf(page, "word").locator(".bar-wait")).toBeVisible();
  await page.getByTestId("gantt").focus();
  await page.keyboard.press("s");
  await expect(dialog.getByLabel("Name")).toHaveValue("decision");
  await dialog.getByLabel("Payload").fill('{"granted": true}');
  await dialog.getByRole("button", { name: "Send" }).press("Enter");
  await expect(page.getByTestId("run-status")).toHaveAttribute("data-status", "succeeded");
});
