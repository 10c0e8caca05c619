// @vitest-environment jsdom
/** What is cut off is told on hovering. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { showWhole } from "@/ui/whole";

let stop: () => void;
beforeEach(() => {
  stop = showWhole();
});
afterEach(() => {
  stop();
  document.body.replaceChildren();
});

/** One that has room for `room` pixels of `wide`. */
function shown(text: string, wide: number, room: number, into: Element = document.body) {
  const made = document.createElement("span");
  made.className = "truncate";
  made.append(text);
  Object.defineProperty(made, "scrollWidth", { get: () => wide, configurable: true });
  Object.defineProperty(made, "clientWidth", { get: () => room, configurable: true });
  into.append(made);
  return made;
}
const hover = (over: Element) => over.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));

it("is whole on hovering where it is cut, and silent where it is not", () => {
  const cut = shown("A name longer than its place", 200, 100);
  const fits = shown("Short", 50, 100);
  hover(cut);
  hover(fits);
  expect(cut.title).toBe("A name longer than its place");
  expect(fits.title).toBe("");
});

it("follows what it says, and leaves when there is room again", () => {
  const cut = shown("Before", 200, 100);
  hover(cut);
  cut.textContent = "Afterwards";
  hover(cut);
  expect(cut.title).toBe("Afterwards");
  Object.defineProperty(cut, "scrollWidth", { get: () => 80 });
  hover(cut);
  expect(cut.title).toBe("");
});

it("leaves alone what tells something of its own", () => {
  const own = shown("2m ago", 200, 100);
  own.title = "2 March 2026";
  hover(own);
  expect(own.title).toBe("2 March 2026");
});

it("a cell tells the whole where what stands in it is not cut itself", () => {
  const cell = shown("", 300, 100);
  const inner = shown("A name", 50, 100, cell);
  cell.append(" and what is told of it");
  hover(inner);
  expect(inner.title).toBe("");
  expect(cell.title).toBe("A name and what is told of it");
});
