// @vitest-environment jsdom
/** What a step says while it works, in the view of its run: from the frame to the pane. */

import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Schemas } from "@/api/client";
import type { Frame } from "@/api/socket";
import { Saying } from "@/runs/detail/saying";
import { RunSession } from "@/runs/session";
import { SessionContext, useSaid, useStep } from "@/runs/use-run";

const RUN = "run_1";
let session: RunSession;

/** As the socket hands frames on; they are taken with the next picture. */
function frames(...told: Frame[]): void {
  act(() => {
    (session as unknown as { take: (frames: Frame[]) => void }).take(told);
  });
}

const mark = (sequence: number) => String(sequence * 65_536);
const step = (sequence: number, type: string, data = {}): Frame => ({
  type,
  seq: mark(sequence),
  at: "2026-01-31T12:00:00.000Z",
  run_id: RUN,
  step: "write",
  data,
});
const says = (number: number, ...chunks: unknown[]): Frame =>
  step(2, "step:stream", { attempt: 1, number, dropped: 0, chunks });

function Pane() {
  const found = useStep(RUN, "write");
  return found ? <Output step={found} /> : <p>not reached</p>;
}

function Output({ step }: { step: NonNullable<ReturnType<typeof useStep>> }) {
  const said = useSaid(RUN, step);
  return said ? <Saying said={said} /> : <p>nothing is said</p>;
}

beforeEach(() => {
  vi.useFakeTimers();
  session = new RunSession(RUN, null);
  session.root.load([
    { items: [], status: "running", started_at: null, ended_at: null, seq: mark(1) },
  ] as unknown as Schemas["Timeline"][]);
  render(
    <SessionContext value={session}>
      <Pane />
    </SessionContext>,
  );
});

afterEach(() => {
  session.stop();
  cleanup();
  vi.useRealTimers();
});

it("grows while the step works, and gives way to its output", () => {
  frames(step(2, "step:dispatched", { attempt: 1, queue: "default" }));
  expect(screen.getByText("nothing is said")).toBeTruthy();
  const { revision } = session.view.getState();
  frames(says(1, "Once upon"), says(2, " a time"));
  expect(screen.getByTestId("saying").textContent).toBe("Once upon a time");
  expect(screen.queryByText(/missing/)).toBeNull();
  expect(session.view.getState().revision).toBe(revision); // so that the run is not read again
  expect(session.root.mark).toBe(mark(2));
  frames(says(4, " end"));
  expect(screen.getByText(/parts of it are missing/)).toBeTruthy();
  frames(step(3, "step:succeeded", { attempt: 1, output: 1 }));
  expect(screen.getByText("nothing is said")).toBeTruthy();
});
