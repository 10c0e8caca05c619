import { expect, test } from "vitest";
import { budgetLeft, change, perMinute, success } from "@/features/dashboard/figures";

test("what was cancelled counts neither way", () => {
  expect(success({ succeeded: 3, failed: 1 })).toBe(0.75);
  expect(success({ succeeded: 0, failed: 0 })).toBeNull();
});

test("a budget is used up by the failures that the objective allows", () => {
  expect(budgetLeft({ succeeded: 1000, failed: 0 })).toBe(1);
  expect(budgetLeft({ succeeded: 999, failed: 1 })).toBeCloseTo(0);
  expect(budgetLeft({ succeeded: 998, failed: 2 })).toBeCloseTo(-1);
});

test("a change is told against what was before", () => {
  expect(change(112, 100)).toBe("12 % more than before");
  expect(change(50, 100, "runs")).toBe("50 runs, 50 % less than before");
  expect(change(100, 100)).toBe("as before");
  expect(change(3, 0)).toBe("nothing before to compare");
  expect(perMinute(120, 3_600_000)).toBe(2);
});
