import { describe, expect, it } from "vitest";
import { segmentsOf } from "./bars";
import { ancestorsOf, isWithin, iterationOf, nodeOf, parentOf } from "./paths";
import { RunPicture } from "./picture";
import { allUnfolded, firstUnfolded, keyOf, rowsOf } from "./rows";
import { newStep, type Step } from "./steps";

const mark = (sequence: number, place: number) => String(sequence * 65_536 + place);

function pictureOf(runId: string, paths: readonly string[], kinds: Record<string, string> = {}) {
  const picture = new RunPicture(runId);
  paths.forEach((path, place) => {
    const type = kinds[path] ? "step:entered" : "step:succeeded";
    const data = { kind: kinds[path], count: 0 };
    picture.apply({ type, seq: mark(1, place + 1), at: "2026-01-01T00:00:00Z", step: path, data });
  });
  return picture;
}

describe("paths", () => {
  it("know what stands around them", () => {
    expect(ancestorsOf("each[3]/in[0]/x")).toEqual([
      "each",
      "each[3]",
      "each[3]/in",
      "each[3]/in[0]",
    ]);
    expect([parentOf("a"), parentOf("a[1]"), parentOf("g/a")]).toEqual(["", "a", "g"]);
    expect([nodeOf("each[3]/in[12]"), nodeOf("x")]).toEqual(["in", "x"]);
    expect([iterationOf("each[12]"), iterationOf("each[1]/a")]).toEqual([12, null]);
    expect([isWithin("each[1]/a", "each[1]"), isWithin("each[10]", "each[1]")]).toEqual([
      true,
      false,
    ]);
    expect([isWithin("eachx", "each"), isWithin("each", "each")]).toEqual([false, true]);
  });
});

describe("rows", () => {
  const kinds = { each: "for_each", "each[1]/guard": "try" };
  const paths = ["go", "each", "each[0]/a", "each[1]/guard", "each[1]/guard/b", "sub", "end"];
  const known = {
    picture: () => undefined,
    title: (_: string, node: string) => node.toUpperCase(),
  };

  it("are folded with their counts", () => {
    const picture = pictureOf("run_1", paths, kinds);
    const rows = rowsOf(picture, new Set(), known);
    expect(rows.map((row) => row.label)).toEqual(["GO", "EACH", "SUB", "END"]);
    expect(rows[1]).toMatchObject({ foldable: true, unfolded: false });
  });

  it("are unfolded level by level, iterations in their order", () => {
    const picture = pictureOf("run_1", paths, kinds);
    const some = rowsOf(picture, new Set([keyOf("run_1", "each")]), known);
    expect(some.map((row) => row.path)).toEqual(["go", "each", "each[0]", "each[1]", "sub", "end"]);
    const all = rowsOf(picture, allUnfolded(picture), known);
    expect(all.map((row) => `${"-".repeat(row.level)}${row.label}`)).toEqual([
      ...["GO", "EACH", "-#0", "--A", "-#1", "--GUARD", "---B", "SUB", "END"],
    ]);
  });

  it("show the runs that steps started in their place", () => {
    const picture = pictureOf("run_1", paths, kinds);
    picture.started([["sub", "run_2"]]);
    const child = pictureOf("run_2", ["go", "x"]);
    const rows = rowsOf(picture, new Set([keyOf("run_1", "sub")]), {
      ...known,
      picture: (id) => (id === "run_2" ? child : undefined),
    });
    expect(rows.map((row) => row.key)).toEqual([
      ...["run_1 go", "run_1 each", "run_1 sub", "run_2 go", "run_2 x", "run_1 end"],
    ]);
    expect(rows[3]?.level).toBe(1);
  });

  it("begin unfolded where that is little, and towards what failed", () => {
    const many = Array.from({ length: 20 }, (_, n) => `each[${n}]/a`);
    const picture = pictureOf("run_1", ["each", "guard", "guard/b", ...many], {
      each: "for_each",
      guard: "try",
    });
    const found = firstUnfolded(picture, ["each", "each[3]"]);
    expect([...found].sort()).toEqual(["run_1 each", "run_1 each[3]", "run_1 guard"]);
    expect(firstUnfolded(picture, []).has("run_1 each")).toBe(false);
  });

  it("of ten thousand steps take no time to speak of", () => {
    const picture = pictureOf(
      "run_1",
      ["each", ...Array.from({ length: 10_000 }, (_, n) => `each[${n}]/a`)],
      {
        each: "for_each",
      },
    );
    expect(rowsOf(picture, allUnfolded(picture), known)).toHaveLength(20_001);
  });
});

describe("segments", () => {
  const step = (more: Partial<Step>): Step => ({ ...newStep("a", 0), ...more });
  const attempt = { status: "failed", worker: "w", error: null };

  it("are queue, work and the pause before the next attempt", () => {
    const found = segmentsOf(
      step({
        status: "succeeded",
        endedAt: 90,
        attempts: [
          { ...attempt, number: 1, queuedAt: 0, startedAt: 10, endedAt: 30 },
          { ...attempt, number: 2, status: "succeeded", queuedAt: 50, startedAt: 50, endedAt: 90 },
        ],
      }),
      100,
    );
    expect(found.map(({ kind, from, to, attempt: number }) => [kind, from, to, number])).toEqual([
      ["queue", 0, 10, 1],
      ["work", 10, 30, 1],
      ["wait", 30, 50, 2],
      ["work", 50, 90, 2],
    ]);
  });

  it("grow while the step goes on", () => {
    const running = step({
      status: "queued",
      atWork: true,
      attempts: [
        { ...attempt, number: 1, status: "queued", queuedAt: 0, startedAt: null, endedAt: null },
      ],
    });
    expect(segmentsOf(running, 70)).toMatchObject([
      { kind: "work", from: 0, to: 70, status: "running" },
    ]);
    expect(segmentsOf({ ...running, atWork: false }, 70)).toMatchObject([
      { kind: "queue", from: 0, to: 70, open: true },
    ]);
  });

  it("say what is waited for", () => {
    const waiting = step({ status: "waiting", waits: "signal:order.paid", scheduledAt: 5 });
    expect(segmentsOf(waiting, 9)).toMatchObject([
      { kind: "wait", from: 5, to: 9, note: "signal order.paid", open: true },
    ]);
    const retrying = step({
      status: "retrying",
      error: { code: "HTTP_503", message: "" },
      attempts: [{ ...attempt, number: 1, queuedAt: 0, startedAt: 1, endedAt: 3 }],
    });
    expect(segmentsOf(retrying, 9).at(-1)).toMatchObject({
      from: 3,
      to: 9,
      note: "retry after HTTP_503",
    });
  });

  it("of a container are its whole time", () => {
    const each = step({
      nodeType: "for_each",
      inside: { total: 2, done: 2, failed: 0 },
      startedAt: 3,
    });
    expect(segmentsOf({ ...each, status: "succeeded", endedAt: 8 }, 9)).toMatchObject([
      { kind: "span", from: 3, to: 8 },
    ]);
  });
});
