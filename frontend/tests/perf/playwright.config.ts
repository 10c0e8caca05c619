/** Figures of the pages, one after the other: `make bench-browser`. */
import { defineConfig } from "@playwright/test";
import base from "../e2e/playwright.config";

export default defineConfig({
  ...base,
  testDir: ".",
  workers: 1,
  timeout: 180_000,
  reporter: [["./table.ts"]],
  // Playwright's own record takes pictures of every frame: that would be measured too.
  use: { ...base.use, trace: "off" },
});
