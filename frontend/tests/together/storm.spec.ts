/** Two browsers and a peer in Python draw one document while everything that can fail does. */
import { card, saved } from "../e2e/drawing";
import { cuttable } from "../e2e/parcels";
import { inStudio } from "../e2e/studio";
import { expect, test } from "./beside";
import { allow, begin, progressOf, rootsOf } from "./drawer";

const OPERATIONS = Number(process.env.OPERATIONS ?? 5_000);
const KILLS = 3;
const PATIENCE = { timeout: 60_000 };

interface Converged {
  definition: { nodes: { id: string }[]; edges: object[]; notes: object[] };
  roots: Record<string, unknown>;
}

test("two browsers and a peer converge through 5,000 operations, three kills and two absences", async ({
  two,
  beside,
}) => {
  const [one, other] = two as [(typeof two)[0], (typeof two)[0]];
  const begun = performance.now();
  const { workflow } = await beside.do<{ workflow: string }>("begin", { seed: 1 });
  const cut = await cuttable(one, one.context());
  for (const page of two) {
    await page.goto(`/workflows/${workflow}`);
    await expect(card(page, "start")).toBeVisible();
    await expect(saved(page)).toBeVisible();
  }
  await inStudio(one, (studio) =>
    studio.draft.edits.add(
      [],
      [],
      [
        { id: "log1", text: "", position: { x: 0, y: 900 } },
        { id: "log2", text: "", position: { x: 300, y: 900 } },
      ],
    ),
  );
  await expect(other.locator(".react-flow__node-note")).toHaveCount(3);

  const each = Math.ceil(OPERATIONS / 3);
  await beside.do("edit", { operations: each });
  await begin(one, "log1", each, 1);
  await begin(other, "log2", each, 2);

  const doneOf = async () => {
    const browsers = await Promise.all(two.map(progressOf));
    const peer = await beside.do<{ done: number; acknowledged: number }>("done");
    return { browsers, all: browsers.reduce((sum, one) => sum + one.done, peer.done) };
  };
  /** Everything that anybody was told is stored must be in the log. */
  const mustHold = async () => {
    const told = await Promise.all(two.map(progressOf));
    const written = await beside.do<Record<string, number[]>>("written");
    for (const [at, { acknowledged }] of told.entries()) {
      const there = new Set(written[`log${at + 1}`]);
      const missing = Array.from({ length: acknowledged }, (_, n) => n).filter(
        (number) => !there.has(number),
      );
      expect(missing, `of browser ${at + 1}`).toEqual([]);
    }
    return told.map(({ acknowledged }) => acknowledged);
  };
  const reached = (share: number) =>
    expect
      .poll(async () => (await doneOf()).all, { timeout: 300_000, intervals: [100] })
      .toBeGreaterThanOrEqual(OPERATIONS * share);

  // Away twice, and three times everything of collab is killed: once while somebody is away.
  const away = async () => {
    await expect(one.locator("[data-saved=saved],[data-saved=saving]")).toBeVisible(PATIENCE);
    await cut(true);
  };
  const events: [share: number, what: string, act: () => Promise<unknown>][] = [
    [0.15, "one browser is offline", away],
    [0.25, "it is back", () => cut(false)],
    [0.5, "one browser is offline", away],
    [0.65, "it is back", () => cut(false)],
  ];
  const held: number[][] = [];
  for (let at = 1; at <= KILLS; at += 1) {
    events.push([
      at / (KILLS + 1) + 0.05,
      "collab is killed",
      async () => {
        await beside.do("kill");
        held.push(await mustHold());
        await beside.do("start");
      },
    ]);
  }
  events.sort(([first], [second]) => first - second);
  // Nobody is through before the next thing happens, and while it happens they draw on.
  const until = (share: number) =>
    Promise.all(two.map((page) => allow(page, Math.ceil(each * share) + 1)));
  await until(events[0]?.[0] ?? 1);
  for (const [at, [share, what, act]] of events.entries()) {
    await reached(share);
    console.log(`${Math.round(share * 100)} %: ${what}`);
    await until(events[at + 1]?.[0] ?? 1);
    await act();
  }
  for (const page of two) {
    await expect.poll(async () => (await progressOf(page)).isOver, { timeout: 300_000 }).toBe(true);
    await expect(saved(page)).toBeVisible(PATIENCE);
  }
  const { browsers } = await doneOf();
  expect(browsers.map((browser) => browser.done)).toEqual([each, each]);
  expect(held.flat().every((acknowledged) => acknowledged > 0)).toBe(true);

  // The peer, y-py, one who comes late, the log and the draft say the same: asserted over there.
  const found = await beside.do<Converged>("converged");
  const drawn = found.definition.nodes.length + found.definition.notes.length;
  for (const page of two) {
    await expect.poll(() => rootsOf(page), { timeout: 30_000 }).toEqual(found.roots);
    await expect(page.locator("[data-card]")).toHaveCount(drawn);
  }
  const all = Array.from({ length: each }, (_, number) => number);
  const written = await beside.do<Record<string, number[]>>("written");
  for (const log of ["log0", "log1", "log2"]) expect(written[log], log).toEqual(all);
  console.log(
    JSON.stringify({
      operations: each * 3,
      kills: KILLS,
      acknowledged_at_kills: held,
      nodes: found.definition.nodes.length,
      edges: found.definition.edges.length,
      seconds: Math.round((performance.now() - begun) / 1000),
    }),
  );
});
