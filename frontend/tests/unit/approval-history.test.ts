/** What happened to an approval, in words. */
import { expect, it } from "vitest";
import { lineOf, type Said } from "@/features/approvals/history";

const who = (id: string) => ({ usr_a: "Operator", usr_b: "Editor" })[id] ?? id;

it.each<[Said, string, string]>([
  [{ what: "voted", option: "approved", comment: "fine" }, "Decided approved", "fine"],
  [{ what: "commented", text: "wait" }, "Said", "wait"],
  [{ what: "delegated", to: "usr_b" }, "Handed it to Editor", ""],
  [{ what: "reassigned", assignees: ["role:admin"] }, "Asks role:admin from now on", ""],
  [{ what: "reminded", number: 2 }, "Reminder 2", ""],
  [{ what: "escalated", notify: ["role:admin"] }, "Nobody had decided in time: role:admin", ""],
  [{ what: "escalated", decide: "rejected" }, "Nobody had decided in time: rejected", ""],
  [{ what: "expired" }, "The time was over", ""],
  [{ what: "withdrawn", reason: "not now" }, "Withdrawn", "not now"],
  [
    { what: "notified", notice: "asked", status: "sent", people: 2, devices: 3 },
    "Told those who are asked: 2 people, 3 devices",
    "",
  ],
  [
    {
      what: "notified",
      notice: "reminder.1",
      status: "failed",
      people: 1,
      problem: "The push service answers 403.",
    },
    "Reminded them: 1 person, not all could be reached",
    "The push service answers 403.",
  ],
  [{ what: "something new" }, "something new", ""],
])("%o", (said, what, text) => {
  expect(lineOf(said, who)).toEqual({ what, text });
});
