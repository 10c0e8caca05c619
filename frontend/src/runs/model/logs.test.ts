import { describe, expect, it } from "vitest";
import { type Line, LineBuffer, lineOf } from "./logs";

const line = (id: number, more: Partial<Line> = {}): Line => ({
  id: String(id),
  at: "2026-01-01T00:00:00Z",
  step: "call",
  attempt: 1,
  level: "info",
  message: `line ${id}`,
  fields: null,
  trace: "",
  ...more,
});
const EVERYTHING = { levels: new Set<string>(), step: "", text: "" };

describe("lines", () => {
  it("come once, however often the socket resumes", () => {
    const lines = new LineBuffer();
    lines.add([line(65_536), line(65_537)]);
    lines.add([line(65_536), line(65_537), line(131_072)]);
    expect(lines.matching(EVERYTHING).map((one) => one.id)).toEqual(["65536", "65537", "131072"]);
    expect(lines.last).toBe("131072");
  });

  it("are the newest, and it is told how many are not", () => {
    const lines = new LineBuffer(3);
    lines.add([1, 2, 3, 4, 5].map((id) => line(id)));
    expect(lines.matching(EVERYTHING).map((one) => one.id)).toEqual(["3", "4", "5"]);
    expect(lines.dropped).toBe(2);
  });

  it("are found by level, step and text, fields too", () => {
    const lines = new LineBuffer();
    lines.add([
      line(1, { level: "error", step: "each[1]/a" }),
      line(2, { step: "each[10]/a" }),
      line(3, { fields: { order: "A-7" } }),
    ]);
    const ids = (filter: Partial<typeof EVERYTHING>) =>
      lines.matching({ ...EVERYTHING, ...filter }).map((one) => one.id);
    expect(ids({ levels: new Set(["error"]) })).toEqual(["1"]);
    expect(ids({ step: "each[1]" })).toEqual(["1"]);
    expect(ids({ step: "each" })).toEqual(["1", "2"]);
    expect(ids({ text: "a-7" })).toEqual(["3"]);
  });

  it("are read from frames of that kind alone", () => {
    expect(lineOf({ type: "connection:established", seq: "0" })).toBeNull();
    const data = {
      attempt: 2,
      level: "error",
      message: "no",
      fields: { a: 1 },
      trace_parent: "00",
    };
    expect(lineOf({ type: "step:log", seq: "9", at: "t", step: "a", data })).toEqual({
      ...{ id: "9", at: "t", step: "a", attempt: 2, level: "error", message: "no" },
      ...{ fields: { a: 1 }, trace: "00" },
    });
  });
});
