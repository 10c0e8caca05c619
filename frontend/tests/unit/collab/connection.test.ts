/** What the status strip says of saving is never more than what the server said. */
import { describe, expect, it } from "vitest";
import { carriesChanges, type Happened, next, START, savedState } from "@/collab/connection";
import { between, isExhausted, orderAt } from "@/collab/order";
import { readPeer } from "@/collab/presence";

const play = (...happened: Happened[]) => savedState(happened.reduce(next, START));
const OPEN: Happened[] = [
  { kind: "connecting" },
  { kind: "opened", isReadOnly: false },
  { kind: "synced" },
];

describe("saved", () => {
  it.each([
    ["loading", []],
    ["saved", OPEN],
    ["saving", [...OPEN, { kind: "sent" }]],
    ["saving", [...OPEN, { kind: "sent" }, { kind: "sent" }, { kind: "stored", count: 1 }]],
    ["saved", [...OPEN, { kind: "sent" }, { kind: "stored", count: 1 }]],
    ["offline", [...OPEN, { kind: "lost" }]],
    ["kept", [...OPEN, { kind: "lost" }, { kind: "changed" }]],
    ["saved", [...OPEN, { kind: "lost" }, { kind: "changed" }, ...OPEN]],
    ["read-only", [{ kind: "opened", isReadOnly: true }, { kind: "synced" }]],
    ["offline", [{ kind: "loaded" }, { kind: "connecting" }]],
    ["over", [...OPEN, { kind: "closed", code: 4404 }, { kind: "lost" }]],
  ] as [string, Happened[]][])("%s", (state, happened) => {
    expect(play(...happened)).toBe(state);
  });

  it("a new connection counts anew", () => {
    expect(play(...OPEN, { kind: "sent" }, { kind: "lost" }, ...OPEN)).toBe("saved");
  });

  it("what is sent before the server has greeted counts as well", () => {
    const sent: Happened = { kind: "sent" };
    const [connecting, ...opened] = OPEN as [Happened, ...Happened[]];
    const early = [connecting, sent, ...opened, sent];
    expect(play(...early, { kind: "stored", count: 1 })).toBe("saving");
    expect(play(...early, { kind: "stored", count: 2 })).toBe("saved");
  });

  it("only step 2 and updates carry changes", () => {
    expect(
      [[0, 0], [0, 1], [0, 2], [1, 1], [3]].map((frame) => carriesChanges(Uint8Array.from(frame))),
    ).toEqual([false, true, true, false, false]);
  });
});

describe("order", () => {
  it("there is always a place between two", () => {
    const orders = [1, 2, 3];
    expect([orderAt(orders, 0), orderAt(orders, 1), orderAt(orders, 3)]).toEqual([0, 1.5, 4]);
    expect(between(undefined, undefined)).toBe(1);
  });

  it("until doubles end, which is noticed", () => {
    let [low, high] = [1, 2];
    let halved = 0;
    while (!isExhausted([low, high], 1)) {
      high = between(low, high);
      halved += 1;
    }
    expect(halved).toBeGreaterThan(40);
    expect(low).toBe(1);
    low = 0;
  });
});

describe("what others say of themselves", () => {
  it("is taken as far as it makes sense", () => {
    const peer = readPeer(3, {
      user: { id: "usr_a", name: "Ada", read_only: true },
      cursor: { x: Number.NaN, y: 1 },
      selection: ["a", 4, null],
      editing: { node: "a" },
      drag: [{ id: "a", position: { x: 1, y: 2 } }, { id: 3 }, null],
    });
    expect(peer).toMatchObject({
      name: "Ada",
      isReadOnly: true,
      cursor: null,
      selection: ["a"],
      editing: null,
      drag: [{ id: "a", position: { x: 1, y: 2 } }],
    });
  });

  it("and nobody without a name from the server is shown", () => {
    expect(readPeer(3, { cursor: { x: 1, y: 1 } })).toBeNull();
  });
});
