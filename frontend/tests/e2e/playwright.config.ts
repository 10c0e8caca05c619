import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const KNOWN = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const chromium = process.env.CHROMIUM ?? KNOWN.find((path) => existsSync(path));
if (!chromium) {
  console.error("No Chromium is found: install one, or name it by CHROMIUM=/path/to/it.");
  process.exit(1);
}

export default defineConfig({
  testDir: ".",
  outputDir: ".out",
  // Each worker has a Weir of its own; two cores carry one at a time.
  workers: Number(process.env.WORKERS ?? 1),
  // Generous: a busy machine is slow, and no test fails for that.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  forbidOnly: Boolean(process.env.CI),
  use: {
    actionTimeout: 30_000,
    viewport: { width: 1440, height: 900 },
    // The pages read the reader's zone and language; pictures must not.
    timezoneId: "UTC",
    locale: "en-GB",
    trace: "retain-on-failure",
    launchOptions: { executablePath: chromium, args: ["--no-sandbox"] },
  },
});
