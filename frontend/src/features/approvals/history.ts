/** What happened to an approval, a line each, in words. */
import { plural } from "@/lib/format";

/** A line of `history`: `what` says which of the rest there is. */
export interface Said {
  what?: string;
  by?: string;
  at?: string;
  text?: string;
  comment?: string;
  reason?: string;
  option?: string;
  to?: string;
  assignees?: string[];
  number?: number;
  notify?: string[];
  reassign?: string[];
  decide?: string;
  notice?: string;
  status?: string;
  people?: number;
  devices?: number;
  problem?: string;
}

const NOTICES: Record<string, string> = {
  asked: "Told those who are asked",
  reminder: "Reminded them",
  escalation: "Told of the escalation",
};

function notified({ notice = "", status, people = 0, devices = 0 }: Said): string {
  const what = NOTICES[notice.split(".")[0] ?? ""] ?? "Told people";
  const whom = `${plural(people, "person", "people")}${devices ? `, ${plural(devices, "device")}` : ""}`;
  return `${what}: ${whom}${status === "failed" ? ", not all could be reached" : ""}`;
}

function escalated({ notify = [], reassign = [], decide }: Said): string {
  if (decide) return `Nobody had decided in time: ${decide}`;
  const whom = [...reassign, ...notify].join(", ");
  return `Nobody had decided in time${whom ? `: ${whom}` : ""}`;
}

/** Its headline, and what somebody said with it. */
export function lineOf(said: Said, who: (id: string) => string): { what: string; text: string } {
  const text = said.text ?? said.comment ?? said.reason ?? said.problem ?? "";
  switch (said.what) {
    case "voted":
      return { what: `Decided ${said.option ?? ""}`, text };
    case "commented":
      return { what: "Said", text };
    case "delegated":
      return { what: `Handed it to ${who(said.to ?? "")}`, text };
    case "reassigned":
      return { what: `Asks ${(said.assignees ?? []).join(", ")} from now on`, text };
    case "reminded":
      return { what: `Reminder ${said.number ?? ""}`.trim(), text };
    case "escalated":
      return { what: escalated(said), text };
    case "expired":
      return {
        what: said.decide ? `The time was over: ${said.decide}` : "The time was over",
        text,
      };
    case "withdrawn":
      return { what: "Withdrawn", text };
    case "notified":
      return { what: notified(said), text };
    default:
      return { what: said.what ?? "", text };
  }
}
