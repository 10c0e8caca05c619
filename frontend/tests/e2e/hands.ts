/**
 * A newcomer's hands: everything that is done to the page goes through here and counts one,
 * so that nothing is done uncounted. What is looked for is named by a selector, never by a locator
 * that could be acted on.
 */
import { expect, type Page } from "@playwright/test";

export class Hands {
  readonly #page: Page;
  readonly done: string[] = [];

  constructor(page: Page) {
    this.#page = page;
  }

  get count(): number {
    return this.done.length;
  }

  async open(url: string): Promise<void> {
    this.done.push("open the link");
    await this.#page.goto(url);
  }

  async click(what: string): Promise<void> {
    this.done.push(`click ${what}`);
    await this.#page.locator(what).click();
  }

  /** One field, whatever is written into it. */
  async fill(what: string, text: string): Promise<void> {
    this.done.push(`fill ${what}`);
    await this.#page.locator(what).fill(text);
  }

  /** One key or chord. */
  async press(keys: string): Promise<void> {
    this.done.push(`press ${keys}`);
    await this.#page.keyboard.press(keys);
  }

  /** Wait until it is shown; looking costs nothing. */
  async see(what: string): Promise<void> {
    await expect(this.#page.locator(what).first()).toBeVisible({ timeout: 20_000 });
  }

  where(): string {
    return this.#page.url();
  }
}
