/** What the tests of the editor share: a small workflow to draw in, and hands to draw with. */
import type { Browser, BrowserContext, Locator, Page } from "@playwright/test";
import { expect, type House, signIn } from "./fixtures";

export const SMALL = {
  schema: "weir/v1",
  name: "Small one",
  nodes: [
    { id: "start", type: "manual", name: "Begin", position: { x: 0, y: 96 } },
    {
      id: "first",
      type: "set",
      name: "First",
      config: { values: { total: "{{ input.amount * 2 }}", who: "Admin" } },
      position: { x: 288, y: 96 },
    },
    {
      id: "last",
      type: "output",
      name: "Last",
      config: { value: "{{ steps.first.total }}" },
      position: { x: 576, y: 96 },
    },
  ],
  edges: [
    { source: "start", target: "first" },
    { source: "first", target: "last" },
  ],
  notes: [
    {
      id: "n1",
      text: "Careful here",
      position: { x: 0, y: 288 },
      size: { width: 224, height: 96 },
    },
  ],
};

export interface Drawn {
  nodes: {
    id: string;
    type: string;
    name?: string;
    position?: { x: number; y: number };
    parent?: string;
    config?: Record<string, unknown>;
    disabled?: boolean;
  }[];
  edges: { source: string; source_port?: string; target: string }[];
  notes?: { id: string; text: string; position: { x: number; y: number }; color?: string }[];
}

export async function make(house: House, definition: object = SMALL): Promise<string> {
  return (await house.ask<{ id: string }>("POST", "/workflows", definition)).id;
}

/** The draft as the platform has written it down. */
export async function draft(house: House, id: string): Promise<Drawn> {
  return (await house.ask<{ definition: Drawn }>("GET", `/workflows/${id}`)).definition;
}

export const placeOf = async (house: House, id: string, node: string) =>
  (await draft(house, id)).nodes.find((one) => one.id === node)?.position;

export const card = (page: Page, id: string) => page.locator(`[data-card="${id}"]`);
export const saved = (page: Page) => page.locator('[data-saved="saved"]');

export async function open(page: Page, id: string, first = "start"): Promise<void> {
  await page.goto(`/workflows/${id}`);
  await expect(card(page, first)).toBeVisible();
  await expect(saved(page)).toBeVisible();
}

async function middle(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox();
  if (!box) throw new Error("It is not shown.");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Take a card and put it down elsewhere. */
export async function drag(page: Page, id: string, dx: number, dy: number): Promise<void> {
  const from = await middle(card(page, id));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + dx / 2, from.y + dy / 2, { steps: 4 });
  await page.mouse.move(from.x + dx, from.y + dy, { steps: 4 });
  await page.mouse.up();
}

/** Pull an edge from a port to a place of the window. */
export async function pull(
  page: Page,
  node: string,
  port: string,
  to: { x: number; y: number },
): Promise<void> {
  const handle = page.locator(
    `.react-flow__node[data-id="${node}"] .react-flow__handle[data-handleid="${port}"]`,
  );
  const from = await middle(handle);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 5 });
  await page.mouse.move(to.x, to.y, { steps: 5 });
  await page.mouse.up();
}

export async function middleOf(page: Page, id: string) {
  return middle(card(page, id));
}

/** Another browser, signed in as somebody. */
export async function another(
  browser: Browser,
  house: House,
  who?: { email: string; password: string; name: string },
  session?: Awaited<ReturnType<BrowserContext["storageState"]>>,
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    baseURL: house.url,
    viewport: { width: 1440, height: 900 },
    ...(session ? { storageState: session } : {}),
  });
  const page = await context.newPage();
  if (who) await signIn(page, house.url, who);
  return { context, page };
}
