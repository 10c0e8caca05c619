/** What stands on the pages of dead letters, subscriptions and administration in tests and pictures. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import type { House } from "./house";
import type { Provider } from "./provider";
import { until } from "./seed";

interface Named {
  id: string;
}

export const VIEWER = {
  email: "viewer@example.com",
  name: "Viewer",
  password: "a long enough one",
};
export const PROVIDER = "Company sign-in";
export const OTHER_TENANT = "Branch office";

const STOCK = {
  schema: "weir/v1",
  name: "Stock import",
  description: "Reads what a warehouse holds, and fails where it is told so.",
  nodes: [
    { id: "start", type: "manual", name: "Started by hand" },
    {
      id: "known",
      type: "if",
      name: "Is the warehouse known?",
      config: { condition: "{{ input.warehouse != 'closed' }}" },
    },
    {
      id: "refuse",
      type: "fail",
      name: "Refuse it",
      config: {
        code: "WAREHOUSE_UNKNOWN",
        message: "Nothing is known of the warehouse {{ input.warehouse }}: add it first.",
      },
    },
    { id: "counted", type: "output", config: { value: { counted: true } } },
  ],
  edges: [
    { source: "start", target: "known" },
    { source: "known", source_port: "true", target: "counted" },
    { source: "known", source_port: "false", target: "refuse" },
  ],
};
const ORDERS = {
  schema: "weir/v1",
  name: "Order intake",
  nodes: [
    {
      id: "order",
      type: "event",
      name: "An order came",
      config: { subject: "orders.*.created", filter: "{{ trigger.payload.amount > 100 }}" },
    },
    { id: "taken", type: "output", config: { value: "{{ input }}" } },
  ],
  edges: [{ source: "order", target: "taken" }],
};

export async function administered(house: House, provider: Provider): Promise<{ orders: string }> {
  const made: string[] = [];
  for (const definition of [STOCK, ORDERS]) {
    const { id } = await house.ask<Named>("POST", "/workflows", definition);
    await house.ask("POST", `/workflows/${id}/versions`, { note: "First version" });
    made.push(id);
  }
  const [stock = "", orders = ""] = made;
  for (let each = 0; each < 6; each += 1) {
    const input = { warehouse: "closed", delivery: `D-${4_100 + each}` };
    await house.ask("POST", `/workflows/${stock}/runs`, { input });
  }
  for (const [amount, region] of [
    [120, "eu"],
    [40, "eu"],
    [980, "us"],
    ["many", "us"],
  ]) {
    await house.ask("POST", `/events?subject=orders.${region}.created`, { amount });
  }
  const project = await house.ask<Named>("POST", "/projects", { name: "Warehouses" });
  await house.ask("POST", "/groups", {
    name: "Night shift",
    role: null,
    projects: { [project.id]: "operator" },
  });
  const { items: people } = await house.ask<{ items: (Named & { name: string })[] }>(
    "GET",
    "/users",
  );
  const night = people.find((each) => each.name === "Night operator");
  await house.ask("PUT", `/projects/${project.id}/members/${night?.id}`, { role: "viewer" });
  await house.ask("POST", "/providers", {
    name: PROVIDER,
    issuer: provider.issuer,
    client_id: "weir",
    client_secret: "not a secret",
    groups_claim: "groups",
    roles: { operations: "operator", "warehouse-leads": "editor" },
    default_role: "viewer",
    creates_users: true,
  });
  await house.ask("POST", "/credentials", {
    name: "stock_api",
    type: "bearer",
    fields: { token: "not a secret" },
  });
  await until(async () => {
    const { items } = await house.ask<{ items: unknown[] }>("GET", "/dead-letters");
    const { items: heard } = await house.ask<{ items: { waiting: number; started: number }[] }>(
      "GET",
      "/subscriptions",
    );
    return items.length >= 7 && heard[0]?.waiting === 0 && heard[0].started === 2;
  }, "letters and events are there");
  return { orders };
}

/** Invite somebody and take the invitation up by the mail. */
export async function joined(house: House, who = VIEWER, role = "viewer"): Promise<void> {
  await house.ask("POST", "/users", { name: who.name, email: who.email, role });
  const token = await mailed(house, who.email);
  const { email: _, ...given } = who;
  await house.ask("POST", "/auth/invitations/accept", { token, ...given });
}

async function mailed(house: House, address: string): Promise<string> {
  const box = join(house.directory, "outbox");
  let found = "";
  await expect(async () => {
    for (const name of await readdir(box)) {
      const text = (await readFile(join(box, name), "utf8")).replaceAll(/=\r?\n/g, "");
      if (text.includes(address)) found = /#([a-z2-7]{52})/.exec(text)?.[1] ?? found;
    }
    expect(found).not.toBe("");
  }).toPass({ timeout: 10_000 });
  return found;
}
