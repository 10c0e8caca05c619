import { expect, test } from "vitest";
import { asked, isNarrowed, pairs, without, withWord } from "@/features/run-list/filters";

test("what the address holds becomes what the API takes", () => {
  const now = Date.parse("2026-01-01T12:00:30Z");
  expect(
    asked(
      {
        status: "failed,cancelled",
        label: "team=ops,stage=prod",
        search: "repo=a=b",
        started_from: "1h",
        q: "",
      },
      now,
    ),
  ).toEqual({
    status: "failed,cancelled",
    "label.team": "ops",
    "label.stage": "prod",
    "search.repo": "a=b",
    started_from: "2026-01-01T11:00:00.000Z",
  });
});

test("what is no pair is left out", () => {
  expect(pairs("a,=b,c=")).toEqual([["c", ""]]);
});

test("words come and go one by one", () => {
  const one = withWord({}, "status", "failed");
  const two = withWord(withWord(one, "status", "queued"), "status", "failed");
  expect(two.status).toBe("failed,queued");
  expect(without(two, "status", "failed").status).toBe("queued");
  expect(isNarrowed(without(one, "status", "failed"))).toBe(false);
  expect(isNarrowed({ sort: "started_at" })).toBe(false);
});
