/** What is done seldom: its script comes behind the first picture, with the panels. */
export type Panels = typeof import("./panels");

/** Do something with it as soon as it is here. */
export async function seldom(act: (panels: Panels) => unknown): Promise<void> {
  await act(await import("./panels"));
}
