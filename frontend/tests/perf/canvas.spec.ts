/**
 * How long the first picture takes and how much work a frame of dragging is, with 100 and 500
 * steps. The figures are printed; what fails a test is only what is drawn wrong, for the time a
 * machine takes says more of the machine.
 */
import type { Page } from "@playwright/test";
import { expect, test } from "../e2e/fixtures";

const BUDGETS = {
  100: { first: 500, median: 10, p95: 16 },
  500: { first: 1_000, median: 0, p95: 0 },
};

function large(count: number) {
  const nodes: object[] = [
    { id: "start", type: "manual", name: "Begin", position: { x: 0, y: 0 } },
  ];
  const edges: object[] = [];
  const rows = Math.ceil(Math.sqrt(count / 2));
  for (let index = 1; index < count; index += 1) {
    const [column, row] = [Math.floor((index - 1) / rows) + 1, (index - 1) % rows];
    nodes.push({
      id: `n${index}`,
      type: "set",
      name: `Step ${index}`,
      config: { values: { value: index } },
      position: { x: column * 288, y: row * 96 },
    });
    edges.push({ source: column === 1 ? "start" : `n${index - rows}`, target: `n${index}` });
  }
  return { schema: "weir/v1", name: `${count} steps`, nodes, edges };
}

const at = (sorted: number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Milliseconds from the editor's chunk to every card painted, and from the navigation to it. */
async function firstPicture(page: Page, count: number) {
  return page.evaluate(async (cards) => {
    while (document.querySelectorAll("[data-card]").length < cards)
      await new Promise(requestAnimationFrame);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const now = performance.now();
    const chunk = (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter((entry) => /editor.*\.js/.test(entry.name))
      .reduce((last, entry) => Math.max(last, entry.responseEnd), 0);
    return { chunk: now - chunk, navigation: now };
  }, count);
}

/** Work of each frame while one card is dragged: from the frame's start to the task after its paint. */
async function dragging(page: Page, id: string, frames: number): Promise<number[]> {
  return page.evaluate(
    async ([node, total]) => {
      const card = document.querySelector(`[data-card="${node}"]`) as HTMLElement;
      const box = card.getBoundingClientRect();
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const tell = (type: string, dx: number, target: EventTarget) =>
        target.dispatchEvent(
          new MouseEvent(type, {
            bubbles: true,
            cancelable: true,
            view: window,
            clientX: x + dx,
            clientY: y + dx / 2,
            button: 0,
            buttons: 1,
          }),
        );
      tell("mousedown", 0, card);
      const work: number[] = [];
      for (let frame = 0; frame < Number(total); frame += 1) {
        await new Promise<void>((done) =>
          requestAnimationFrame(() => {
            const begun = performance.now();
            tell("mousemove", 8 + Math.sin(frame / 10) * 60, window);
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => {
              work.push(performance.now() - begun);
              done();
            };
            port2.postMessage(0);
          }),
        );
      }
      tell("mouseup", 8, window);
      return work;
    },
    [id, frames] as const,
  );
}

for (const count of [100, 500] as const) {
  test(`12: ${count} steps are drawn and dragged`, async ({ inside, house }) => {
    const { id } = await house.ask<{ id: string }>("POST", "/workflows", large(count));
    const pictures: { chunk: number; navigation: number }[] = [];
    for (let visit = 0; visit < 4; visit += 1) {
      await inside.goto(`/workflows/${id}`);
      const picture = await firstPicture(inside, count);
      if (visit) pictures.push(picture); // the first one filled the cache
    }
    await expect(inside.locator("[data-card]")).toHaveCount(count);
    await expect(inside.locator("[data-saved=saved]")).toBeVisible();
    const middle = (list: number[]) =>
      at(
        [...list].sort((one, other) => one - other),
        0.5,
      );
    const work = (await dragging(inside, "n7", 240)).sort((one, other) => one - other);
    await inside.keyboard.press("Control+z");
    const figures = {
      steps: count,
      first_from_chunk_ms: Math.round(middle(pictures.map((one) => one.chunk))),
      first_from_navigation_ms: Math.round(middle(pictures.map((one) => one.navigation))),
      drag_median_ms: Number(at(work, 0.5).toFixed(1)),
      drag_p95_ms: Number(at(work, 0.95).toFixed(1)),
      budget: BUDGETS[count],
    };
    console.log(JSON.stringify(figures));
    await expect(inside.locator("[data-saved=saved]")).toBeVisible();
  });
}
