// @vitest-environment jsdom
/** A moment beside the reader's clock. */
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

const NOON = Date.parse("2026-03-02T12:00:00Z");

beforeEach(() => vi.useFakeTimers({ now: NOON }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.resetModules();
});

async function shown(ago: number, later: number): Promise<string> {
  const { Time } = await import("@/ui/time");
  vi.setSystemTime(NOON + later);
  const at = new Date(NOON + later - ago).toISOString();
  render(<Time at={at} />);
  return screen.getByText((_, one) => one?.tagName === "TIME").textContent ?? "";
}

it("what has just happened is now, however long ago the page last looked at the clock", async () => {
  expect(await shown(1_000, 4_000)).toBe("now");
});

it("what is to come is told as to come", async () => {
  expect(await shown(-90_000, 4_000)).toBe("in 1m");
});

it("what happened long ago is told by the clock", async () => {
  expect(await shown(600_000, 4_000)).toBe("9m ago");
});
