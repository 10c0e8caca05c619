import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import type { Frame } from "@/api/socket";
import { RunPicture } from "./picture";

const BASE = Date.parse("2026-01-31T12:00:00.000Z");
const time = (seconds: number) => new Date(BASE + seconds * 1000).toISOString();
const mark = (sequence: number, place = 0) => String(sequence * 65_536 + place);

function frame(
  sequence: number,
  place: number,
  type: string,
  step: string | null,
  data = {},
): Frame {
  return { type, seq: mark(sequence, place), at: time(sequence), run_id: "run_1", step, data };
}

function bar(step: string, sequence: number, more: Partial<Schemas["Bar"]> = {}): Schemas["Bar"] {
  return {
    step,
    status: "queued",
    attempt: 1,
    node_type: "task",
    queue: "default",
    port: "",
    error: null,
    scheduled_at: time(1),
    started_at: null,
    ended_at: null,
    wake_at: null,
    waits: null,
    inside: null,
    duration_ms: null,
    attempts: [],
    seq: mark(sequence, 65_535),
    ...more,
  };
}

function page(sequence: number, items: Schemas["Bar"][], status = "running"): Schemas["Timeline"] {
  return {
    status,
    started_at: time(0),
    ended_at: null,
    seq: mark(sequence, 65_535),
    items,
    next_cursor: null,
  };
}

/** A run with a loop of two, a step that is tried twice and one that is skipped. */
const STORY: Frame[] = [
  frame(1, 0, "run:started", null),
  frame(2, 0, "step:succeeded", "go", { output: {}, port: "out" }),
  frame(2, 1, "step:entered", "each", { kind: "for_each", count: 2, until: null }),
  frame(2, 2, "step:queued", "each[0]/call", { queue: "q" }),
  frame(2, 3, "step:dispatched", "each[0]/call", { attempt: 1, queue: "q", node_type: "task" }),
  frame(2, 4, "step:dispatched", "each[1]/call", { attempt: 1, queue: "q", node_type: "task" }),
  frame(4, 0, "step:attempt_failed", "each[0]/call", {
    attempt: 1,
    error: { code: "X", message: "no" },
    worker: "w1",
  }),
  frame(4, 1, "step:retrying", "each[0]/call", {
    until: time(6),
    error: { code: "X", message: "no" },
  }),
  frame(5, 0, "step:succeeded", "each[1]/call", { attempt: 1, started_at: time(3), worker: "w2" }),
  frame(5, 1, "step:iteration_completed", "each", { index: 1, error: null }),
  frame(7, 0, "step:dispatched", "each[0]/call", { attempt: 2, queue: "q", node_type: "task" }),
  frame(9, 0, "step:succeeded", "each[0]/call", { attempt: 2, started_at: time(8), worker: "w1" }),
  frame(9, 1, "step:iteration_completed", "each", { index: 0, error: null }),
  frame(9, 2, "step:succeeded", "each", { output: [1, 2] }),
  frame(9, 3, "step:skipped", "other"),
  frame(9, 4, "run:succeeded", null, { output: 1 }),
];

function told(frames: readonly Frame[]): RunPicture {
  const picture = new RunPicture("run_1");
  for (const one of frames) picture.apply(one);
  return picture;
}

const plain = (picture: RunPicture) =>
  [...picture.steps()]
    .map((step) => ({ ...step, place: 0, seq: 0, attempts: [...step.attempts] }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));

describe("a run's picture", () => {
  it("is told by frames", () => {
    const picture = told(STORY);
    expect(picture.status).toBe("succeeded");
    expect(picture.children("")).toEqual(["go", "each", "other"]);
    expect(picture.children("each")).toEqual(["each[0]", "each[1]"]);
    expect(picture.children("each[0]")).toEqual(["each[0]/call"]);
    expect(picture.step("each")?.inside).toEqual({ total: 2, done: 2, failed: 0 });
    expect(picture.step("each[0]/call")?.attempts).toMatchObject([
      { number: 1, status: "failed", worker: "w1" },
      { number: 2, status: "succeeded", startedAt: BASE + 8000 },
    ]);
    expect(picture.tally("call")).toEqual({ succeeded: 2 });
    expect(picture.tally("other")).toEqual({ skipped: 1 });
  });

  it("is the same however often the socket resumes, and wherever", () => {
    const whole = plain(told(STORY));
    for (let cut = 0; cut <= STORY.length; cut += 1) {
      for (let back = 0; back <= cut; back += 3) {
        expect(plain(told([...STORY.slice(0, cut), ...STORY.slice(back)]))).toEqual(whole);
      }
    }
  });

  it("takes no frame that its timeline told, and every other", () => {
    const picture = new RunPicture("run_1");
    // The step's row is younger than the page says of itself.
    picture.load([page(2, [bar("a", 4, { status: "retrying", inside: null })])]);
    picture.apply(frame(3, 0, "step:succeeded", "a", {}));
    expect(picture.step("a")?.status).toBe("retrying");
    picture.apply(frame(5, 0, "step:dispatched", "a", { attempt: 2, queue: "q" }));
    picture.apply(frame(5, 1, "step:succeeded", "a", { attempt: 2 }));
    expect(picture.step("a")?.status).toBe("succeeded");
  });

  it("counts what its timeline counted once", () => {
    const picture = new RunPicture("run_1");
    const inside = { total: 3, done: 1, failed: 0 };
    picture.load([
      page(5, [
        bar("each", 5, { status: "running", node_type: "for_each", inside }),
        bar("each[0]", 5, { status: "succeeded", node_type: "iteration" }),
        bar("each[1]", 5, { status: "running", node_type: "iteration" }),
      ]),
    ]);
    picture.apply(frame(5, 3, "step:iteration_completed", "each", { index: 0, error: null }));
    expect(picture.step("each")?.inside).toEqual(inside);
    picture.apply(
      frame(6, 0, "step:iteration_completed", "each", {
        index: 1,
        error: { code: "X", message: "" },
      }),
    );
    expect(picture.step("each")?.inside).toEqual({ total: 3, done: 2, failed: 1 });
    expect(picture.step("each[1]")?.status).toBe("failed");
  });

  it("goes on behind the first of its pages, not the last", () => {
    const picture = new RunPicture("run_1");
    picture.load([page(5, [bar("a", 4)]), page(8, [bar("b", 8)])]);
    expect(picture.mark).toBe(mark(5, 65_535));
    picture.apply(frame(7, 0, "step:succeeded", "a", { attempt: 1 }));
    expect(picture.step("a")?.status).toBe("succeeded");
  });

  it("ends what is open with its container, and with the run", () => {
    const picture = told([
      ...STORY.slice(0, 6),
      frame(3, 0, "step:failed", "each", { error: { code: "TIMEOUT", message: "" } }),
    ]);
    expect(picture.step("each[1]/call")?.status).toBe("cancelled");
    expect(picture.step("each[1]")?.status).toBe("cancelled");
    expect(picture.step("each[1]/call")?.attempts[0]?.status).toBe("cancelled");
    const other = told([...STORY.slice(0, 6), frame(3, 0, "run:cancelled", null)]);
    expect(other.step("each[0]/call")?.status).toBe("cancelled");
    expect(other.live).toBe(false);
  });

  it("shows as running what a worker has", () => {
    const picture = told(STORY.slice(0, 6));
    picture.atWork(new Set(["each[0]/call"]));
    expect(picture.tally("call")).toEqual({ running: 1, queued: 1 });
    picture.atWork(new Set());
    expect(picture.tally("call")).toEqual({ queued: 2 });
  });

  it("stays as it is when an older timeline comes late", () => {
    const picture = told(STORY);
    const before = plain(picture);
    picture.load([page(3, [bar("each[0]/call", 3), bar("each", 3, { status: "running" })])]);
    expect(plain(picture)).toEqual(before);
    expect(picture.status).toBe("succeeded");
  });
});
