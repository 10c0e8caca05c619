/** Workflows that run on a worker of their own: attempts, loops, sub-runs, large values. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserContext, expect, type Page } from "@playwright/test";
import type { House } from "./house";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const READY_MS = 30_000;

/** Start the worker; returns what ends it. */
export async function startWorker(house: House): Promise<() => Promise<void>> {
  const worker: ChildProcess = spawn(
    "python",
    [fileURLToPath(new URL("parcels.py", import.meta.url)), house.directory],
    {
      cwd: ROOT,
      env: { ...process.env, PATH: `${ROOT}/.venv/bin:${process.env.PATH}` },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`The worker is late:\n${said}`)), READY_MS);
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes('"ready"')) return;
      clearTimeout(late);
      resolve();
    };
    worker.stdout?.on("data", hear);
    worker.stderr?.on("data", hear);
    worker.once("exit", (code) => reject(new Error(`The worker ended with ${code}:\n${said}`)));
  });
  return async () => {
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    worker.kill("SIGTERM");
    await ended;
  };
}

type Config = Record<string, unknown>;

export function parcel(id: string, input: Config, more: Config = {}) {
  return {
    id,
    type: "task",
    queue: "parcels",
    retry: { max_attempts: 3, initial: "200ms", jitter: 0 },
    config: { task: "parcel", input },
    ...more,
  };
}

export const START = { id: "start", type: "manual" };

export interface Definition {
  name: string;
  nodes: readonly Config[];
  edges: readonly Config[];
}

/** Edges along a chain of nodes. */
export function chain(...ids: readonly string[]): Config[] {
  return ids.slice(1).map((target, index) => ({ source: ids[index], target }));
}

/** Publish what is new; returns the workflow's id. */
export async function publish(house: House, definition: Definition): Promise<string> {
  const made = await house.ask<{ id: string }>("POST", "/workflows", {
    schema: "weir/v1",
    ...definition,
  });
  await house.ask("POST", `/workflows/${made.id}/versions`, {});
  return made.id;
}

export async function publishAgain(
  house: House,
  id: string,
  definition: Definition,
): Promise<string> {
  await house.ask(
    "PUT",
    `/workflows/${id}`,
    { schema: "weir/v1", ...definition },
    { "If-Match": "*" },
  );
  const made = await house.ask<{ version: string }>("POST", `/workflows/${id}/versions`, {});
  return made.version;
}

export async function start(
  house: House,
  workflow: string,
  input: unknown = {},
  more: { version?: string } = {},
): Promise<string> {
  const body = { input, ...more };
  const run = await house.ask<{ run_id: string }>("POST", `/workflows/${workflow}/runs`, body);
  return run.run_id;
}

export async function ended(house: House, run: string): Promise<string> {
  const end = Date.now() + 40_000;
  for (;;) {
    const told = await house.ask<{ status: string }>("GET", `/runs/${run}`);
    if (["succeeded", "failed", "cancelled"].includes(told.status)) return told.status;
    if (Date.now() > end) throw new Error(`The run ${run} is ${told.status} for too long.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function openRun(page: Page, run: string, more = ""): Promise<void> {
  await page.goto(`/runs/${run}${more}`);
  await expect(page.getByTestId("run-view")).toHaveAttribute("data-ready", "true");
}

export const rowOf = (page: Page, path: string) =>
  page.getByTestId("gantt").locator(`[role=row][data-path="${path}"]`);
/** Shows what stands in a step. */
export async function unfold(page: Page, path: string): Promise<void> {
  const row = rowOf(page, path);
  if ((await row.getAttribute("aria-expanded")) === "false") {
    await row.getByRole("button", { name: /^Unfold/ }).click();
  }
  await expect(row).toHaveAttribute("aria-expanded", "true");
}

/** Somebody who comes by the link of their invitation. */
export async function invited(house: House, email: string, role: string, name = "Viewer") {
  await house.ask("POST", "/users", { name, email, role });
  const password = "another long enough one";
  await expect(async () => {
    const outbox = join(house.directory, "outbox");
    const mails = await Promise.all(
      (await readdir(outbox)).map((file) => readFile(join(outbox, file), "utf8")),
    );
    const mail = mails
      .map((text) => text.replaceAll("=\r\n", "").replaceAll("=\n", ""))
      .find((text) => text.includes(email));
    const token = /accept-invite#(?:3D)?([\w-]+)/.exec(mail ?? "")?.[1];
    await house.ask("POST", "/auth/invitations/accept", { token, email, name, password });
  }).toPass({ timeout: 20_000 });
  return { email, password, name };
}

export const cardOf = (page: Page, node: string) =>
  page.getByTestId("graph").locator(`[data-node="${node}"]`);

/** A network that can be cut: sockets end and none opens, requests fail. */
export async function cuttable(page: Page, context: BrowserContext) {
  let cut = false;
  const open = new Set<{ close: (options: { code: number }) => Promise<void> }>();
  await page.routeWebSocket(/\/api\/v1\//, (socket) => {
    if (cut) {
      void socket.close({ code: 1001 });
      return;
    }
    const server = socket.connectToServer();
    open.add(socket);
    socket.onClose(() => {
      open.delete(socket);
      void server.close();
    });
  });
  return async (off: boolean) => {
    cut = off;
    await context.setOffline(off);
    if (!off) return;
    for (const socket of [...open]) await socket.close({ code: 1001 });
    open.clear();
  };
}
