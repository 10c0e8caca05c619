/** Where the inspector reads a value: on the page if it is small, in a worker if it is not. */
import { authorised } from "@/api/client";
import type { Asked } from "./json.worker";
import { at, childrenOf, describe, type Key, type TreeNode } from "./model/tree";

export interface Source {
  root: TreeNode;
  children: (path: Key[], first: number, count: number) => TreeNode[] | Promise<TreeNode[]>;
  /** The whole of a part, as text. */
  text: (path: Key[]) => string | Promise<string>;
  close: () => void;
}

/** A value that is at hand. */
export function localSource(value: unknown): Source {
  return {
    root: describe("", value),
    children: (path, first, count) => childrenOf(at(value, path), first, count),
    text: (path) => {
      const found = at(value, path);
      return typeof found === "string" ? found : JSON.stringify(found, null, 2);
    },
    close: () => {},
  };
}

export interface Reference {
  key: string;
  size: number;
  mediaType: string;
}

/** A value kept outside the log; null if this is the value itself. */
export function referenceOf(value: unknown): Reference | null {
  if (typeof value !== "object" || value === null || !("$blob" in value)) return null;
  if (Object.keys(value).length !== 1) return null;
  const { key, size, media_type } = value.$blob as {
    key: string;
    size: number;
    media_type: string;
  };
  return { key, size: Number(size), mediaType: media_type };
}

export function addressOf(runId: string, reference: Reference): string {
  const name = reference.key.slice(reference.key.lastIndexOf("/") + 1);
  return `/api/v1/runs/${runId}/blobs/${name}`;
}

type Question = Asked extends infer A ? (A extends { id: number } ? Omit<A, "id"> : never) : never;

/** A value that is fetched, and read where it keeps nobody waiting. */
export async function remoteSource(address: string, text: boolean): Promise<Source> {
  const answer = await authorised(new Request(`${location.origin}${address}`));
  if (!answer.ok) throw new Error(`The value could not be read: Weir answered ${answer.status}.`);
  const buffer = await answer.arrayBuffer();
  const worker = new Worker(new URL("./json.worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, { done: (value: never) => void; failed: (why: Error) => void }>();
  let next = 0;
  const ask = <T>(question: Question, transfer: Transferable[] = []) =>
    new Promise<T>((done, failed) => {
      next += 1;
      waiting.set(next, { done: done as (value: never) => void, failed });
      worker.postMessage({ id: next, ...question }, transfer);
    });
  worker.onmessage = ({ data }: MessageEvent<{ id: number; value: never; error?: string }>) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error !== undefined) asked?.failed(new Error(data.error));
    else asked?.done(data.value);
  };
  worker.onerror = () => {
    for (const asked of waiting.values()) asked.failed(new Error("The value could not be read."));
    waiting.clear();
  };
  const root = await ask<TreeNode>({ what: "open", buffer, text }, [buffer]);
  return {
    root,
    children: (path, first, count) => ask<TreeNode[]>({ what: "children", path, first, count }),
    text: (path) => ask<string>({ what: "text", path }),
    close: () => worker.terminate(),
  };
}
