/** The platform as separate processes behind one address (tests/fault/beside_browsers.py), and browsers in it. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  type Browser,
  type BrowserContext,
  test as base,
  expect,
  type Page,
} from "@playwright/test";
import { ADMIN } from "../e2e/house";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export class Beside {
  url = "";
  key = "";
  private link = "";
  private readonly process: ChildProcess;
  private readonly answers: AsyncIterator<string>;
  private readonly lines: Interface;
  private turn: Promise<unknown> = Promise.resolve();

  constructor() {
    this.process = spawn("python", ["-m", "tests.fault.beside_browsers"], {
      cwd: ROOT,
      env: { ...process.env, PATH: `${ROOT}/.venv/bin:${process.env.PATH}` },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.lines = createInterface({ input: this.process.stdout as NodeJS.ReadableStream });
    this.answers = this.lines[Symbol.asyncIterator]();
  }

  async begin(): Promise<void> {
    Object.assign(this, JSON.parse((await this.answers.next()).value));
  }

  /** Have it do something, after what was asked before. */
  do<T = unknown>(what: string, given: object = {}): Promise<T> {
    const next = this.turn.then(async () => {
      this.process.stdin?.write(`${JSON.stringify({ do: what, ...given })}\n`);
      const { value } = await this.answers.next();
      const answer = JSON.parse(value ?? '{"error": "It has ended."}');
      if (answer.error) throw new Error(`${what}: ${answer.error}`);
      return answer as T;
    });
    this.turn = next.catch(() => {});
    return next;
  }

  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.key}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** The first person comes in by the link; what their browser keeps. */
  async signedIn(browser: Browser): Promise<Awaited<ReturnType<BrowserContext["storageState"]>>> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(this.link);
    await page.getByLabel("E-mail").fill(ADMIN.email);
    await page.getByLabel("Name").fill(ADMIN.name);
    await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
    await page.getByRole("button", { name: "Begin" }).click();
    await expect(page.getByRole("heading", { name: "Workflows", exact: true })).toBeVisible();
    const state = await context.storageState();
    await context.close();
    return state;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.stdin?.end();
    await ended;
  }
}

interface Shared {
  beside: Beside;
  session: Awaited<ReturnType<BrowserContext["storageState"]>>;
}

export const test = base.extend<{ two: Page[] }, Shared>({
  beside: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from it
    async ({}, use) => {
      const beside = new Beside();
      await beside.begin();
      await use(beside);
      await beside.stop();
    },
    { scope: "worker", timeout: 180_000 },
  ],
  session: [
    async ({ browser, beside }, use) => use(await beside.signedIn(browser)),
    { scope: "worker", timeout: 60_000 },
  ],
  /** Two browsers of one person. */
  two: async ({ browser, beside, session }, use, info) => {
    const contexts = await Promise.all(
      [1, 2].map(() =>
        browser.newContext({ ...info.project.use, baseURL: beside.url, storageState: session }),
      ),
    );
    await use(await Promise.all(contexts.map((context) => context.newPage())));
    await Promise.all(contexts.map((context) => context.close()));
  },
});

export { expect };
