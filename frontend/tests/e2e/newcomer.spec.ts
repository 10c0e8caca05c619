/** From what `make run` serves to an own workflow that is published and has run: how many hands that takes. */
import { test as base, expect, House } from "./fixtures";
import { Hands } from "./hands";

const LIMIT = 25;

const test = base.extend<{ hands: Hands; example: House }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from it
  example: async ({}, use) => {
    const house = await House.example();
    await use(house);
    await house.stop();
  },
  hands: async ({ browser }, use, info) => {
    const context = await browser.newContext(info.project.use);
    await use(new Hands(await context.newPage()));
    await context.close();
  },
});

test("a newcomer draws, publishes and runs five steps in under 25 interactions", async ({
  hands,
  example,
}) => {
  const begun = performance.now();
  await hands.open(example.link);
  await hands.fill("role=textbox[name='E-mail']", "admin@example.com");
  await hands.fill("role=textbox[name='Name']", "Admin");
  await hands.fill("input[name=password]", "a long enough one");
  await hands.click("role=button[name='Begin']");
  await hands.click("role=button[name='New workflow'] >> nth=0");

  await hands.click("[data-card=start]");
  await hands.click("[role=option][data-type=set]");
  await hands.click("role=button[name='Add to values']");
  await hands.fill("role=textbox[name='Values, name 1']", "total");
  await hands.fill("role=textbox[name=/^Values, /] >> nth=1", "{{ input.amount * 2 }}");
  await hands.click("[role=option][data-type=if]");
  await hands.fill("role=textbox[name='Condition']", "{{ steps.set.total > 100 }}");
  await hands.click("[role=option][data-type=output]");
  await hands.fill("role=textbox[name='Value']", "{{ steps.set.total }}");
  await hands.click("[data-card=if_2]");
  await hands.click("[role=option][data-type=fail]");
  await hands.fill("role=textbox[name='Message']", "That is too little.");

  await hands.click("[data-publish=first]");
  await hands.click("role=dialog >> role=button[name='Publish']");
  await hands.see("[data-publish=up-to-date]");
  await hands.click("role=button[name='Try it out']");
  await hands.fill("role=textbox[name='Sample input']", '{"amount": 70}');
  await hands.click("role=button[name='Run version 1']");
  await hands.see("[data-card=output] [data-state=succeeded]");
  const took = performance.now() - begun;

  const id = /wf_\w+/.exec(hands.where())?.[0];
  const workflow = await example.ask<{ current_version: string; definition: { nodes: object[] } }>(
    "GET",
    `/workflows/${id}`,
  );
  const { items } = await example.ask<{
    items: { version: string; status: string; output?: unknown }[];
  }>("GET", `/runs?workflow_id=${id}`);
  expect(workflow.definition.nodes).toHaveLength(5);
  expect(items).toMatchObject([{ status: "succeeded", version: workflow.current_version }]);
  console.log(
    JSON.stringify({
      interactions: hands.count,
      limit: LIMIT,
      seconds: Number((took / 1000).toFixed(1)),
    }),
  );
  expect(hands.count, hands.done.join("\n")).toBeLessThan(LIMIT);
});
