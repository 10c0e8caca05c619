// How much script a page loads before it is shown, in gzip: fails where a budget is passed.
import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const built = fileURLToPath(new URL("../../libs/weir/page/", import.meta.url));
const manifest = JSON.parse(readFileSync(`${built}.vite/manifest.json`, "utf8"));

const BUDGETS_KB = {
  "src/features/dashboard/index.tsx": 180,
  "src/features/workflows/index.tsx": 180,
};
const EDITOR = "src/editor/index.tsx";
const EDITOR_KB = 120;

/** A part and whatever it imports before it runs. */
function closure(name, found = new Set()) {
  if (found.has(name) || !manifest[name]) return found;
  found.add(name);
  for (const each of manifest[name].imports ?? []) closure(each, found);
  return found;
}

const size = (file) =>
  statSync(existsSync(`${built}${file}.gz`) ? `${built}${file}.gz` : built + file).size;
function told(page, parts, most) {
  const files = new Set(parts.map((part) => manifest[part].file));
  const kb = [...files].reduce((sum, file) => sum + size(file), 0) / 1000;
  console.log(`${page}: ${kb.toFixed(0)} of ${most} kB`);
  return kb <= most;
}

const frame = closure("index.html");
const kept = Object.entries(BUDGETS_KB).map(([page, most]) =>
  told(page, [...frame, ...closure(page)], most),
);
// Beside what every page loads; 80 kB of it are React Flow and Yjs.
const editor = told(
  EDITOR,
  [...closure(EDITOR)].filter((part) => !frame.has(part)),
  EDITOR_KB,
);
process.exit(editor && kept.every(Boolean) ? 0 : 1);
