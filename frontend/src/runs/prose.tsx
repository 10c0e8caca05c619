/** A little Markdown of our own pages: paragraphs, lists, code, links that stay words. */
import type { ReactNode } from "react";

export function Prose({ text }: { text: string }) {
  return (
    <div className="flex flex-col gap-2 text-fg2">
      {text.split(/\n{2,}/).map((block) => (
        <Block key={block} text={block} />
      ))}
    </div>
  );
}

function Block({ text }: { text: string }) {
  const lines = text.split("\n");
  if (lines.every((line) => line.startsWith("    ") || !line)) {
    return (
      <pre className="mono overflow-x-auto rounded-control bg-bg2 p-2 text-12">
        {text.replace(/^ {4}/gm, "")}
      </pre>
    );
  }
  if (/^[*-] /.test(text)) {
    return (
      <ul className="list-disc pl-5">
        {text.split(/\n(?=[*-] )/).map((item) => (
          <li key={item}>{inline(item.slice(2))}</li>
        ))}
      </ul>
    );
  }
  return <p>{inline(text)}</p>;
}

/** One line of it. */
export function inline(text: string): ReactNode[] {
  const plain = text.replace(/\n/g, " ").replace(/\[([^\]]+)\]\([^)]*\)/g, "$1");
  return plain.split(/(`[^`]+`)/).map((part, index) =>
    part.startsWith("`") ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
      <code key={index} className="mono text-12 text-fg">
        {part.slice(1, -1)}
      </code>
    ) : (
      part
    ),
  );
}
