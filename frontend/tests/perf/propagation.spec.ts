/**
 * How long a change of one browser takes to another: alone, and beside eight peers that draw as
 * well. The figures are printed and fail nothing: the time a machine takes says more of the machine.
 */
import type { Page } from "@playwright/test";
import type { Studio } from "@/editor/studio";
import { card, saved } from "../e2e/drawing";
import { findStudio } from "../e2e/studio";
import { type Beside, expect, test } from "../together/beside";
import { at, figure } from "./work";

const PEERS = 8;
const NODES = ["mine", "yours", ...Array.from({ length: PEERS }, (_, at) => `p${at}`)];
const DEFINITION = {
  schema: "weir/v1",
  name: "Moved about",
  nodes: [
    { id: "start", type: "manual", position: { x: 0, y: 0 } },
    ...NODES.map((id, at) => ({ id, type: "merge", position: { x: 288, y: at * 96 } })),
  ],
  edges: [],
};

interface Seen {
  sent: Record<number, number>;
  applied: Record<number, number>;
  painted: Record<number, number>;
}

/** Move one step so many times, this many times a second; note when, and when another's move came. */
function move(page: Page, mine: string, theirs: string, times: number, rate: number) {
  return page.evaluate(
    async ([mine, theirs, times, rate]) => {
      const { studio } = window as unknown as { studio: Studio };
      const seen: Seen = { sent: {}, applied: {}, painted: {} };
      Object.assign(window, { seen });
      const clock = () => performance.timeOrigin + performance.now();
      const other = studio.draft.doc.getMap("nodes").get(theirs) as {
        observe: (heard: () => void) => void;
        get: (name: string) => unknown;
      };
      other.observe(() => {
        const { x } = other.get("position") as { x: number };
        seen.applied[x] = clock();
        requestAnimationFrame(() => setTimeout(() => (seen.painted[x] = clock())));
      });
      for (let number = 1; number <= times; number += 1) {
        const due = performance.now() + 1_000 / rate;
        seen.sent[number] = clock();
        studio.draft.edits.move(new Map([[mine, { x: number, y: 0 }]]));
        await new Promise((done) => setTimeout(done, due - performance.now()));
      }
    },
    [mine, theirs, times, rate] as const,
  );
}

const seenIn = (page: Page) =>
  page.evaluate(() => (window as unknown as { seen: Seen }).seen as Seen);

async function measured(two: Page[], beside: Beside, times: number, rate: number, crowd: number) {
  const [one, other] = two as [Page, Page];
  const { id } = await beside.ask<{ id: string }>("POST", "/workflows", DEFINITION);
  for (const page of two) {
    await page.goto(`/workflows/${id}`);
    await expect(card(page, "start")).toBeVisible();
    await expect(saved(page)).toBeVisible();
    await findStudio(page);
  }
  if (crowd) await beside.do("crowd", { workflow: id, peers: crowd, rate });
  await Promise.all([
    move(one, "mine", "yours", times, rate),
    move(other, "yours", "mine", times, rate),
  ]);
  for (const page of two) await expect(saved(page)).toBeVisible();
  const edits = crowd ? (await beside.do<{ edits: number[] }>("leave")).edits : [];
  const [mine, yours] = [await seenIn(one), await seenIn(other)];
  const taken = (from: Seen, to: Record<number, number>) =>
    Object.entries(to).map(([number, when]) => when - (from.sent[Number(number)] as number));
  const applied = [...taken(mine, yours.applied), ...taken(yours, mine.applied)];
  const painted = [...taken(mine, yours.painted), ...taken(yours, mine.painted)];
  // Moves that were stored together are told together: the last one counts for them.
  expect(applied.length).toBeGreaterThan(times);
  expect(Math.max(...Object.keys(yours.applied).map(Number))).toBe(times);
  expect(edits).toHaveLength(crowd);
  return { applied, painted };
}

function tell(
  what: string,
  { applied, painted }: { applied: number[]; painted: number[] },
  budget: number,
) {
  for (const [how, values] of Object.entries({ applied, painted })) {
    figure(`${what}, ${how}, median`, at(values, 0.5), "ms");
    figure(`${what}, ${how}, p95`, at(values, 0.95), "ms", how === "applied" ? budget : undefined);
  }
}

test.beforeAll(async ({ beside }) => {
  await beside.do("collab");
});

test("a change comes from one browser to another", async ({ two, beside }) => {
  tell("two browsers, 20 edits/s each", await measured(two, beside, 400, 20, 0), 50);
});

test("a change comes from one browser to another beside eight peers", async ({ two, beside }) => {
  const found = await measured(two, beside, 200, 10, PEERS);
  tell("two browsers and eight peers, 10 edits/s each", found, 100);
});
