/** Documents and words that mean harm: refused or harmless, and who draws beside them draws on. */
import type { Page } from "@playwright/test";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { another, card, draft, make, open, saved } from "./drawing";
import { expect, test } from "./fixtures";
import { invited } from "./parcels";
import { inStudio } from "./studio";

const SCRIPT = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>';

/** A frame of y-websocket with what this did to an empty document; of two who set one thing it wins. */
function changing(draw: (doc: Y.Doc) => void): Buffer {
  const doc = new Y.Doc();
  doc.clientID = Number.MAX_SAFE_INTEGER;
  doc.transact(() => draw(doc));
  return updating(Y.encodeStateAsUpdate(doc));
}

function updating(update: Uint8Array): Buffer {
  const frame = encoding.createEncoder();
  encoding.writeVarUint(frame, 0);
  encoding.writeVarUint(frame, 2);
  encoding.writeVarUint8Array(frame, update);
  return Buffer.from(encoding.toUint8Array(frame));
}

/** A frame that says something of these clients. */
function telling(states: readonly [client: number, clock: number, state: object | null][]): Buffer {
  const told = encoding.createEncoder();
  encoding.writeVarUint(told, states.length);
  for (const [client, clock, state] of states) {
    encoding.writeVarUint(told, client);
    encoding.writeVarUint(told, clock);
    encoding.writeVarString(told, JSON.stringify(state));
  }
  const frame = encoding.createEncoder();
  encoding.writeVarUint(frame, 1);
  encoding.writeVarUint8Array(frame, encoding.toUint8Array(told));
  return Buffer.from(encoding.toUint8Array(frame));
}

function node(name: string, type = "set"): Y.Map<unknown> {
  return new Y.Map<unknown>([
    ["type", type],
    ["name", name],
    ["config", new Y.Map()],
    ["retry", new Y.Map()],
    ["position", { x: 0, y: 400 }],
  ]);
}

/** Send these as one who is signed in; the code the socket is closed with, 0 if it stays open. */
function sending(page: Page, workflow: string, frames: readonly Buffer[]): Promise<number> {
  return page.evaluate(
    async ([id, texts]) => {
      const url = `${location.origin.replace(/^http/, "ws")}/api/v1/workflows/${id}/collab`;
      const socket = new WebSocket(url);
      await new Promise((heard) => socket.addEventListener("message", heard, { once: true }));
      const closed = new Promise<number>((done) =>
        socket.addEventListener("close", (event) => done(event.code)),
      );
      for (const text of texts as string[])
        socket.send(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
      const quiet = new Promise<number>((done) => setTimeout(() => done(0), 1_500));
      const code = await Promise.race([closed, quiet]);
      socket.close();
      return code;
    },
    [workflow, frames.map((frame) => frame.toString("base64"))] as const,
  );
}

/** Who draws there goes on: what they write is stored. */
async function drawsOn(page: Page, read: () => Promise<string | undefined>): Promise<void> {
  const name = `Name ${Math.random().toString(36).slice(2, 8)}`;
  await card(page, "first").click();
  await page.getByLabel("Title of the step").fill(name);
  await page.keyboard.press("Enter");
  await expect(saved(page)).toBeVisible();
  await expect.poll(read).toBe(name);
  expect(await page.evaluate(() => "harmed" in window || "polluted" in {})).toBe(false);
}

type Attack = readonly [what: string, frame: () => Buffer, codes: readonly number[]];

const REFUSED: readonly Attack[] = [
  [
    "an update of 10 MB",
    () => changing((doc) => doc.getMap("vars").set("much", new Y.Text("x".repeat(10_000_000)))),
    [1006, 1009, 4413],
  ],
  [
    "100,000 nodes",
    () =>
      changing((doc) => {
        for (let at = 0; at < 100_000; at += 1) doc.getMap("nodes").set(`n${at}`, 0);
      }),
    [1006, 1009, 4413, 4422],
  ],
  [
    "3,000 nodes that are some",
    () =>
      changing((doc) => {
        for (let at = 0; at < 3_000; at += 1) doc.getMap("nodes").set(`n${at}`, node("one"));
      }),
    [4413, 4422],
  ],
  ...["__proto__", "constructor", "prototype"].map(
    (name) =>
      [
        `a node called ${name}`,
        () => changing((doc) => doc.getMap("nodes").set(name, node("polluted"))),
        [4422],
      ] as const,
  ),
  [
    "__proto__ in a value",
    () =>
      changing((doc) =>
        doc.getMap("vars").set("deep", JSON.parse('{"a": [{"__proto__": {"polluted": 1}}]}')),
      ),
    [4422],
  ],
  ["bytes that are no update", () => updating(Uint8Array.from([1, 2, 3, 255])), [4422]],
];

test("hostile documents are refused, and who draws beside them draws on", async ({
  inside: page,
  browser,
  house,
}) => {
  const id = await make(house);
  const who = await invited(house, "hostile@example.com", "editor");
  const hostile = await another(browser, house, who);
  await open(page, id);
  const nameOfFirst = async () =>
    (await draft(house, id)).nodes.find((one) => one.id === "first")?.name;
  for (const [what, frame, codes] of REFUSED) {
    await test.step(what, async () => {
      expect(codes, what).toContain(await sending(hostile.page, id, [frame()]));
      await drawsOn(page, nameOfFirst);
      expect((await draft(house, id)).nodes.map((one) => one.id)).toEqual([
        "start",
        "first",
        "last",
      ]);
    });
  }
  await hostile.context.close();
});

test("nobody is shown as somebody else, whatever their awareness says", async ({
  inside: page,
  browser,
  house,
}) => {
  const id = await make(house);
  const who = await invited(house, "forger@example.com", "editor");
  const victim = await invited(house, "victim@example.com", "editor");
  const [forger, seen] = [
    await another(browser, house, who),
    await another(browser, house, victim),
  ];
  const heard: number[] = [];
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      if (payload instanceof Buffer && payload[0] === 1) heard.push(payload.length);
    }),
  );
  await Promise.all([open(page, id), open(seen.page, id)]);
  await card(seen.page, "first").click();
  await expect(page.locator('[data-others="first"]')).toBeVisible();
  const client = await inStudio(seen.page, (studio) => studio.draft.doc.clientID);
  const forged = { user: { id: "usr_admin", name: SCRIPT }, selection: ["last"] };
  const code = await sending(forger.page, id, [
    telling([[4_711, 1, forged]]),
    telling([[client, 1_000_000, forged]]),
    telling([[client, 1_000_001, null]]),
    telling([[4_712, 1, forged]]),
    telling([[4_711, 2, { selection: ["x".repeat(100_000)], cursor: { x: "NaN", y: [] } }]]),
  ]);
  expect(code).toBe(0);
  // The first of them counted, under the name of who sent it; it left when its socket did.
  await expect(page.locator('[data-others="first"]')).toBeVisible();
  await expect(page.locator('[data-others="last"]')).toHaveCount(0);
  await expect(page.locator("[data-peer*='<']")).toHaveCount(0);
  expect(await page.evaluate(() => "harmed" in window)).toBe(false);
  expect(heard.length).toBeGreaterThan(0);
  await forger.context.close();
  await seen.context.close();
});

test("script in names, notes and values is text wherever it is shown", async ({
  inside: page,
  browser,
  house,
}) => {
  const id = await make(house);
  const who = await invited(house, "script@example.com", "editor", SCRIPT);
  const other = await another(browser, house, who);
  await open(page, id);
  const code = await sending(other.page, id, [
    changing((doc) => {
      doc.getMap("meta").set("name", SCRIPT);
      doc.getMap("nodes").set("written", node(SCRIPT));
      doc.getMap("notes").set(
        "n2",
        new Y.Map<unknown>([
          ["text", new Y.Text(SCRIPT)],
          ["position", { x: 400, y: 400 }],
          ["size", { width: 224, height: 96 }],
        ]),
      );
    }),
  ]);
  expect(code).toBe(0);
  await expect(card(page, "written")).toContainText(SCRIPT);
  await expect(page.getByRole("heading", { name: SCRIPT })).toBeVisible();
  await expect(page.locator(".react-flow__node-note").filter({ hasText: SCRIPT })).toBeVisible();
  await open(other.page, id);
  await expect(page.locator("[data-peer]").last()).toHaveAttribute(
    "data-peer",
    SCRIPT.slice(0, 80),
  );
  await card(page, "written").click();
  await expect(page.getByLabel("Title of the step")).toHaveValue(SCRIPT);
  await page.keyboard.press("Escape");
  await page.keyboard.press("h");
  await expect(page.getByRole("dialog", { name: "Versions" })).toBeVisible();
  await page.goto("/workflows");
  await expect(page.getByText(SCRIPT).first()).toBeVisible();
  await page.goto("/admin");
  await expect(page.getByText(SCRIPT).first()).toBeVisible();
  for (const one of [page, other.page])
    expect(await one.evaluate(() => "harmed" in window || document.scripts.length)).toBeLessThan(3);
  await other.context.close();
});
