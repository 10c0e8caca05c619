// Writes src/api/schema.d.ts from the OpenAPI document of the code; --check compares instead.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const frontend = fileURLToPath(new URL("..", import.meta.url));
const target = `${frontend}src/api/schema.d.ts`;
const python = process.env.PYTHON ?? "python";

const text = execFileSync(python, ["-m", "frontend.scripts.openapi"], {
  cwd: `${frontend}..`,
  maxBuffer: 1 << 28,
  stdio: ["ignore", "pipe", "inherit"],
});
const document = JSON.parse(text);
for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
  // Every refusal has the form of ErrorAnswer: said once, not once for each of 1,500.
  operation.responses = Object.fromEntries(
    Object.entries(operation.responses).filter(([status]) => Number(status) < 400),
  );
}
const types = astToString(await openapiTS(document, { defaultNonNullable: false }));
const fresh = `// Written from the routes of the code by \`make api\`: do not edit.\n\n${types}`;

if (!process.argv.includes("--check")) {
  writeFileSync(target, fresh);
} else if (readFileSync(target, "utf8") !== fresh) {
  console.error(
    "frontend/src/api/schema.d.ts is out of date: run `make api` and commit the result",
  );
  process.exit(1);
}
