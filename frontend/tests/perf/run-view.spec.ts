/** How soon the view of a long run is ready, and how it scrolls: medians of three, told, not judged. */
import type { Page } from "@playwright/test";
import { expect, test } from "../e2e/fixtures";
import { chain, ended, publish, START, start } from "../e2e/parcels";

const TURNS = 3;
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
            setTimeout(() =>
              done(
                performance.now() - (performance.getEntriesByName("asked").at(-1)?.startTime ?? 0),
              ),
            ),
          );
        };
        look();
      }),
    most,
  );
}

/** The work of each frame while the time line scrolls: from its beginning until after its paint. */
async function scrolling(page: Page, frames: number): Promise<number[]> {
  return page.evaluate(
    (count) =>
      new Promise<number[]>((done) => {
        const box = document.querySelector("[data-testid=gantt]");
        const took: number[] = [];
        const channel = new MessageChannel();
        let began = 0;
        channel.port1.onmessage = () => {
          took.push(performance.now() - began);
          if (took.length < count) requestAnimationFrame(step);
          else done(took);
        };
        // What the scrolling of the frame before has caused runs before this callback.
        const step = (frame: number) => {
          began = frame;
          // A notch of a wheel in every frame: faster than people scroll.
          box?.scrollBy(0, 120);
          channel.port2.postMessage(0);
        };
        requestAnimationFrame(step);
      }),
    frames,
  );
}

/** The processor's time that the page's thread took for a frame, whoever else is at work here. */
async function processor(page: Page, frames: number): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.setTimeDomain", { timeDomain: "threadTicks" });
  await session.send("Performance.enable");
  const spent = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return (metrics.find((one) => one.name === "TaskDuration")?.value ?? 0) * 1_000;
  };
  const before = await spent();
  await scrolling(page, frames);
  const each = ((await spent()) - before) / frames;
  await session.send("Performance.disable");
  return each;
}

const sorted = (values: number[]) => [...values].sort((a, b) => a - b);
const share = (values: number[], part: number) =>
  sorted(values)[Math.floor((values.length - 1) * part)] ?? 0;

function tell(what: string, values: number[], budget: number, part = 0.5): void {
  const value = Math.round(share(values, part));
  const text = `${value} ms (max ${Math.round(Math.max(...values))}), budget ${budget} ms`;
  test.info().annotations.push({ type: what, description: text });
  console.log(`${value <= budget ? "within" : "OVER  "}  ${what}: ${text}`);
}

for (const [steps, items, budget] of [
  [500, 166, 1_500],
  [5_000, 1_666, 2_500],
] as const) {
  test(`a run of ${steps} steps`, async ({ inside: page, house }) => {
    test.setTimeout(180_000);
    const workflow = await publish(house, LOOP);
    const run = await start(house, workflow, { items: Array.from({ length: items }, (_, n) => n) });
    expect(await ended(house, run)).toBe("succeeded");
    const times: number[] = [];
    for (let turn = 0; turn < TURNS; turn += 1) times.push(await ready(page, run, "5"));
    tell(`${steps} steps ready`, times, budget);
    await page.getByRole("button", { name: "Unfold everything" }).click();
    await expect(page.getByTestId("gantt")).toHaveAttribute("aria-rowcount", String(2 + items * 4));
    const frames = await scrolling(page, FRAMES);
    tell(`${steps} steps scrolling, p95 of a frame`, frames, 32, 0.95);
    await page.getByTestId("gantt").evaluate((grid) => grid.scrollTo(0, 0));
    tell(
      `${steps} steps scrolling, processor's time of a frame`,
      [await processor(page, FRAMES)],
      16,
    );
    await expect(page.getByTestId("gantt").getByRole("row").first()).toBeVisible();
  });
}

test("a run of a graph of 500 nodes", async ({ inside: page, house }) => {
  test.setTimeout(180_000);
  const workflow = await publish(house, wide(500));
  const run = await start(house, workflow);
  expect(await ended(house, run)).toBe("succeeded");
  const times: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) times.push(await ready(page, run, "500"));
  tell("500 nodes ready", times, 1_500);
});
