/** How soon the view of a long run is ready, and how much work a frame of scrolling is. */
import type { Page } from "@playwright/test";
import { expect, test } from "../e2e/fixtures";
import { chain, ended, publish, START, start } from "../e2e/parcels";
import { at, figure, workOfFrames, workUntil } from "./work";

const TURNS = 5;
const FRAMES = 200;

const set = (id: string, parent?: string) => ({
  id,
  type: "set",
  config: { values: { n: 1 } },
  ...(parent ? { parent } : {}),
});

/** Steps in a loop: three for each item, beside the loop and the start. */
const LOOP = {
  name: "A long loop",
  nodes: [
    START,
    { id: "each", type: "for_each", config: { items: "{{ input.items }}", concurrency: 50 } },
    ...["a", "b", "c"].map((id) => set(id, "each")),
  ],
  edges: [...chain("start", "each"), ...chain("a", "b", "c")],
};

/** A graph of so many nodes, twenty in a row. */
function wide(count: number) {
  const ids = Array.from({ length: count - 1 }, (_, n) => `n${n}`);
  const nodes = ids.map((id, n) => ({
    ...set(id),
    position: { x: 280 + (n % 20) * 280, y: Math.floor(n / 20) * 112 },
  }));
  const rows = Array.from({ length: Math.ceil(ids.length / 20) }, (_, row) =>
    chain("start", ...ids.slice(row * 20, row * 20 + 20)),
  );
  return {
    name: `A graph of ${count}`,
    nodes: [{ ...START, position: { x: 0, y: 0 } }, ...nodes],
    edges: rows.flat(),
  };
}

/** From asking for the address until everything visible is painted and answers. */
async function ready(page: Page, run: string, most: string): Promise<number> {
  await page.goto("/runs");
  await page.waitForLoadState("networkidle");
  await page.evaluate((to) => {
    performance.mark("asked");
    history.pushState({}, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, `/runs/${run}`);
  return page.evaluate(
    (wanted) =>
      new Promise<number>((done) => {
        const look = () => {
          const view = document.querySelector("[data-testid=run-view][data-ready]");
          const grid = document.querySelector("[data-testid=gantt]");
          const rows = grid?.querySelectorAll("[role=row]").length ?? 0;
          const cards = document.querySelectorAll("[data-testid=graph] [data-node]").length;
          if (!view || rows < 1 || cards < Number(wanted)) {
            requestAnimationFrame(look);
            return;
          }
          requestAnimationFrame(() =>
            setTimeout(() => {
              const { startTime } = performance.mark("drawn");
              done(startTime - (performance.getEntriesByName("asked").at(-1)?.startTime ?? 0));
            }),
          );
        };
        look();
      }),
    most,
  );
}

/** Figures of how soon it is ready: the median of some turns, and the work of one more. */
async function readiness(page: Page, what: string, run: string, most: string, budget: number) {
  await ready(page, run, most); // fills the caches
  const times: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) times.push(await ready(page, run, most));
  const work = await workUntil(page, "drawn", async () => {
    await ready(page, run, most);
  });
  figure(`${what} ready`, at(times, 0.5), "ms", budget);
  figure(`${what} ready, work of the page's thread, with the list before`, work, "ms");
}

for (const [steps, items, budget] of [
  [500, 166, 1_500],
  [5_000, 1_666, 2_500],
] as const) {
  test(`a run of ${steps} steps`, async ({ inside: page, house }) => {
    const workflow = await publish(house, LOOP);
    const run = await start(house, workflow, { items: Array.from({ length: items }, (_, n) => n) });
    expect(await ended(house, run)).toBe("succeeded");
    await readiness(page, `${steps} steps of a run`, run, "5", budget);
    await page.getByRole("button", { name: "Unfold everything" }).click();
    const grid = page.getByTestId("gantt");
    await expect(grid).toHaveAttribute("aria-rowcount", String(2 + items * 4));
    await grid.evaluate((box) => {
      // A notch of a wheel in every frame: faster than people scroll.
      Object.assign(window, { scroll: () => box.scrollBy(0, 120) });
    });
    const frames = await workOfFrames(page, FRAMES, "scroll");
    figure(
      `${steps} steps of a run, work of a frame of scrolling, p95`,
      at(frames, 0.95),
      "ms",
      32,
    );
    await expect(grid.getByRole("row").first()).toBeVisible();
  });
}

test("a run of a graph of 500 nodes", async ({ inside: page, house }) => {
  const workflow = await publish(house, wide(500));
  const run = await start(house, workflow);
  expect(await ended(house, run)).toBe("succeeded");
  await readiness(page, "A run of a graph of 500 nodes", run, "500", 1_500);
});
