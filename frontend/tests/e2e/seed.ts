/** What stands in every picture: a small company's workflows, and what became of their runs. */
import type { House } from "./house";

interface Named {
  id: string;
}

const manual = { id: "start", type: "manual", name: "Started by hand", position: { x: 0, y: 80 } };

export const WORKFLOWS = [
  {
    name: "Invoice intake",
    description: "Reads an invoice, checks the amount and books it.",
    settings: { labels: { team: "finance", stage: "production" } },
    nodes: [
      manual,
      {
        id: "invoice",
        type: "set",
        name: "What the invoice says",
        config: { values: { number: "{{ input.number }}", amount: "{{ input.amount }}" } },
        position: { x: 280, y: 80 },
      },
      {
        id: "scan",
        type: "delay",
        name: "Wait for the scan",
        config: { duration: "{{ input.wait }}" },
        position: { x: 560, y: 80 },
      },
      {
        id: "large",
        type: "if",
        name: "Over the limit?",
        config: { condition: "{{ input.amount > 5000 }}" },
        position: { x: 840, y: 80 },
      },
      {
        id: "check",
        type: "fail",
        name: "Refuse what is not plausible",
        config: {
          code: "AMOUNT_IMPLAUSIBLE",
          message: "The amount of {{ input.amount }} is over the limit of 5,000: ask the supplier.",
        },
        position: { x: 1120, y: 0 },
      },
      {
        id: "booked",
        type: "output",
        name: "Booked",
        config: { value: { booked: true, number: "{{ steps.invoice.number }}" } },
        position: { x: 1120, y: 160 },
      },
    ],
    edges: [
      { source: "start", target: "invoice" },
      { source: "invoice", target: "scan" },
      { source: "scan", target: "large" },
      { source: "large", source_port: "true", target: "check" },
      { source: "large", source_port: "false", target: "booked" },
    ],
  },
  {
    name: "Nightly stock report",
    description: "Counts what every warehouse holds and tells what is low.",
    settings: { labels: { team: "logistics" } },
    nodes: [
      manual,
      {
        id: "each",
        type: "for_each",
        name: "Each warehouse",
        config: { items: ["Malmö", "Gdańsk", "Turku", "Kiel", "Riga"], concurrency: 2 },
        position: { x: 280, y: 0 },
      },
      {
        id: "count",
        type: "delay",
        name: "Count",
        parent: "each",
        config: { duration: "{{ string(40 + index * 35) + 'ms' }}" },
        position: { x: 40, y: 60 },
      },
      {
        id: "line",
        type: "set",
        name: "One line",
        parent: "each",
        config: { values: { warehouse: "{{ item }}", pallets: "{{ 100 + index * 17 }}" } },
        position: { x: 320, y: 60 },
      },
      {
        id: "report",
        type: "output",
        name: "The report",
        config: { value: { lines: "{{ steps.each }}" } },
        position: { x: 960, y: 80 },
      },
    ],
    edges: [
      { source: "start", target: "each" },
      { source: "count", target: "line" },
      { source: "each", target: "report" },
    ],
  },
  {
    name: "Contract approval",
    description: "Waits until the legal department has decided.",
    settings: { labels: { team: "legal" }, timeout: "30d" },
    nodes: [
      manual,
      {
        id: "decision",
        type: "approval",
        name: "The decision of legal",
        config: {
          title: "{{ 'Contract with ' + input.supplier }}",
          message:
            "The supplier asks for **net 60** instead of *net 30*.\n\n- liability stays capped at the yearly value\n- the notice period grows to six months",
          context: { supplier: "{{ input.supplier }}", yearly_value: "{{ input.value }}" },
          assignees: ["role:admin"],
          self_approval: true,
          email: false,
          timeout: "20d",
          form: {
            type: "object",
            properties: {
              payment_days: {
                type: "integer",
                title: "Payment within days",
                minimum: 0,
                maximum: 120,
              },
            },
            required: ["payment_days"],
          },
          options: [
            { value: "approved", label: "Approve", style: "success", form: true },
            { value: "rejected", label: "Reject", style: "danger", comment: true },
          ],
        },
        position: { x: 280, y: 80 },
      },
      {
        id: "done",
        type: "output",
        name: "Decided",
        config: { value: { decision: "{{ steps.decision }}" } },
        position: { x: 560, y: 80 },
      },
    ],
    edges: [
      { source: "decision", source_port: "approved", target: "done" },
      { source: "start", target: "decision" },
    ],
  },
  {
    name: "Deployment notifier",
    description: "Announces how a deployment ended.",
    settings: { labels: { team: "platform" } },
    nodes: [
      {
        id: "deployment",
        type: "webhook",
        name: "A deployment ended",
        config: { scheme: "none" },
        position: { x: 0, y: 80 },
      },
      {
        id: "text",
        type: "set",
        name: "What to say",
        config: { values: { text: "{{ 'Deployed ' + get(trigger.payload, 'ref', 'main') }}" } },
        position: { x: 280, y: 80 },
      },
    ],
    edges: [{ source: "deployment", target: "text" }],
  },
] as const;

export const DRAFT = {
  name: "Supplier onboarding",
  description: "Not published yet.",
  nodes: [
    manual,
    {
      id: "ask",
      type: "set",
      name: "Ask for papers",
      config: { values: { asked: true } },
      position: { x: 280, y: 80 },
    },
  ],
  edges: [{ source: "start", target: "ask" }],
};

export async function until(check: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 40_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`Too late: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

export interface Seeded {
  workflows: Record<string, string>;
  webhook: string;
  project: string;
}

export async function seed(house: House): Promise<Seeded> {
  const workflows: Record<string, string> = {};
  let webhook = "";
  for (const definition of WORKFLOWS) {
    const made = await house.ask<Named>("POST", "/workflows", { schema: "weir/v1", ...definition });
    workflows[definition.name] = made.id;
    const published = await house.ask<{ webhooks: { path: string }[] }>(
      "POST",
      `/workflows/${made.id}/versions`,
      {
        note: "First version",
      },
    );
    webhook = published.webhooks[0]?.path ?? webhook;
  }
  const draft = await house.ask<Named>("POST", "/workflows", { schema: "weir/v1", ...DRAFT });
  workflows[DRAFT.name] = draft.id;

  const invoices = Array.from({ length: 36 }, (_, each) => ({
    input: {
      number: `R-${2_100 + each}`,
      amount: each % 9 === 4 ? 12_400 : 180 + ((each * 137) % 3_000),
      wait: `${20 + ((each * each * 53) % 1_900)}ms`,
    },
  }));
  await house.ask("POST", `/workflows/${workflows["Invoice intake"]}/runs:batch`, {
    items: invoices,
  });
  for (let each = 0; each < 6; each += 1) {
    await house.ask("POST", `/workflows/${workflows["Nightly stock report"]}/runs`, { input: {} });
  }
  for (const [supplier, value] of [
    ["Supplier North", 48_000],
    ["Supplier East", 12_500],
    ["Supplier West", 7_900],
  ]) {
    await house.ask("POST", `/workflows/${workflows["Contract approval"]}/runs`, {
      input: { supplier, value },
    });
  }
  for (const ref of ["main", "release-4", "main"]) {
    await house.ask("POST", webhook, { ref });
  }

  for (const [name, workflow, times] of [
    [
      "Every working day at six",
      "Nightly stock report",
      { cron: "0 6 * * 1-5", timezone: "Europe/Stockholm" },
    ],
    ["Every quarter of an hour", "Invoice intake", { every: "15m" }],
  ] as const) {
    const made = await house.ask<Named>("POST", "/schedules", {
      name,
      workflow_id: workflows[workflow],
      ...times,
    });
    if (name.startsWith("Every working"))
      await house.ask("POST", `/schedules/${made.id}/trigger`, {});
  }

  const project = await house.ask<Named>("POST", "/projects", { name: "Finance" });
  const group = await house.ask<Named>("POST", "/groups", { name: "Accounting", role: "operator" });
  for (const [name, email, role] of [
    ["Stock editor", "editor@example.com", "editor"],
    ["Night operator", "operator@example.com", "operator"],
    ["Auditor", "viewer@example.com", "viewer"],
  ]) {
    await house.ask("POST", "/users", {
      name,
      email,
      role,
      groups: role === "operator" ? [group.id] : [],
    });
  }
  const account = await house.ask<Named>("POST", "/service-accounts", {
    name: "Deployments",
    role: "operator",
  });
  await house.ask("POST", "/keys", { name: "Build server", owner: account.id, role: "operator" });
  await house.ask("POST", "/credentials", {
    name: "ledger",
    type: "bearer",
    fields: { token: "not a secret" },
  });
  await house.ask("POST", "/credentials", {
    name: "warehouse_api",
    type: "api_key",
    fields: { name: "X-Api-Key", value: "none" },
  });
  await until(async () => {
    const open = await house.ask<{ items: unknown[] }>(
      "GET",
      "/runs?status=running,queued&limit=50",
    );
    const all = await house.ask<{ items: unknown[] }>("GET", "/runs?limit=100");
    return open.items.length === 0 && all.items.length >= 48;
  }, "the runs end");
  return { workflows, webhook, project: project.id };
}
