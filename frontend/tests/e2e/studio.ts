/** The editor that a page has open, as its own code holds it: to draw faster than hands can. */
import type { Page } from "@playwright/test";
import type { Studio } from "@/editor/studio";

/** Leave the editor's parts at `window.studio`; the value of its context, found from the canvas up. */
export async function findStudio(page: Page): Promise<void> {
  await page.evaluate(() => {
    interface Fiber {
      return: Fiber | null;
      memoizedProps: { value?: { draft?: unknown; ui?: unknown } } | null;
    }
    const shown = document.querySelector("[data-saved]") as unknown as Record<string, Fiber>;
    const key = Object.keys(shown).find((name) => name.startsWith("__reactFiber"));
    let fiber: Fiber | null = key ? (shown[key] ?? null) : null;
    while (fiber && !(fiber.memoizedProps?.value?.draft && fiber.memoizedProps.value.ui))
      fiber = fiber.return;
    if (!fiber) throw new Error("No editor is open.");
    Object.assign(window, { studio: fiber.memoizedProps?.value });
  });
}

/** Do something with the editor's parts in the page; `given` must be JSON. */
export async function inStudio<T>(page: Page, act: (studio: Studio) => T): Promise<T> {
  await findStudio(page);
  return page.evaluate(`(${act})(window.studio)`) as Promise<T>;
}
