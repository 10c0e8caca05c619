/** What a step is about on the page: the control to point at, and what is said of it. */
import type { Step } from "./progress";

export type Side = "below" | "above" | "right" | "left" | "within";

export interface Mark {
  on: string;
  say: string;
  side: Side;
}

export const TITLES: Record<Step, string> = {
  workflow: "Create a workflow",
  connect: "Connect a step",
  expression: "Use an expression",
  publish: "Publish it",
  run: "Run it",
  step: "Look at a step",
  read: "Read what it did",
};

/** Of each step the marks in order: the first whose control is on the screen counts. */
export const MARKS: Record<Step, readonly Mark[]> = {
  workflow: [
    {
      on: "[data-tour=new-workflow]",
      say: "A new workflow opens in the editor with a start by hand, and is saved as you draw.",
      side: "below",
    },
  ],
  connect: [
    {
      on: "[role=listbox][aria-label=Steps]",
      say: "Choose the start on the canvas, then a step here, such as Set values: it is put behind and connected. Dragging from the dot of one card to another connects them as well.",
      side: "right",
    },
    {
      on: "[aria-label='Show the palette']",
      say: "The steps one can draw are behind this.",
      side: "right",
    },
  ],
  expression: [
    {
      on: "[data-properties]",
      say: "Write an expression into a field, such as {{ input.amount * 2 }}. Input is what the run is given, steps what earlier steps gave; below the field stands what it comes to.",
      side: "left",
    },
    {
      on: "[data-card]:last-of-type",
      say: "Choose a step: its fields open at the right.",
      side: "below",
    },
  ],
  publish: [
    {
      on: "[data-publish=invalid]",
      say: "Something in the draft is wrong yet: this lists what, and leads there.",
      side: "below",
    },
    {
      on: "[data-publish]",
      say: "The draft is yours to change; what runs is a version. Publishing makes one that never changes.",
      side: "below",
    },
  ],
  run: [
    {
      on: "[data-tour=run-version]",
      say: "Give it an input that your expressions read, then run the version.",
      side: "above",
    },
    {
      on: "[data-tour=try]",
      say: "Run it with an input of your own; the canvas shows how far it is.",
      side: "below",
    },
  ],
  step: [
    {
      on: "[data-testid=gantt]",
      say: "Choose a card of the graph or a bar of the time line: both are the same step, and the right side tells of it.",
      side: "within",
    },
    {
      on: "[data-tour=open-run]",
      say: "The run has a page of its own: what happened when, and why.",
      side: "above",
    },
    {
      on: "[data-tour=try]",
      say: "This opens the input of a trial again, with a link to the run.",
      side: "below",
    },
  ],
  read: [
    {
      on: "[data-testid=detail] [role=tablist]",
      say: "What the chosen step was given, what it made of it, its log and each attempt.",
      side: "left",
    },
  ],
};

const GAP = 12;
const EDGE = 8;
/** How wide the words are. */
export const WIDTH = 288;

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where the words stand, as distances from the window's edges, so that their height is their own. */
export function placeBeside(
  box: Box,
  side: Side,
  window: { width: number; height: number },
): Partial<Box> {
  const off = (distance: number) => Math.max(EDGE, distance);
  const across = (distance: number) => off(Math.min(distance, window.width - WIDTH - EDGE));
  const toRight = across(window.width - box.right);
  switch (side) {
    case "below":
      // Whatever stands in the left half is followed to the right, else to the left.
      return box.left < window.width / 2
        ? { left: across(box.left), top: box.bottom + GAP }
        : { right: toRight, top: box.bottom + GAP };
    case "above":
      return { right: toRight, bottom: window.height - box.top + GAP };
    case "right":
      // Beside something high they stand at its foot, where a canvas is mostly empty.
      return box.bottom - box.top > window.height / 2
        ? { left: across(box.right + GAP), bottom: off(window.height - box.bottom) }
        : { left: across(box.right + GAP), top: off(box.top) };
    case "left":
      return { right: across(window.width - box.left + GAP), top: off(box.top) };
    case "within":
      return {
        right: across(window.width - box.right + GAP),
        bottom: off(window.height - box.bottom + GAP),
      };
  }
}

export interface Found {
  mark: Mark;
  box: Box;
}

/** The control of this step that is on the screen now; none beneath a dialog that asks something. */
export function findMark(step: Step): Found | null {
  if (document.querySelector("[data-modal]")) return null;
  for (const mark of MARKS[step]) {
    const rect = document.querySelector(mark.on)?.getBoundingClientRect();
    if (!rect?.width || !rect.height) continue;
    const box = {
      left: Math.round(rect.left),
      top: Math.round(rect.top),
      right: Math.round(rect.right),
      bottom: Math.round(rect.bottom),
    };
    if (box.left < innerWidth && box.right > 0 && box.top < innerHeight && box.bottom > 0)
      return { mark, box };
  }
  return null;
}
