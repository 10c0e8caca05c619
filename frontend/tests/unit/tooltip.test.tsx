// @vitest-environment jsdom
/** When something says what it is called. */
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Tooltip, TooltipProvider } from "@/ui/tooltip";

beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  render(
    <TooltipProvider>
      <Tooltip text="More about it">
        <button type="button">…</button>
      </Tooltip>
    </TooltipProvider>,
  );
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const focus = () => act(() => screen.getByRole("button").focus());

it("is told who comes by keys", () => {
  fireEvent.keyDown(document.body, { key: "Tab" });
  focus();
  expect(screen.queryByRole("tooltip")?.textContent).toContain("More about it");
});

it("is silent where focus comes back after a click elsewhere", () => {
  fireEvent.keyDown(document.body, { key: "Tab" });
  fireEvent.pointerDown(document.body);
  // As Chromium does where a script moves the focus and nothing had it.
  const button = screen.getByRole("button");
  const { matches } = button;
  button.matches = (what) => what === ":focus-visible" || matches.call(button, what);
  focus();
  expect(screen.queryByRole("tooltip")).toBeNull();
});
