/** Figures of the canvas, one after the other: `npx playwright test --config tests/perf/playwright.config.ts`. */
import { defineConfig } from "@playwright/test";
import base from "../e2e/playwright.config";

export default defineConfig({ ...base, testDir: ".", workers: 1, timeout: 180_000 });
