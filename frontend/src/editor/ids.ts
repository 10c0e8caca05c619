/** Names of nodes and notes: made once, read in expressions, so short and plain. */

const RESERVED = new Set(
  (
    "as break const continue else false for function if import in let loop namespace null package " +
    "return true var void while"
  ).split(" "),
);

/** What people called it, as an id: "Send to Slack" becomes send_to_slack. */
export function slug(text: string): string {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "");
  return plain.slice(0, 56) || "step";
}

/** An id nobody has: the word itself, or with a number behind it. */
export function freshId(text: string, taken: { has: (id: string) => boolean }): string {
  const base = slug(text);
  if (!taken.has(base) && !RESERVED.has(base)) return base;
  for (let number = 2; ; number += 1) {
    const id = `${base}_${number}`;
    if (!taken.has(id)) return id;
  }
}

/** An id for a note, which nobody reads. */
export function noteId(): string {
  return `n${crypto.randomUUID().slice(0, 8)}`;
}
