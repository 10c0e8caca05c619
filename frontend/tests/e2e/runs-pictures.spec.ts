/** Pictures of the run view in both themes: `make screenshots`. */
import { fileURLToPath } from "node:url";
import { expect, test, theme } from "./fixtures";
import {
  chain,
  ended,
  openRun,
  parcel,
  publish,
  rowOf,
  START,
  start,
  startWorker,
} from "./parcels";

const INTO =
  process.env.PICTURES ?? fileURLToPath(new URL("../../../docs/screenshots", import.meta.url));

const LABEL = {
  name: "Print a label",
  nodes: [START, parcel("print", { id: "{{ input.id }}", ms: 250 }, { name: "Print" })],
  edges: chain("start", "print"),
};

function orders(label: string) {
  return {
    name: "Ship orders",
    settings: { labels: { team: "logistics" } },
    nodes: [
      { ...START, name: "Orders come in" },
      parcel("stock", { id: 1, ms: 400, fails: 1 }, { name: "Fetch stock" }),
      {
        id: "each",
        type: "for_each",
        name: "For each order",
        config: { items: "{{ input.orders }}", concurrency: 3, on_item_error: "collect" },
      },
      parcel(
        "book",
        { id: "{{ index }}", ms: "{{ item.ms }}", broken: "{{ item.to }}" },
        { name: "Book a carrier", parent: "each" },
      ),
      {
        id: "label",
        type: "sub_workflow",
        name: "Print a label",
        config: { workflow: label, input: { id: 7 } },
      },
      { id: "truck", type: "delay", name: "Wait for the truck", config: { duration: "600ms" } },
      parcel("bill", { id: 8, ms: 300, broken: "{{ input.bill }}" }, { name: "Send the bill" }),
    ],
    edges: chain("start", "stock", "each", "label", "truck", "bill"),
  };
}

for (const shown of ["dark", "light"] as const) {
  test(`pictures of runs in the ${shown} theme @screenshots`, async ({ inside: page, house }) => {
    test.setTimeout(180_000);
    await theme(page, shown);
    const stop = await startWorker(house);
    const workflow = await publish(house, orders(await publish(house, LABEL)));
    const given = Array.from({ length: 7 }, (_, n) => ({ ms: 300 + ((n * 370) % 900), to: "" }));
    const input = {
      bill: "",
      orders: given.map((one, n) => (n === 4 ? { ...one, to: "Atlantis" } : one)),
    };
    const run = await start(house, workflow, input);
    await ended(house, run);
    await openRun(page, run);
    await rowOf(page, "label")
      .getByRole("button", { name: /^Unfold/ })
      .click();
    const picture = (name: string) =>
      page.screenshot({ path: `${INTO}/${name}-${shown}.png`, animations: "disabled" });
    await expect(page.getByText("Took longest")).toBeVisible();
    await picture("run");
    await openRun(page, run, "?step=stock&attempt=1&tab=attempts");
    await expect(page.getByTestId("error-panel")).toBeVisible();
    await picture("run-attempts");
    await openRun(page, run, "?tab=logs");
    await expect(page.getByTestId("lines")).toBeVisible();
    await picture("run-lines");
    const failed = await start(house, workflow, { ...input, bill: "a closed account" });
    await ended(house, failed);
    await openRun(page, failed);
    await expect(page.getByTestId("error-panel")).toBeVisible();
    await picture("run-failed");
    await page.getByRole("button", { name: "Retry", exact: true }).click();
    await expect(page.getByTestId("repeats")).toBeVisible();
    await picture("run-retry");
    const slow = await start(house, workflow, {
      bill: "",
      orders: given.map((one) => ({ ...one, ms: 4 * one.ms })),
    });
    await openRun(page, slow);
    await expect(rowOf(page, "each[3]")).toBeVisible({ timeout: 20_000 });
    await picture("run-live");
    await stop();
  });
}
