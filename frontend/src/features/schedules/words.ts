/** When a schedule fires, in words: what is written if there are none for it. */
import type { Schemas } from "@/api/client";
import { exact } from "@/lib/format";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const NAMED: Record<string, string> = {
  "@hourly": "every hour",
  "@daily": "every day at 00:00",
  "@midnight": "every day at 00:00",
  "@weekly": "every Sunday at 00:00",
  "@monthly": "on the 1st of every month at 00:00",
  "@yearly": "on 1 January at 00:00",
  "@annually": "on 1 January at 00:00",
};

export function when(of: Pick<Schemas["ScheduleInList"], "cron" | "every" | "at">): string {
  if (of.every) return `every ${of.every}`;
  if (of.at) return `once, ${exact(of.at)}`;
  return of.cron ? cronInWords(of.cron) : "never";
}

export function cronInWords(cron: string): string {
  const named = NAMED[cron.trim()];
  if (named) return named;
  const [minute, hour, day, month, weekday, ...more] = cron.trim().split(/\s+/);
  if (!minute || !hour || !day || !month || !weekday || more.length || month !== "*") return cron;
  const all = day === "*" && weekday === "*";
  if (all && hour === "*" && minute === "*") return "every minute";
  const step = /^\*\/(\d+)$/.exec(minute);
  if (all && hour === "*" && step) return `every ${step[1]} minutes`;
  if (!/^\d+$/.test(minute)) return cron;
  const two = (value: string) => value.padStart(2, "0");
  if (all && hour === "*") return `every hour at minute ${minute}`;
  if (!/^\d+$/.test(hour)) return cron;
  const at = `at ${two(hour)}:${two(minute)}`;
  if (all) return `every day ${at}`;
  if (day === "*" && /^(1-5|MON-FRI)$/i.test(weekday)) return `Monday to Friday ${at}`;
  if (day === "*" && /^[0-7]$/.test(weekday)) return `every ${DAYS[Number(weekday) % 7]} ${at}`;
  if (weekday === "*" && /^\d+$/.test(day)) return `on the ${day}. of every month ${at}`;
  return cron;
}
