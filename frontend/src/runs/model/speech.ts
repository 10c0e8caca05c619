/**
 * What steps say while they work, as far as it was heard: it is in no log, so what was missed is
 * missed. Of each step the newest text of its newest attempt is kept.
 */
type Data = Record<string, unknown>;

export interface Said {
  attempt: number;
  number: number;
  text: string;
  /** Whether something before or in between was not heard, or is not kept any more. */
  holes: boolean;
}

const KEPT = 100_000;
const STEPS = 500;

const count = (value: unknown): number => (typeof value === "number" ? value : 0);
const shown = (chunk: unknown): string =>
  typeof chunk === "string" ? chunk : `${JSON.stringify(chunk)}\n`;

function heard(before: Said | undefined, data: Data): Said {
  const attempt = count(data.attempt);
  const number = count(data.number);
  if (before && attempt < before.attempt) return before;
  // An attempt that counts anew is executed again, by another worker.
  const known = before?.attempt === attempt && number > before.number ? before : undefined;
  const chunks = Array.isArray(data.chunks) ? data.chunks : [];
  const text = (known?.text ?? "") + chunks.map(shown).join("");
  const missed = number !== (known?.number ?? 0) + 1 || count(data.dropped) > 0;
  return {
    attempt,
    number,
    text: text.slice(-KEPT),
    holes: (known?.holes ?? false) || missed || text.length > KEPT,
  };
}

export class Speech {
  private readonly steps = new Map<string, Said>();

  of(key: string): Said | undefined {
    return this.steps.get(key);
  }

  hear(key: string, data: Data): void {
    const said = heard(this.steps.get(key), data);
    this.steps.delete(key); // who spoke last is forgotten last
    this.steps.set(key, said);
    if (this.steps.size <= STEPS) return;
    const [oldest] = this.steps.keys();
    if (oldest !== undefined) this.steps.delete(oldest);
  }
}
