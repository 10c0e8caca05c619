/** What is done seldom: its script comes behind the first picture, with the panels. */
export type Panels = typeof import("./panels");

let before: Promise<unknown> = Promise.resolve();

/** Do something with it as soon as it is here; what was asked for first begins first. */
export async function seldom(act: (panels: Panels) => unknown): Promise<void> {
  const panels = before.then(() => import("./panels"));
  before = panels.catch(() => undefined);
  await act(await panels);
}
