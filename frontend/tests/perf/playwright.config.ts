import config from "../e2e/playwright.config";

/** One after the other, on a machine with nothing else to do. */
export default {
  ...config,
  testDir: ".",
  outputDir: ".out",
  workers: 1,
  use: { ...config.use, trace: "off" as const },
};
