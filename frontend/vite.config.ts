import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds a running Weir; the built page is served by Weir itself.
const weir = process.env.WEIR_URL ?? "http://127.0.0.1:8080";

const own = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: {
    alias: {
      "@": own(""),
      // What libraries of the editor bring along and nobody uses there.
      "d3-color": own("editor/canvas/no-colours.ts"),
      "lib0/logging": own("collab/plain-logging.ts"),
    },
    // Two copies of yjs do not understand each other's types.
    dedupe: ["yjs", "react", "react-dom"],
  },
  server: {
    proxy: { "/api": { target: weir, ws: true }, "/hooks": weir },
  },
  build: {
    // Beside the code that answers it, so that it is part of what is installed.
    outDir: "../libs/weir/page",
    emptyOutDir: true,
    manifest: true,
    target: "es2023",
    // The policy of the page forbids data: fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1600,
  },
  worker: { format: "es" },
  test: {
    include: ["src/**/*.test.{ts,tsx}", "tests/unit/**/*.test.{ts,tsx}"],
    environment: "node",
    // A context for each file in a thread that stays: half the time of a process for each.
    pool: "vmThreads",
    // Two workers: two cores are what the smallest machine of ours has.
    maxWorkers: 2,
    restoreMocks: true,
  },
});
