/** What the documentation says of each code of an error: read when the first one is looked at. */
const FILES = import.meta.glob<string>("../../../docs/errors/*.md", {
  query: "?raw",
  import: "default",
  eager: true,
});

const PAGES = new Map(
  Object.entries(FILES).map(([file, text]) => [
    file.slice(file.lastIndexOf("/") + 1, -".md".length),
    text,
  ]),
);

export interface Section {
  title: string;
  text: string;
}

/** The page of a code, section by section; null if it has none. */
export function pageOf(code: string): Section[] | null {
  const text = PAGES.get(code);
  if (!text) return null;
  return text
    .split(/^\*\*(?=[A-Z])/m)
    .slice(1)
    .map((part) => {
      const [title = "", ...rest] = part.split("**");
      return { title: title.replace(/\.$/, ""), text: rest.join("**").trim() };
    });
}

/** What to do about it; empty if nobody has written that down. */
export function adviceOf(code: string): string {
  return pageOf(code)?.find((section) => section.title.startsWith("What to do"))?.text ?? "";
}
