import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { NOTE_COLOURS } from "@/editor/canvas/note";

test("every colour of a note is one that can be published", () => {
  const file = new URL("../../../../proto/weir/v1/definition.schema.json", import.meta.url);
  const schema = JSON.parse(readFileSync(file, "utf8"));
  const known = schema.properties.notes.items.properties.color.enum;
  expect(Object.keys(NOTE_COLOURS).sort()).toEqual([...known].sort());
});
