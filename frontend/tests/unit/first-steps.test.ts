/** The first steps: what ticks them off, what is kept of them, and where their words stand. */
import { describe, expect, it } from "vitest";
import { MARKS, placeBeside, WIDTH } from "@/app/tour/marks";
import {
  advance,
  begun,
  NOT_NEEDED,
  nextOf,
  type Progress,
  readProgress,
  type Seen,
  STEPS,
} from "@/app/tour/progress";

const BEGAN = Date.parse("2026-03-02T12:00:00Z");
const WORKFLOW = {
  id: "wf_own",
  created_by: "usr_me",
  created_at: "2026-03-02T12:01:00Z",
  current_version: null as string | null,
  definition: { nodes: [], edges: [] } as Record<string, unknown>,
};

const seen = (more: Partial<Seen> = {}): Seen => ({
  person: "usr_me",
  workflow: WORKFLOW,
  wires: 0,
  hasRun: false,
  ...more,
});
const doneAfter = (more: Partial<Seen>, before: Progress = begun(BEGAN)) =>
  advance(before, seen(more)).done;

describe("what ticks a step off", () => {
  it("a workflow counts that they made since they began", () => {
    expect(doneAfter({})).toEqual(["workflow"]);
    expect(advance(begun(BEGAN), seen()).workflow).toBe("wf_own");
  });

  it("one of somebody else, or an old one of their own, counts for nothing", () => {
    const published = { ...WORKFLOW, current_version: "ver_1" };
    expect(doneAfter({ workflow: { ...published, created_by: "usr_other" }, wires: 3 })).toEqual(
      [],
    );
    expect(
      doneAfter({ workflow: { ...published, created_at: "2026-03-02T11:00:00Z" }, hasRun: true }),
    ).toEqual([]);
  });

  it("a server whose clock is a little behind does not hide what was made", () => {
    expect(doneAfter({ workflow: { ...WORKFLOW, created_at: "2026-03-02T11:59:30Z" } })).toEqual([
      "workflow",
    ]);
  });

  it("a connection counts on the canvas, and in the draft as it is kept", () => {
    expect(doneAfter({ wires: 1 })).toContain("connect");
    const definition = { edges: [{ source: "start", target: "set" }] };
    expect(doneAfter({ workflow: { ...WORKFLOW, definition } })).toContain("connect");
  });

  it("an expression, a version, and a run of it", () => {
    const definition = { nodes: [{ config: { total: "{{ input.amount }}" } }] };
    expect(doneAfter({ workflow: { ...WORKFLOW, definition } })).toContain("expression");
    expect(doneAfter({ workflow: { ...WORKFLOW, current_version: "ver_1" } })).toContain("publish");
    expect(doneAfter({ hasRun: true })).toContain("run");
  });

  it("a step counts when it is chosen, reading it when a tab of it was opened", () => {
    expect(doneAfter({ step: "set" })).toEqual(["workflow", "step"]);
    expect(doneAfter({ step: "set", tab: "overview" })).not.toContain("read");
    expect(doneAfter({ step: "set", tab: "logs" })).toContain("read");
    expect(doneAfter({ tab: "logs" })).not.toContain("read");
  });

  it("what was done stays done, in the order of the steps", () => {
    const before = { ...begun(BEGAN), workflow: "wf_own", done: ["workflow", "run"] as const };
    const { done } = advance(before, seen({ workflow: undefined, step: "set" }));
    expect(done).toEqual(["workflow", "run", "step"]);
    expect(nextOf({ ...before, done })).toBe("connect");
    expect(nextOf({ ...before, done: STEPS })).toBeUndefined();
  });

  it("where nothing is new it is the same object", () => {
    const before = advance(begun(BEGAN), seen());
    expect(advance(before, seen())).toBe(before);
  });

  it("a second workflow of theirs is the one they learn by from then on", () => {
    const first = advance(begun(BEGAN), seen());
    const second = advance(first, seen({ workflow: { ...WORKFLOW, id: "wf_second" } }));
    expect(second.workflow).toBe("wf_second");
    expect(second.done).toEqual(["workflow"]);
  });
});

describe("what a browser keeps", () => {
  it("is read as it was written", () => {
    const kept: Progress = { isOn: true, since: 7, workflow: "wf_a", done: ["workflow", "run"] };
    expect(readProgress(JSON.stringify(kept))).toEqual(kept);
    expect(readProgress(JSON.stringify(NOT_NEEDED))).toEqual(NOT_NEEDED);
  });

  it("counts as nothing where somebody wrote anything else there", () => {
    for (const text of [null, "", "{", "[]", "7", "null", '"on"', '{"isOn":"yes"}'])
      expect(readProgress(text)).toBeNull();
    expect(readProgress('{"isOn":true,"since":"x","workflow":3,"done":["run","fly",1]}')).toEqual({
      isOn: true,
      since: 0,
      workflow: null,
      done: ["run"],
    });
  });
});

describe("where the words of a mark stand", () => {
  const window = { width: 1440, height: 900 };
  const SIDES = ["below", "above", "right", "left", "within"] as const;

  it("below a control they follow it to the side where there is room", () => {
    const right = { left: 1280, top: 60, right: 1400, bottom: 92 };
    expect(placeBeside(right, "below", window)).toEqual({ right: 40, top: 104 });
    const left = { left: 100, top: 60, right: 200, bottom: 92 };
    expect(placeBeside(left, "below", window)).toEqual({ left: 100, top: 104 });
  });

  it("beside something high they stand at its foot", () => {
    const palette = { left: 56, top: 150, right: 316, bottom: 824 };
    expect(placeBeside(palette, "right", window)).toEqual({ left: 328, bottom: 76 });
    const link = { left: 8, top: 60, right: 48, bottom: 96 };
    expect(placeBeside(link, "right", window)).toEqual({ left: 60, top: 60 });
  });

  it("they never leave the window at the side that they hang on", () => {
    const beyond = { left: -50, top: -80, right: 1500, bottom: 950 };
    for (const side of SIDES) {
      const { top, bottom, left, right } = placeBeside(beyond, side, window);
      for (const distance of [top, bottom, left, right])
        if (distance !== undefined) expect(distance).toBeGreaterThanOrEqual(8);
    }
  });

  it("on a phone they are whole", () => {
    const phone = { width: 390, height: 844 };
    for (const left of [60, 180, 340])
      for (const side of SIDES) {
        const box = { left, top: 90, right: left + 40, bottom: 124 };
        const at = placeBeside(box, side, phone);
        const from = at.left ?? phone.width - WIDTH - (at.right ?? 0);
        expect(from).toBeGreaterThanOrEqual(8);
        expect(from + WIDTH).toBeLessThanOrEqual(phone.width - 8);
      }
  });

  it("every step has something to point at", () => {
    for (const step of STEPS) expect(MARKS[step].length).toBeGreaterThan(0);
  });
});
