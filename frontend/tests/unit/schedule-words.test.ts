import { expect, test } from "vitest";
import { cronInWords } from "@/features/schedules/words";

test.each([
  ["* * * * *", "every minute"],
  ["*/15 * * * *", "every 15 minutes"],
  ["5 * * * *", "every hour at minute 5"],
  ["0 6 * * *", "every day at 06:00"],
  ["30 17 * * 1-5", "Monday to Friday at 17:30"],
  ["0 9 * * 7", "every Sunday at 09:00"],
  ["0 0 1 * *", "on the 1. of every month at 00:00"],
  ["@daily", "every day at 00:00"],
  ["0 6 * 3 *", "0 6 * 3 *"],
  ["0 6,18 * * *", "0 6,18 * * *"],
])("%s is %s", (cron, words) => expect(cronInWords(cron)).toBe(words));
