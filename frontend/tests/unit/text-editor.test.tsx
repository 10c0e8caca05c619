// @vitest-environment jsdom
import { EditorView } from "@codemirror/view";
import { act, cleanup, render } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import TextEditor from "@/expr/text-editor";

afterEach(cleanup);

function editor(text: string) {
  const onChange = vi.fn();
  const shown = (now: string) => (
    <TextEditor text={now} label="Sample input" language="json" onChange={onChange} />
  );
  const page = render(shown(text));
  const place = page.container.querySelector("[data-editor]")?.shadowRoot as ShadowRoot;
  const view = EditorView.findFromDOM(place.querySelector(".cm-content") as HTMLElement);
  if (!view) throw new Error("there is no editor");
  return {
    onChange,
    text: () => view.state.doc.toString(),
    type: (what: string) =>
      act(() => view.dispatch(view.state.replaceSelection(what), { userEvent: "input.type" })),
    give: (now: string) => page.rerender(shown(now)),
  };
}

test("a page that is a letter behind takes nothing away from whoever types", () => {
  const field = editor("");
  field.type("a");
  field.type("b");
  field.give("a");
  expect(field.text()).toBe("ab");
  field.type("c");
  field.give("abc");
  expect(field.text()).toBe("abc");
  expect(field.onChange.mock.calls.flat()).toEqual(["a", "ab", "abc"]);
});

test("what is set from outside stands, even where it was typed before", () => {
  const field = editor("");
  field.type("a");
  field.give("a");
  field.give("");
  expect(field.text()).toBe("");
  field.type("a");
  field.type("b");
  field.give("ab");
  field.give("a");
  expect(field.text()).toBe("a");
});
