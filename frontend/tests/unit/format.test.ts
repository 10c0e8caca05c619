import { expect, test } from "vitest";
import { bytes, duration, middle, plural, relative } from "@/lib/format";
import { Ring } from "@/lib/ring";

test("a duration reads by its size", () => {
  expect(
    [0, 999, 1_000, 3_424, 59_990, 59_995, 245_000, 3_599_999, 7_380_000, 273_600_000].map(
      duration,
    ),
  ).toEqual([
    "0 ms",
    "999 ms",
    "1.00 s",
    "3.42 s",
    "60.0 s",
    "1m 00s",
    "4m 05s",
    "1h 00m",
    "2h 03m",
    "3d 04h",
  ]);
  expect(duration(null)).toBe("–");
});

test("a moment reads from now", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  expect(relative("2026-01-01T11:55:00Z", now)).toBe("5m ago");
  expect(relative("2026-01-01T14:00:00Z", now)).toBe("in 2h");
  expect(relative(now, now)).toBe("now");
});

test("sizes count by thousands", () => {
  expect([12, 1_000, 12_300, 10_000_000].map(bytes)).toEqual(["12 B", "1.0 kB", "12 kB", "10 MB"]);
});

test("an id keeps its kind and its end", () => {
  expect(middle("run_01jd4m8q2v7x9p", 11)).toBe("run_0…v7x9p".slice(0, 11));
  expect(middle("short")).toBe("short");
});

test("one is not many", () => {
  expect([plural(1, "run"), plural(1_200, "run"), plural(0, "entry", "entries")]).toEqual([
    "1 run",
    "1,200 runs",
    "0 entries",
  ]);
});

test("a ring keeps the last and counts what it dropped", () => {
  const ring = new Ring<number>(3);
  ring.push(1, 2, 3, 4, 5);
  expect([ring.toArray(), ring.dropped, ring.at(0), ring.length]).toEqual([[3, 4, 5], 2, 3, 3]);
});
