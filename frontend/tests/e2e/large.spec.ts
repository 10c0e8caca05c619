/** A large draft: what moves is the view, not what is drawn in it. */
import { make, saved } from "./drawing";
import { expect, test } from "./fixtures";

const COUNT = 500;
const ROWS = 20;

function large() {
  const nodes: object[] = [{ id: "start", type: "manual", position: { x: 0, y: 0 } }];
  const edges: object[] = [];
  for (let at = 1; at < COUNT; at += 1) {
    const [column, row] = [Math.floor((at - 1) / ROWS) + 1, (at - 1) % ROWS];
    nodes.push({
      id: `n${at}`,
      type: "set",
      config: { values: { at } },
      position: { x: column * 288, y: row * 96 },
    });
    edges.push({ source: column === 1 ? "start" : `n${at - ROWS}`, target: `n${at}` });
  }
  return { schema: "weir/v1", name: "Large", nodes, edges };
}

interface Panned {
  frames: number[];
  touched: number;
}

test("12: a draft of 500 steps is panned without drawing any of them anew", async ({
  inside: page,
  house,
}) => {
  const id = await make(house, large());
  await page.goto(`/workflows/${id}`);
  await expect(page.locator("[data-card]").first()).toBeVisible({ timeout: 20_000 });
  await expect(saved(page)).toBeVisible();
  await page.evaluate(() => {
    const panned: Panned = { frames: [], touched: 0 };
    Object.assign(window, { panned });
    let last = performance.now();
    const frame = (now: number) => {
      panned.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    for (const node of document.querySelectorAll(".react-flow__node")) {
      new MutationObserver((changes) => {
        if (node.isConnected) panned.touched += changes.length;
      }).observe(node, { attributes: true, childList: true, subtree: true });
    }
  });
  const pane = page.locator(".react-flow__pane");
  const box = await pane.boundingBox();
  if (!box) throw new Error("There is no canvas.");
  const where = () =>
    page
      .locator(".react-flow__viewport")
      .evaluate((view) => new DOMMatrix(getComputedStyle(view).transform).m41);
  const before = await where();
  // Where no card stands: along the lower edge.
  const [x, y] = [box.x + box.width / 2, box.y + box.height - 24];
  await page.mouse.move(x, y);
  await page.mouse.down({ button: "middle" });
  for (let step = 1; step <= 60; step += 1) await page.mouse.move(x - step * 6, y);
  await page.mouse.up({ button: "middle" });
  expect((await where()) - before).toBeCloseTo(-360, -1);
  const { frames, touched } = await page.evaluate(
    () => (window as unknown as { panned: Panned }).panned as Panned,
  );
  const sorted = frames.sort((one, other) => one - other);
  test.info().annotations.push({
    type: "frames",
    description: `median ${sorted[Math.floor(sorted.length / 2)]?.toFixed(1)} ms of ${sorted.length}`,
  });
  expect(touched).toBe(0);
});
