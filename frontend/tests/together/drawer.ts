/** Random hands inside a page: they draw by the editor's own code, and know what was acknowledged. */
import type { Page } from "@playwright/test";
import type { Studio } from "@/editor/studio";
import { findStudio } from "../e2e/studio";

export interface Progress {
  done: number;
  /** Of these it is known that they are stored. */
  acknowledged: number;
  /** So far it may go for now. */
  limit: number;
  isOver: boolean;
  error: string;
}

/** Begin to draw; `mark` is the note in which each operation writes its number. */
export async function begin(page: Page, mark: string, operations: number, seed: number) {
  await findStudio(page);
  await page.evaluate(
    ([mark, operations, seed]) => {
      const { studio } = window as unknown as { studio: Studio };
      const { edits, undo, connection, doc, projection } = studio.draft;
      let state = seed;
      const random = () => {
        state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
        return ((state ^ (state >>> 12)) >>> 0) / 2 ** 32;
      };
      const below = (end: number) => Math.floor(random() * end);
      const progress: Progress = { done: 0, acknowledged: 0, limit: 0, isOver: false, error: "" };
      Object.assign(window, { progress });

      // Frames sent over this connection, and how many operations all frames up to each hold.
      // What is sent before both sides know what the other has rests on what is not sent yet.
      let frames: [sent: number, done: number][] = [];
      let before = connection.getState();
      connection.subscribe((now) => {
        if (now.phase !== "online") frames = [];
        else if (before.phase !== "online" || now.sent > before.sent)
          frames.push([now.sent, progress.done]);
        before = now;
        for (const [frame, done] of frames)
          if (frame <= now.stored) progress.acknowledged = Math.max(progress.acknowledged, done);
      });

      const log = () => {
        const note = (doc.getMap("notes").get(mark) as { get: (name: string) => unknown }).get(
          "text",
        ) as { length: number; insert: (at: number, text: string) => void };
        // The measure, not the drawing: nobody's undo takes it away.
        doc.transact(() => note.insert(note.length, ` ${progress.done - 1}`), "measure");
      };
      const name = () => `n${below(40)}`;
      const operate = (number: number) => {
        const [id, other] = [name(), name()];
        if (!edits.node(id)) {
          edits.add([
            {
              id,
              type: "set",
              name: `Step ${id}`,
              position: { x: below(900), y: below(900) },
              config: { text: "some words", plain: 1, values: { one: "a b" } },
            },
          ]);
          return;
        }
        const kind = below(14);
        if (kind === 0) edits.remove([id]);
        else if (kind <= 2) edits.connect({ source: id, source_port: "out", target: other });
        else if (kind <= 4) edits.move(new Map([[id, { x: below(900), y: number % 900 }]]));
        else if (kind <= 6) {
          const text = edits.text(id, "config", "text");
          edits.typing(() => {
            if (text && text.length > 40) text.delete(0, 20);
            else text?.insert(below(text.length + 1), "abcdef "[below(7)] as string);
          });
        } else if (kind === 7)
          edits.set([id, other], "node", "disabled", random() < 0.5 || undefined);
        else if (kind === 8) edits.set(id, "retry", "max_attempts", 1 + below(9));
        else if (kind === 9) edits.addRow(id, "values", "map", "c d", `k${number}`);
        else if (kind === 10) {
          const values = projection.draft(id)?.config?.values;
          const rows = (
            edits.node(id)?.get("config") as { get: (name: string) => unknown } | undefined
          )?.get("values") as
            | { get: (name: string) => { keys: () => Iterable<string> } }
            | undefined;
          const row = [...(rows?.get("rows")?.keys() ?? [])][0];
          if (values && row) edits.removeRow(id, "values", row);
        } else if (kind === 11) undo.undo();
        else if (kind === 12) undo.redo();
        else edits.set(id, "config", "plain", random());
      };
      const go = async () => {
        for (let number = 0; number < operations; number += 1) {
          while (number >= progress.limit) await new Promise((done) => setTimeout(done, 20));
          operate(number);
          progress.done += 1;
          log();
          await new Promise((done) => setTimeout(done, random() * 20));
        }
      };
      go()
        .catch((thrown: unknown) => {
          progress.error = String((thrown as Error).stack ?? thrown);
        })
        .finally(() => {
          progress.isOver = true;
        });
    },
    [mark, operations, seed] as const,
  );
}

/** Let it go on until so many operations are done. */
export async function allow(page: Page, limit: number): Promise<void> {
  await page.evaluate((to) => {
    (window as unknown as { progress: Progress }).progress.limit = to;
  }, limit);
}

export async function progressOf(page: Page): Promise<Progress> {
  const found = await page.evaluate(
    () => ({ ...(window as unknown as { progress: Progress }).progress }) as Progress,
  );
  if (found.error) throw new Error(found.error);
  return found;
}

/** Everything that the document says here, as JSON. */
export function rootsOf(page: Page): Promise<Record<string, unknown>> {
  return page.evaluate(() => {
    const { doc } = (window as unknown as { studio: Studio }).studio.draft;
    return Object.fromEntries(
      ["meta", "nodes", "edges", "notes", "vars", "settings"].map((name) => [
        name,
        doc.getMap(name).toJSON(),
      ]),
    );
  });
}
