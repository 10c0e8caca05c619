/** A Weir of its own for a suite: embedded servers, free ports, a data directory that is removed. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const START_MS = 180_000;

export const ADMIN = {
  email: "admin@example.com",
  name: "Admin",
  password: "a long enough one",
};

export class House {
  url = "";
  key = "";
  link = "";
  private process: ChildProcess | undefined;
  private said = "";
  readonly directory: string;
  private readonly own: boolean;

  private constructor(directory: string, own: boolean) {
    this.directory = directory;
    this.own = own;
  }

  /** Start one; with `directory` on what lies there, which stays. */
  static async start(settings: Record<string, string> = {}, directory?: string): Promise<House> {
    const place = directory ?? (await mkdtemp(join(tmpdir(), "weir-e2e-")));
    const house = new House(place, directory === undefined);
    await house.begin(["weir", "up"], settings);
    return house;
  }

  /** What `make run` serves: a fresh one with the example that it runs. */
  static async example(): Promise<House> {
    const house = new House(await mkdtemp(join(tmpdir(), "weir-e2e-")), true);
    await house.begin(["python", "examples/deployment/run.py"], {});
    return house;
  }

  private async begin(program: string[], settings: Record<string, string>): Promise<void> {
    const weir = spawn(program[0] as string, program.slice(1), {
      cwd: ROOT,
      env: {
        ...process.env,
        PATH: `${ROOT}/.venv/bin:${process.env.PATH}`,
        WEIR_DATA_DIR: this.directory,
        WEIR_HTTP_PORT: "0",
        WEIR_LOG_LEVEL: "warning",
        WEIR_OUTBOUND_ALLOW: "127.0.0.1",
        ...settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = weir;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`Weir does not start:\n${this.said}`)),
        START_MS,
      );
      const hear = (chunk: Buffer) => {
        this.said += chunk.toString();
        const url = /Weir answers at (\S+)/.exec(this.said)?.[1];
        if (!url) return;
        this.url = url;
        this.key = /(weir_key_\S+)/.exec(this.said)?.[1] ?? this.key;
        this.link = /(http\S+accept-invite\?first#\S+)/.exec(this.said)?.[1] ?? "";
        clearTimeout(late);
        // The link of the first person is written right after the address.
        setTimeout(() => {
          this.link = /(http\S+accept-invite\?first#\S+)/.exec(this.said)?.[1] ?? "";
          resolve();
        }, 300);
      };
      weir.stdout?.on("data", hear);
      weir.stderr?.on("data", hear);
      weir.once("exit", (code) => reject(new Error(`Weir ended with ${code}:\n${this.said}`)));
    });
  }

  /** Ask the API by the first key, or as the first person. */
  async ask<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const answer = await fetch(`${this.url}${path.startsWith("/hooks") ? "" : "/api/v1"}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : {}) as T;
  }

  /** Make the first person, who asks from then on; sign in by ADMIN. */
  async people(): Promise<void> {
    const token = this.link.split("#")[1];
    const first = await this.ask<{ access_token: string }>("POST", "/auth/invitations/accept", {
      token,
      ...ADMIN,
    });
    this.key = first.access_token;
  }

  async stop(): Promise<void> {
    const weir = this.process;
    if (weir && weir.exitCode === null) {
      const ended = new Promise((resolve) => weir.once("exit", resolve));
      weir.kill("SIGTERM");
      await ended;
    }
    if (this.own) await rm(this.directory, { recursive: true, force: true });
  }
}
