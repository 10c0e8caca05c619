/** A text that is written in a field merges with what others write into it. */
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { difference, retype } from "@/collab/retype";
import { localDraft } from "@/collab/session";
import { shapeOf } from "@/nodes/schema";
import { CATALOGUE } from "./types";

describe("retyping", () => {
  it.each([
    ["", "abc", { from: 0, remove: 0, insert: "abc" }],
    ["abc", "abc", { from: 3, remove: 0, insert: "" }],
    ["one two", "one or two", { from: 4, remove: 0, insert: "or " }],
    ["aaa", "aa", { from: 2, remove: 1, insert: "" }],
  ])("%j becomes %j by one stretch", (before, after, told) => {
    const found = difference(before, after);
    expect(
      before.slice(0, found.from) + found.insert + before.slice(found.from + found.remove),
    ).toBe(after);
    expect(found).toEqual(told);
  });

  it("leaves what another writes at the same time", () => {
    const open = () => localDraft(CATALOGUE, (type) => shapeOf(CATALOGUE.get(type)));
    const [mine, theirs] = [open(), open()];
    mine.edits.add([], [], [{ id: "note", text: "some words", position: { x: 0, y: 0 } } as never]);
    Y.applyUpdate(theirs.doc, Y.encodeStateAsUpdate(mine.doc));
    retype(mine.edits, mine.edits.noteText("note"), "some more words");
    retype(theirs.edits, theirs.edits.noteText("note"), "some words here");
    Y.applyUpdate(theirs.doc, Y.encodeStateAsUpdate(mine.doc));
    expect(theirs.edits.noteText("note")?.toString()).toBe("some more words here");
  });
});
