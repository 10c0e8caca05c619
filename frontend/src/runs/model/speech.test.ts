import { describe, expect, it } from "vitest";
import { Speech } from "./speech";

const said = (number: number, chunks: unknown[], attempt = 1, dropped = 0) => ({
  attempt,
  number,
  dropped,
  chunks,
});

describe("what a step says while it works", () => {
  it("is one text, values among it on lines of their own", () => {
    const speech = new Speech();
    speech.hear("a", said(1, ["Good ", { n: 1 }]));
    speech.hear("a", said(2, ["day"]));
    expect(speech.of("a")).toEqual({
      attempt: 1,
      number: 2,
      text: 'Good {"n":1}\nday',
      holes: false,
    });
    expect(speech.of("b")).toBeUndefined();
  });

  it("tells of a hole: a number that is missing, a late begin, pieces that were too much", () => {
    for (const [first, second] of [
      [said(1, ["a"]), said(3, ["c"])],
      [said(4, ["d"]), said(5, ["e"])],
      [said(1, ["a"]), said(2, ["b"], 1, 7)],
    ] as const) {
      const speech = new Speech();
      speech.hear("a", first);
      speech.hear("a", second);
      expect(speech.of("a")?.holes).toBe(true);
    }
  });

  it("begins anew with another attempt, and where one is executed again", () => {
    const speech = new Speech();
    speech.hear("a", said(1, ["old"]));
    speech.hear("a", said(1, ["again"]));
    expect(speech.of("a")?.text).toBe("again");
    speech.hear("a", said(1, ["new"], 2));
    speech.hear("a", said(2, ["late"], 1));
    expect(speech.of("a")).toEqual({ attempt: 2, number: 1, text: "new", holes: false });
  });

  it("is bounded in text and steps", () => {
    const speech = new Speech();
    for (let n = 1; n <= 30; n++) speech.hear("a", said(n, ["x".repeat(10_000)]));
    expect(speech.of("a")?.text.length).toBe(100_000);
    expect(speech.of("a")?.holes).toBe(true);
    for (let n = 0; n < 600; n++) speech.hear(`s${n}`, said(1, ["y"]));
    expect(speech.of("a")).toBeUndefined();
    expect(speech.of("s599")?.text).toBe("y");
  });
});
