/**
 * How long the first picture takes and how much work a frame of dragging is, with 100 and 500
 * steps. What fails a test is only what is drawn wrong, for the time a machine takes says more of
 * the machine.
 */
import type { Page } from "@playwright/test";
import { expect, test } from "../e2e/fixtures";
import { at, figure, workOfFrames, workUntil } from "./work";

const VISITS = 5;
const FRAMES = 240;

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

/** Milliseconds from the editor's chunk to all of it visible and painted, and from the navigation on. */
async function firstPicture(page: Page, count: number) {
  return page.evaluate(async (cards) => {
    const isDrawn = () => {
      const nodes = document.querySelectorAll(".react-flow__node");
      const last = nodes[cards - 1];
      const edges = document.querySelectorAll(".react-flow__edge").length;
      return last && edges >= cards - 1 && getComputedStyle(last).visibility === "visible";
    };
    while (!isDrawn()) await new Promise(requestAnimationFrame);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    performance.mark("drawn");
    const now = performance.now();
    const [chunk] = (
      performance.getEntriesByType("resource") as PerformanceResourceTiming[]
    ).filter((entry) => /\/editor-[^/]*\.js$/.test(entry.name));
    return { chunk: now - (chunk?.responseEnd ?? 0), navigation: now };
  }, count);
}

/** Take a card in the hand; from then on `drag` moves it, and `drop` lets it go. */
async function take(page: Page, id: string): Promise<void> {
  await page.evaluate((node) => {
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
    Object.assign(window, {
      drag: (frame: number) => tell("mousemove", 8 + Math.sin(frame / 10) * 60, window),
      drop: () => tell("mouseup", 8, window),
    });
  }, id);
}

for (const [count, first, median, p95] of [
  [100, 500, 10, 16],
  [500, 1_000, undefined, undefined],
] as const) {
  test(`12: ${count} steps are drawn and dragged`, async ({ inside, house }) => {
    const { id } = await house.ask<{ id: string }>("POST", "/workflows", large(count));
    const visit = async () => {
      await inside.goto(`/workflows/${id}`, { waitUntil: "commit" });
      return firstPicture(inside, count);
    };
    const idle = () => inside.waitForLoadState("networkidle");
    await visit(); // fills the caches
    await idle();
    const pictures: { chunk: number; navigation: number }[] = [];
    for (let times = 0; times < VISITS; times += 1) {
      pictures.push(await visit());
      await idle();
    }
    const work = await workUntil(inside, "drawn", async () => {
      await visit();
    });
    await expect(inside.locator("[data-card]")).toHaveCount(count);
    await expect(inside.locator("[data-saved=saved]")).toBeVisible();
    const middle = (list: number[]) => at(list, 0.5);
    const from = (which: "chunk" | "navigation") => middle(pictures.map((one) => one[which]));
    figure(`${count} steps, first picture from the chunk on`, from("chunk"), "ms", first);
    figure(`${count} steps, first picture from the navigation on`, from("navigation"), "ms");
    figure(`${count} steps, first picture, work of the page's thread`, work, "ms");

    await take(inside, "n7");
    const frames = await workOfFrames(inside, FRAMES, "drag");
    await inside.evaluate(() => (window as unknown as { drop: () => void }).drop());
    figure(`${count} steps, work of a frame of dragging, median`, at(frames, 0.5), "ms", median);
    figure(`${count} steps, work of a frame of dragging, p95`, at(frames, 0.95), "ms", p95);
    await inside.keyboard.press("Control+z");
    await expect(inside.locator("[data-saved=saved]")).toBeVisible();
  });
}
