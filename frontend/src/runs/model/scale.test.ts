import { describe, expect, it } from "vitest";
import { pan, ticks, toTime, toX, whole, zoom } from "./scale";

describe("time on a line", () => {
  const bounds = { from: 1_000, to: 11_000 };

  it("goes there and back", () => {
    for (const at of [1_000, 4_321, 11_000]) {
      expect(toTime(bounds, 800, toX(bounds, 800, at))).toBeCloseTo(at);
    }
  });

  it("zooms around a moment and stays within its bounds", () => {
    const near = zoom(bounds, bounds, 0.5, 6_000);
    expect(near).toEqual({ from: 3_500, to: 8_500 });
    expect(toX(near, 100, 6_000)).toBeCloseTo(toX(bounds, 100, 6_000));
    expect(zoom(near, bounds, 10, 6_000)).toEqual(bounds);
    let deep = bounds;
    for (let turn = 0; turn < 100; turn += 1) deep = zoom(deep, bounds, 0.5, 1_000);
    expect(deep.to - deep.from).toBeGreaterThan(1);
    expect(pan(near, bounds, -99_999)).toEqual({ from: 1_000, to: 6_000 });
    expect(pan(near, bounds, 99_999)).toEqual({ from: 6_000, to: 11_000 });
  });

  it("has a length even where nothing has happened yet", () => {
    const empty = whole(5, 5);
    expect(empty.to).toBeGreaterThan(empty.from);
  });

  it.each([
    [400, ["0", "50 ms", "100 ms", "150 ms", "200 ms", "250 ms", "300 ms", "350 ms", "400 ms"]],
    [9_000, ["0", "1 s", "2 s", "3 s", "4 s", "5 s", "6 s", "7 s", "8 s", "9 s"]],
    [600_000, ["0", "1m", "2m", "3m", "4m", "5m", "6m", "7m", "8m", "9m", "10m"]],
    [7_200_000, ["0", "15m", "30m", "45m", "1h", "1h 15m", "1h 30m", "1h 45m", "2h"]],
  ])("marks round distances of %i ms", (span, labels) => {
    expect(ticks({ from: 77, to: 77 + span }, 900, 77, 80).map((tick) => tick.label)).toEqual(
      labels,
    );
  });
});
