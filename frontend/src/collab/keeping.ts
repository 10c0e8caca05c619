/** What of drafts stays in this browser, by person, workflow and epoch, and how it is forgotten. */

const EPOCH = "weir.epoch.";
const DRAFT = "weir.draft.";
const TRIED = ["weir.pins.", "weir.sample."];

export const remembered = (user: string, workflow: string) => `${EPOCH}${user}.${workflow}`;

export const stored = (user: string, workflow: string, epoch: string) =>
  `${DRAFT}${user}.${workflow}.${epoch}`;

/** Forget every draft, pin and sample that this browser keeps, as at signing out. */
export async function forgetDrafts(): Promise<void> {
  for (const key of Object.keys(localStorage)) {
    if ([EPOCH, ...TRIED].some((prefix) => key.startsWith(prefix))) localStorage.removeItem(key);
  }
  const known = (await indexedDB.databases?.()) ?? [];
  for (const { name } of known) if (name?.startsWith(DRAFT)) indexedDB.deleteDatabase(name);
}
