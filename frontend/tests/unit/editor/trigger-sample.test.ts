import { expect, test } from "vitest";
import { triggerSeen } from "@/editor/scope";

test("a trigger that fired shows what it saw, with the sample input as its payload", () => {
  const seen = { headers: { "x-id": "7" }, method: "POST" };
  expect(triggerSeen(seen, { n: 1 })).toEqual({ ...seen, payload: { n: 1 } });
});

test("one that never fired has a payload as soon as there is a sample input", () => {
  expect(triggerSeen(undefined, { n: 1 })).toEqual({ payload: { n: 1 } });
  expect(triggerSeen(undefined, undefined)).toBeUndefined();
});
