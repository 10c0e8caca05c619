/** Holds a large JSON value off the page's thread and answers for the parts that are looked at. */
import { at, childrenOf, describe, type Key } from "./model/tree";

export type Asked = { id: number } & (
  | { what: "open"; buffer: ArrayBuffer; text: boolean }
  | { what: "children"; path: Key[]; first: number; count: number }
  | { what: "text"; path: Key[] }
);

let root: unknown;

self.onmessage = ({ data }: MessageEvent<Asked>) => {
  try {
    self.postMessage({ id: data.id, value: answer(data) });
  } catch (thrown) {
    self.postMessage({ id: data.id, error: String(thrown) });
  }
};

function answer(asked: Asked): unknown {
  if (asked.what === "open") {
    const text = new TextDecoder().decode(asked.buffer);
    root = asked.text ? text : JSON.parse(text);
    return describe("", root);
  }
  const value = at(root, asked.path);
  if (asked.what === "children") return childrenOf(value, asked.first, asked.count);
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
