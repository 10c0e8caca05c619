/**
 * A little Markdown, drawn as elements: paragraphs, lists, headings, code, bold, emphasis, links.
 * Whatever else is written stays text, so nothing that somebody writes becomes markup.
 */
import type { ReactNode } from "react";

const INLINE =
  /(`[^`]+`)|(\*\*[^*]+\*\*)|(\*[^*\s][^*]*\*|_[^_\s][^_]*_)|(\[[^\]]+\]\((?:https?:\/\/|\/)[^)\s]+\))/g;

function inline(text: string): ReactNode[] {
  return text.split(INLINE).flatMap((part, at): ReactNode[] => {
    if (!part) return [];
    const key = `${at} ${part}`;
    if (/^`[^`]+`$/.test(part)) {
      return [
        <code key={key} className="mono rounded-control bg-bg3 px-1 text-12">
          {part.slice(1, -1)}
        </code>,
      ];
    }
    if (/^\*\*[^*]+\*\*$/.test(part)) return [<strong key={key}>{part.slice(2, -2)}</strong>];
    if (/^(\*[^*]+\*|_[^_]+_)$/.test(part)) return [<em key={key}>{part.slice(1, -1)}</em>];
    const link = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part);
    if (link) {
      return [
        <a key={key} href={link[2]} rel="noopener noreferrer" className="text-accent underline">
          {link[1]}
        </a>,
      ];
    }
    return [part];
  });
}

export function Markdown({ text }: { text: string }) {
  const blocks = text.trim().split(/\n{2,}/);
  return (
    <div className="flex max-w-190 flex-col gap-2">
      {blocks.map((block, at) => {
        const key = `${at} ${block.slice(0, 20)}`;
        const lines = block.split("\n");
        const fence = /^```\w*\n([\s\S]*?)\n?```$/.exec(block);
        if (fence) {
          return (
            <pre
              key={key}
              className="mono overflow-x-auto rounded-panel border border-line bg-bg0 p-3 text-12"
            >
              {fence[1]}
            </pre>
          );
        }
        if (lines.every((line) => /^\s*([-*]|\d+\.)\s+/.test(line))) {
          return (
            <ul key={key} className="list-disc pl-5">
              {lines.map((line) => (
                <li key={line}>{inline(line.replace(/^\s*([-*]|\d+\.)\s+/, ""))}</li>
              ))}
            </ul>
          );
        }
        const heading = /^#{1,6}\s+(.*)$/.exec(block);
        if (heading?.[1]) {
          return (
            <h3 key={key} className="text-14">
              {inline(heading[1])}
            </h3>
          );
        }
        return <p key={key}>{inline(lines.join(" "))}</p>;
      })}
    </div>
  );
}
