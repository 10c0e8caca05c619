/** What the editor asks about the draft as a document: its epoch, publishing, comparing, going back. */
import { ApiError, asError, authorised, match } from "@/api/client";
import type { Json } from "@/collab/types";

export interface DocumentState {
  epoch: string;
  read_only: boolean;
}

export interface Changed {
  kind: "node" | "edge" | "note";
  id: string;
  by?: { id: string; at: string } | null;
  fields?: { path: string; before?: Json; after?: Json }[];
}

export interface Diff {
  from: string;
  to: string;
  added: Changed[];
  removed: Changed[];
  changed: Changed[];
  moved: Changed[];
  settings: { path: string; before?: Json; after?: Json }[];
}

export interface Published {
  version: string;
  number: number;
  created: boolean;
  warnings: { message: string }[];
  webhooks: {
    id: string;
    node: string;
    path: string;
    secret?: string | null;
    /** Whether deliveries are taken in this version, asked right after the publish. */
    probe?: { state: string; message: string | null } | null;
  }[];
  changes?: Diff;
  dropped?: { code: string; id: string }[];
}

async function ask<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  let answer: Response;
  try {
    answer = await authorised(
      new Request(`${location.origin}/api/v1${path}`, {
        method,
        credentials: "same-origin",
        headers: {
          ...headers,
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  } catch (thrown) {
    throw asError(thrown);
  }
  const value = (await answer.json().catch(() => null)) as T & {
    error?: { code?: string; message?: string; details?: unknown; request_id?: string };
  };
  if (answer.ok) return value;
  const told = value?.error;
  throw new ApiError(
    answer.status,
    told?.code ?? "UNEXPECTED",
    told?.message ?? `Weir answered ${answer.status} without saying why.`,
    told?.details ?? null,
    told?.request_id ?? "",
  );
}

const at = (workflow: string) => `/workflows/${encodeURIComponent(workflow)}`;

export const readDocument = (workflow: string) =>
  ask<DocumentState>("GET", `${at(workflow)}/document`);

export const readDiff = (workflow: string, from: string, to: string) =>
  ask<Diff>("GET", `${at(workflow)}/diff?${new URLSearchParams({ from, to })}`);

export const publish = (workflow: string, note: string, base: string, vector: string) =>
  ask<Published>("POST", `${at(workflow)}/versions`, {
    note,
    base_version: base,
    state_vector: vector,
  });

export const restore = (workflow: string, version: string, revision: string) =>
  ask<unknown>(
    "POST",
    `${at(workflow)}/versions/${encodeURIComponent(version)}/restore`,
    {},
    { "If-Match": match({ revision }) },
  );

export const runAgain = (workflow: string, version: string) =>
  ask<unknown>("POST", `${at(workflow)}/versions/${encodeURIComponent(version)}/current`, {});
