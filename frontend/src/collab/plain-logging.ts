/** Stands in for lib0/logging, whose coloured lines bring 3 kB along: what Yjs warns of, plainly. */
// biome-ignore lint/suspicious/noConsole: it stands in for what writes there
export const warn = (...told: unknown[]): void => console.warn(...told);
export { warn as print };

// Marks of style that Yjs puts between its words.
const NONE = "";

export { NONE as BOLD, NONE as ORANGE, NONE as RED, NONE as UNBOLD };
