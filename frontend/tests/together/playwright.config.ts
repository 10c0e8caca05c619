/** Browsers beside other peers, for long: `make together`. */
import { defineConfig } from "@playwright/test";
import base from "../e2e/playwright.config";

export default defineConfig({
  ...base,
  testDir: ".",
  workers: 1,
  timeout: 900_000,
  // A trace of minutes of drawing, and many pixels of it, take more time than the drawing.
  use: { ...base.use, trace: "off", viewport: { width: 960, height: 600 } },
});
