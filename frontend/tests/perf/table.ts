/** The figures of a suite as a table beside their budgets. What is over one fails nothing. */
import { loadavg } from "node:os";
import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";

interface Figure {
  what: string;
  value: number;
  unit: string;
  budget?: number;
}

const load = () => (loadavg()[0] ?? 0).toFixed(1);

export default class Table implements Reporter {
  private readonly figures: Figure[] = [];
  private readonly before = load();

  onStdOut(chunk: string | Buffer): void {
    process.stdout.write(chunk);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status !== "passed") {
      console.log(`${result.status}: ${test.title}`);
      for (const error of result.errors) console.log(error.stack ?? error.message);
    }
    for (const { type, description } of result.annotations)
      if (type === "figure" && description) this.figures.push(JSON.parse(description) as Figure);
  }

  onEnd(result: FullResult): void {
    const text = ({ value, unit }: { value: number; unit: string }) =>
      `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
    const rows = this.figures.map((one) => [
      one.what,
      text(one),
      one.budget === undefined ? "" : `${one.budget} ${one.unit}`,
      one.budget === undefined ? "" : one.value <= one.budget ? "within" : "OVER",
    ]);
    const all = [["figure", "measured", "budget", ""], ...rows];
    const widths = [0, 1, 2].map((column) =>
      Math.max(...all.map((row) => row[column]?.length ?? 0)),
    );
    for (const [what = "", measured = "", budget = "", verdict] of all)
      console.log(
        [
          what.padEnd(widths[0] ?? 0),
          measured.padStart(widths[1] ?? 0),
          budget.padStart(widths[2] ?? 0),
          verdict,
        ]
          .join("  ")
          .trimEnd(),
      );
    const judged = this.figures.filter((one) => one.budget !== undefined);
    const over = judged.filter((one) => one.value > (one.budget ?? 0)).length;
    console.log(
      `\n${judged.length - over} of ${judged.length} within their budgets; load ${this.before} at the beginning, ${load()} at the end; ${result.status}.`,
    );
  }
}
