import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const css = readFileSync(new URL("../../src/ui/tokens.css", import.meta.url), "utf8");

function tokens(theme: string): Record<string, string> {
  const block = new RegExp(`\\[data-theme="${theme}"\\]\\s*\\{([^}]*)\\}`).exec(css)?.[1] ?? "";
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
  );
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.slice(1).match(/../g) ?? [])
    .map((part) => Number.parseInt(part, 16) / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["bg0", "bg1", "bg2", "bg3"];
const TEXTS = ["fg", "fg2", "fg3", "accent", "ok", "warn", "err", "wait", "skip", "human"];

for (const theme of ["dark", "light"]) {
  const of = tokens(theme);

  test(`every text is read on every ground of the ${theme} theme`, () => {
    const low = GROUNDS.flatMap((ground) =>
      TEXTS.filter((text) => contrast(of[text] ?? "", of[ground] ?? "") < 4.5).map(
        (text) => `${text} on ${ground}`,
      ),
    );
    expect(low).toEqual([]);
    expect(contrast(of["on-accent"] ?? "", of.accent ?? "")).toBeGreaterThanOrEqual(4.5);
  });

  test(`the borders of controls are seen in the ${theme} theme`, () => {
    const low = GROUNDS.slice(0, 3).filter(
      (ground) => contrast(of.line2 ?? "", of[ground] ?? "") < 3,
    );
    expect(low).toEqual([]);
  });
}

test("no other file holds a colour", () => {
  expect(css).toContain("--color-*: initial");
  const src = fileURLToPath(new URL("../../src", import.meta.url));
  const holding = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter(
      (file) => /\.(tsx?|css)$/.test(file) && !/tokens\.css$|schema\.d\.ts$|\.test\./.test(file),
    )
    .filter((file) =>
      /["'\s:]#([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})\b|rgba?\(|hsla?\(/i.test(
        readFileSync(`${src}/${file}`, "utf8"),
      ),
    );
  expect(holding).toEqual([]);
});
